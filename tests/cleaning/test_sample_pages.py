"""Every article of the bundled sample portal, as both of its sites mark it up, comes back as it was written."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.rules import Rules
from crawler.sample import drupal, sharepoint
from crawler.sample.news import News, newest_first
from crawler.sample.server import SamplePortal

SITES = {"drupal": drupal, "sharepoint": sharepoint}


def address(site: str, news: News) -> str:
    return f"/node/{news.node}" if site == "drupal" else sharepoint.address(news)


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
    assert article.section == ["Tin tức", news.section]
    assert [i.caption for i in article.images] == [b.text for b in news.body if b.kind == "photo"]
    assert [a.name for a in article.attachments] == [b.text for b in news.body if b.kind == "file"]
    assert "Skip to main content" in {c.text for c in article.cuts if c.rule == "skip-link"}


@pytest.mark.parametrize("site", SITES)
def test_lists_and_short_pages_are_no_articles(site: str, portal: SamplePortal) -> None:
    pages = {
        "drupal": ["/", "/tin-tuc", "/tin-tuc?page=1", "/van-ban"],
        "sharepoint": [sharepoint.HOME, sharepoint.LIST, f"{sharepoint.LIST}?PageIndex=2", "/portal/Pages/Van-ban.aspx"],
    }[site]
    for target in pages:
        host = SITES[site].HOST
        assert clean(portal.page(host, target), f"http://{host}{target}").text == "", target
