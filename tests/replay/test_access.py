"""Who may read, and what the log says of who did."""

from __future__ import annotations

import base64
import io
import re

import pytest
from archives import HOST, sound
from rooms import HOSTS, environ

from archive.errors import Misuse
from archive.replay.access import Access, Logged, held
from archive.replay.app import Room
from archive.retrieve import Reader


@pytest.fixture
def reader(tmp_path):
    with Reader.open(sound(tmp_path / "a.db")) as reader:
        yield reader


def ask(room, target="/", host="127.0.0.1:8080", **fields):
    told = {}
    body = room(environ(target, host, **fields), lambda status, headers: told.update(status=int(status[:3]), headers=dict(headers)))
    came = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return told["status"], told["headers"], came


def basic(word, user="kiem-toan"):
    return "Basic " + base64.b64encode(f"{user}:{word}".encode()).decode()


@pytest.mark.parametrize("given", ["", "Basic", "Basic !", basic("sai"), basic(""), basic("mat khau "), "Bearer sai", "Digest x", "Basic " + "A" * 9999])
def test_without_the_token_nothing_is_read(reader, given):
    room = Room(lambda: reader, HOSTS, Access(token="mật khẩu"))
    for target, host in (("/", "127.0.0.1:8080"), (f"/web/2026/{HOST}/tin", "localhost:8080"), ("/cdx?url=x", "127.0.0.1:8080"), ("/nichts", "localhost:8080")):
        status, headers, body = ask(room, target, host, authorization=given)
        assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="tangthu", charset="UTF-8"')
        assert "Huế".encode() not in body
    assert ask(room, "/healthz")[0] == 200


def test_with_the_token_everything_is_read(reader):
    room = Room(lambda: reader, HOSTS, Access(token="mật khẩu"))
    assert ask(room, authorization=basic("mật khẩu"))[0] == 200
    assert ask(Room(lambda: reader, HOSTS, Access(token="abc")), authorization="Bearer abc")[0] == 200


def test_a_proxys_word_is_needed_where_it_was_promised(reader):
    room = Room(lambda: reader, HOSTS, Access(user_header="X-Remote-User"))
    assert ask(room)[0] == 403
    assert ask(room, x_remote_user="lan")[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "phong-doc.example"])
def test_other_machines_are_let_in_only_on_purpose(host):
    with pytest.raises(Misuse, match="everybody who can reach"):
        held(host, Access(), public=False)
    for access, public in ((Access(), True), (Access(token="x"), False), (Access(user_header="X-User"), False)):
        assert held(host, access, public=public) == access
    for own in ("127.0.0.1", "127.0.0.9", "::1", "localhost"):
        assert held(own, Access(), public=False) == Access()


def test_senseless_orders_are_refused():
    with pytest.raises(Misuse, match="token is empty"):
        held("127.0.0.1", Access(token=""), public=False)
    with pytest.raises(Misuse, match="no header name"):
        held("127.0.0.1", Access(user_header="a b"), public=False)


def test_every_request_is_one_line_of_the_log(reader):
    log = io.StringIO()
    access = Access(user_header="X-User")
    room = Logged(Room(lambda: reader, HOSTS, access), access, log)
    length = len(ask(room, "/?a=\n2026 forged", x_user="lan\r\nx")[2])
    ask(room, "/nichts", host="evil.example")
    lines = log.getvalue().splitlines()
    assert len(lines) == 2
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ - lan\\x0d\\x0ax 127\.0\.0\.1:8080 GET /\?a=\\x0a2026\\x20forged 200 {length} \d+\.\d{{3}}", lines[0])
    assert re.search(r" - - evil\.example GET /nichts 421 \d+ ", lines[1])
