"""The sample's SharePoint site with Tân Dân classes (family F3): one form, GUID ids, text that is not NFC."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import unicodedata
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from html import escape
from uuid import NAMESPACE_URL, uuid5

from crawler.sample.answers import Answer, Site, chunked, gzipped, moved, odd, plain
from crawler.sample.assets import ABOUT, ADDRESS, LICENCE, LOGO, PHONE, PORTAL, SCRIPT
from crawler.sample.news import News, file, newest_first, pages

HOST = "cong-sharepoint.tinh-mau.example"
PAGES = "/portal/Pages"
HOME = f"{PAGES}/Trang-chu.aspx"
LIST = f"{PAGES}/Tin-tuc.aspx"
OLD_SEED = f"{PAGES}/2019-12-30/Tong-ket-thong-tin-doi-ngoaik7d2m1.aspx"  # moved to the seed article
GONE = f"{PAGES}/2016-8-4/Thong-bao-da-gox0p9qa.aspx"  # linked on every page, and not there
PDF = "/portal/VanBan/2020-01-31/quyet-dinh-12.pdf"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MENU = {
    HOME: "Trang chủ", f"{PAGES}/Gioi-thieu.aspx": "Giới thiệu", LIST: "Tin tức",
    f"{PAGES}/Van-ban.aspx": "Văn bản", f"{PAGES}/Lien-he.aspx": "Liên hệ",
}


def site() -> dict[str, Answer]:
    """Every answer of the site by path and query. There is no robots.txt."""
    made = {
        "/": moved("302 Found", f"http://{HOST}{HOME}"),
        HOME: plain(_page("Trang chủ", _home(), HOME)),
        f"{PAGES}/Gioi-thieu.aspx": chunked(_page("Giới thiệu", _static("Giới thiệu", *ABOUT), "Gioi-thieu.aspx")),
        f"{PAGES}/Van-ban.aspx": gzipped(_page("Văn bản", _documents(), "Van-ban.aspx")),
        f"{PAGES}/Lien-he.aspx": odd(_page("Liên hệ", _static("Liên hệ", ADDRESS, PHONE), "Lien-he.aspx")),
        OLD_SEED: moved("301 Moved Permanently", address(_seed())),
        PDF: plain(file("quyet-dinh-12.pdf"), "application/pdf"),
        "/misc/logo.png": plain(LOGO, "image/png"),
        "/portal/Style%20Library/mau.js": plain(SCRIPT, "application/x-javascript"),
        "/portal/Style%20Library/style.css": plain(file("style.css"), "text/css"),
    }
    lists = pages()
    for number, news in enumerate(lists, 1):
        made[f"{LIST}?PageIndex={number}"] = plain(_page("Tin tức", _list(news, number, len(lists)), "Tin-tuc.aspx"))
    made[LIST] = made[f"{LIST}?PageIndex=1"]
    for one in newest_first():
        made[address(one)] = plain(_page(one.title, _article(one), address(one)))
        for photo in (b.file for b in one.body if b.kind == "photo"):
            made[_photo(one, photo)] = plain(file(photo), "image/jpeg")
    return made


def address(news: News) -> str:
    """Where an article stands: its day as a folder, a slug cut short and a few random-looking letters."""
    bare = unicodedata.normalize("NFD", news.title.replace("đ", "d").replace("Đ", "D"))
    slug = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in bare if not unicodedata.combining(c)).split())
    return f"{PAGES}/{news.date.year}-{news.date.month}-{news.date.day}/{slug[:40].rstrip('-')}{_letters(news.title)[:6]}.aspx"


def seed() -> str:
    """The address of the seed article."""
    return address(_seed())


def not_found() -> Answer:
    """SharePoint's bare answer for an address that it does not know."""
    return plain(b"404 NOT FOUND", "text/plain; charset=utf-8", "404 Not Found")


def telex(text: str) -> str:
    """`text` as some Vietnamese keyboards leave it: the vowel precomposed, the tone a combining mark (neither NFC nor NFD)."""
    made = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(p for p in parts if p in _TONES)
        made.append(unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONES)) + tone)
    return "".join(made)


def _page(title: str, main: str, at: str) -> bytes:
    menu = "".join(f'<li><a href="{where}">{name}</a></li>' for where, name in _MENU.items())
    latest = "".join(f'<li><a href="{address(n)}">{escape(n.title)}</a></li>' for n in newest_first()[:5])
    state = b64encode(sha256(at.encode()).digest() * 4).decode()
    part = f"ctl00_g_{str(uuid5(NAMESPACE_URL, at)).replace('-', '_')}"
    return f"""<!DOCTYPE html>
<html dir="ltr" lang="vi-VN">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta name="GENERATOR" content="Microsoft SharePoint">
<title>
	{escape(title)}
</title>
<link rel="stylesheet" type="text/css" href="/portal/Style%20Library/style.css"><link rel="shortcut icon" href="/misc/logo.png">
<script type="text/javascript" src="/portal/Style%20Library/mau.js"></script>
</head>
<body>
<form name="aspnetForm" method="post" action="./{at.rpartition("/")[2]}" id="aspnetForm">
<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{state}">
<div id="TurnOnAccessibility" class="s4-notdlg noindex" style="display:none"><a id="linkTurnOnAcc" href="#" class="ms-TurnOnAcc">Turn on more accessible mode</a></div>
<div class="s4-notdlg s4-skipribbonshortcut noindex"><a href="javascript:;" class="ms-SkiptoNavigation">Skip Ribbon Commands</a></div>
<div class="s4-notdlg noindex"><a href="javascript:;" class="ms-SkiptoMainContent">Skip to main content</a></div>
<div id="s4-ribbonrow" class="s4-pr s4-ribbonrowhidetitle"><div id="RibbonContainer">Trình duyệt | Trang</div></div>
<div id="s4-workspace"><div id="s4-bodyContainer">
<div id="s4-titlerow"><span class="tandan-site-name">{PORTAL}</span></div>
<div class="tandan-menu"><ul>{menu}</ul></div>
<div class="tandan-right"><p class="tandan-title-block">Tin mới nhất</p><ul>{latest}</ul>
<p class="tandan-title-block">Liên kết</p><ul><li><a href="{OLD_SEED}">Tổng kết thông tin đối ngoại (địa chỉ cũ)</a></li><li><a href="{GONE}">Thông báo đã gỡ</a></li></ul></div>
<div id="{part}_wp" webpartid="{uuid5(NAMESPACE_URL, at)}"><a id="mainContent" name="mainContent" tabindex="-1"></a>
{main}
</div>
<div class="tandan-footer"><p>{PORTAL}</p><p>{ADDRESS}</p><p>{PHONE}</p><p>{LICENCE}</p></div>
</div></div>
</form>
</body>
</html>
""".encode()


def _article(news: News) -> str:
    lines = []
    for number, block in enumerate(news.body):
        if block.kind == "photo":
            lines.append(f'<p class="MsoNormal" align="center" style="text-align:center"><img alt="" src="{_photo(news, block.file)}"></p>')
            lines.append(f'<p class="MsoNormal" align="center" style="text-align:center"><em>{escape(block.text)}</em></p>')
        elif block.kind == "file":
            lines.append(f'<p class="MsoNormal"><a href="{PDF}" target="_blank">{escape(block.text)}</a></p>')
        else:
            lines.append(f'<p class="MsoNormal" style="text-align:justify"><span></span><span class="ms-rteFontSize-4">{_typed(block.text, number)}</span></p>')
        lines.append('<p class="MsoNormal">&#160;</p>')
    if news.source:
        lines.append(f'<p class="MsoNormal" align="right" style="text-align:right"><em>Nguồn: {escape(news.source)}</em></p>')
    lines.append(f'<p class="MsoNormal" align="right" style="text-align:right"><strong>{escape(news.author)}</strong></p>')
    body = "\n  ".join(lines)
    others = [n for n in newest_first() if n.section == news.section and n is not news][:3]
    related = "".join(f'<p class="tandan-p-article-other"><a href="{address(n)}">{escape(n.title)}</a></p>' for n in others)
    return f"""<div class="tandan-breadcrumb"><a href="{HOME}">Trang chủ</a> / <a href="{LIST}">Tin tức</a> / {escape(news.section)}</div>
 <p class="tandan-p-article-news-title">{escape(news.title)}</p><span class="tandan-span-date-publish">Đăng ngày {news.date:%d-%m-%Y %H:%M}</span>
 <p class="tandan-p-article-news-summary">{escape(news.lead)}</p>
 <div class="tandan-p-article-main"><div class="ms-rtestate-field"><div class="ExternalClass{_letters(address(news)).upper()[:32]}">
  {body}
 </div></div></div>
 <div class="tandan-div-article-other"><p class="tandan-title-block">Tin khác</p>{related}</div>"""


def _typed(text: str, number: int) -> str:
    """Every second paragraph comes from the other keyboard, with a zero-width space that was pasted along."""
    if number % 2 == 0:
        return escape(text)
    first, space, rest = text.partition(" ")
    return f"{escape(telex(first))}&#8203;{space}{escape(telex(rest))}"


def _list(news: tuple[News, ...], number: int, count: int) -> str:
    rows = "\n".join(_row(n) for n in news)
    pager = "".join(
        f"<span>{other}</span>" if other == number else f'<a href="{LIST}?PageIndex={other}">{other}</a>' for other in range(1, count + 1)
    )
    return f'<p class="tandan-title-list">Tin tức</p>\n<div class="tandan-list">\n{rows}\n</div><div class="tandan-pager">{pager}</div>'


def _row(news: News) -> str:
    return f"""<div class="tandan-item"><a class="tandan-a-title" href="{address(news)}">{escape(news.title)}</a>
 <span class="tandan-span-date">{news.date:%d-%m-%Y}</span><p class="tandan-p-summary">{escape(news.lead)}</p></div>"""


def _home() -> str:
    return '<div class="tandan-list">\n' + "\n".join(_row(n) for n in newest_first()[:3]) + "\n</div>"


def _static(title: str, *paragraphs: str) -> str:
    body = "".join(f'<p class="MsoNormal">{escape(p)}</p>' for p in paragraphs)
    return f'<p class="tandan-title-view">{title}</p><div class="ms-rtestate-field"><div class="ExternalClass{_letters(title).upper()[:32]}">{body}</div></div>'


def _documents() -> str:
    return f"""<p class="tandan-title-view">Văn bản</p><table class="ms-listviewtable"><tr><th>Số ký hiệu</th><th>Ngày ban hành</th><th>Trích yếu</th></tr>
<tr><td>12/2020/QĐ-UBND</td><td>31/01/2020</td><td><a href="{PDF}">Quyết định phê duyệt quy hoạch cụm công nghiệp Hạ Mẫu</a></td></tr></table>"""


def _photo(news: News, name: str) -> str:
    return f"/portal/Photos/{news.date:%Y-%m-%d}/{_letters(name)[:16]}.jpg"


def _letters(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _seed() -> News:
    return next(n for n in newest_first() if n.node == 640260)


def articles(_: datetime) -> list[str]:
    """Every article of the site."""
    return [address(n) for n in newest_first()]


SITE = Site(HOST, site, not_found, articles)
