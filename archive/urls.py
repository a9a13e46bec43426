"""Addresses and times as the field writes them: SURT keys, 14-digit times, WARC dates."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_WWW = re.compile(r"^www\d*\.")
_SESSION = re.compile(r"(?i);jsessionid=[0-9a-z.!-]*|(?i:^|&)(?:phpsessid|aspsessionid\w*|sid)=[0-9a-z]{16,}(?=&|$)")
_DIGITS = re.compile(r"[0-9]{4,14}")
# As `warc_date` writes it: read by the interpreter's own parser, in a third of the time.
_OUR_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
# What RFC 3986 lets stand unescaped in a path or query; everything else is escaped, upper case.
_KEEP = "!$&'()*+,-./:;=@_~?%[]|"

# The data of a form as it is sent, and up to how many bytes of a body stand in a key.
_FORM = re.compile(r"[!$'()*+,./:;=@_~?%&A-Za-z0-9-]*")
_LONGEST_DATA = 4096
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@lru_cache(maxsize=4096)
def surt(url: str) -> str:
    """The key under which captures of `url` are found: host reversed, scheme, `www.` and session ids left out.

    `http://www.Hue.example:80/Tin?b=2&a=1#x` → `example,hue)/tin?a=1&b=2`. Case is folded and query arguments are
    sorted as in the Wayback Machine's canonicaliser, so that one key finds what older tools wrote (SURT, IIPC).
    What is no address at all (`http://[`) is its own key.
    """
    try:
        return _surt(url.strip())
    except ValueError:
        return url.strip()


def _surt(url: str) -> str:
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        return url
    host = ascii_host(parts.hostname or "")
    host = _WWW.sub("", host)
    key = host if ":" in host or re.fullmatch(r"[\d.]+", host) else ",".join(reversed(host.split(".")))
    try:
        port = parts.port
    except ValueError:
        port = None
    if port and port != DEFAULT_PORTS.get(parts.scheme.lower()):
        key += f":{port}"
    path = _SESSION.sub("", _normal(parts.path)) or "/"
    if len(path) > 1:
        path = path.rstrip("/") or "/"
    query = "&".join(sorted(a for a in _SESSION.sub("", _normal(parts.query)).split("&") if a))
    return (f"{key}){path}" + (f"?{query}" if query else "")).lower()


def patch_command(url: str) -> str:
    """The command that captures a single address, to be pasted into a shell."""
    return f"echo {shlex.quote(url)} | tangthu crawl --urls -"


def again_command(run: int) -> str:
    """The command that asks once more for what a run did not get."""
    return f"tangthu runs {run} --missing | tangthu crawl --urls -"


def parted(url: str) -> SplitResult:
    """As `urlsplit`; what is no address at all (`http://[`) has no host and is nothing but a path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def tidy(url: str) -> str:
    """`url` as it is asked for and kept: no fragment, no user name, non-ASCII escaped, host in lower case."""
    parts = urlsplit(url.strip())
    host = ascii_host(parts.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    scheme = parts.scheme.lower()
    if parts.port and parts.port != DEFAULT_PORTS.get(scheme):
        host += f":{parts.port}"
    path = quote(parts.path, safe=_KEEP) or "/"
    return urlunsplit((scheme, host, path, quote(parts.query, safe=_KEEP), ""))


def keyed(url: str, method: str, body: bytes) -> str:
    """What a request is known by: `url`, and if it is no GET, with method and body in its query (`__wb_method=POST&...`, as pywb has it).

    A form's data stand there as they were sent, other bodies as base64, long ones (view states) as their SHA-256.
    """
    if method == "GET":
        return url
    data = body.decode("latin-1")
    if len(body) > _LONGEST_DATA:
        data = f"__wb_post_sha256={hashlib.sha256(body).hexdigest()}"
    elif not _FORM.fullmatch(data):
        data = f"__wb_post_data={base64.b64encode(body).decode('ascii')}"
    return f"{url}{'&' if '?' in url else '?'}__wb_method={method}&{data}"


def slug(text: str) -> str:
    """`text` as portals write names into addresses: no diacritics, đ as d, lower case, dashes between words."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")


def ascii_host(host: str) -> str:
    """`host` in lower case, an internationalised name in its ASCII form; unchanged where that cannot be had."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _normal(part: str) -> str:
    """Percent-escapes resolved and made again, so that `%7e`, `%7E` and `~` are one."""
    return quote(unquote_to_bytes(part), safe=_KEEP.replace("%", ""))


def digits14(at: datetime) -> str:
    """`at` as replay addresses have it: 20260110081500 (UTC)."""
    t = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{t.year:04}{t.month:02}{t.day:02}{t.hour:02}{t.minute:02}{t.second:02}"


def warc_date(at: datetime) -> str:
    """`at` as WARC-Date: 2026-01-10T08:15:00.123456Z (WARC 1.1, section 5.4)."""
    t = at if at.tzinfo is UTC else at.astimezone(UTC)
    return t.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_warc_date(text: str) -> datetime:
    """The instant that a WARC-Date of any allowed precision names. Raises ValueError for anything else."""
    if _OUR_DATE.fullmatch(text):
        return datetime.fromisoformat(text)
    found = re.fullmatch(r"(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)?)?)(?:\.(\d{1,9}))?Z?", text)
    if not found:
        raise ValueError(f"{text!r} is not a WARC date")
    whole = found[1]
    whole += "-01-01T00:00:00"[len(whole) - 4 :] if len(whole) < 10 else "T00:00:00"[len(whole) - 10 :]
    at = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return at + timedelta(microseconds=int((found[2] or "").ljust(9, "0")[:6] or 0))


def parse_time(text: str) -> datetime:
    """A moment as people and replay addresses write it: 4 to 14 digits, or ISO 8601. Raises ValueError otherwise."""
    if _DIGITS.fullmatch(text):
        full = text + "00000101000000"[len(text) :] if len(text) % 2 == 0 else ""
        if full:
            return datetime.fromisoformat(f"{full[:8]}T{full[8:]}Z")
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def folder_of(url: str) -> str:
    """`url` without its last part and its query: `http://hue.example/tin/1.html?a=1` → `http://hue.example/tin`."""
    return url.partition("?")[0].rpartition("/")[0]


def unmade(url: str) -> str:
    """An address beside `url` that nobody made, the same for one folder: it answers what a portal says where there is no page.

    It has no figures: portals were met that look at nothing but a number somewhere in it.
    """
    folder = folder_of(url)
    return f"{folder}/{hashlib.sha256(folder.encode()).hexdigest()[:20].translate(_LETTERS)}"
