"""The sample's WebForms site (family F6): one form with its view state, lists whose further pages come by postback only."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from html import escape
from urllib.parse import parse_qsl

from crawler.sample.answers import Answer, Asked, Site, plain
from crawler.sample.assets import ABOUT, ADDRESS, LICENCE, LOGO, PHONE, PORTAL, SCRIPT
from crawler.sample.news import News, categories, file, newest_first, slug

HOST = "cong-webforms.tinh-mau.example"
GONE = "/vi/thong-bao/thong-bao-da-go"  # linked on every page, and not there
# Numbers that a pager shows at a time.
WINDOW = 2
PDF = "/Resources/Docs/2020/quyet-dinh-12.pdf"


def site() -> dict[str, Answer]:
    """Every answer of the site by path and query. There is no robots.txt."""
    made = {
        "/": plain(_page("Trang chủ", _list(newest_first()[:5]), "")),
        "/vi/gioi-thieu": plain(_page("Giới thiệu", _detail("Giới thiệu", "", "".join(f"<div>{escape(p)}</div>" for p in ABOUT)), "gioi-thieu")),
        "/images/logo.png": plain(LOGO, "image/png"),
        "/misc/logo.png": plain(LOGO, "image/png"),
        "/scripts/mau.js": plain(SCRIPT, "application/x-javascript"),
        "/css/style.css": plain(file("style.css"), "text/css"),
        PDF: plain(file("quyet-dinh-12.pdf"), "application/pdf"),
    }
    for name in categories():
        made[f"/vi/{slug(name)}"] = _listed(name, 1)
    for one in newest_first():
        made[address(one)] = plain(_page(one.title, _article(one), slug(one.title), one))
        for photo in (b.file for b in one.body if b.kind == "photo"):
            made[_photo(one, photo)] = plain(file(photo), "image/jpeg")
    return made


def reply(asked: Asked) -> Answer | None:
    """Pages of lists behind the first: by POST of the page's form only; a view state that no page of the list has gives 500."""
    name = next((name for name in categories() if asked.target == f"/vi/{slug(name)}"), None)
    if asked.method != "POST" or name is None:
        return None
    sent = dict(parse_qsl(asked.body.decode("latin-1"), keep_blank_values=True))
    count = len(_paged(name))
    shown = next((page for page in range(1, count + 1) if sent.get("__VIEWSTATE") == _state(name, page)), None)
    if shown is None or sent.get("__EVENTVALIDATION") != _state(f"ev {name}", shown):
        return plain(b"<html><head><title>Runtime Error</title></head><body><h1>Validation of viewstate MAC failed.</h1></body></html>\n", status="500 Internal Server Error")
    # Which page a link of the pager leads to depends on the page that it stands on: the view state says which that was.
    led = {target: page for target, _, page in _pager(shown, count)}.get(sent.get("__EVENTTARGET", ""))
    return _listed(name, led or shown)


def _listed(name: str, number: int) -> Answer:
    news, count = _paged(name)[number - 1], len(_paged(name))
    links = "".join(f" <span>{text}</span>" if page == number else f""" <a href="javascript:__doPostBack('{target}','')">{text}</a>""" for target, text, page in _pager(number, count))
    return plain(_page(name, f'{_list(news)}\n<div class="phantrang">{links}</div>', slug(name), state=(_state(name, number), _state(f"ev {name}", number))))


def _paged(name: str) -> list[tuple[News, ...]]:
    return [(news,) for news in categories()[name]]


def _pager(number: int, count: int) -> list[tuple[str, str, int]]:
    """The pager on a page: target, text and page of each link; two numbers at a time, with dots to those before and after."""
    first = (number - 1) // WINDOW * WINDOW + 1
    last = min(first + WINDOW - 1, count)
    shown = [("...", first - 1)] if first > 1 else []
    shown += [(str(page), page) for page in range(first, last + 1)] + ([("...", last + 1)] if last < count else [])
    return [(f"ctl00$pager$ctl{place:02}", text, page) for place, (text, page) in enumerate(shown)]


def _state(name: str, number: int) -> str:
    return b64encode(sha256(f"{name} {number}".encode()).digest() * 8).decode()


def address(news: News) -> str:
    """Where an article stands: category and slug, without a number."""
    return f"/vi/{slug(news.section)}/{slug(news.title)}"


def not_found() -> Answer:
    """IIS' bare page for an address that it does not know."""
    return plain(b"<html><head><title>404 - File or directory not found.</title></head><body><h2>404 - File or directory not found.</h2></body></html>\n", status="404 Not Found")


def _page(title: str, main: str, name: str, news: News | None = None, state: tuple[str, str] | None = None) -> bytes:
    menu = "".join(f'<li><a href="/vi/{slug(section)}">{escape(section)}</a></li>' for section in categories())
    latest = "".join(f'<li><a href="{address(n)}">{escape(n.title)}</a> <i>({n.date:%d/%m/%Y})</i></li>' for n in newest_first()[:5])
    shown, validation = state or (_state(title, 0), _state(f"ev {title}", 0))
    head = f'<meta id="ogtitle" property="og:title" content="{escape(news.title)}" /><meta id="ogdescription" property="og:description" content="{escape(news.lead)}" />' if news else ""
    crumbs = f'<div class="breadcrumb"><a href="/">Trang chủ</a> » <a href="/vi/{slug(news.section)}">{escape(news.section)}</a></div>' if news else ""
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" /><title>
	{PORTAL} - {escape(title)}
</title>{head}<link rel="stylesheet" type="text/css" href="/css/style.css" /><link rel="shortcut icon" href="/images/logo.png" /><script src="/scripts/mau.js" type="text/javascript"></script></head>
<body><form name="aspnetForm" method="post" action="./{name}" id="aspnetForm">
<div><input type="hidden" name="__EVENTTARGET" id="__EVENTTARGET" value="" /><input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{shown}" /><input type="hidden" name="__VIEWSTATEGENERATOR" id="__VIEWSTATEGENERATOR" value="CA0B0334" /><input type="hidden" name="__EVENTVALIDATION" id="__EVENTVALIDATION" value="{validation}" /></div>
<table width="1000" align="center"><tr><td><div id="top">{PORTAL}</div></td></tr><tr><td><div id="menungang"><ul>{menu}<li><a href="/vi/gioi-thieu">Giới thiệu</a></li></ul></div></td></tr>
<tr><td><table width="100%"><tr><td width="200" valign="top"><div class="hop"><div class="tieude-hop">Tin mới nhất</div><ul>{latest}</ul><p><a href="{GONE}">Thông báo đã gỡ</a></p></div></td><td valign="top">{crumbs}
{main}
</td></tr></table></td></tr><tr><td><div id="chantrang"><p>{PORTAL}</p><p>{ADDRESS}</p><p>{PHONE}</p><p>{LICENCE}</p></div></td></tr></table></form></body></html>
""".encode()


def _detail(title: str, when: str, body: str) -> str:
    stamp = f'<span id="datearticle">{when}</span>' if when else ""
    return f'<div class="title-article">{escape(title)}</div><div class="info">{stamp}</div><div class="chitietbaiviet">{body}</div>'


def _article(news: News) -> str:
    body = [f"<h2>{escape(news.lead)}</h2>"]
    for block in news.body:
        if block.kind == "photo":
            body.append(f'<div style="text-align:center"><img alt="" src="{_photo(news, block.file)}" width="320" /></div><div style="text-align:center"><i>{escape(block.text)}</i></div>')
        elif block.kind == "file":
            body.append(f'<div><a href="{PDF}">{escape(block.text)}</a></div>')
        else:
            body.append(f"<div>{escape(block.text)}</div><div><br /></div>")
    if news.source:
        body.append(f'<div style="text-align:right"><i>Nguồn: {escape(news.source)}</i></div>')
    body.append(f'<p style="text-align:right"><b>{escape(news.author)}</b></p>')
    others = "".join(f'<li><a href="{address(n)}">{escape(n.title)}</a> ({n.date:%d/%m/%Y})</li>' for n in categories()[news.section] if n is not news)
    return _detail(news.title, f"{news.date:%d/%m/%Y %H:%M}", "\n".join(body)) + f'\n<div class="tin-khac"><div class="tieude-hop">Tin cùng chuyên mục</div><ul>{others}</ul></div>'


def _list(news: tuple[News, ...]) -> str:
    rows = "\n".join(f'<div class="item-tin"><a href="{address(n)}">{escape(n.title)}</a> <span>{n.date:%d/%m/%Y}</span><p>{escape(n.lead)}</p></div>' for n in news)
    return f'<div class="danhsachtin">\n{rows}\n</div>'


def _photo(news: News, name: str) -> str:
    return f"/Resources/Images/{news.date:%Y/%m}/{name}"


def articles(_: datetime) -> list[str]:
    """Every article of the site."""
    return [address(n) for n in newest_first()]


SITE = Site(HOST, site, not_found, articles, reply)
