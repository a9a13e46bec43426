"""The sample's Drupal site (family F1): addresses, markup and the odd answers that such portals give."""


from __future__ import annotations

from datetime import datetime
from html import escape

from crawler.sample.answers import Answer, Site, chunked, gzipped, moved, odd, plain
from crawler.sample.assets import ABOUT, ADDRESS, LICENCE, LOGO, PHONE, PORTAL, SCRIPT
from crawler.sample.news import News, file, newest_first, pages, weekday

HOST = "cong-drupal.tinh-mau.example"
SEED = "/node/640260"
OLD_SEED = "/node/1021"  # moved to SEED for good
GONE = "/node/640999"  # linked on every page, and not there
# One document under two names, as editors upload them.
PDF_NAMES = (
    "/sites/default/files/2020-01/Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%2012.pdf",
    "/sites/default/files/2020-01/quyet-dinh-12.pdf",
)
ROBOTS = b"""# robots.txt
User-agent: *
# Directories
Disallow: /includes/
Disallow: /profiles/
# Paths (clean URLs)
Disallow: /admin/
Disallow: /node/add/
Disallow: /search/
Disallow: /user/
"""
_MENU = {"/": "Trang chủ", "/gioi-thieu": "Giới thiệu", "/tin-tuc": "Tin tức", "/van-ban": "Văn bản", "/lien-he": "Liên hệ"}


def site() -> dict[str, Answer]:
    """Every answer of the site by path and query."""
    made = {
        "/": plain(_page("Trang chủ", _home(), front=True)),
        "/gioi-thieu": chunked(_page("Giới thiệu", _static("Giới thiệu", *ABOUT))),
        "/van-ban": gzipped(_page("Văn bản", _documents())),
        "/lien-he": odd(_page("Liên hệ", _static("Liên hệ", ADDRESS, PHONE))),
        "/user/login": plain(_page("Đăng nhập", _static("Đăng nhập", "Chỉ dành cho ban biên tập."))),
        "/search/node": plain(_page("Tìm kiếm", _static("Tìm kiếm", "Nhập từ khoá cần tìm."))),
        OLD_SEED: moved("301 Moved Permanently", f"http://{HOST}{SEED}"),
        "/robots.txt": plain(ROBOTS, "text/plain"),
        "/rss.xml": plain(_rss(), "application/rss+xml; charset=utf-8"),
        "/misc/logo.png": plain(LOGO, "image/png"),
        "/misc/mau.js": plain(SCRIPT, "application/javascript"),
        "/sites/all/themes/mau/style.css": plain(file("style.css"), "text/css"),
    }
    for name in PDF_NAMES:
        made[name] = plain(file("quyet-dinh-12.pdf"), "application/pdf")
    lists = pages()
    for number, news in enumerate(lists):
        made[f"/tin-tuc?page={number}"] = plain(_page("Tin tức", _list(news, number, len(lists))))
    made["/tin-tuc"] = made["/tin-tuc?page=0"]
    for one in newest_first():
        made[f"/node/{one.node}"] = plain(_page(one.title, _article(one), "node-type-article"))
        for photo in (b.file for b in one.body if b.kind == "photo"):
            made[_photo(one, photo)] = plain(file(photo), "image/jpeg")
    return made


def not_found() -> Answer:
    """Drupal's page for an address that it does not know."""
    return plain(_page("Không tìm thấy trang", _static("Không tìm thấy trang", "Trang bạn yêu cầu không tồn tại.")), status="404 Not Found")


def _page(title: str, main: str, kind: str = "node-type-page", *, front: bool = False) -> bytes:
    menu = "".join(f'<li class="leaf"><a href="{at}">{name}</a></li>' for at, name in _MENU.items())
    latest = "".join(f'<li><a href="/node/{n.node}">{escape(n.title)}</a></li>' for n in newest_first()[:5])
    return f"""<!DOCTYPE html>
<html lang="vi" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="Generator" content="Drupal 7">
<title>{escape(title)} | {PORTAL}</title>
<link rel="shortcut icon" href="/misc/logo.png" type="image/png">
<link rel="alternate" type="application/rss+xml" title="RSS" href="/rss.xml">
<link rel="stylesheet" href="/sites/all/themes/mau/style.css" media="all">
<script src="/misc/mau.js"></script>
</head>
<body class="html {"front" if front else "not-front"} not-logged-in {kind}">
<div id="skip-link"><a href="#main-content" class="element-invisible element-focusable">Skip to main content</a></div>
<div id="header"><div class="site-name">{PORTAL}</div></div>
<div id="navigation"><ul class="menu">{menu}</ul></div>
<div class="region sidebar"><div class="block block-views"><h2>Tin mới nhất</h2><ul>{latest}</ul></div>
<div class="block block-menu"><h2>Liên kết</h2><ul><li><a href="{OLD_SEED}">Tổng kết thông tin đối ngoại (địa chỉ cũ)</a></li>
<li><a href="{GONE}">Thông báo đã gỡ</a></li><li><a href="/user/login">Đăng nhập</a></li><li><a href="/search/node">Tìm kiếm</a></li></ul></div></div>
<a id="main-content"></a>
{main}
<div id="footer"><p>{PORTAL}</p><p>{ADDRESS}</p><p>{PHONE}</p><p>{LICENCE}</p></div>
</body>
</html>
""".encode()


def _article(news: News) -> str:
    body = [f"<p><strong>{escape(news.lead)}</strong></p>"]
    for block in news.body:
        if block.kind == "photo":
            body.append(f'<p style="text-align:center"><img src="{_photo(news, block.file)}" alt="" width="320" height="200"></p>')
            body.append(f'<p style="text-align:center"><em>{escape(block.text)}</em></p>')
        elif block.kind == "file":
            body.append(f'<p><a href="{PDF_NAMES[news.node % 2]}" type="application/pdf">{escape(block.text)}</a></p>')
        else:
            body.append(f"<p>{escape(block.text)}</p>")
        body.append("<p>&nbsp;</p>")
    if news.source:
        body.append(f'<p style="text-align:right"><em>Nguồn: {escape(news.source)}</em></p>')
    body.append(f'<p style="text-align:right"><strong>{escape(news.author)}</strong></p>')
    lines = "\n  ".join(body)
    others = [n for n in newest_first() if n.section == news.section and n is not news][:3]
    related = "".join(f'<li><a href="/node/{n.node}">{escape(n.title)}</a></li>' for n in others)
    when = f"{weekday(news.date)}, {news.date:%d/%m/%Y} - {news.date:%H:%M}"
    return f"""<div class="breadcrumb"><a href="/">Trang chủ</a> » <a href="/tin-tuc">Tin tức</a> » {escape(news.section)}</div>
<h1 class="title" id="page-title">{escape(news.title)}</h1>
<div id="node-{news.node}" class="node node-article clearfix"><div class="submitted">{when}</div>
 <div class="field field-name-body"><div class="field-items"><div class="field-item even">
  {lines}
 </div></div></div></div>
<div class="block block-views view-tin-lien-quan"><h2>Tin liên quan</h2><ul>{related}</ul></div>"""


def _list(news: tuple[News, ...], number: int, count: int) -> str:
    rows = "\n".join(_row(n) for n in news)
    pager = ""
    if number:
        pager += f'<li class="pager-previous"><a rel="prev" href="/tin-tuc?page={number - 1}">‹ trước</a></li>'
    for other in range(count):
        link = f'<a href="/tin-tuc?page={other}">{other + 1}</a>'
        pager += f'<li class="pager-current">{other + 1}</li>' if other == number else f'<li class="pager-item">{link}</li>'
    if number + 1 < count:
        pager += f'<li class="pager-next"><a rel="next" href="/tin-tuc?page={number + 1}">sau ›</a></li>'
    return f"""<h1 class="title" id="page-title">Tin tức</h1>
<div class="view view-tin-tuc"><div class="view-content">
{rows}
</div><ul class="pager">{pager}</ul></div>"""


def _row(news: News) -> str:
    return f"""<div class="views-row"><h3><a href="/node/{news.node}">{escape(news.title)}</a></h3>
 <span class="date-display-single">{news.date:%d/%m/%Y}</span><p>{escape(news.lead)}</p></div>"""


def _home() -> str:
    rows = "\n".join(_row(n) for n in newest_first()[:3])
    return f'<div class="view view-tin-noi-bat"><div class="view-content">\n{rows}\n</div></div><p><a href="/tin-tuc">Xem tất cả</a></p>'


def _static(title: str, *paragraphs: str) -> str:
    body = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return f"""<h1 class="title" id="page-title">{title}</h1>
<div class="node node-page"><div class="field field-name-body"><div class="field-items"><div class="field-item even">{body}</div></div></div></div>"""


def _documents() -> str:
    rows = "".join(
        f'<tr><td>12/2020/QĐ-UBND</td><td>31/01/2020</td><td><a href="{name}">Quyết định phê duyệt quy hoạch ({label})</a></td></tr>'
        for name, label in zip(PDF_NAMES, ("bản chính", "bản đăng lại"), strict=True)
    )
    return f"""<h1 class="title" id="page-title">Văn bản</h1>
<table class="views-table"><tr><th>Số ký hiệu</th><th>Ngày ban hành</th><th>Trích yếu</th></tr>{rows}</table>"""


def _rss() -> bytes:
    items = "\n".join(
        f"<item><title>{escape(n.title)}</title><link>http://{HOST}/node/{n.node}</link><description>{escape(n.lead)}</description>"
        f'<guid isPermaLink="false">{n.node} at http://{HOST}</guid></item>'
        for n in newest_first()[:10]
    )
    return f"""<?xml version="1.0" encoding="utf-8" ?>
<rss version="2.0"><channel><title>{PORTAL}</title><link>http://{HOST}/</link><description>Tin mới</description><language>vi</language>
{items}
</channel></rss>
""".encode()


def _photo(news: News, name: str) -> str:
    return f"/sites/default/files/{news.date:%Y-%m}/{name}"


def articles(_: datetime) -> list[str]:
    """Every article of the site."""
    return [f"/node/{n.node}" for n in newest_first()]


SITE = Site(HOST, site, not_found, articles)
