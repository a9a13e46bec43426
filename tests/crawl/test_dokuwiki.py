"""A content management system that none of us wrote: DokuWiki from Debian's package, complete against its own files."""

from __future__ import annotations

import json

import pytest
from dokuwiki import DokuWiki, needed
from running import tangthu

from archive import Reader
from archive.model import Article
from crawler.portals.profile import load

PARAGRAPH = (
    "Sáng nay, Ủy ban nhân dân tỉnh Mẫu họp phiên thường kỳ về {about}, nghe báo cáo tiến độ các công trình giao thông nông thôn "
    "và bàn kế hoạch phát triển nông nghiệp vùng cao trong năm tới. Đồng chí chủ tịch yêu cầu các sở, ngành hoàn thành đoạn {number}."
)
ABOUT = ["cây mận Mẫu Sơn", "đường liên xã", "nước sạch", "lễ hội Lồng Tồng", "trường bán trú", "chuyển đổi số", "rừng đặc dụng"]


def text(about: str) -> str:
    """A page in DokuWiki's own markup."""
    return f"====== Họp về {about} ======\n\n" + "\n\n".join(PARAGRAPH.format(about=about, number=n) for n in range(1, 5)) + "\n"


@pytest.fixture(scope="module")
def wiki(tmp_path_factory):
    needed()
    with DokuWiki(tmp_path_factory.mktemp("dokuwiki")) as wiki:
        for number, about in enumerate(ABOUT[:6]):
            wiki.put(f"{'tin' if number % 2 else 'tin:kinh_te'}:bai_{number}", text(about))
        links = "".join(f"  * [[tin:bai_{n}]]\n" for n in (1, 3))
        wiki.put("start", f"====== Cổng thông tin tỉnh Mẫu ======\n\n{links}  * [[tin:kinh_te:bai_0]]\n")
        yield wiki


@pytest.fixture(scope="module")
def crawled(wiki, tmp_path_factory):
    """Probed, crawled with what that gave, edited, crawled again."""
    folder = tmp_path_factory.mktemp("kho")
    path, profile = folder / "a.db", folder / "wiki.toml"
    probed = tangthu("probe", wiki.url("start"), "--own-host", "--save", profile)
    assert probed.code == 0, probed.err
    code = load(profile).code
    runs = []
    for changes in ({}, {"tin:bai_1": text("đường liên xã và cầu treo"), "tin:bai_6": text(ABOUT[6])}):
        for page, words in changes.items():
            wiki.put(page, words)
        before = len(wiki.asked())
        ended = tangthu("crawl", code, "--profile", profile, "--own-host", "--archive", path)
        assert ended.code == 0, ended.err
        runs.append(wiki.asked()[before:])
    return path, runs


def articles(path) -> dict[str, Article]:
    """What the archive has, by DokuWiki's name of the page."""
    with Reader.open(path) as reader:
        return {a.url.rpartition("?id=")[2]: a for a in reader.articles()}


def test_every_page_of_its_own_files_is_an_article_with_all_its_words(wiki, crawled):
    """Pages that nothing links to are found by its index."""
    found = articles(crawled[0])
    pages = {name: words for name, words in wiki.pages().items() if name != "start"}
    assert set(found) - {"start"} == set(pages), "neither more nor less"
    for name, words in pages.items():
        title, *paragraphs = [line.strip("= ") for line in words.splitlines() if line.strip()]
        assert found[name].title == title
        assert found[name].text.split("\n\n") == paragraphs
        assert found[name].cleaner["platform"] == "dokuwiki"
        assert found[name].section == [], "the box of pages seen before is no way to this one"


def test_what_was_edited_has_two_states_and_nothing_else_has(crawled):
    with Reader.open(crawled[0]) as reader:
        states = {name: len(reader.states(a.url)) for name, a in articles(crawled[0]).items()}
    assert states.pop("tin:bai_1") == 2
    assert {name for name, count in states.items() if count != 1} == set()


def test_its_forms_histories_and_media_manager_are_not_asked_for(crawled):
    for asked in crawled[1]:
        pages = [hit for hit in asked if hit.startswith("/doku.php")]
        assert not [hit for hit in pages if "do=" in hit and not hit.endswith("?do=index")]
        assert not [hit for hit in asked if "taskrunner" in hit or "detail.php" in hit]
        assert len(pages) == len(set(pages))


def test_the_archive_is_sound(crawled):
    assert json.loads(tangthu("verify", "--archive", crawled[0], "--json").out)["sound"]


def test_by_links_alone_it_comes_to_its_pages_and_to_nothing_else(wiki, crawled, tmp_path):
    """No profile: its first page says what it is, and no edit form, revision, difference or media manager is asked for."""
    path = tmp_path / "b.db"
    before = len(wiki.asked())
    ended = tangthu("crawl", wiki.url("start"), "--own-host", "--archive", path)
    assert ended.code == 0, ended.err
    assert set(articles(path)) - {"start"} == {name for name in wiki.pages() if name != "start"}
    first = {hit for hit in wiki.asked()[before:] if hit.startswith("/doku.php")}
    assert first == {hit for hit in crawled[1][1] if hit.startswith("/doku.php")}, "the same as with the profile that was probed"
    before = len(wiki.asked())
    assert tangthu("crawl", wiki.url("start"), "--own-host", "--archive", path).code == 0
    assert {hit for hit in wiki.asked()[before:] if hit.startswith("/doku.php")} == first, "and when nothing has changed"


def test_a_profile_probed_from_an_article_guesses_no_addresses(wiki, tmp_path):
    saved = tmp_path / "p.toml"
    assert tangthu("probe", wiki.url("tin:bai_1"), "--own-host", "--save", saved).code == 0
    profile = load(saved)
    assert (profile.platform, profile.articles, profile.starts) == ("dokuwiki", None, (wiki.url("")[: -len("doku.php?id=")],))
