"""The sample's UIArticleInMenu site (family F2): categories at the root, lists that page by script, bodies of bare text."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import json
from datetime import datetime
from html import escape

from crawler.sample.answers import Answer, Asked, Site, plain
from crawler.sample.assets import ABOUT, ADDRESS, LICENCE, LOGO, PHONE, PORTAL, SCRIPT
from crawler.sample.news import News, categories, file, newest_first, slug, weekday

HOST = "cong-uiarticle.tinh-mau.example"
GONE = "/thong-bao/thong-bao-da-go-640999"  # linked on every page, and not there
PDF = "/upload/104122/20200131/quyet-dinh-12.pdf"
LOAD = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
# Number of the first category; articles of a category that a page shows.
CATEGORY, PER_PAGE = 54442, 2

VIEWER = f"/pdfjs/web/viewer.html?file={PDF}"


def site() -> dict[str, Answer]:
    """Every answer of the site by path and query. Lists show their first page only: the others come by script."""
    made = {
        "/": plain(_page("Trang chủ", _list(newest_first()[:5], 0))),
        "/gioi-thieu": plain(_page("Giới thiệu", _detail("Giới thiệu", "", "", "<br><br>".join(map(escape, ABOUT))))),
        "/robots.txt": plain(b"User-agent: *\nDisallow: /quan-tri/\n", "text/plain"),
        "/upload/logo.png": plain(LOGO, "image/png"),
        "/misc/logo.png": plain(LOGO, "image/png"),
        "/Templates/mau.js": plain(SCRIPT, "application/javascript"),
        "/Templates/style.css": plain(file("style.css"), "text/css"),
        PDF: plain(file("quyet-dinh-12.pdf"), "application/pdf"),
        VIEWER: plain(b"<!DOCTYPE html><html><head><title>PDF.js viewer</title></head><body></body></html>\n"),
    }
    for number, (name, news) in enumerate(categories().items(), CATEGORY):
        made[f"/{slug(name)}"] = plain(_page(name, _list(news[:PER_PAGE], number, -(-len(news) // PER_PAGE))))
    for one in newest_first():
        made[address(one)] = plain(_page(one.title, _article(one), one.section))
        for photo in (b.file for b in one.body if b.kind == "photo"):
            made[_photo(one, photo)] = plain(file(photo), "image/jpeg")
    return made


def reply(asked: Asked) -> Answer | None:
    """Pages of lists behind the first: pieces of HTML for a POST with the numbers of the page's script."""
    if asked.target != LOAD or asked.method != "POST":
        return None
    try:
        sent = json.loads(asked.body)
        number, news = int(sent["page"]), list(categories().values())[int(sent["article_category_id"]) - CATEGORY]
    except (ValueError, KeyError, TypeError, IndexError):
        return plain(b'{"Message":"Invalid web service call"}', "application/json", "500 Internal Server Error")
    return plain(_rows(news[(number - 1) * PER_PAGE : number * PER_PAGE]).encode())


def address(news: News) -> str:
    """Where an article stands: its category, then slug and number."""
    return f"/{slug(news.section)}/{slug(news.title)}-{news.node}"


def not_found() -> Answer:
    """The site's page for an address that it does not know."""
    return plain(_page("Không tìm thấy", "<p>Trang không tồn tại.</p>"), status="404 Not Found")


def _page(title: str, main: str, section: str | None = None) -> bytes:
    menu = "".join(f'<li class="nav-item"><a class="nav-link" href="/{slug(name)}">{escape(name)}</a></li>' for name in categories())
    latest = "".join(f'<li class="item"><a href="{address(n)}">{escape(n.title)}</a> <span class="Ngaydang">({n.date:%d/%m/%Y})</span></li>' for n in newest_first()[:5])
    crumbs = f'<li><a href="/{slug(section)}">{escape(section)}</a></li>' if section else ""
    return f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title><meta name="description" content="{PORTAL}">
<link rel="stylesheet" href="/Templates/style.css"><link rel="shortcut icon" href="/upload/logo.png"><script src="/Templates/mau.js"></script></head>
<body><div class="header"><div class="ModuleWrapper"><div class="ModuleContent"><div class="site-name">{PORTAL}</div></div></div></div>
<div class="menu"><div class="ModuleContent"><ul class="navbar-nav"><li class="nav-item"><a class="nav-link" href="/">Trang chủ</a></li>{menu}<li class="nav-item"><a class="nav-link" href="/gioi-thieu">Giới thiệu</a></li></ul></div></div>
<div class="container"><div class="col-lg-9"><div class="ModuleContent"><div class="UIBreadcrumb_Default"><ul class="breadcrumb"><li><a href="/">Trang chủ</a></li>{crumbs}</ul></div></div>
<div class="ModuleWrapper"><div class="ModuleContent">
{main}
</div></div></div>
<div class="col-lg-3"><div class="ModuleWrapper"><div class="ModuleTitle">Tin mới nhất</div><div class="ModuleContent"><div class="UIListNews_Default"><ul>{latest}</ul></div>
<p><a href="{GONE}">Thông báo đã gỡ</a></p></div></div></div></div>
<div class="footer"><div class="ModuleContent"><p>{PORTAL}</p><p>{ADDRESS}</p><p>{PHONE}</p><p>{LICENCE}</p></div></div></body></html>
""".encode()


def _detail(title: str, when: str, lead: str, content: str, after: str = "") -> str:
    return f"""<div class="ArticleDetailControl"><div class="tool"><a href="javascript:window.print()">In bài</a></div><div class="ArticleHeader">{escape(title)}</div>
<div class="PostDate">{when}</div><div class="ArticleSummary">{lead}</div>
<div class="ArticleContent"><div>{content}</div></div>{after}</div>"""


def _article(news: News) -> str:
    parts = []
    for block in news.body:
        if block.kind == "photo":
            parts.append(
                f'<table class="image" align="center"><tbody><tr><td><img alt="" src="{_photo(news, block.file)}" width="320" height="200"></td></tr>'
                f'<tr><td style="text-align:center"><em>{escape(block.text)}</em></td></tr></tbody></table>'
            )
        elif block.kind == "file":
            parts.append(f'<iframe src="{VIEWER}"></iframe><a class="link-download" href="{PDF}">{escape(block.text)}</a>')
        else:
            parts.append(f"<div>{escape(block.text)}<br>&nbsp;</div>")
    source = f'<div class="source">Nguồn: {escape(news.source)}</div>' if news.source else ""
    others = "".join(f'<li><a href="{address(n)}">{escape(n.title)}</a> <span>({n.date:%d/%m/%Y})</span></li>' for n in categories()[news.section] if n is not news)
    after = f'{source}<div class="author">{escape(news.author)}</div><div class="UISocialShare">Chia sẻ</div><div class="ArticleOther"><h3>Các tin khác</h3><ul>{others}</ul></div>'
    return _detail(news.title, f"{weekday(news.date)}, {news.date:%d/%m/%Y %H:%M}", escape(news.lead), "\n".join(parts), after)


def _rows(news: tuple[News, ...]) -> str:
    return "".join(
        f'<li class="row"><div class="col-lg-10"><h2 class="Title"><a href="{address(n)}">{escape(n.title)}</a></h2><div class="Ngaydang">({n.date:%d/%m/%Y})</div><p>{escape(n.lead)}</p></div></li>\n'
        for n in news
    )


def _list(news: tuple[News, ...], category: int, count: int = 1) -> str:
    led = ["", *[' href="javascript:;"'] * (count - 1)]
    numbers = "".join(f'<li class="page-item page-number{"" if at else " active"}" data-page="{n}"><a class="page-link"{at}>{n}</a></li>' for n, at in enumerate(led, 1))
    return f"""<div class="UIArticleInMenu_Default"><ul class="ArticleList">
{_rows(news)}</ul><ul class="pagination">{numbers}</ul></div>
<script>var q={{article_category_id: {category}, categoryIds: "{category}", site_id: 4, page_size: {PER_PAGE}}}; var maxPage = parseInt({count});</script>"""


def _photo(news: News, name: str) -> str:
    return f"/upload/104122/{news.date:%Y%m%d}/{name}"


def articles(_: datetime) -> list[str]:
    """Every article of the site."""
    return [address(n) for n in newest_first()]


SITE = Site(HOST, site, not_found, articles, reply)
