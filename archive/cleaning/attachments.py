"""Documents that a page offers: links, viewers, embedded objects, and the attributes in which scripts find them.

A document is known by the ending of its address, by the shapes of addresses under which Liferay, DotNetNuke, SharePoint, NukeViet and
their like hand files out, by a `download` attribute, or by the viewer that shows it.
"""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from archive.cleaning.decode import plain
from archive.cleaning.parse import Element, absolute, spaced_text
from archive.model import Attachment

# Its own table: the machine's would make an article depend on the machine.
MEDIA_TYPES = {
    "pdf": "application/pdf", "doc": "application/msword", "xls": "application/vnd.ms-excel", "dot": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "docm": "application/vnd.ms-word.document.macroenabled.12", "xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint", "pps": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "rtf": "application/rtf", "zip": "application/zip", "rar": "application/vnd.rar", "xps": "application/oxps",
    "7z": "application/x-7z-compressed", "txt": "text/plain", "tif": "image/tiff", "tiff": "image/tiff",
    "csv": "text/csv", "epub": "application/epub+zip", "mp3": "audio/mpeg", "mp4": "video/mp4",
}  # fmt: skip
_IMAGES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "bmp", "svg", "ico"})
# Query keys in which viewers and handlers carry the address or the name of a document.
_VIEWED = frozenset({
    "file", "url", "src", "fileurl", "filepath", "path", "pdf", "doc", "document", "sourcedoc", "sourceurl", "filename", "tenfile",
    "link", "f", "media",
})  # fmt: skip
_VIEWER = re.compile(
    r"/(?:web/)?viewer\.html?$|/gview/?$|/viewer(?:ng)?(?:/viewer)?/?$|/op/(?:view|embed)\.aspx$|wopiframe2?\.aspx$|"
    r"/(?:[\w-]*pdf-?viewer|view-?pdf|xem-?pdf|doc-?viewer|flipbook|xemfile|viewfile)[\w.-]*/?$",
    re.IGNORECASE,
)
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Where systems hand files out under addresses without a file's name.
_HANDED_OUT = re.compile(
    rf"/documents/(?:\d+|[\w-]+)/(?:.*/)?{_UUID}|/c/document_library/get_file\?|/document_library/\S+/get_file\?|"
    r"[?&](?:download|attachment)=(?!0\b|false\b|no\b)[^&]|[?&]task=(?:doc_|document\.|file\.|item\.)?download\b|[?&]wpdmdl=\d|"
    r"/linkclick\.aspx\?(?:.*&)?fileticket=|/_layouts/(?:\d+/)?download\.aspx\?|/(?:file|node|attachments?)/\d+/download\b|"
    r"/(?:download|down|getfile|get_file|downloadfile|filedownload|taifile|taive|tai-ve|dinhkem|attachfile|fileupload)(?:\.(?:aspx|ashx|php|jsp|axd))?"
    r"(?:\?(?=\S*=)|/(?=[\w%./-]*\d)(?![^?]*\.(?:html?|aspx?|php)(?:$|\?)))|"
    r"//drive\.google\.com/(?:file/d/|uc\?|open\?id=)|//docs\.google\.com/(?:document|spreadsheets)/d/",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"']([^\"'\s<>]{5,500})[\"']")
# Stems of which an address holds one if any pattern here knows it: most links are passed over by this alone.
_MAYBE = re.compile(
    "|".join(
        ["%", "file", "down", "tai-?ve", "dinhkem", "attach", "document", "task=", "wpdmdl", "viewer", "gview", "/op/", "wopi", "pdf",
         "flipbook", "google", *(rf"\.{ending}" for ending in MEDIA_TYPES)]
    ),
    re.IGNORECASE,
)  # fmt: skip
HINTS = ("data-src", "data-url", "data-href", "data-file", "data-pdf", "data-link", "data-download", "onclick")
_HINTING = frozenset(HINTS)
# What a button says, or a size: no name.
_THING = (
    r"(?:tệp|tập|tin|file|văn bản|tài liệu|toàn văn|chi tiết|nội dung|đính|gửi|kèm|theo|bản|pdf|word|docx?|xlsx?|here|now|the|máy|trước|về|"
    r"xuống)"
)
_BUTTON = re.compile(
    r"\W*(?:(?:click|bấm|nhấn|xem|tải|vào)\W*)*(?:(?:tại )?(?:đây|this|here)|"
    rf"(?:tải|download|xem|mở|view|open|read more|preview|attachments?|link)?(?: ?{_THING})*|\d+|[\d.,]+\s?[kmg]?b(?:ytes)?)"
    r"\W*(?:\(?[\d.,]+\s?[kmg]?b(?:ytes)?\)?\W*)?",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(
    r"^\W*(?:tải(?: về| xuống| tệp(?: tin)?| tập tin| file)?|download|(?:file|tệp|tài liệu|văn bản)?(?: tin)? ?đính kèm|xem (?:file|văn bản))"
    r"\s*(?:\d+\s*)?[:：]\s*",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\s*[-–(\[|]*\s*\d[\d.,]*\s?(?:[kmg]b|bytes|[kmg])\b\s*[)\]]*\s*$", re.IGNORECASE)
_NAME = 200


def media_type(address: str) -> str | None:
    """The media type that an address' ending (of a part of its path, or of a file named in its query) stands for."""
    name = _named_file(address)
    return MEDIA_TYPES.get(_ending(name)) if name else None


def _ending(name: str) -> str:
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def _named_file(address: str) -> str | None:
    """The name of a document in an address: in its path (Liferay puts an identity behind it) or in its query."""
    try:
        parts = urlsplit(address)
        query = parse_qsl(parts.query)
    except ValueError:
        return None
    segments = parts.path.split("/")
    for segment in reversed(segments[-3:]):
        name = unquote(segment)
        if _ending(name) in MEDIA_TYPES:
            return unquote_plus(segment) if re.search(_UUID, parts.path) else name
    for key, value in query:
        if key.lower() in _VIEWED and _ending(_path_of(value)) in MEDIA_TYPES:
            return _path_of(value).rsplit("/", 1)[-1]
    return None


def _path_of(value: str) -> str:
    """The path of a value that may be an address."""
    return unquote(value.partition("?")[0].partition("#")[0])


def offered(base: str, address: str, name: str = "", *, download: bool = False) -> Attachment | None:
    """The attachment behind a link, or None if it leads to something else. `download` says that it surely is one."""
    full = absolute(base, address)
    if full is None or full.partition("#")[0] == base.partition("#")[0]:
        return None
    if _VIEWER.search(urlsplit(full).path) and (inner := _inside(full)):
        full = inner
    kind = media_type(full)
    if kind is None and not download and (not _HANDED_OUT.search(full) or _is_image(full)):
        return None
    said = _said(name)
    return Attachment(full, said or file_name(full), kind or MEDIA_TYPES.get(_ending(said)))


def _is_image(address: str) -> bool:
    return any(_ending(s) in _IMAGES for s in urlsplit(address).path.split("/"))


def viewed(base: str, address: str) -> Attachment | None:
    """The document that a viewer (iframe, embed, object) shows: the frame itself, or the address in its query."""
    full = absolute(base, address)
    if full is None:
        return None
    handed_out = _HANDED_OUT.search(full) is not None and not _VIEWER.search(urlsplit(full).path)
    shown = full if handed_out else _inside(full) or full
    if media_type(shown) is None and not handed_out and shown == full:
        return None
    return Attachment(shown, file_name(shown), media_type(shown))


def _inside(viewer: str) -> str | None:
    """The address of the document that a viewer is given, seen from the viewer, as PDF.js does."""
    parts = urlsplit(viewer)
    known = _VIEWER.search(parts.path) is not None
    for key, value in [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]:
        if key.lower() in _VIEWED and (inner := absolute(viewer, value)) and (media_type(inner) or (known and inner != viewer)):
            return inner
    return None


def of_element(base: str, element: Element, *, download: bool = False) -> Attachment | None:
    """The document that an element offers, whatever it is: a link, a viewer, an object, or what a script reads."""
    tag = element.tag
    if tag in ("iframe", "embed", "object", "video", "audio", "source", "frame"):
        for key in ("src", "data", "data-src", "data-url"):
            if (value := element.get(key)) and (found := viewed(base, value)):
                return found
        within = element.find("source") if tag in ("video", "audio") else element.find("embed") if tag == "object" else None
        return of_element(base, within) if within is not None else None
    href = element.get("href") if tag == "a" else None
    sure = download or element.get("download") is not None
    if href and (sure or _MAYBE.search(href)) and (found := offered(base, href, _label(element), download=sure)):
        return _named_around(found, element)
    return hinted(base, element, _label(element) if tag == "a" else "") if not _HINTING.isdisjoint(cast("list[str]", element.keys())) else None


def _label(link: Element) -> str:
    """What a link calls its document."""
    name = link.get("download") or ""
    return name if "." in name else spaced_text(link) or link.get("title") or ""


def hinted(base: str, element: Element, name: str = "") -> Attachment | None:
    """The document that an attribute names for a script: `data-src`, `data-url`, `onclick="window.open('…')"`."""
    for key in HINTS:
        if value := element.get(key):
            for address in _QUOTED.findall(value[:1000]) if key == "onclick" else [value]:
                found = offered(base, address, name)
                if found is not None and (found.media_type or key == "onclick"):
                    return found
    return None


def _said(text: str) -> str:
    """The name that a link's text gives its document; empty where it is a button, an icon or a size."""
    name = _SIZE.sub("", _BEFORE_NAME.sub("", plain(text)))
    return "" if _BUTTON.fullmatch(name) or not re.search(r"\w", name) else name[:_NAME]


def _named_around(found: Attachment, link: Element) -> Attachment:
    """An attachment whose address names no file takes what stands beside its button."""
    if _said(spaced_text(link)) or _ending(found.name) in MEDIA_TYPES:
        return found
    for key in ("title", "aria-label", "data-name"):
        if said := _said(link.get(key) or ""):
            found.name = said
            return found
    row = next((a for a in link.iterancestors() if a.tag in ("tr", "li", "p", "div", "dd")), None)
    if row is not None and sum(1 for _ in row.iter("a")) == 1:
        text = spaced_text(row)
        beside = _said(text.replace(spaced_text(link), " "))
        if 3 <= len(beside) < _NAME and len(text) < _NAME:
            found.name = beside
    return found


def file_name(address: str) -> str:
    """The name of the document in an address, readable; else the last part of its path."""
    return plain(_named_file(address) or unquote(urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1])) or address


def once(found: list[Attachment]) -> list[Attachment]:
    """Each document once: by its address, and by its name where a handler and the file itself are both offered."""
    made: dict[str, Attachment] = {}
    for one in found:
        key = _identity(one.url)
        known = made.get(key) or next((m for m in made.values() if _same(m, one)), None)
        if known is None:
            made[key] = one
        else:
            if known.name == file_name(known.url) and one.name != file_name(one.url):
                known.name = one.name
            known.media_type = known.media_type or one.media_type
    return list(made.values())


def _identity(address: str) -> str:
    """An address without what only tells a version or a page: Liferay's `t`, a fragment."""
    address = address.partition("#")[0]
    return address.partition("?")[0] if re.search(rf"/documents/.*{_UUID}", address) else address


def _same(one: Attachment, other: Attachment) -> bool:
    if one.name.casefold() != other.name.casefold() or _ending(one.name) not in MEDIA_TYPES:
        return False
    return (_ending(urlsplit(one.url).path) in MEDIA_TYPES) != (_ending(urlsplit(other.url).path) in MEDIA_TYPES)
