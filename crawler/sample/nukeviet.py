"""The sample's NukeViet site (family F5): news with microdata, and the documents module `laws`."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from datetime import datetime
from html import escape

from crawler.sample.answers import Answer, Site, moved, plain
from crawler.sample.assets import ABOUT, ADDRESS, LICENCE, LOGO, PHONE, PORTAL, SCRIPT
from crawler.sample.news import News, file, newest_first, pages, slug, weekday

HOST = "cong-nukeviet.tinh-mau.example"
LIST = "/vi/news/"
LAWS = "/vi/laws/"
RSS = "/vi/news/rss/"
GONE = "/vi/news/thong-bao/thong-bao-da-go-640999.html"  # linked on every page, and not there
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# alias → title, rows, articles of the text, files of the package with their media types.
DOCUMENTS = {
    "quyet-dinh-so-12-2020-qd-ubnd-118": (
        "Quyết định số 12/2020/QĐ-UBND phê duyệt quy hoạch chi tiết cụm công nghiệp Hạ Mẫu",
        {
            "Số ký hiệu": "12/2020/QĐ-UBND", "Ngày ban hành": "31/01/2020", "Ngày bắt đầu hiệu lực": "15/02/2020", "Thể loại": "Quyết định",
            "Lĩnh vực": "Xây dựng - Đô thị", "Cơ quan ban hành": "Uỷ ban nhân dân tỉnh Mẫu", "Người ký": "Hoàng Giả Định",
        },
        (
            "Điều 1. Phê duyệt quy hoạch chi tiết xây dựng tỷ lệ 1/500 cụm công nghiệp Hạ Mẫu, huyện Hạ Mẫu, diện tích 48 ha.",
            "Điều 2. Uỷ ban nhân dân huyện Hạ Mẫu công bố công khai quy hoạch trong thời hạn 15 ngày kể từ ngày ký.",
        ),
        {"quyet-dinh-12.pdf": "application/pdf"},
    ),
    "thong-bao-so-03-2020-tb-ubnd-117": (
        "Thông báo số 03/2020/TB-UBND về việc đăng ký sử dụng dịch vụ công trực tuyến",
        {
            "Số ký hiệu": "03/2020/TB-UBND", "Ngày ban hành": "06/02/2020", "Thể loại": "Thông báo", "Lĩnh vực": "Cải cách hành chính",
            "Cơ quan ban hành": "Uỷ ban nhân dân tỉnh Mẫu", "Người ký": "Vũ Minh Hoạ",
        },
        ("Tổ chức, cá nhân đăng ký theo mẫu phiếu kèm thông báo này, gửi về Trung tâm Phục vụ hành chính công tỉnh.",),
        {"mau-phieu-dang-ky.docx": DOCX},
    ),
}  # fmt: skip


def site() -> dict[str, Answer]:
    """Every answer of the site by path and query."""
    lists = pages()
    made = {
        "/": moved("302 Found", f"http://{HOST}{LIST}"),
        "/vi/about/": plain(_page("Giới thiệu", f'<div class="page panel"><h1 class="title">Giới thiệu</h1><div id="page-bodyhtml" class="bodytext">{"".join(f"<p>{escape(p)}</p>" for p in ABOUT)}</div></div>', "Giới thiệu")),
        "/robots.txt": plain(b"User-agent: *\nDisallow: /admin/\n", "text/plain"),
        "/uploads/logo.png": plain(LOGO, "image/png"),
        "/misc/logo.png": plain(LOGO, "image/png"),
        "/assets/js/mau.js": plain(SCRIPT, "application/javascript"),
        "/themes/default/css/style.css": plain(file("style.css"), "text/css"),
        "/sitemap.xml": plain(_sitemap(), "text/xml; charset=utf-8"),
        RSS: plain(_rss(), "text/xml; charset=utf-8"),
        LAWS: plain(_page("Văn bản", _laws(), "Văn bản")),
    }
    for number, news in enumerate(lists, 1):
        made[_listed(number)] = plain(_page("Tin tức", _list(news, number, len(lists)), "Tin tức"))
    for one in newest_first():
        made[address(one)] = plain(_page(one.title, _article(one), one.section))
        for block in one.body:
            if block.kind == "photo":
                made[_photo(one, block.file)] = plain(file(block.file), "image/jpeg")
            elif block.kind == "file":
                made[f"{address(one)}?download=1&id=0"] = _download(block.file, "application/pdf")
    for alias, (title, rows, texts, attached) in DOCUMENTS.items():
        made[law(alias)] = plain(_page(title, _law(alias, title, rows, texts, attached), rows["Thể loại"]))
        for number, (name, kind) in enumerate(attached.items()):
            made[f"{law(alias)}?download=1&id={number}"] = _download(name, kind)
    return made


def address(news: News) -> str:
    """Where an article stands: category, then alias and number."""
    return f"/vi/news/{slug(news.section)}/{slug(news.title)}-{news.node}.html"


def law(alias: str) -> str:
    """Where a document stands."""
    return f"{LAWS}detail/{alias}/"


def not_found() -> Answer:
    """NukeViet's page for an address that it does not know: it sends its readers to the list after three seconds."""
    body = _page("Không tìm thấy", '<div class="alert alert-info">Trang bạn tìm không tồn tại.</div>', "Tin tức")
    return plain(body.replace(b"<head>", f'<head><meta http-equiv="refresh" content="3;url={LIST}">'.encode(), 1), status="404 Not Found")


def _sitemap() -> bytes:
    """NukeViet's sitemap holds the newest articles only (1,000 of them; here 12)."""
    each = "".join(f"<url><loc>http://{HOST}{address(n)}</loc><lastmod>{n.date:%Y-%m-%dT%H:%M:%S}+07:00</lastmod></url>" for n in newest_first()[:12])
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{each}</urlset>\n'.encode()


def _rss() -> bytes:
    """Its feed the newest 30; here 6."""
    each = "".join(f'<item><title>{escape(n.title)}</title><link>http://{HOST}{address(n)}</link><guid isPermaLink="false">news_{n.node}</guid></item>' for n in newest_first()[:6])
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Tin tức</title><link>http://{HOST}{LIST}</link>{each}</channel></rss>\n'.encode()


def _download(name: str, kind: str) -> Answer:
    body = file(name)
    return plain(body, kind, "200 OK", f'Content-Disposition: attachment; filename="{name}"')


def _listed(number: int) -> str:
    return LIST if number == 1 else f"{LIST}page-{number}/"


def _page(title: str, main: str, section: str) -> bytes:
    latest = "".join(f'<li class="clearfix"><a class="show" href="{address(n)}">{escape(n.title)}</a> <em>({n.date:%d/%m/%Y})</em></li>' for n in newest_first()[:5])
    return f"""<!DOCTYPE html>
<html lang="vi" xmlns="http://www.w3.org/1999/xhtml"><head><title>{escape(title)} - {PORTAL}</title><meta name="robots" content="index, archive, follow, noodp"><meta name="generator" content="NukeViet v4.5">
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><link rel="shortcut icon" href="/uploads/logo.png"><link rel="alternate" type="application/rss+xml" title="Tin tức" href="{RSS}"><link rel="StyleSheet" href="/themes/default/css/style.css"><script src="/assets/js/mau.js"></script></head>
<body><header><div class="logo"><a href="/"><img src="/uploads/logo.png" alt=""></a><span class="site_name">{PORTAL}</span></div></header>
<nav class="second-nav" id="menusite"><div class="collapse navbar-collapse" id="menu-site-default"><ul class="nav navbar-nav"><li><a href="{LIST}">Tin tức</a></li><li><a href="{LAWS}">Văn bản</a></li><li><a href="/vi/about/">Giới thiệu</a></li></ul></div></nav>
<ul class="temp-breadcrumbs breadcrumbs hidden" itemscope itemtype="https://schema.org/BreadcrumbList"><li><a href="/"><span itemprop="name">Trang nhất</span></a></li><li><a href="{LIST}"><span itemprop="name">Tin tức</span></a></li><li><span itemprop="name">{escape(section)}</span></li></ul>
<div class="row"><div class="col-md-18">
{main}
</div><div class="col-md-6"><div class="panel panel-primary"><div class="panel-heading">Tin mới nhất</div><div class="panel-body"><ul class="block_groups">{latest}</ul><p><a href="{GONE}">Thông báo đã gỡ</a></p></div></div></div></div>
<footer id="footer"><p>{PORTAL}</p><p>{ADDRESS}</p><p>{PHONE}</p><p>{LICENCE}</p></footer>
<script>var nv_base_siteurl="/",nv_lang_data="vi",nv_name_variable="nv",nv_module_name="news";</script></body></html>
""".encode()


def _article(news: News) -> str:
    body, files = [], []
    for block in news.body:
        if block.kind == "photo":
            body.append(f'<figure class="image"><img alt="" src="{_photo(news, block.file)}" width="320"><figcaption>{escape(block.text)}</figcaption></figure>')
        elif block.kind == "file":
            files.append(f'<div class="list-group-item"><a href="{address(news)}?download=1&amp;id=0" download>Tải về: <strong>{escape(block.text)}</strong></a></div>')
        else:
            body.append(f"{escape(block.text)}<br>&nbsp;<br>")
    attached = f'<h3 class="newh3">File đính kèm</h3><div class="list-group news-download-file">{"".join(files)}</div>' if files else ""
    source = f'<p class="h5 text-right"><strong>Nguồn tin: </strong>{escape(news.source)}</p>' if news.source else ""
    iso = f"{news.date:%Y-%m-%dT%H:%M}:00+07:00"
    others = "".join(f'<li><h4><a href="{address(n)}">{escape(n.title)}</a></h4><em>({n.date:%d/%m/%Y})</em></li>' for n in newest_first()[:3] if n is not news)
    return f"""<div class="news_column panel panel-default" itemtype="http://schema.org/NewsArticle" itemscope><div class="panel-body"><h1 class="title margin-bottom-lg" itemprop="headline">{escape(news.title)}</h1>
<div class="hidden hide d-none" itemprop="author" itemtype="http://schema.org/Person" itemscope><span itemprop="name">banbientap</span></div><span class="hidden hide d-none" itemprop="datePublished">{iso}</span><span class="hidden hide d-none" itemprop="dateModified">{iso}</span>
<div class="row"><span class="h5">{weekday(news.date)} - {news.date:%d/%m/%Y %H:%M}</span></div><div class="hometext m-bottom" itemprop="description">{escape(news.lead)}</div>
<div id="news-bodyhtml" class="bodytext margin-bottom-lg">{"".join(body)}</div>{attached}<div class="margin-bottom-lg"><p class="h5 text-right"><strong>Tác giả: </strong>{escape(news.author)}</p>{source}</div></div></div>
<div class="news_column panel"><div class="panel-body other-news"><p class="h3"><strong>Những tin mới hơn</strong></p><ul class="detail-related related">{others}</ul></div></div>"""


def _list(news: tuple[News, ...], number: int, count: int) -> str:
    rows = "\n".join(
        f'<div class="news_column"><div class="panel panel-default"><div class="panel-body"><h2><a href="{address(n)}">{escape(n.title)}</a></h2><div class="text-muted">{n.date:%d/%m/%Y %H:%M}</div>{escape(n.lead)}</div></div></div>'
        for n in news
    )
    links = "".join(f'<li><a href="{_listed(other)}">{other}</a></li>' for other in range(1, count + 1) if other != number)
    return f'{rows}\n<ul class="pagination">{links}</ul>'


def _laws() -> str:
    rows = "".join(f'<tr><td><a href="{law(alias)}">{escape(rows["Số ký hiệu"])}</a></td><td>{rows["Ngày ban hành"]}</td><td><a href="{law(alias)}">{escape(title)}</a></td></tr>' for alias, (title, rows, _, _) in DOCUMENTS.items())
    return f'<div class="flex-table-laws"><table class="table"><thead><tr><th>Số ký hiệu</th><th>Ngày ban hành</th><th>Trích yếu</th></tr></thead><tbody>{rows}</tbody></table></div>'


def _law(alias: str, title: str, rows: dict[str, str], texts: tuple[str, ...], attached: dict[str, str]) -> str:
    cells = "".join(f'<tr><td class="col-header fw-bold">{name}</td><td>{escape(value)}</td></tr>' for name, value in rows.items())
    files = "".join(f'<div class="list-group-item"><a rel="nofollow" href="{law(alias)}?download=1&amp;id={i}">Tải tập tin: <strong>{name}</strong></a></div>' for i, name in enumerate(attached))
    return f"""<div class="law-detail"><h1 class="margin-bottom-lg">{escape(title)}</h1><ul class="nav nav-tabs"><li class="active"><a href="#doc-basic">Thuộc tính</a></li><li><a href="#doc-body">Nội dung</a></li></ul>
<div class="tab-content"><div class="tab-pane active" id="doc-basic"><table class="table table-properties"><tbody>{cells}</tbody></table></div>
<div class="tab-pane" id="doc-body"><div class="bodytext">{"".join(f"<p>{escape(t)}</p>" for t in texts)}</div></div>
<div class="tab-pane" id="doc-files"><div class="h2">Tải về</div><div class="list-group laws-download-file">{files}</div></div></div></div>"""


def _photo(news: News, name: str) -> str:
    return f"/uploads/news/{news.date:%Y_%m}/{name}"


def articles(_: datetime) -> list[str]:
    """Every article of the site."""
    return [address(n) for n in newest_first()] + [law(alias) for alias in DOCUMENTS]


SITE = Site(HOST, site, not_found, articles)
