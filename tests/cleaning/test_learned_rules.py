"""Rules that were learned of a site: asked where the others find no article, and only for the pages they are for."""

from __future__ import annotations

import pytest

from archive import Rules, clean
from archive.cleaning.site.shape import shape

PAGE = """<!DOCTYPE html><html><head><title>{title} - Cổng thông tin</title></head><body>
<div class="k1"><a href="/">Trang chủ</a></div>
<div class="k2"><h1 class="k3">{title}</h1>{date}<div class="k4"><p>{text}</p></div></div>
<div class="k5">Cơ quan chủ quản: Ủy ban nhân dân tỉnh Mẫu. Chịu trách nhiệm: Ông Nguyễn Văn A, Chánh Văn phòng.</div>
</body></html>"""
NOTICE = "Sáng nay, cầu qua suối đã thông xe."
DATE = '<span class="k6">08/01/2026</span>'
SITE = Rules(
    learned=(
        Rules(
            find={"container": (".k9",)}, shapes=("/tin/N.html",)
        ),
        Rules(
            find={"container": (".k4",), "title": (".k3",), "published": (".k6",)}, needs=(".k6",), shapes=("/tin/N.html",)
        ),
    )
)  # fmt: skip


def page(date=DATE, text=NOTICE):
    return PAGE.format(title="Thông xe cầu qua suối", date=date, text=text).encode()


def test_what_was_learned_finds_what_density_cannot():
    url = "http://xa-mau.test/tin/7.html"
    assert clean(page(), url).text != NOTICE
    made = clean(page(), url, SITE)
    assert (made.title, made.text, made.published) == ("Thông xe cầu qua suối", NOTICE, "2026-01-08")
    assert (made.cleaner["layer"], made.cleaner["container"]) == ("site", "div.k2 > div.k4")
    used = SITE.among(made.cleaner["rules_digest"])
    assert used == SITE.learned[1]
    assert clean(page(), url, Rules.load(used.serialised())) == made


@pytest.mark.parametrize(
    ("url", "date"),
    [("http://xa-mau.test/danh-sach/7.html", DATE), ("http://xa-mau.test/tin/7.html", "")],
    ids=["another shape of address", "what it needs is not there"],
)
def test_a_page_of_another_make_is_cleaned_as_ever(url, date):
    made, without = clean(page(date), url, SITE), clean(page(date), url)
    assert made == without
    assert made.cleaner["layer"] != "site"


def test_rules_that_were_written_come_first():
    written = Rules(find={"container": (".k2",)}, learned=SITE.learned)
    made = clean(page(), "http://xa-mau.test/tin/7.html", written)
    assert made.cleaner["layer"] == "rules"
    assert made.cleaner["rules_digest"] == written.given.digest == Rules(find={"container": (".k2",)}).digest


def test_learned_rules_come_back_from_their_bytes():
    assert Rules.load(SITE.serialised()) == SITE
    assert Rules.load(SITE.serialised()).digest == SITE.digest


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://x.test/tin-tuc/hop-bao-1234.html", "/tin-tuc/M.html"),
        ("http://x.test/tin-tuc/khai-mac.html", "/tin-tuc/W.html"),
        ("http://x.test/2026/01/ngay-hoi", "/N/N/W"),
        ("http://x.test/tin.aspx?id=5&cat=7", "/W.aspx?cat&id"),
        ("http://x.test/tin.aspx?cat=&id=9", "/W.aspx?cat&id"),
        ("http://x.test", "/"),
        ("http://x.test/", "/"),
        ("http://x.test/thời-sự/bài 7", "/thời-sự/M"),
        ("http://[x/", "/"),
        ("khong phai dia chi", "/"),
        ("http://x.test/tin?c=1&a%20b=2&c=3#x", "/W?a b&c"),
    ],
)
def test_shapes_of_addresses(url, kind):
    assert shape(url) == kind
