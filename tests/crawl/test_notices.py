"""What happened to portals between two crawls is found, each thing once, and nothing on portals where nothing happened."""

from __future__ import annotations

import json

import pytest
from lxml import html
from rooms import REPLAY, asking
from running import tangthu

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from crawler.sample.answers import Answer, moved, plain
from crawler.sample.server import SamplePortal

DRUPAL, UI, SHAREPOINT, LIFERAY, NUKEVIET, WEBFORMS = SamplePortal.sites
EDITED = "/node/640284"
WITHDRAWN = "/van-hoa-xa-hoi/khanh-thanh-cau-song-mau-noi-hai-bo-huyen-dong-mau-640311"
HOME = "/kinh-te/doanh-nghiep-tinh-mau-ra-quan-san-xuat-dau-xuan-640212"
SOFT = "/y-te/hon-400-nguoi-tham-gia-ngay-hoi-hien-mau-dau-xuan-640190"
SWAPPED = "/sites/default/files/2020-01/quyet-dinh-12.pdf"
GONE_PAGE = b"<html><head><title>Th\xc3\xb4ng b\xc3\xa1o</title></head><body><p>B\xc3\xa0i vi\xe1\xba\xbft kh\xc3\xb4ng c\xc3\xb2n.</p></body></html>"


def crawl(portal, path):
    where = [word for host in portal.sites for word in ("--resolve", f"{host}=127.0.0.1:{portal.port}")]
    ended = tangthu("crawl", *(f"http://{host}/" for host in portal.sites), "--own-host", *where, "--archive", path)
    assert "Traceback" not in ended.err, ended.err


def change(portal):
    """What portals do: of each kind one, on hosts of their own."""
    sites = portal._sites
    page = sites[DRUPAL][EDITED].body
    edited = page.replace("thủ tục".encode(), "thủ tục hành chính".encode())
    assert edited != page
    sites[DRUPAL][EDITED] = plain(edited)
    sites[DRUPAL][SWAPPED] = plain(sites[DRUPAL][SWAPPED].body + b"%% thay\n", "application/pdf")
    sites[UI][WITHDRAWN] = plain(b"het", "text/html", "410 Gone")
    sites[UI][HOME] = moved("302 Found", f"http://{UI}/")
    sites[UI][SOFT] = plain(GONE_PAGE)
    here, there = WEBFORMS.encode(), LIFERAY.encode()
    sites[LIFERAY] = {at: _renamed(answer, here, there) for at, answer in sites[WEBFORMS].items()}
    sites[SHAREPOINT] = {at: moved("301 Moved Permanently", f"http://{NUKEVIET}/") for at in sites[SHAREPOINT]}


def _renamed(answer: Answer, here: bytes, there: bytes) -> Answer:
    if here not in answer.body:
        return answer
    return plain(answer.body.replace(here, there))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Three crawls of all hosts: the second of what had not changed, the third of what had; and a fourth of the same once more."""
    path = tmp_path_factory.mktemp("notices") / "a.db"
    with SamplePortal() as portal:
        crawl(portal, path)
        crawl(portal, path)
        change(portal)
        crawl(portal, path)
        crawl(portal, path)
    return path


def found(path, turn):
    """(kind, host or address) of the notices of the runs of one of the crawls."""
    with Reader.open(path) as reader:
        runs = reader.runs()
        size = len(SamplePortal.sites)
        return sorted((n.kind, n.subject) for run in runs[turn * size : (turn + 1) * size] for n in reader.notices(run["id"]))


def test_unchanged_portals_give_no_notice(archive):
    assert found(archive, 0) == []
    assert found(archive, 1) == []


def test_each_thing_that_happened_is_found_once(archive):
    expected = [
        ("edited", f"http://{DRUPAL}{EDITED}"),
        ("merged", "example,tinh-mau,cong-sharepoint)"),
        ("moved", LIFERAY),
        ("swapped", f"http://{DRUPAL}{SWAPPED}"),
        *sorted(("withdrawn", f"http://{UI}{at}") for at in (HOME, SOFT, WITHDRAWN)),
    ]
    told = [one for one in found(archive, 2) if one[0] != "yield"]
    assert told == expected
    # The host that merged answers nothing of its own any more.
    assert [one for one in found(archive, 2) if one[0] == "yield"] == [("yield", SHAREPOINT)]


def test_what_was_told_is_not_told_again(archive):
    assert [one for one in found(archive, 3) if one[0] != "yield"] == []


def test_runs_says_it_to_people_and_machines(archive):
    listed = tangthu("--lang", "en", "runs", "--archive", archive).out
    for words in ("edited silently", "withdrawn", "file swapped", "moved to another platform", "hosts merged"):
        assert words in listed, listed
    assert "was liferay, now webforms" in listed
    runs = json.loads(tangthu("runs", "--archive", archive, "--json").out)
    assert sum(len(run["notices"] or []) for run in runs[12:18]) == 8
    [run] = [run["id"] for run in runs[12:18] if run["portal"].startswith(DRUPAL)]
    one = tangthu("--lang", "vi", "runs", str(run), "--archive", archive).out
    assert "bị sửa lặng lẽ" in one
    assert "tệp bị thay" in one
    [edited] = [n for n in json.loads(tangthu("runs", str(run), "--archive", archive, "--json").out)["notices"] if n["kind"] == "edited"]
    assert edited["detail"]["fields"] == ["lead", "text", "title"]
    assert edited["before"] != edited["after"]


def test_the_operators_page_says_it_with_ways_to_the_evidence(archive):
    with Reader.open(archive) as reader:
        ask = asking(reader)
        [drupal] = [run["id"] for run in reader.runs()[12:18] if run["portal"].startswith(DRUPAL)]
        page = html.document_fromstring(ask(f"/runs/{drupal}", accept_language="en")[2].decode())
        assert page.xpath("//h3/text()") == ["Files swapped ", "Edited silently "]
        [compared] = page.xpath("//a[starts-with(@href, '/compare')]/@href")
        status, _, body = ask(compared, accept_language="en")
        assert status == 200
        assert "hành chính" in "".join(html.document_fromstring(body.decode()).xpath("//ins//text()"))
        captures = page.xpath("//p[@class='facts']/a[contains(@href, '/records/id_/')]/@href")
        assert len(captures) == 2
        assert all(ask(at.removeprefix(f"http://{REPLAY}"), host=REPLAY)[0] == 200 for at in captures)
        overview = html.document_fromstring(ask("/runs", accept_language="en")[2].decode())
        states = dict(zip(overview.xpath("//tbody[1]/tr/th/a/text()"), overview.xpath("//td/span[contains(@class, 'state')]/text()"), strict=False))
        assert (states[SHAREPOINT], states[DRUPAL]) == ("yield fell", "well")
        for run in reader.runs():
            for language in ("vi", "en"):
                assert ask(f"/runs/{run['id']}?lang={language}")[0] == 200


def test_the_operators_page_says_each_kind(archive):
    """Two places for each: `tangthu runs`, and the page of the run that found it."""
    expected = {"edited": DRUPAL, "swapped": DRUPAL, "withdrawn": UI, "moved": LIFERAY, "merged": SHAREPOINT}
    with Reader.open(archive) as reader:
        ask = asking(reader)
        overview = html.document_fromstring(ask("/runs", accept_language="en")[2].decode())
        for kind, host in expected.items():
            [run] = [run["id"] for run in reader.runs()[12:18] if run["portal"].startswith(host)]
            heading, line = {
                "edited": ("Edited silently", "edited silently: "), "swapped": ("Files swapped", "file swapped: "), "withdrawn": ("Withdrawn", "withdrawn: "),
                "moved": ("Moved to another platform", "moved to another platform: "), "merged": ("Hosts merged", "hosts merged: "),
            }[kind]  # fmt: skip
            page = html.document_fromstring(ask(f"/runs/{run}", accept_language="en")[2].decode())
            assert heading in [title.strip() for title in page.xpath("//h3/text()")], kind
            assert line in tangthu("--lang", "en", "runs", str(run), "--archive", archive).out
            assert overview.xpath(f"//a[@href='/runs/{run}']"), kind
        moved = html.document_fromstring(ask(f"/runs/{_run_of(reader, LIFERAY)}", accept_language="en")[2].decode())
        assert "former articles are no longer there" in moved.text_content()


def _run_of(reader, host):
    return next(run["id"] for run in reader.runs()[12:18] if run["portal"].startswith(host))


def test_the_archive_is_sound(archive):
    with Reader.open(archive) as reader:
        assert [finding for finding in verify(reader) if finding.verdict is not Verdict.SOUND] == []
