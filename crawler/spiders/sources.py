"""What sitemaps and feeds name: sitemaps.org's XML, indexes and text, gzip-coded or not; RSS 0.9 to 2.0 and Atom. Pure."""

from __future__ import annotations

import io
import re
import zlib
from typing import NamedTuple
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from archive.urls import tidy

# sitemaps.org: a sitemap has no more addresses and bytes (uncompressed) than these.
MOST_ADDRESSES = 50_000
MOST_BYTES = 50 << 20
# What holds an address, by the name of the element around it and its own, without namespaces: portals write them with a wrong one, or none.
_PLACES = {
    ("url", "loc"): "page",
    ("sitemap", "loc"): "sitemap",
    ("item", "link"): "page",
    ("item", "enclosure"): "document",
    ("entry", "link"): "page",
}
# An item that has no link may have its address as its guid.
_GUID = ("item", "guid")
_ROBOTS_LINE = re.compile(rb"(?im)^[ \t]*site-?map[ \t]*:[ \t]*([^\s#][^\r\n#]*?)[ \t]*(?:#[^\r\n]*)?\r?$")


class Sources(NamedTuple):
    """What was read: (address, kind) in order, each once, kinds page, document and sitemap; and what was wrong with the rest, one sentence."""

    named: list[tuple[str, str]]
    trouble: str = ""


def in_sources(body: bytes, url: str) -> Sources:
    """What the sitemap or feed at `url` names. Addresses of any scheme are given: whoever follows them decides.

    What declares entities is not read (billion laughs), nor what is larger than a sitemap may be; of a file that breaks off, what stands before.
    """
    if body[:2] == b"\x1f\x8b":
        unpacked = zlib.decompressobj(31)
        try:
            body = unpacked.decompress(body, MOST_BYTES + 1)
        except zlib.error as problem:
            return Sources([], f"it is no gzip file: {problem}")
    if len(body) > MOST_BYTES:
        return Sources([], f"it is larger than {MOST_BYTES >> 20} MiB")
    found: dict[tuple[str, str], None] = {}
    trouble = ""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        for line in body.decode("utf-8-sig", "replace").splitlines()[: MOST_ADDRESSES + 1]:
            if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", line.strip()):
                _add(found, url, line, "page")
    else:
        try:
            _in_xml(body, url, found)
        except ParseError as problem:
            trouble = f"it is no well-formed XML: {problem}"
        except DefusedXmlException as problem:
            return Sources([], f"it declares entities, which are not expanded: {type(problem).__name__}")
    if len(found) > MOST_ADDRESSES:
        return Sources([*found][:MOST_ADDRESSES], f"it names more than {MOST_ADDRESSES} addresses")
    return Sources([*found], trouble)


def in_robots(body: bytes, url: str) -> list[str]:
    """The addresses of the Sitemap lines in the robots.txt at `url`: they stand for every robot, wherever they stand."""
    found: dict[tuple[str, str], None] = {}
    for line in _ROBOTS_LINE.finditer(body):
        _add(found, url, line[1].decode("utf-8", "replace"), "sitemap")
    return [address for address, _ in found]


def _in_xml(body: bytes, url: str, found: dict[tuple[str, str], None]) -> None:
    around: list[Element] = []
    for event, element in iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=False):
        if event == "start":
            around.append(element)
            continue
        around.pop()
        place = (_name(around[-1]) if around else "", _name(element))
        if kind := _PLACES.get(place):
            href = element.get("href") or element.get("url")
            if not href or element.get("rel", "alternate") in ("alternate", "enclosure"):
                _add(found, url, href or element.text or "", kind)
        elif place == _GUID and element.get("isPermaLink") == "true":
            _add(found, url, element.text or "", "page")
        if place[1] in ("url", "sitemap", "item", "entry") and around:
            around[-1].remove(element)  # what was read need not stay in memory
            if len(found) > MOST_ADDRESSES:
                return


def _add(found: dict[tuple[str, str], None], base: str, address: str, kind: str) -> None:
    address = address.strip()
    if not address:
        return
    try:
        whole = urljoin(base, address)
        found[tidy(whole) if whole[:4].lower() == "http" else whole, kind] = None
    except ValueError:  # no address at all
        return


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
