"""The sample's Liferay 6.2 site (family F4): portlets in columns, lists that page by `_cur`, and a clock on each page."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape

from crawler.sample.answers import Answer, Asked, Site, moved, plain
from crawler.sample.assets import ABOUT, ADDRESS, LICENCE, LOGO, PHONE, PORTAL, SCRIPT
from crawler.sample.news import News, file, newest_first, pages, slug

HOST = "cong-liferay.tinh-mau.example"
LIST = "/tin-tuc"
GONE = f"{LIST}/-/view_content/640999-thong-bao-da-go"  # linked on every page, and not there
PDF = "/documents/20182/31012/quyet-dinh-12.pdf/0c1d7a52-55e1-4d0e-9b0f-6d1b6c1f2a10?t=1580430900000"
SECTION = "/chuyen-muc"
RESOURCE = f"{SECTION}?p_p_id=tintuc_WAR_tintucportlet&p_p_lifecycle=2&p_p_state=normal&p_p_mode=view&p_p_resource_id=loadPage"
# Items of a page of the JSON list.
JSON_PAGE = 6
_PORTLET = "101_INSTANCE_kUq3mHs2YtMa"


def site() -> dict[str, Answer]:
    """Every answer of the site by path and query."""
    lists = pages()
    made = {
        "/": moved("302 Found", f"http://{HOST}{LIST}"),
        "/gioi-thieu": plain(_page("Giới thiệu", _content("Giới thiệu", None, "".join(f"<p>{escape(p)}</p>" for p in ABOUT)), "/gioi-thieu")),
        "/robots.txt": plain(b"User-agent: *\nDisallow: /c/\n", "text/plain"),
        "/mau-theme/images/logo.png": plain(LOGO, "image/png"),
        "/misc/logo.png": plain(LOGO, "image/png"),
        "/html/js/mau.js": plain(SCRIPT, "text/javascript"),
        "/mau-theme/css/main.css": plain(file("style.css"), "text/css"),
        PDF: plain(file("quyet-dinh-12.pdf"), "application/pdf"),
    }
    made[SECTION] = plain(_page("Chuyên mục", _by_script(), SECTION))
    for number in range(1, -(-len(newest_first()) // JSON_PAGE) + 1):
        made[f"{RESOURCE}&pageNum={number}&recordPerPage=10"] = plain(_json(number), "application/json; charset=utf-8")
    for number, news in enumerate(lists, 1):
        made[_listed(number)] = plain(_page("Tin tức", _list(news, number, len(lists)), LIST))
    made[LIST] = made[_listed(1)]
    for one in newest_first():
        made[address(one)] = plain(_page(one.title, _article(one), address(one)))
        for photo in (b.file for b in one.body if b.kind == "photo"):
            made[_photo(one, photo)] = plain(file(photo), "image/jpeg")
    return made


def reply(asked: Asked) -> Answer | None:
    """The JSON list answers any page number: behind its end with no items."""
    found = re.fullmatch(re.escape(RESOURCE) + r"&pageNum=(\d+)&recordPerPage=10", asked.target)
    return plain(_json(int(found[1])), "application/json; charset=utf-8") if found else None


def _json(number: int) -> bytes:
    news, count = newest_first(), -(-len(newest_first()) // JSON_PAGE)
    items = [{"title": n.title, "urlDetail": address(n), "createdDate": f"{n.date:%d/%m/%Y}"} for n in news[(number - 1) * JSON_PAGE : number * JSON_PAGE]]
    return json.dumps({"items": items, "totalPageNum": count, "pageNum": number}, ensure_ascii=False).encode()


def _by_script() -> str:
    """A list that a script fills: the page has no address of an article, only that of the resource."""
    return f'<h3>Chuyên mục</h3><div id="danh-sach"></div><script>var resourceUrl = "{escape(RESOURCE)}";</script>'


def address(news: News) -> str:
    """Where an article stands: number and slug behind the list's page."""
    return f"{LIST}/-/view_content/{news.node}-{slug(news.title)}"


def not_found() -> Answer:
    """Liferay's page "Trạng thái"."""
    return plain(_page("Trạng thái", "<h3>Không tìm thấy</h3><p>Không tìm thấy tài nguyên được yêu cầu.</p>", LIST), status="404 Not Found")


def _listed(number: int) -> str:
    return f"{LIST}?p_p_id={_PORTLET}&p_p_lifecycle=0&p_p_state=normal&p_p_mode=view&_{_PORTLET}_delta=8&_{_PORTLET}_cur={number}"


def _page(title: str, main: str, at: str) -> bytes:
    latest = "".join(f'<li><a href="{address(n)}">{escape(n.title)}</a> <span>{n.date:%d/%m/%Y}</span></li>' for n in newest_first()[:5])
    here = f"http://{HOST}{escape(at)}"
    return f"""



<!DOCTYPE html>
<html class="aui ltr" dir="ltr" lang="vi-VN">
<head><title>{escape(title)} - {PORTAL}</title><meta content="text/html; charset=UTF-8" http-equiv="content-type">
<link href="{here}" rel="canonical"><link class="lfr-css-file" href="/mau-theme/css/main.css" rel="stylesheet" type="text/css"><link href="/mau-theme/images/logo.png" rel="Shortcut Icon">
<script src="/html/js/mau.js" type="text/javascript"></script><script type="text/javascript">var Liferay={{ThemeDisplay:{{getLayoutId:function(){{return"94"}}}}}};</script></head>
<body class="yui3-skin-sam controls-visible signed-out public-page site"><a href="#main-content" id="skip-to-content">Truy cập nội dung luôn</a>
<header id="banner" role="banner"><div class="site-title">{PORTAL}</div><div id="clock">09:41:22</div></header>
<nav id="navigation" role="navigation"><ul class="navi"><li><a href="{LIST}">Tin tức</a></li><li><a href="{SECTION}">Chuyên mục</a></li><li><a href="/gioi-thieu">Giới thiệu</a></li></ul></nav>
<ul class="breadcrumb"><li><a href="/">Trang chủ</a><span class="divider">/</span></li><li><a href="{LIST}">Tin tức</a></li></ul>
<div id="main-content" role="main"><div class="portlet-layout row-fluid"><div class="portlet-column span9" id="column-1"><div class="portlet-boundary portlet-boundary_101_ portlet-asset-publisher" id="p_p_id_{_PORTLET}_"><div class="portlet-body">
{main}
</div></div></div><div class="portlet-column span3" id="column-2"><div class="portlet-boundary portlet-boundary_56_ portlet-journal-content"><div class="portlet-body"><div class="journal-content-article"><p><img src="/mau-theme/images/logo.png" alt=""></p></div></div></div>
<section class="portlet"><h1 class="portlet-title"><span class="portlet-title-text">Tin mới nhất</span></h1><div class="portlet-body"><ul>{latest}</ul><p><a href="{GONE}">Thông báo đã gỡ</a></p></div></section></div></div></div>
<footer id="footer" role="contentinfo"><p>{PORTAL}</p><p>{ADDRESS}</p><p>{PHONE}</p><p>{LICENCE}</p></footer></body></html>
""".encode()


def _content(title: str, when: str | None, body: str) -> str:
    stamp = f'<div class="asset-metadata"><span class="metadata-entry metadata-publish-date">{when}</span> <span class="metadata-view-count">Lượt xem: 536</span></div>' if when else ""
    return f"""<div class="asset-full-content default-asset-publisher show-asset-title"><h3 class="header-title asset-title"><span>{escape(title)}</span></h3>{stamp}
<div class="asset-content"><div class="journal-content-article">{body}</div></div></div>"""


def _article(news: News) -> str:
    body = [f'<p style="text-align: justify;"><strong>{escape(news.lead)}</strong></p>']
    for block in news.body:
        if block.kind == "photo":
            body.append(f'<p style="text-align: center;"><img alt="" src="{_photo(news, block.file)}" style="width: 320px;"></p>')
            body.append(f'<p style="text-align: center;"><em>{escape(block.text)}</em></p>')
        elif block.kind == "file":
            body.append(f'<p><a href="{PDF}">{escape(block.text)}</a></p>')
        else:
            body.append(f'<p style="text-align: justify;">{escape(block.text)}</p><p>&nbsp;</p>')
    if news.source:
        body.append(f'<p style="text-align: right;"><em>Nguồn: {escape(news.source)}</em></p>')
    body.append(f'<p style="text-align: right;"><strong>{escape(news.author)}</strong></p>')
    related = "".join(f'<li class="asset-links-list-item"><a href="{address(n)}">{escape(n.title)}</a></li>' for n in newest_first() if n.section == news.section and n is not news)
    links = f'\n<div class="asset-links-container"><h2>Tài sản liên quan</h2><ul>{related}</ul></div>' if related else ""
    return _content(news.title, f"Ngày đăng {news.date:%d/%m/%Y | %H:%M}", "\n".join(body)) + links


def _list(news: tuple[News, ...], number: int, count: int) -> str:
    rows = "\n".join(
        f'<div class="asset-abstract"><h3 class="asset-title"><a href="{address(n)}">{escape(n.title)}</a></h3>'
        f'<div class="assetPublishDate block_timer">{n.date:%d/%m/%Y | %I:%M %p} &nbsp;|&nbsp;View count: 536</div><div class="asset-summary">{escape(n.lead)}</div></div>'
        for n in news
    )
    links = "".join(f'<li><a href="{escape(_listed(other))}">{other}</a></li>' for other in range(1, count + 1) if other != number)
    return f'{rows}\n<small class="search-results">{len(newest_first())} kết quả.</small><ul class="pager lfr-pagination-buttons">{links}</ul>'


def _photo(news: News, name: str) -> str:
    return f"/image/journal/article?img_id={news.node}{name.partition('.')[0].replace('-', '')}"


def articles(_: datetime) -> list[str]:
    """Every article of the site."""
    return [address(n) for n in newest_first()]


SITE = Site(HOST, site, not_found, articles, reply)
