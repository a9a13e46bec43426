"""The plain search on real pages of a department portal (Liferay 6.2), for which there are no rules yet."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from lxml import html

from archive.cleaning.clean import clean
from archive.cleaning.decode import plain
from archive.model import Article

PAGES = Path(__file__).resolve().parents[3] / "shared" / "eval" / "hanoi"
ARTICLES = ("gioi-thieu", "cong-nghe-thong-tin1")
pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="../shared/eval/hanoi is not here")


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return {p.name.removesuffix(".html.gz"): gzip.decompress(p.read_bytes()) for p in sorted(PAGES.glob("*.html.gz"))}


@pytest.fixture(scope="module")
def articles(pages: dict[str, bytes]) -> dict[str, Article]:
    return {name: clean(page, f"https://portal.example/{name}.html") for name, page in pages.items()}


def test_two_pages_are_articles_and_the_others_none(articles: dict[str, Article]) -> None:
    assert len(articles) == 46
    assert sorted(n for n, a in articles.items() if a.text) == sorted(ARTICLES)


@pytest.mark.parametrize("name", ARTICLES)
def test_their_text_is_kept(name: str, pages: dict[str, bytes], articles: dict[str, Article]) -> None:
    tree = html.fromstring(pages[name], parser=html.HTMLParser(encoding="utf-8"))
    journal = tree.find_class("journal-content-article")[0]
    wanted = Counter(plain(" ".join(journal.itertext())).split())
    kept = Counter(articles[name].text.split())
    assert (wanted & kept).total() >= 0.97 * wanted.total()
    assert (kept - wanted).total() <= 0.03 * kept.total()


def test_no_line_of_the_frame_stands_in_an_article(pages: dict[str, bytes], articles: dict[str, Article]) -> None:
    frame: Counter[str] = Counter()
    for page in pages.values():
        tree = html.fromstring(page, parser=html.HTMLParser(encoding="utf-8"))
        frame.update({line for t in tree.itertext() if (line := plain(str(t)))})
    common = {line for line, count in frame.items() if count * 2 > len(pages)}
    assert common
    for name in ARTICLES:
        assert not common & {line.strip() for line in articles[name].text.splitlines()}, name


def test_titles_are_the_pages_own(articles: dict[str, Article]) -> None:
    assert articles["cong-nghe-thong-tin1"].title == "Công nghệ thông tin"
    assert (articles["gioi-thieu"].title or "").casefold() == "giới thiệu"


def test_the_skip_link_is_never_lost(articles: dict[str, Article]) -> None:
    missing = [n for n, a in articles.items() if "skip-link" not in {c.rule for c in a.cuts}]
    assert len(missing) <= 2, missing  # two pop-up pages have none
    assert {"Truy cập nội dung luôn"} == {c.text for name in ARTICLES for c in articles[name].cuts if c.rule == "skip-link"}


def test_no_date_is_invented(articles: dict[str, Article]) -> None:
    assert {a.published for a in articles.values()} == {None}
