"""Who wrote an article, and where it was taken from: names, labels and what is nobody."""

from __future__ import annotations

import re

from archive.cleaning.decode import plain

_LABEL = re.compile(
    r"^\W*(?:tác giả|(?:tin|bài|ảnh)(?:(?:,| và)? (?:bài|ảnh))*|bài viết|thực hiện|"
    r"người (?:viết|đăng|tổng hợp)|biên tập|phóng viên|pv|written by|author|by)\s*[:：/]\s*",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?i:by)\s+(?=[A-ZÀ-Ỹ])")
_SOURCE_LABEL = re.compile(r"^\W*(?:nguồn(?: tin)?|source)\s*[:：]\s*", re.IGNORECASE)
_ACCORDING = re.compile(r"^\W*theo\s+(?=\S)", re.IGNORECASE)
_TRAILER = re.compile(
    r"\s*\((?:tổng hợp|t/h|th|lược ghi|ghi|biên soạn|sưu tầm|thực hiện|theo[^()]*)\)\s*$|\s+tổng hợp$", re.IGNORECASE
)
_JOIN = re.compile(r"\s*(?:[,;/&+]|\s[-–—]\s|(?<=\w)\s+và\s+|\s+and\s+)\s*")
_NOBODY = re.compile(
    r"^(?:(?:admin|administrators?|root|user|guest|anonymous|khách|(?:ban )?quản trị(?: viên| hệ thống)?|quantri|"
    r"bientap|biên tập viên|webmaster|editor|system(?: account)?|test)\d*(?:[\s,.-]+|$))+$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_MAX_NAME = 40
# A byline element that holds more is something else; reading on would cost time and find nothing.
_BYLINE = 300


def names(text: str) -> list[str]:
    """The people named in a byline, in order, labels and brackets taken off; nobody for `admin` and its like."""
    line = _unwrapped(plain(text[:_BYLINE]))
    while (shorter := _BY.sub("", _LABEL.sub("", line))) != line:
        line = shorter
    line = _TRAILER.sub("", line)
    found = []
    for part in _JOIN.split(line):
        name = _unwrapped(_TRAILER.sub("", _LABEL.sub("", part)))
        if name and not _NOBODY.match(name) and len(name) <= _MAX_NAME * 2:
            found.append(name)
    return list(dict.fromkeys(found))


def _unwrapped(text: str) -> str:
    """`text` without punctuation and brackets around it; a bracket at its end stays if it opens in it."""
    text = text.strip(" .:;-–—|*")
    return text.strip("()[]") if not re.search(r"\w\s*\(", text) else text


def named_source(text: str) -> str | None:
    """What a line such as `Nguồn: …` or `Theo TTXVN` names; None if it is no such line."""
    line = plain(text).strip(" ()[]")
    if len(line) > 100:
        return None
    for label in (_SOURCE_LABEL, _ACCORDING):
        if label.match(line):
            rest = label.sub("", line).strip(" .:;()[]/")
            if label is _ACCORDING and (len(rest) > _MAX_NAME or rest.endswith(",") or not rest[:1].isupper()):
                return None
            return rest or None
    return None


def nobody(text: str) -> bool:
    """Whether a line names no person: `admin` and its like."""
    return bool(_NOBODY.match(plain(text).strip(" .()")))


def has_label(text: str) -> bool:
    """Whether a line begins with a byline's label (`Tác giả:`, `Tin, ảnh:`)."""
    return bool(_LABEL.match(plain(text)))


def like_name(text: str) -> bool:
    """Whether a whole line reads as one to three people's names: two to six capitalised words each, nothing else."""
    line = _TRAILER.sub("", plain(text)).strip(" .*()-–—")
    if not line or len(line) > _MAX_NAME * 2 or any(c.isdigit() for c in line):
        return False
    return all(_one_name(p.strip()) for p in _JOIN.split(line)) and not line.isupper()


def _one_name(name: str) -> bool:
    words = name.split()
    if not 1 < len(words) <= 6 or len(name) > _MAX_NAME:
        return False
    return all(_WORD.fullmatch(w) and w[0].isupper() for w in words)
