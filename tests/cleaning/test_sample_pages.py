"""Every article of the bundled sample portal, as each of its sites marks it up, comes back as it was written."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.rules import Rules
from crawler.sample import drupal, liferay, nukeviet, sharepoint, ui_article, webforms
from crawler.sample.news import News, newest_first
from crawler.sample.server import SamplePortal

SITES = {
    "drupal": drupal, "ui-article": ui_article, "sharepoint": sharepoint, "liferay": liferay, "nukeviet": nukeviet, "webforms": webforms,
}  # fmt: skip
PATHS = {  # how each site's breadcrumb names the way to an article
    "ui-article": lambda news: [news.section], "liferay": lambda _: ["Tin tức"], "webforms": lambda news: [news.section],
}  # fmt: skip


def address(site: str, news: News) -> str:
    return f"/node/{news.node}" if site == "drupal" else SITES[site].address(news)


@pytest.fixture(scope="module")
def portal() -> SamplePortal:
    return SamplePortal()


@pytest.mark.parametrize("given", [True, False], ids=["with rules", "recognised"])
@pytest.mark.parametrize("news", newest_first(), ids=lambda n: str(n.node))
@pytest.mark.parametrize("site", SITES)
def test_an_article_comes_back_as_written(site: str, news: News, given: bool, portal: SamplePortal) -> None:
    host, target = SITES[site].HOST, address(site, news)
    rules = Rules.of_portal(site, [], where="a test") if given else None
    article = clean(portal.page(host, target), f"http://{host}{target}", rules)
    texts = [b.text for b in news.body if b.kind == "text"]
    assert article.title == news.title
    assert article.lead == news.lead
    assert article.text.split("\n\n") == [news.lead, *texts]
    assert article.authors == [news.author]
    assert article.source == news.source
    assert article.published == f"{news.date:%Y-%m-%dT%H:%M}:00+07:00"
    assert article.section == PATHS.get(site, lambda news: ["Tin tức", news.section])(news)
    assert article.cleaner["platform"] == site
    assert [i.caption for i in article.images] == [b.text for b in news.body if b.kind == "photo"]
    assert [a.name for a in article.attachments] == [b.text for b in news.body if b.kind == "file"]
    skipped = {"drupal": "Skip to main content", "sharepoint": "Skip to main content", "liferay": "Truy cập nội dung luôn"}
    assert {c.text for c in article.cuts if c.rule == "skip-link"} >= {skipped[site]} if site in skipped else True


@pytest.mark.parametrize("site", SITES)
def test_lists_and_short_pages_are_no_articles(site: str, portal: SamplePortal) -> None:
    pages = {
        "drupal": ["/", "/tin-tuc", "/tin-tuc?page=1", "/van-ban"],
        "sharepoint": [sharepoint.HOME, sharepoint.LIST, f"{sharepoint.LIST}?PageIndex=2", "/portal/Pages/Van-ban.aspx"],
        "ui-article": ["/", "/chinh-tri", "/kinh-te"],
        "liferay": [liferay.LIST],
        "nukeviet": [nukeviet.LIST, f"{nukeviet.LIST}page-2/", nukeviet.LAWS],
        "webforms": ["/", "/vi/chinh-tri", "/vi/kinh-te"],
    }[site]
    for target in pages:
        host = SITES[site].HOST
        assert clean(portal.page(host, target), f"http://{host}{target}").text == "", target


@pytest.mark.parametrize("alias", nukeviet.DOCUMENTS)
def test_a_legal_document_tells_what_it_is(alias: str, portal: SamplePortal) -> None:
    title, rows, texts, files = nukeviet.DOCUMENTS[alias]
    target = nukeviet.law(alias)
    article = clean(portal.page(nukeviet.HOST, target), f"http://{nukeviet.HOST}{target}")
    assert article.title == title
    assert article.document is not None
    assert (article.document.number, article.document.kind) == (rows["Số ký hiệu"], rows["Thể loại"])
    assert (article.document.issuer, article.document.signer) == (rows["Cơ quan ban hành"], rows["Người ký"])
    assert article.document.issued == "-".join(reversed(rows["Ngày ban hành"].split("/")))
    assert article.published is None
    assert [a.name for a in article.attachments] == list(files)
    assert article.text.split("\n\n")[1:] == list(texts)
