"""Real clients of the Wayback Machine, of pywb and of Memento, as they are installed: nothing but their address is changed."""

from __future__ import annotations

import threading
from datetime import timedelta
from urllib.parse import urlsplit

import cdx_toolkit
import pytest
import requests
import wayback
import waybackpy
from archives import HOST, LATER, LONG, START, sound
from memento_client import MementoClient
from requests.adapters import HTTPAdapter
from waybackpy import WaybackMachineCDXServerAPI

from archive.replay.server import Server

TIN = f"{HOST}/tin"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server([sound(tmp_path_factory.mktemp("clients") / "hue.db")], port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join()


def moment(seconds):
    return (START + timedelta(seconds=seconds)).replace(microsecond=0)


class Here(HTTPAdapter):
    """Sends what is meant for web.archive.org to the reading room; the client sees the address that it asked for."""

    def __init__(self, server):
        super().__init__()
        self.server = server

    def send(self, request, **more):
        asked, parts = request.url, urlsplit(request.url)
        base = self.server.replay_address if parts.path.startswith("/web/") else self.server.address
        request.url = base.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")
        came = super().send(request, **more)
        request.url = came.url = asked
        for name in {"Link", "Location"} & set(came.headers):
            for here in (self.server.replay_address, self.server.address):
                came.headers[name] = came.headers[name].replace(here, "https://web.archive.org/")
        return came


@pytest.fixture
def edgi(server):
    session = wayback.WaybackSession(retries=0, search_calls_per_second=0, memento_calls_per_second=0)
    for scheme in ("https://", "http://"):
        session.mount(scheme, Here(server))
    with wayback.WaybackClient(session) as client:
        yield client


def test_wayback_searches(edgi):
    found = list(edgi.search(TIN))
    assert [(f.original, f.timestamp, f.statuscode, f.mimetype) for f in found] == [
        (TIN, moment(2), 200, "text/html"), (TIN, moment(3600), 200, "text/html"), (TIN, moment(7200), 200, "text/html"),
    ]  # fmt: skip
    assert found[0].digest == found[1].digest != found[2].digest
    assert all(f.length > 300 for f in found)
    whole = [f.original for f in edgi.search("hue.example", match_type="domain")]
    assert len(whole) == 11
    # By resume keys, a line at a time, it comes to the same.
    assert [f.original for f in edgi.search("hue.example", match_type="domain", limit=1)] == whole
    assert [f.timestamp for f in edgi.search(TIN, from_date=moment(3), to_date=moment(7199))] == [moment(3600)]
    assert [f.timestamp for f in edgi.search(TIN, limit=-1)] == [moment(7200)]
    assert [f.original for f in edgi.search(f"{HOST}/*", filter_field="statuscode:404")] == [f"{HOST}/robots.txt"]
    assert [f.timestamp for f in edgi.search(TIN, collapse="digest")] == [moment(2), moment(7200)]
    assert [f.mimetype for f in edgi.search(TIN, resolve_revisits=False)] == ["text/html", "warc/revisit", "text/html"]
    assert list(edgi.search("https://khong-co.example/")) == []
    with pytest.raises(wayback.exceptions.WaybackException):
        list(edgi.search(TIN, filter_field="khong-co:1"))


def test_wayback_reads_mementos(edgi):
    for record, body in zip(edgi.search(TIN), (LONG, LONG, LATER), strict=True):
        memento = edgi.get_memento(record, mode=wayback.Mode.original)
        assert (memento.ok, memento.content, memento.timestamp, memento.url) == (True, body, record.timestamp, TIN)
        assert memento.links["original"]["url"] == TIN
    near = edgi.get_memento(TIN, timestamp=moment(3700), exact=False)
    assert (near.content, near.timestamp) == (LONG, moment(3600))
    missing = edgi.get_memento(f"{HOST}/robots.txt", timestamp=moment(0))
    assert (missing.ok, missing.status_code) == (False, 404)
    with pytest.raises(wayback.exceptions.MementoPlaybackError):
        edgi.get_memento(TIN, timestamp=moment(3700))


def test_wayback_follows_captured_redirects(edgi):
    memento = edgi.get_memento(f"{HOST}/", timestamp=moment(1), exact_redirects=False)
    assert (memento.url, memento.content) == (TIN, LONG)
    assert [step.url for step in memento.history] == [f"{HOST}/"]


@pytest.fixture
def toolkit(server, monkeypatch):
    # Its politeness towards others' servers, which would make the test wait.
    monkeypatch.setitem(cdx_toolkit.myrequests.retry_info["default"], "minimum_interval", 0)
    return cdx_toolkit.CDXFetcher(source=f"{server.address}cdx", wb=f"{server.replay_address}web")


def content(capture):
    """What it fetched, its temporary file closed as it does not do itself."""
    body = capture.content
    capture.fetch_warc_record().raw_stream.close()
    return body


def test_cdx_toolkit_gets(toolkit):
    found = toolkit.get(TIN)
    assert [(f["url"], f["timestamp"][-6:], f["mime"], f["status"]) for f in found] == [
        (TIN, "081502", "text/html", "200"), (TIN, "091500", "warc/revisit", "200"), (TIN, "101500", "text/html", "200"),
    ]  # fmt: skip
    assert [content(f) for f in found] == [LONG, LONG, LATER]
    assert found[1].is_revisit()
    assert toolkit.get("https://khong-co.example/") == []
    assert [f["url"] for f in toolkit.get(f"{HOST}/*", filter="=status:404")] == [f"{HOST}/robots.txt"]
    assert [f["url"] for f in toolkit.get(f"{HOST}/*", filter=["!~statuscode:2", "mimetype:text"])] == [f"{HOST}/robots.txt"]
    assert [f["timestamp"][-6:] for f in toolkit.get(TIN, from_ts="2026011009", to="2026011009")] == ["091500"]
    redirect = toolkit.get(f"{HOST}/")[0]
    assert content(redirect) == b""
    assert redirect.fetch_warc_record().http_headers.get_statuscode() == "302"
    assert content(toolkit.get(f"{HOST}/robots.txt")[0]) == b"not here"


def test_cdx_toolkit_iterates_over_pages_and_ends(toolkit):
    assert len(list(toolkit.iter("*.hue.example"))) == 11
    assert len(list(toolkit.iter(f"{HOST}/*", limit=4))) == 4
    assert list(toolkit.iter("https://khong-co.example/")) == []
    assert toolkit.get_size_estimate("*.hue.example", as_pages=True) == 1
    assert toolkit.get_size_estimate("https://khong-co.example/", as_pages=True) == 0


def test_cdx_toolkit_reads_records_by_their_offsets(server, toolkit):
    prefix = f"{server.address}warc"
    records = cdx_toolkit.CDXFetcher(source=f"{server.address}cdx", warc_download_prefix=prefix)
    for capture in records.get(TIN, fl="url,timestamp,filename,offset,length"):
        record = capture.fetch_warc_record()
        assert record.rec_headers.get_header("WARC-Target-URI") == TIN
        assert record.rec_headers.get_header("WARC-Date")[:19].translate({45: "", 58: "", 84: ""}) == capture["timestamp"]


class Live(HTTPAdapter):
    """The live web as the client meets it before it asks the TimeGate: an answer that says nothing of Memento."""

    def __init__(self, server):
        super().__init__()
        self.server = server

    def send(self, request, **more):
        asked, request.url = request.url, f"{self.server.address}style.css"
        came = super().send(request, **more)
        request.url = came.url = asked
        return came


@pytest.fixture
def memento(server):
    with requests.Session() as session:
        for host in (HOST, "https://khong-co.example"):
            session.mount(host, Live(server))
        yield MementoClient(timegate_uri=f"{server.address}timegate/", check_native_timegate=False, session=session)


@pytest.mark.parametrize(("asked", "found"), [(0, 2), (1000, 2), (3000, 3600), (9999, 7200)])
def test_memento_client(server, memento, asked, found):
    told = memento.get_memento_info(TIN, moment(asked))
    assert told["original_uri"] == TIN
    assert told["timegate_uri"] == f"{server.address}timegate/{TIN}"
    mementos = told["mementos"]
    assert mementos["closest"]["datetime"] == moment(found).replace(tzinfo=None)
    assert mementos["closest"]["http_status_code"] == 200
    assert mementos["first"]["datetime"] == moment(2).replace(tzinfo=None)
    assert mementos["last"]["datetime"] == moment(7200).replace(tzinfo=None)
    closest = mementos["closest"]["uri"][0]
    assert memento.is_memento(closest, session=memento.session)
    assert memento.get_original_uri(closest) == TIN
    assert memento.is_timegate(told["timegate_uri"], session=memento.session)


def test_memento_client_of_what_was_never_captured(memento):
    assert "mementos" not in memento.get_memento_info("https://khong-co.example/", moment(0))


def snapshots(server, url, **more):
    api = WaybackMachineCDXServerAPI(url, **more)
    api.endpoint = f"{server.address}cdx"
    return api


@pytest.mark.filterwarnings("ignore::DeprecationWarning:waybackpy")
def test_waybackpy(server, monkeypatch):
    found = list(snapshots(server, TIN).snapshots())
    assert [(s.original, s.datetime_timestamp, s.statuscode) for s in found] == [
        (TIN, moment(n).replace(tzinfo=None), "200") for n in (2, 3600, 7200)
    ]
    whole = [str(s) for s in snapshots(server, "hue.example", match_type="domain").snapshots()]
    assert len(whole) == 11
    assert [str(s) for s in snapshots(server, "hue.example", match_type="domain", limit="3").snapshots()] == whole
    assert snapshots(server, TIN).near(year=2026, month=1, day=10, hour=9, minute=20).timestamp == "20260110091500"
    assert snapshots(server, TIN).oldest().timestamp == "20260110081502"
    assert snapshots(server, TIN).newest().timestamp == "20260110101500"
    some = snapshots(server, f"{HOST}/*", filters=["!statuscode:200", "mimetype:text/.*"], collapses=["urlkey"], start_timestamp="2026")
    assert [s.original for s in some.snapshots()] == [f"{HOST}/robots.txt"]
    backwards = snapshots(server, TIN, sort="reverse")
    assert [str(s) for s in backwards.snapshots()] == [str(s) for s in found][::-1]
    assert list(snapshots(server, "https://khong-co.example/").snapshots()) == []
    monkeypatch.setattr(waybackpy.cdx_api, "get_total_pages", lambda url, agent: int(requests.get(f"{server.address}cdx", params={"url": url, "showNumPages": "true"}).text))
    assert [str(s) for s in snapshots(server, "*.hue.example", use_pagination=True).snapshots()] == whole
