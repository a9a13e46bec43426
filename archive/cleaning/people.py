"""Who wrote an article, and where it was taken from: what lines of credits say, and who is nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from archive.cleaning.dates import without_dates
from archive.cleaning.decode import plain
from archive.cleaning.proper_names import AGENCY, ALONE, BODIES, NO_NAMES, PLACES, SURNAMES

Rule = Literal["byline", "source", "photo-credit"]
# Labels by what follows them. A photographer and an editor did not write the article.
_LABELS = {
    "source": r"nguồn(?: tin| bài)?|source|theo nguồn",
    "photo": r"(?:nguồn )?(?:ảnh|hình ảnh|hình|video|clip|đồ hoạ|đồ họa)(?: minh (?:họa|hoạ))?|photos?(?: by)?|photograph(?:er|s)?|image(?: credit)?",
    "editor": r"biên tập|btv|hiệu đính|kiểm duyệt|người duyệt|duyệt|chịu trách nhiệm(?: nội dung)?|edited by|editor",
    "author": r"tác giả|(?:tin|bài)(?:\s*(?:,|và|&|-|–|/|\+)?\s*(?:tin|bài|ảnh|hình|video|clip)(?!\w))*(?: viết)?|"
    r"ảnh(?:\s*(?:,|và|&|-|/)\s*(?:tin|bài))+|"
    r"thực hiện|người (?:viết|đăng|tổng hợp|thực hiện)|(?:được )?(?:viết|đăng|gửi) bởi|phóng viên|pv|tổng hợp|ghi chép|"
    r"written by|posted by|author|text(?: and photos?| & photos?)?|by",
}
_LABEL = re.compile(
    r"(?:^\W*|(?<=[\s|;,.()/•–-]))(?:" + "|".join(f"(?P<{k}>{v})" for k, v in _LABELS.items()) + r")(?!\w)\s*(?:[:：]|(?<=bởi)\s)\s*/?",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[:：]|theo|by\s|bởi\s", re.IGNORECASE)
# Parts of a line in which several things are told.
_PART = re.compile(r"\s*[|•·–—\t]\s*|\s+-\s+|\s{2,}|;\s")
_BY = re.compile(r"^(?i:by)\s+(?=[A-ZÀ-Ỹ])")
_ACCORDING = re.compile(r"^\W*theo(?:\s*:\s*|\s+)(?=\S)", re.IGNORECASE)
# What follows `Theo` at the begin of a sentence, and is no source.
_LAW = re.compile(
    r"(?:luật|bộ luật|nghị|quyết|thông (?:tư|báo)|kế hoạch|chỉ thị|công (?:văn|điện)|báo cáo|điều|khoản|đề án|chương trình|quy|"
    r"hướng|đồng chí|ông|bà|anh|chị|hiến pháp|kết (?:luận|quả))(?!\w)",
    re.IGNORECASE,
)
_MADE = r"tổng hợp|t/h|th|lược ghi|ghi|biên soạn|sưu tầm|thực hiện|biên dịch|lược dịch|dịch"
_TRAILER = re.compile(rf"\s*\((?:{_MADE})\)\s*$|\s+(?:tổng hợp|biên soạn|sưu tầm)$", re.IGNORECASE)
_FROM = re.compile(r"\s*[(–-]\s*(?:theo|nguồn:?)\s+([^()]{2,50}?)\s*\)?\s*$", re.IGNORECASE)
_ROLE = re.compile(
    r"^(?:(?:posted |published )?by(?= )|pv|p\.v|ctv|btv|phóng viên|cộng tác viên|biên tập viên|nhà báo)\.?[\s:]+(?=\w)", re.IGNORECASE
)
# Addresses and accounts behind a name.
_HANDLE = re.compile(r"\s+\S*@.*$")
_JOIN = re.compile(r"\s*(?:[,;&+|]|(?<!\b[tT])/|\s[-–—]\s|(?<=\w)\s+và\s+|\s+and\s+|\s-|-\s)\s*")
_NOBODY = re.compile(
    r"^(?:(?:(?:super|sys)?admin|administrators?|root|user|guest|anonymous|unknown|null|none|n/a|demo|host|khách|"
    r"(?:ban )?quản trị(?: viên| hệ thống| mạng)?|quantri(?:vien)?|super(?: |-)?(?:user|admin)|account|"
    r"bientap(?:vien)?|(?:ban )?biên tập(?: viên)?|b\.?b\.?t|pv|p\.v|ctv|btv|(?:nhóm )?(?:phóng viên|pv|tác giả)|cộng tác viên|"
    r"webmaster|editor|system(?: account)?|test|đang cập nhật|chưa (?:có|rõ|xác định)|cổng (?:thông tin điện tử|ttđt)|cttđt)\d*(?:[\s,.&-]+|$))+$",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"[a-z0-9._@-]*(?:[0-9@_][a-z0-9._@-]*)|[a-z]{3,}", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_INITIALS = re.compile(r"(?:[A-ZĐÀ-Ỹ]\.\s?){1,3}[A-ZĐÀ-Ỹ]\.?(?:[a-zà-ỹ]+)?")
_MAX_NAME = 40
# A line that holds more is prose; reading on would cost time and find nothing.
LINE = 160


@dataclass(slots=True)
class Credit:
    """What a line of credits says. `labelled` tells a line with a label from one that only looks like a name."""

    rule: Rule
    authors: list[str] = field(default_factory=list)
    source: str | None = None
    labelled: bool = False


def credit(text: str, *, set_apart: bool = False) -> Credit | None:
    """What a line says if it is nothing but credits, else None. `set_apart`: its markup says so (right-aligned, bold).

    `admin` and its like are nobody; a photographer is no author; a name in brackets behind `Theo` is the source.
    """
    line = plain(text)
    if not line or len(line) > LINE:
        return None
    read = _credit(line, set_apart=set_apart)
    return replace(read, authors=[*read.authors]) if read else None


@lru_cache(1024)
def _credit(line: str, *, set_apart: bool) -> Credit | None:
    """As `credit`. The people who write for a portal are few."""
    bare = _unwrapped(_BY.sub("Tác giả: ", line))
    labels = list(_LABEL.finditer(bare))
    if labels:
        return _labelled(bare, labels)
    if (source := named_source(bare)) is not None:
        return Credit("source", source=source)
    rest, source = _without_source(bare)
    if nobody(rest):
        return Credit("byline", source=source)
    return Credit("byline", names(rest), source or _agency(rest)) if like_name(rest, set_apart=set_apart) else None


def labelled(text: str) -> Credit | None:
    """As `credit`, if a label says that the line is one."""
    if len(text) > LINE or not _LABELLED.search(text):
        return None
    read = credit(text)
    return read if read is not None and read.rule != "photo-credit" and (read.labelled or read.source) else None


def beside_date(text: str) -> Credit | None:
    """What a line that tells a date says of the author and the source, in parts of their own."""
    made = Credit("byline")
    for part in _PART.split(plain(text)):
        read = credit(part)
        if read is not None and read.rule != "photo-credit":
            made.authors += read.authors
            made.source = made.source or read.source
    return made if made.authors or made.source else None


def _labelled(line: str, labels: list[re.Match[str]]) -> Credit | None:
    made = Credit("byline", labelled=True)
    kinds: list[str] = []
    before = _unwrapped(line[: labels[0].start()])
    if before:
        read = credit(before)
        if read is None:
            return None
        made.authors, made.source = read.authors, read.source
    for kind, value in _values(line, labels):
        rest, source = _without_source(value)
        if kind == "source":
            made.source = made.source or value or None
        elif kind == "author":
            if not _like_credit(rest):
                return None
            made.authors += [n for n in names(rest) if n not in made.authors]
            made.source = made.source or source or _agency(rest)
        elif value and not value[0].isupper() and not value[0].isdigit():
            return None
        kinds.append(kind)
    if not made.authors and not before and set(kinds) <= {"source"}:
        made.rule = "source"
        return made if made.source and _like_source(made.source) else None
    if not made.authors and not before and set(kinds) <= {"photo", "source"}:
        made.rule = "photo-credit"
    return made


def _values(line: str, labels: list[re.Match[str]]) -> Iterator[tuple[str, str]]:
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        kind = label.lastgroup or "author"
        yield kind, line[label.end() : following.start() if following else len(line)].strip(" .:;,()[]/|*–—-•")


def _like_credit(value: str) -> bool:
    """Whether what follows an author's label can be names: no sentence, and not in lower case unless it is an account."""
    return len(value) <= 2 * _MAX_NAME and (not value or not value[0].islower() or " " not in value or nobody(value))


def _like_source(value: str) -> bool:
    return len(value) <= 2 * _MAX_NAME and (not value[0].islower() or "." in value or len(value.split()) <= 4)


def _without_source(line: str) -> tuple[str, str | None]:
    """A line without `(Theo …)` at its end, and what that names."""
    m = _FROM.search(line)
    if m and m.start() > 1:
        return line[: m.start()], m[1].strip(" .")
    return line, None


def names(text: str) -> list[str]:
    """The people named in a byline, in order, labels, roles and brackets taken off; nobody for `admin` and its like."""
    line = plain(text)
    if len(line) > 2 * LINE:
        return []
    if any(c.isdigit() for c in line):
        line = without_dates(line)
    line, _ = _without_source(_unwrapped(_BY.sub("Tác giả: ", line)))
    labels = list(_LABEL.finditer(line))
    if labels:
        values = [line[: labels[0].start()], *(v for kind, v in _values(line, labels) if kind == "author")]
        return list(dict.fromkeys(n for v in values for n in _people(v)))
    return list(dict.fromkeys(_people(line)))


def _people(line: str) -> Iterator[str]:
    for part in _JOIN.split(_TRAILER.sub("", _unwrapped(line))):
        name = _unwrapped(_TRAILER.sub("", part))
        while (shorter := _ROLE.sub("", name)) != name:
            name = shorter
        name = _HANDLE.sub("", name).strip(" .:-–—")
        if not name or nobody(name) or _ACCOUNT.fullmatch(name) or AGENCY.fullmatch(name):
            continue
        if len(name) <= 2 * _MAX_NAME and not any(c.isdigit() for c in name):
            yield name


def _agency(text: str) -> str | None:
    return next((p for part in _JOIN.split(text) if AGENCY.fullmatch(p := _unwrapped(part))), None)


def _unwrapped(text: str) -> str:
    """`text` without punctuation and brackets around it; a bracket at its end stays if it opens in it."""
    text = text.strip(" .:;,-–—|*•/~")
    return text.strip("()[] ") if not re.search(r"\w\s*\(", text) else text


def named_source(text: str) -> str | None:
    """What a line such as `Nguồn: …` or `Theo TTXVN` names; None if it is no such line."""
    line = plain(text).strip(" ()[]*-–—")
    if len(line) > 100:
        return None
    label = _LABEL.match(line)
    if label and label.lastgroup == "source":
        rest = line[label.end() :].strip(" .:;()[]/")
        return rest if rest and _like_source(rest) and not _LABEL.search(rest) else None
    if _ACCORDING.match(line):
        rest = _ACCORDING.sub("", line).strip(" :;()[]/")
        if len(rest) > _MAX_NAME or rest.endswith((",", "!", "?")) or not rest[:1].isupper() or _LAW.match(rest):
            return None if "." not in rest or " " in rest else rest.strip(".")
        return rest.strip(".")
    return line.strip(".") if ALONE.fullmatch(line) else None


def nobody(text: str) -> bool:
    """Whether a line names no person: `admin` and its like."""
    return bool(_NOBODY.match(plain(text).strip(" .()")))


def like_name(text: str, *, set_apart: bool = False) -> bool:
    """Whether a whole line reads as one to four people's names: two to five capitalised words each, nothing else.

    What is `set_apart` by its markup may also be in capitals or a single pen name.
    """
    line = plain(text).strip(" *-–—")
    made = _TRAILER.search(line) is not None
    line = _TRAILER.sub("", line).strip(" .*()-–—")
    if not line or len(line) > 2 * _MAX_NAME or any(c.isdigit() for c in line):
        return False
    parts = [_ROLE.sub("", p.strip()) for p in _JOIN.split(line)]
    return 0 < len(parts) <= 4 and all(_one_name(p, set_apart=set_apart or made) for p in parts)


def _one_name(name: str, *, set_apart: bool) -> bool:
    words = name.split()
    if _INITIALS.fullmatch(name) or AGENCY.fullmatch(name):
        return not nobody(name)
    if not words or len(words) > 5 or len(name) > _MAX_NAME:
        return False
    if len(words) == 1 and not (set_apart and 2 <= len(name) <= 12 and name[1:].islower()):
        return False
    if not all(_WORD.fullmatch(w) and w[0].isupper() for w in words):
        return False
    folded = [w.casefold() for w in words]
    if name.isupper() and not (set_apart and len(words) > 1 and (folded[0] in SURNAMES or len(words) <= 4)):
        return False
    first_two = " ".join(folded[:2])
    return not (" ".join(folded) in PLACES or first_two in NO_NAMES or folded[0] in NO_NAMES or BODIES.match(name))
