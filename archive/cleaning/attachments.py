"""Documents that a page offers: by the ending of their address, a download attribute, or a viewer that shows them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.cleaning.decode import plain
from archive.cleaning.parse import absolute
from archive.model import Attachment

# Its own table: the machine's would make an article depend on the machine.
MEDIA_TYPES = {
    "pdf": "application/pdf", "doc": "application/msword", "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "rtf": "application/rtf", "zip": "application/zip", "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "csv": "text/csv", "epub": "application/epub+zip", "mp3": "audio/mpeg", "mp4": "video/mp4",
}  # fmt: skip
# What buttons say before the name of the file they bring.
_BUTTON = re.compile(
    r"^(?:\W*(?:tải|xem)(?: về| xuống| tệp(?: tin)?| tập tin| file| trước)*\W*$|"
    r"(?:tải(?: về| xuống| tệp(?: tin)?| tập tin| file)?|download|file)\s*:\s*(?=\S)|\W*download\W*$)",
    re.IGNORECASE,
)
# Query keys in which viewers carry the address of the document they show.
_VIEWED = ("file", "url", "src", "fileurl", "filepath", "path")


def media_type(address: str) -> str | None:
    """The media type that an address' ending (of its path, or of a value in its query) stands for.

    Liferay puts the document's number behind its name: /documents/20121/20597/name.xlsx/7d1c-44.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    within = parts.path.rpartition("/")[0] if "/documents/" in parts.path else ""
    for text in (parts.path, *(v for _, v in parse_qsl(parts.query)), within):
        ending = text.rsplit("/", 1)[-1].rpartition(".")[2].lower()
        if ending in MEDIA_TYPES and "." in text:
            return MEDIA_TYPES[ending]
    return None


def offered(base: str, address: str, name: str, *, download: bool = False) -> Attachment | None:
    """The attachment behind a link, or None if it leads to something else."""
    full = absolute(base, address)
    if full is None:
        return None
    kind = media_type(full)
    query = dict(parse_qsl(urlsplit(full).query))
    if kind is None and not download and query.get("download") != "1":
        return None
    name = _BUTTON.sub("", plain(name)) or file_name(full)
    return Attachment(full, name, kind or MEDIA_TYPES.get(name.rpartition(".")[2].lower()))


def viewed(base: str, address: str) -> Attachment | None:
    """The document that a viewer (iframe, embed, object) shows: the frame itself, or the address in its query."""
    full = absolute(base, address)
    if full is None:
        return None
    for key, value in parse_qsl(urlsplit(full).query):
        if key.lower() in _VIEWED and (inner := absolute(base, value)) and media_type(inner):
            return Attachment(inner, file_name(inner), media_type(inner))
    return Attachment(full, file_name(full), media_type(full)) if media_type(full) else None


def file_name(address: str) -> str:
    """The last part of an address' path, readable."""
    return plain(unquote(urlsplit(address).path.rsplit("/", 1)[-1])) or address
