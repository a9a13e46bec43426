"""The whole thread on the bundled sample portal: crawl, show, search, why, runs, verify, export, adopt."""

from __future__ import annotations

import hashlib
import json

import pytest
from conftest import shared
from running import tangthu

from archive import Reader
from crawler.sample import profiles
from crawler.sample.server import SamplePortal

SEEDS = ["http://cong-drupal.tinh-mau.example/node/640260", None]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "mau.db"
    with SamplePortal() as portal:
        ended = tangthu("crawl", "--own-host", "--archive", path, *where(portal), "mau-drupal", "mau-sharepoint")
        asked = list(portal.log)
    assert ended.code == 0, ended.err
    return path, asked, ended


def where(portal):
    words = []
    for host in portal.sites:
        words += ["--resolve", f"{host}=127.0.0.1:{portal.port}"]
    for file in profiles():
        words += ["--profile", str(file)]
    return words


def seeds(reader):
    return [a for a in reader.articles() if a.title == "Hội nghị tổng kết công tác thông tin đối ngoại năm 2019"]


def test_the_seed_article_comes_out_as_expected_on_both_sites(crawled):
    expected = json.loads(shared("seed", "article.expected.json").read_text(encoding="utf-8"))
    with Reader.open(crawled[0]) as reader:
        found = seeds(reader)
        assert {a.cleaner["platform"] for a in found} == {"drupal", "sharepoint"}
        for article in found:
            for field in ("title", "lead", "text", "authors", "published", "language", "source"):
                assert getattr(article, field) == expected[field], field
            assert [i.caption for i in article.images] == expected["captions"]
            assert set(expected["cuts"]) <= {c.text for c in article.cuts}
            assert all(i.capture for i in article.images), "the images of an article are captured too"


def test_every_exchange_of_the_server_is_a_capture_once(crawled):
    with Reader.open(crawled[0]) as reader:
        kept = sorted(c.url for c in reader.captures())
    assert len(kept) == len(set(kept)) == len(crawled[1])


def test_show_gives_the_contracts_article(crawled):
    ended = tangthu("show", "--archive", crawled[0], "--json", SEEDS[0])
    article = json.loads(ended.out)
    assert ended.code == 0
    assert list(article) == [
        "url",
        "title",
        "lead",
        "text",
        "html",
        "authors",
        "source",
        "published",
        "modified",
        "section",
        "tags",
        "language",
        "images",
        "attachments",
        "document",
        "capture",
        "cleaner",
        "cuts",
        "places",  # from here on additions
        "passages",
    ]
    assert {p["part"] for p in article["passages"]} >= {"text", "title", "cuts"}
    assert all(0 < p["start"] < p["end"] for p in article["passages"])
    assert set(article["capture"]) == {"url", "time", "record_id", "payload_digest"}
    assert article["capture"]["payload_digest"].startswith("sha256:")


def test_search_finds_with_and_without_diacritics(crawled):
    for words in ("đối ngoại", "doi ngoai", "ĐỐI NGOẠI", "hoà bình", "hòa bình"):
        ended = tangthu("search", "--archive", crawled[0], "--json", words)
        assert SEEDS[0] in {hit["url"] for hit in json.loads(ended.out)}, words


def test_verify_is_sound(crawled):
    ended = tangthu("verify", "--archive", crawled[0], "--json")
    assert (ended.code, json.loads(ended.out)["sound"]) == (0, True), ended.out


def test_export_and_adoption_give_the_same_file(crawled, tmp_path):
    first, second = tmp_path / "1.warc.gz", tmp_path / "2.warc.gz"
    assert tangthu("export", "--archive", crawled[0], "--warc", first).code == 0
    assert tangthu("adopt", "--archive", tmp_path / "b.db", first).code == 0
    assert tangthu("export", "--archive", tmp_path / "b.db", "--warc", second).code == 0
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    assert tangthu("verify", "--archive", tmp_path / "b.db").code == 0


def test_export_jsonl_has_an_article_a_line(crawled, tmp_path):
    assert tangthu("export", "--archive", crawled[0], "--jsonl", tmp_path / "a.jsonl").code == 0
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    with Reader.open(crawled[0]) as reader:
        assert [json.loads(line)["url"] for line in lines] == [a.url for a in reader.articles()]


def test_a_second_crawl_keeps_revisits_and_no_new_revision(crawled, tmp_path):
    path = tmp_path / "again.db"
    path.write_bytes(crawled[0].read_bytes())
    with SamplePortal() as portal:
        ended = tangthu("crawl", "--own-host", "--archive", path, *where(portal), "mau-drupal", "mau-sharepoint")
    assert ended.code == 0, ended.err
    with Reader.open(path) as reader:
        runs = reader.runs()
    assert [run["articles"] for run in runs[:2]] != [0, 0]
    assert [run["articles"] for run in runs[2:]] == [0, 0]
    assert tangthu("verify", "--archive", path).code == 0


def test_a_plain_address_is_crawled_by_its_links_and_robots_refusals_are_facts(tmp_path):
    path, home = tmp_path / "a.db", "http://cong-drupal.tinh-mau.example/"
    with SamplePortal() as portal:
        ended = tangthu(
            "crawl",
            home,
            "--own-host",
            "--archive",
            path,
            "--resolve",
            f"cong-drupal.tinh-mau.example=127.0.0.1:{portal.port}",
        )
    assert ended.code == 0, ended.err
    known = json.loads(tangthu("why", "--archive", path, "--json", home + "search/node").out)
    assert [r["reason"] for r in known["refusals"]] == ["robots"]
    assert known["captures"] == []
    with Reader.open(path) as reader:
        assert len(seeds(reader)) == 1
        # An address of a list is no article, whatever stands on it.
        assert all("tin-tuc" not in a.url for a in reader.articles())


def test_every_other_family_gives_its_articles(tmp_path):
    expected = json.loads(shared("seed", "article.expected.json").read_text(encoding="utf-8"))
    codes = ["mau-ui-article", "mau-liferay", "mau-nukeviet", "mau-webforms"]
    with SamplePortal() as portal:
        ended = tangthu("crawl", "--own-host", "--archive", tmp_path / "a.db", *where(portal), *codes)
    assert ended.code == 0, ended.err
    with Reader.open(tmp_path / "a.db") as reader:
        assert {run["portal"]: run["articles"] for run in reader.runs()} == dict(zip(codes, (20, 20, 22, 20), strict=True))  # and two decrees
        found = seeds(reader)
    assert {a.cleaner["platform"] for a in found} == {"ui-article", "liferay", "nukeviet", "webforms"}
    for article in found:
        for field in ("title", "lead", "text", "authors", "published", "language", "source"):
            assert getattr(article, field) == expected[field], (field, article.url)
        assert [i.caption for i in article.images] == expected["captions"]
