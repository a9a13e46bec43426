"""The server on its sockets, as honest and hostile clients meet it: framing, limits, slow readers, the end of connections."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading

import pytest
from archives import HOST, LONG, sound

from archive.replay import connections
from archive.replay.connections import Connections
from archive.replay.server import Readers, Server

BIG = b"x" * (8 << 20)


class Application:
    """Answers by path; what it was asked, and how many bodies were closed."""

    def __init__(self):
        self.seen, self.closed = [], 0

    def __call__(self, environ, start_response):
        self.seen.append(environ | {"body": environ["wsgi.input"].read()})
        path = environ["PATH_INFO"]
        if path == "/raises":
            raise LookupError("trong ứng dụng")
        if path == "/injects":
            start_response("200 OK", [("X-A", "b\r\nSet-Cookie: c=1")])
            return []
        pieces = {"/big": [BIG], "/stream": [b"mot", b"", b"hai"], "/short": [b"12"], "/breaks": self.breaking(), "/empty": []}.get(path, [b"xin chao"])
        length = {"/big": len(BIG), "/short": 5, "/empty": 0, "/stream": None, "/breaks": None}.get(path, 8)
        status = "204 No Content" if path == "/empty" else "200 OK"
        start_response(status, [("Content-Type", "text/plain"), *([("Content-Length", str(length))] if length is not None else [])])
        return self.Body(self, pieces)

    def breaking(self):
        yield b"mot"
        raise LookupError("giữa chừng")

    class Body:
        def __init__(self, application, pieces):
            self.application, self.pieces = application, pieces

        def __iter__(self):
            return iter(self.pieces)

        def close(self):
            self.application.closed += 1


@pytest.fixture
def app():
    return Application()


@pytest.fixture
def server(app):
    with serving(app) as made:
        yield made


@contextlib.contextmanager
def serving(application):
    made = Connections(application, "127.0.0.1", 0, 1000, lambda: None)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join()


def told(server, *sent, end=True):
    """What comes back for these bytes until the server closes; `end`: nothing more will be sent."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        for piece in sent:
            client.sendall(piece)
        if end:
            client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def get(path="/", *fields, version="1.1"):
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: a.test", *fields, "", ""]).encode()


def bare(answer):
    """An answer without its Date."""
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.startswith(b"Date: "))


def test_requests_of_one_connection_are_answered_in_order(server, app):
    one = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nxin chao"
    assert bare(told(server, get("/1") + get("/2"), get("/3")[:9], get("/3")[9:])) == one * 3
    assert [seen["PATH_INFO"] for seen in app.seen] == ["/1", "/2", "/3"]
    assert app.closed == 3


def test_a_body_of_unknown_length_is_chunked_or_ends_with_the_connection(server):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    assert bare(told(server, get("/stream"))) == head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nmot\r\n3\r\nhai\r\n0\r\n\r\n"
    assert bare(told(server, get("/stream", version="1.0"), end=False)) == head + b"Connection: close\r\n\r\nmothai"


def test_head_and_no_content_have_no_body(server):
    for path in ("/", "/stream"):
        whole, _, body = told(server, get(path).replace(b"GET", b"HEAD")).partition(b"\r\n\r\n")
        assert (whole[:15], body) == (b"HTTP/1.1 200 OK", b"")
    assert told(server, get("/empty")).endswith(b"\r\n\r\n")


def test_connections_end_when_either_side_says_so(server, app):
    assert b"Connection: close\r\n" in told(server, get("/", "Connection: close"), end=False)
    assert b"Connection: close\r\n" in told(server, get("/", version="1.0") + get("/2"), end=False)
    assert [seen["PATH_INFO"] for seen in app.seen] == ["/", "/"]


def test_an_environ_says_what_was_sent(server, app):
    told(server, get("/a%2Fb%C3%AA?x=1&y=%20", "X-A: 1", "X-A: 2", "Cookie: a=1", "Cookie: b=2", "X_Remote_User: gia", "Content-Type: text/x"))
    seen = app.seen[0]
    expected = {
        "REQUEST_METHOD": "GET", "REQUEST_URI": "/a%2Fb%C3%AA?x=1&y=%20", "PATH_INFO": "/a/b\u00c3\u00aa", "QUERY_STRING": "x=1&y=%20", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "a.test", "HTTP_X_A": "1, 2", "HTTP_COOKIE": "a=1; b=2", "CONTENT_TYPE": "text/x", "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": str(server.port),
    }  # fmt: skip
    assert {name: seen.get(name) for name in expected} == expected
    assert "HTTP_X_REMOTE_USER" not in seen  # a name with an underscore could pass for what a proxy vouches for


@pytest.mark.parametrize("framing", [("Content-Length: 3", "abc"), ("Transfer-Encoding: chunked", "2\r\nab\r\n1\r\nc\r\n0\r\nX-Host: evil.test\r\n\r\n")])
def test_bodies_are_read_however_they_are_framed(server, app, framing):
    field, body = framing
    sent = get("/form", field, "Content-Type: text/x").replace(b"GET", b"POST") + body.encode()
    assert told(server, sent[:-2], sent[-2:] + get("/after")).count(b"200 OK") == 2
    assert (app.seen[0]["body"], app.seen[0]["CONTENT_LENGTH"]) == (b"abc", "3")
    assert "HTTP_X_HOST" not in app.seen[0]
    assert app.seen[1]["body"] == b""


def test_who_waits_for_leave_to_send_gets_it(server, app):
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        client.sendall(get("/form", "Content-Length: 3", "Expect: 100-continue").replace(b"GET", b"POST"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
    assert app.seen[0]["body"] == b"abc"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00", 400), (b"GET\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
        (get("/", "Host: b.test"), 400), (get("/", "X: a\x00b"), 400), (get("/", "X: a\rb"), 400), (get("/", "(: a"), 400),
        # Two framings of one body, which a proxy before us might read otherwise (request smuggling).
        (get("/", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400), (get("/", "Content-Length: 3", "Content-Length: 4") + b"abcd", 400),
        (get("/", "Content-Length: +3") + b"abc", 400), (get("/", "Content-Length: 0x3") + b"abc", 400), (get("/", "Transfer-Encoding: gzip") + b"abc", 400),
        (get("/", "Transfer-Encoding: chunked") + b"x\r\nabc\r\n0\r\n\r\n", 400), (get("/", "Transfer-Encoding: chunked, identity") + b"3\r\nabc\r\n0\r\n\r\n", 400),
        (get("/", "Transfer-Encoding: chunked") + b"fffffffffffffffff\r\n", 400),
        (get("/", "Content-Length: 1001"), 413), (get("/", "Content-Length: 99999999999999999999"), 400), (get("/", "Transfer-Encoding: chunked") + b"3e9\r\n" + b"x" * 1001 + b"\r\n", 413),
        (get("/", "X: " + "a" * 70000), 431), (get("/" + "a" * 70000)[:-4], 431), (get("/", *(f"X-{n}: a" for n in range(9000))), 431),
    ],
    ids=range(22),
)  # fmt: skip
def test_what_may_not_be_answered_is_turned_away_and_the_connection_ends(server, app, sent, status):
    came = told(server, sent, end=False)
    assert came.startswith(b"HTTP/1.1 %d " % status)
    assert came.endswith(b"\r\nConnection: close\r\n\r\n")
    assert app.seen == []


def test_other_protocols_are_not_taken_up(server, app):
    upgraded = get("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    came = told(server, upgraded + get("/2"), end=False)
    assert came.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close\r\n" in came


def test_a_request_that_does_not_come_to_its_end_is_given_up(server, monkeypatch):
    monkeypatch.setattr(connections, "SLOW", 0.05)
    assert told(server, b"GET / HTTP/1.1\r\nHo", end=False) == b""
    assert told(server, get("/", "Content-Length: 3") + b"a", end=False) == b""


def test_what_goes_wrong_is_logged_and_no_answer_passes_for_whole(server, caplog):
    caplog.set_level(logging.ERROR)
    assert told(server, get("/raises"), end=False).startswith(b"HTTP/1.1 500 ")
    assert told(server, get("/injects"), end=False) == b""
    assert told(server, get("/breaks"), end=False).endswith(b"3\r\nmot\r\n")
    assert told(server, get("/short"), end=False).endswith(b"\r\n\r\n12")
    assert [record.exc_info[0] for record in caplog.records] == [LookupError, ValueError, LookupError]
    assert told(server, get("/")).endswith(b"xin chao")


def test_readers_who_take_nothing_keep_nobody_else_waiting(server):
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            client.sendall(get("/big"))
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        assert told(server, get("/")).endswith(b"xin chao")
        rest = b"".join(iter(lambda: client.recv(1 << 20), b"")) if client.shutdown(socket.SHUT_WR) is None else b""
        assert rest.endswith(BIG)


def test_a_new_connection_takes_the_place_of_the_one_idle_longest(server, monkeypatch):
    monkeypatch.setattr(connections, "MOST", 3)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 30)) for _ in range(3)]
        for client in idle:
            client.sendall(get("/"))
            assert client.recv(1000).endswith(b"xin chao")
        assert told(server, get("/")).endswith(b"xin chao")
        assert idle[0].recv(1) == b""
        idle[1].sendall(get("/"))
        assert idle[1].recv(1000).endswith(b"xin chao")


def test_stop_ends_connections_that_are_open(app):
    with serving(app) as server:
        client = socket.create_connection(("127.0.0.1", server.port), 30)
        client.sendall(get("/"))
        assert client.recv(1000).endswith(b"xin chao")
    assert client.recv(1) == b""
    client.close()


def test_the_port_of_another_is_not_taken(server):
    with pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        Connections(Application(), "127.0.0.1", server.port, 1, lambda: None)


def test_a_name_with_several_addresses_is_served_on_one_port():
    with serving_at("localhost") as server:
        for _, _, _, _, address in socket.getaddrinfo("localhost", server.port, type=socket.SOCK_STREAM):
            with socket.create_connection(address[:2], 30) as client:
                client.sendall(get("/"))
                assert client.recv(1000).endswith(b"xin chao")


@contextlib.contextmanager
def serving_at(host):
    made = Connections(Application(), host, 0, 1000, lambda: None)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.stop()
    thread.join()


def test_a_request_has_a_reader_of_its_own_and_gives_it_back(tmp_path):
    readers = Readers([sound(tmp_path / "a.db")])
    first = readers()
    assert readers() is first
    others = []
    thread = threading.Thread(target=lambda: (others.append(readers()), readers.free()))
    thread.start()
    thread.join()
    assert others[0] is not first
    readers.free()
    readers.free()
    assert readers() is first
    readers.free()
    readers.close()


def test_the_room_answers_while_others_take_nothing(tmp_path):
    """With a fixed number of threads, as many slow readers of large answers would close the room."""
    server = Server([sound(tmp_path / "hue.db")], port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    asked = f"GET /web/20260110081504id_/{HOST}/khuc HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(asked * 200)
        assert told(server, asked).endswith(LONG)
    server.stop()
    thread.join()
