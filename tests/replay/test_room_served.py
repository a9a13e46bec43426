"""The room on a real socket, as browsers and scripts meet it."""

from __future__ import annotations

import http.client
import threading

import pytest
from archives import HOST, LONG, sound

from archive.errors import NotAnArchive
from archive.replay.server import Server


@pytest.fixture
def served(tmp_path):
    server = Server([sound(tmp_path / "hue.db")], port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join()


def get(server, target, host):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", target, headers={"Host": f"{host}:{server.port}"})
    with connection.getresponse() as came:
        body = came.read()
    connection.close()
    return came.status, came.headers, body


def test_pages_and_bytes_come_over_the_socket(served):
    status, headers, body = get(served, "/", "127.0.0.1")
    assert status == 200
    assert headers["Server"] is None
    assert b"</html>" in body
    status, headers, body = get(served, f"/web/2026id_/{HOST}/khuc", "localhost")
    assert status == 302
    status, headers, body = get(served, headers["Location"], "localhost")
    assert (status, body) == (200, LONG)


def test_several_readers_at_once_each_get_their_answer(served):
    came = []
    threads = [threading.Thread(target=lambda: came.append(get(served, "/search.json?q=hue", "127.0.0.1")[0])) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [200] * 16


def test_no_archive_no_room(tmp_path):
    with pytest.raises(NotAnArchive):
        Server([tmp_path / "khong-co.db"], port=0)
