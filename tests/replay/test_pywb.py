"""pywb replays from our CDX and WARC routes: the archive as another replay tool's source, without an export."""

from __future__ import annotations

import subprocess
import threading
import urllib.error
import urllib.request

import pytest
from archives import HOST, LATER, LONG, PDF, sound
from conftest import ROOT

from archive.replay.server import Server

# {room} is ours; pywb fills in the rest.
CONFIG = """
collections:
  hue:
    index:
      type: cdx
      api_url: "{room}cdx?url={{url}}&closest={{closest}}&sort=closest&output=cdxj"
      replay_url: ""
    archive_paths: "{room}warc/"
"""

# As its command `wayback` starts it, but on a free port, which it says once it listens there.
START = """
from gevent.monkey import patch_all; patch_all()
from gevent.pywsgi import WSGIServer
from pywb.apps.frontendapp import FrontEndApp
server = WSGIServer(("127.0.0.1", 0), FrontEndApp(), log=None)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
"""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@pytest.fixture(scope="module")
def pywb(tmp_path_factory):
    """The address of pywb's collection, which reads from a reading room."""
    program = ROOT / ".venv" / "pywb" / "bin" / "python"
    if not program.exists():
        pytest.skip("needs pywb: make .venv/pywb/installed")
    folder = tmp_path_factory.mktemp("pywb")
    server = Server([sound(folder / "hue.db")], port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    (folder / "config.yaml").write_text(CONFIG.format(room=server.address))
    process = subprocess.Popen([program, "-c", START], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/hue"
    finally:
        process.terminate()
        process.communicate()
        server.stop()
        thread.join()


def get(address):
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=60) as came:
            return came.status, came.headers, came.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.mark.parametrize(
    ("time", "path", "status", "body"),
    [
        ("20260110081502", "/tin", 200, LONG), ("20260110091500", "/tin", 200, LONG), ("20260110101500", "/tin", 200, LATER),
        ("20260110081504", "/khuc", 200, LONG), ("20260110081503", "/cau.jpg", 200, bytes(range(256))),
        ("20260110081506", "/van-ban.pdf", 200, PDF), ("20260110081500", "/robots.txt", 404, b"not here"),
    ],
)  # fmt: skip
def test_pywb_replays_our_records(pywb, time, path, status, body):
    """A plain answer, a revisit, a later state, chunks, an image, a file, an error."""
    came = get(f"{pywb}/{time}id_/{HOST}{path}")
    assert (came[0], came[2]) == (status, body)
    assert came[1]["Memento-Datetime"]


def test_pywb_follows_our_redirects_and_knows_what_is_missing(pywb):
    status, headers, _ = get(f"{pywb}/20260110081501id_/{HOST}/")
    assert (status, headers["Location"].rpartition("/")[2]) == (302, "tin")
    assert get(f"{pywb}/20260110081501id_/{HOST}/khong-co")[0] == 404


def test_pywb_rewrites_our_page(pywb):
    page = get(f"{pywb}/20260110081502mp_/{HOST}/tin")[2].decode()
    assert "Cố đô Huế đón khách" in page
    assert f"/hue/20260110081502im_/{HOST}/cau.jpg" in page
