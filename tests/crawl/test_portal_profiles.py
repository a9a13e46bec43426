"""Bundled profiles on addresses that were seen in public: which are articles, which are lists, which are never asked for."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.portals.profile import Profile, bundled, named

SEEN = [
    ("cao-bang", "/chinh-tri/bai-mau-915873", "article"),
    ("cao-bang", "/bai-mau-915873", "article"),
    ("cao-bang", "/chinh-tri", "page"),
    ("cao-bang", "/chinh-tri?page=3", "page"),
    ("cao-bang", "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle", "denied"),
    ("ninh-thuan", "/portal/Pages/2024-4-25/Hoi-thi-Rungk3d9x1.aspx", "article"),
    ("ninh-thuan", "/portal/Pages/Tin-tuc.aspx?PageIndex=2", "page"),
    ("nam-dinh", "/_layouts/Authenticate.aspx?Source=%2F", "denied"),
    ("bac-giang", "/-/asset_publisher/M2r3/content/bai-mau/20181", "article"),
    ("bac-giang", "/tin-tuc?p_p_id=101&_101_INSTANCE_x_cur=2", "page"),
    ("bac-giang", "/tin-tuc?p_p_id=58&p_p_state=maximized&_58_struts_action=%2Flogin", "denied"),
    ("binh-phuoc", "/vi/news/kinh-te/bai-mau-26895.html", "article"),
    ("binh-phuoc", "/vi/news/kinh-te/page-2/", "page"),
    ("binh-phuoc", "/vi/news/print/kinh-te/bai-mau-26895.html", "denied"),
    ("binh-phuoc", "/vi/laws/detail/quyet-dinh-so-12-118/", "article"),
    ("khanh-hoa", "/vi/tin-hoat-dong/bai-mau", "article"),
    ("khanh-hoa", "/vi/tin-hoat-dong", "page"),
    ("quang-ninh", "/Trang/ChiTietTinTuc.aspx?nid=168690", "article"),
    ("quang-ninh", "/Trang/tin-tuc-su-kien.aspx", "page"),
    ("hung-yen", "/chuyen-muc-kinh-te-c203-2.html", "page"),
    ("dien-bien", "/vi/bai-viet/bai-mau", "article"),
    ("dien-bien", "/portal/Pages/2024-4-25/bai-mauk3d9.aspx", "article"),
]


def kind(profile: Profile, address: str) -> str:
    if any(p.search(address) for p in profile.deny):
        return "denied"
    assert profile.articles
    assert profile.pages
    return "article" if profile.articles.search(address) else "page" if profile.pages.search(address) else "other"


@pytest.mark.parametrize(("code", "address", "wanted"), SEEN)
def test_an_address_is_told_apart(code: str, address: str, wanted: str) -> None:
    assert kind(named(code), address) == wanted


def test_every_bundled_profile_names_its_unit_and_a_known_platform() -> None:
    for profile in bundled():
        assert profile.name == named(profile.code).name
        assert profile.rules is not None, profile.code
        assert profile.delay >= 1.0


def test_cao_bang_and_dien_bien_remember_what_they_were() -> None:
    cao_bang, dien_bien = named("cao-bang").rules, named("dien-bien").rules
    assert cao_bang
    assert dien_bien
    assert [cao_bang.on(date(year, 2, 7)).platform for year in (2020, 2026)] == ["drupal", "ui-article"]
    assert [dien_bien.on(date(year, 2, 7)).platform for year in (2024, 2026)] == ["sharepoint", None]
