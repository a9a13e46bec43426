"""What a CDX server is asked: every parameter read, checked and given a type before anything is looked up."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

import re2

from archive.replay.asking import Refused
from archive.replay.reading import unescaped
from archive.store.listing import LAST, Place, Span
from archive.urls import surt

# Captures in a block, of which a page has PAGE_SIZE: both as other servers have it (pywb's ZipNum, the Wayback Machine).
BLOCK = 3000
PAGE_SIZE, MOST_BLOCKS = 5, 50
# The last captures are held in memory to be turned round; more of them can be had with sort=reverse.
MOST_LAST = 100_000
# Other limits on what may be asked for.
MOST_PARAMETERS, LONGEST_REGEX, MOST_FILTERS = 50, 500, 10

COLUMNS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
CDXJ = ("url", "mime", "status", "digest", "length", "offset", "filename")
ORIGINAL = ("orig.length", "orig.offset", "orig.filename")
# pywb's names for the Wayback Machine's columns. Who writes a filter with them means pywb's filters.
PYWB = {"url": "original", "mime": "mimetype", "status": "statuscode"}
FIELDS = (*COLUMNS, *PYWB, "offset", "filename", "redirect", "recordid", *ORIGINAL)

Form = Literal["text", "json", "cdxj"]
Test = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the CDX server. `page` counts from 0; `resume` is the next line to give, with its archive."""

    span: Span
    one_key: bool
    filters: tuple[Test, ...]
    fields: tuple[str, ...]
    collapse: tuple[tuple[str, int | None], ...]
    limit: int | None
    offset: int
    sort: Literal["default", "reverse", "closest"]
    closest: str
    page: int | None
    page_length: int
    count_pages: bool
    show_resume: bool
    resume: tuple[Place, int] | None
    form: Form
    gzip: bool
    resolve: bool


def query(text: str) -> Query:
    """The question that a query string asks. Raises Refused (400) with a sentence that names the parameter."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="replace")
    except ValueError:
        raise Refused(400, "many_parameters", most=MOST_PARAMETERS) from None
    given: dict[str, str] = {}
    many: dict[str, list[str]] = {"filter": [], "collapse": []}
    for name, value in pairs:
        many[name].append(value) if name in many else given.setdefault(name, value)
    return _checked(given, many["filter"], many["collapse"])


def _checked(given: dict[str, str], filters: list[str], collapse: list[str]) -> Query:
    span, one_key = _span(given)
    form: Form = _one_of(given, "output", {"": "text", "text": "text", "json": "json", "cdxj": "cdxj"})
    resolve = _flag(given, "resolveRevisits")
    closest = _digits(given, "closest")
    sort = _one_of(
        given, "sort",
        {"": "closest" if closest else "default", "default": "default", "regular": "default", "reverse": "reverse",
         "closest": "closest"},
    )  # fmt: skip
    if sort == "closest" and not (closest and one_key):
        raise Refused(400, "closest_needs")
    if len(filters) > MOST_FILTERS:
        raise Refused(400, "many_filters", most=MOST_FILTERS)
    limit = _number(given, "limit", None, -MOST_LAST, 10**9)
    if _flag(given, "fastLatest"):
        limit = -1 if limit is None else -min(abs(limit), MOST_LAST)
    resume, page = _resume(given), _number(given, "page", None, 0, 10**9)
    if (resume or page is not None) and sort == "closest":
        raise Refused(400, "not_together", one="sort=closest", other="resumeKey" if resume else "page")
    if resume and page is not None:
        raise Refused(400, "not_together", one="page", other="resumeKey")
    return Query(
        span=span, one_key=one_key, filters=tuple(map(_test, filters)), fields=_fields(given, form, resolve),
        collapse=tuple(map(_collapse, filter(None, collapse))), limit=limit, sort=sort, closest=closest, page=page,
        offset=_number(given, "offset", 0, 0, 10**9) or 0,
        page_length=(_number(given, "pageSize", PAGE_SIZE, 1, MOST_BLOCKS) or PAGE_SIZE) * BLOCK,
        count_pages=_flag(given, "showNumPages"), show_resume=_flag(given, "showResumeKey"), resume=resume, form=form,
        gzip=_flag(given, "gzip", default=True), resolve=resolve,
    )  # fmt: skip


def key_of(place: Place, archive: int) -> str:
    """A resume key: opaque, and no part of any line."""
    return base64.urlsafe_b64encode(json.dumps([*place, archive]).encode()).decode().rstrip("=")


def _resume(given: dict[str, str]) -> tuple[Place, int] | None:
    text = given.get("resumeKey", "")
    if not text:
        return None
    try:
        key, time, number, archive = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not (isinstance(key, str) and isinstance(time, str) and 0 <= number < 2**62 and 0 <= archive < 2**31):
            raise Refused(400, "bad_value", name="resumeKey", value=text[:40])
        return Place(key, time, int(number)), int(archive)
    except (ValueError, TypeError):
        raise Refused(400, "bad_value", name="resumeKey", value=text[:40]) from None


def _span(given: dict[str, str]) -> tuple[Span, bool]:
    url, kinds = given.get("url", "").strip(), ("exact", "prefix", "host", "domain")
    if not url:
        raise Refused(400, "no_url")
    kind = _one_of(given, "matchType", {"": "", **dict(zip(kinds, kinds, strict=True))})
    if not kind:
        url, kind = _wild(url)
    url = unescaped(url)
    key, since, until = surt(url), _since(_digits(given, "from")), _until(_digits(given, "to"))
    if kind == "exact":
        return Span.of_key(key, since, until), True
    if kind == "prefix":
        # surt() leaves out what may end an address without meaning anything; in the middle of one it means something.
        start = key + url[-1] if url[-1] in "/?&" and not key.endswith(url[-1]) else key
        return Span(Place(start, "", -1), Place(start + LAST, "", -1), since, until), False
    host, found, _ = key.partition(")")
    if not found:
        raise Refused(400, "bad_value", name="url", value=url[:200])
    # After ")" comes "*"; "," stands before a further label, and "-" comes after it.
    stop = host + ("*" if kind == "host" else "-")
    return Span(Place(host + ")", "", -1), Place(stop, "", -1), since, until), False


def _wild(url: str) -> tuple[str, str]:
    """An address without its wildcard, and what that means: *.name the domain, a * at the end the prefix."""
    if url.startswith("*."):
        return url[2:].removesuffix("/*").removesuffix("*"), "domain"
    if url.endswith("*"):
        return url[:-1], "prefix"
    return url, "exact"


def _since(digits: str) -> str:
    return _iso(digits)


def _until(digits: str) -> str:
    return _iso(digits) + LAST if digits else LAST


def _iso(digits: str) -> str:
    """The beginning of a WARC date that these digits are the beginning of: 202601 → 2026-01."""
    marks = {4: "-", 6: "-", 8: "T", 10: ":", 12: ":"}
    return "".join(marks.get(at, "") + digit for at, digit in enumerate(digits))


def _fields(given: dict[str, str], form: Form, resolve: bool) -> tuple[str, ...]:
    named = tuple(name.strip() for name in (given.get("fl") or given.get("fields") or "").split(",") if name.strip())
    for name in named:
        if name not in FIELDS:
            raise Refused(400, "no_field", name=name[:40], fields=", ".join(FIELDS))
    return named or (CDXJ if form == "cdxj" else COLUMNS) + (ORIGINAL if resolve else ())


def _test(text: str) -> Test:
    """A filter: [!][=~]field:value.

    With = the value itself, with ~ a regular expression that the field begins with (both as in pywb). Without either a
    regular expression for the whole field, as in the Wayback Machine; behind a name of pywb's what the field contains.
    """
    found = re.fullmatch(r"(!?)([=~]?)([\w.]+):(.*)", text, re.DOTALL)
    if not found:
        raise Refused(400, "bad_filter", text=text[:80])
    negated, kind, name, value = found.groups()
    if name not in FIELDS:
        raise Refused(400, "no_field", name=name[:40], fields=", ".join(FIELDS))
    holds = _holds(kind or ("in" if name in PYWB else ""), value)
    return (lambda row: not holds(row[name])) if negated else (lambda row: holds(row[name]))


def _holds(kind: str, value: str) -> Callable[[str], bool]:
    if kind == "=":
        return lambda told: told == value
    if kind == "in":
        return lambda told: value in told
    pattern = _pattern(value)
    match = pattern.match if kind == "~" else pattern.fullmatch
    return lambda told: match(told) is not None


def _pattern(text: str) -> Any:
    """A regular expression that RE2 runs in linear time, whatever it is; bounded in length and memory."""
    options = re2.Options()
    options.log_errors, options.max_mem = False, 1 << 20
    try:
        if len(text) > LONGEST_REGEX:
            raise Refused(400, "long_regex", most=LONGEST_REGEX)
        return re2.compile(text, options)
    except re2.error as error:
        why = error.args[0] if error.args else ""
        said = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise Refused(400, "bad_regex", text=text[:80], why=said) from None


def _collapse(text: str) -> tuple[str, int | None]:
    name, _, length = text.partition(":")
    if name not in FIELDS or not re.fullmatch(r"[0-9]{0,4}", length):
        raise Refused(400, "bad_value", name="collapse", value=text[:80])
    return name, int(length) if length else None


def _one_of(given: dict[str, str], name: str, values: dict[str, Any]) -> Any:
    value = given.get(name, "")
    if value not in values:
        raise Refused(400, "one_of", name=name, values=", ".join(filter(None, values)), value=value[:80])
    return values[value]


def _flag(given: dict[str, str], name: str, *, default: bool = False) -> bool:
    values = {"": default, "true": True, "1": True, "false": False, "0": False}
    return bool(_one_of(given, name, {**values, "True": True, "False": False}))


def _number(given: dict[str, str], name: str, default: int | None, least: int, most: int) -> int | None:
    value = given.get(name, "")
    if not value:
        return default
    if not re.fullmatch(r"-?[0-9]{1,12}", value) or not least <= int(value) <= most:
        raise Refused(400, "bad_between", name=name, least=least, most=most)
    return int(value)


def _digits(given: dict[str, str], name: str) -> str:
    value = given.get(name, "")
    if not re.fullmatch(r"[0-9]{0,14}", value):
        raise Refused(400, "bad_digits", name=name, value=value[:40])
    return value
