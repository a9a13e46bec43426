"""A page parsed once with lxml, and what can be asked of it cheaply."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, islice
from typing import cast
from urllib.parse import quote, urljoin, urlsplit

from lxml import etree

from archive.cleaning.decode import decode, plain
from archive.cleaning.simplify import DEEPEST, excessive, simplified
from archive.cleaning.words import SAYING, TELLING
from archive.urls import tidy

Element = etree._Element  # noqa: SLF001 - lxml's only name for it
# What no reader sees; removed before anything is measured.
UNSEEN = (
    "script", "style", "noscript", "template", "svg", "math", "canvas", "select", "button", "textarea", "datalist",
)  # fmt: skip
# What a class attribute says further on is not asked for.
_CLASSES = 2000
# Of these, those that a missing end makes swallow what stands behind them, and what shows that one did.
_SWALLOWING = ("svg", "math", "canvas", "select", "button")
_SWALLOWED = frozenset({"p", "div", "table", "h1", "h2", "br"})
_SHORT = 300
# A line with more characters is prose: it tells neither a date nor who wrote.
LINE = 160
# Elements of so few that what they bear is looked for one by one.
_FEW = 8
_PIECES = 100
_FRAGMENT = "!$&'()*+,-./:;=?@_~%"
_STRING = etree.XPath("string()", smart_strings=False)
# Names under which countries give out names (`gov.vn`).
_SHARED = frozenset({"gov", "com", "org", "edu", "net", "co", "ac"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXTS = etree.XPath("descendant-or-self::text()", smart_strings=False)
_TOO_DEEP = etree.XPath("boolean(" + "/*" * DEEPEST + ")")


@dataclass(slots=True)
class Page:
    """A parsed page. `source` are its bytes as UTF-8, to look for words without walking; `base` resolves addresses.

    `left_out` counts the tags and attributes that were too many for a tree, by their kind. `long` are elements of which it is known that
    their text before the first child is longer than a line.
    """

    root: Element
    body: Element
    source: bytes
    url: str
    base: str
    encoding: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    long: set[Element] = field(default_factory=set)
    _index: dict[str, list[Element]] = field(default_factory=dict)
    _telling: list[tuple[Element, str | None]] = field(default_factory=list)
    _numbers: dict[Element, int] = field(default_factory=dict)
    _values: dict[str, list[str]] = field(default_factory=dict)
    _borne: dict[tuple[str, str], str] = field(default_factory=dict)
    _said: str | None = None

    @property
    def said(self) -> str:
        """All text of the body as it stood when first asked for."""
        if self._said is None:
            self._said = str(_STRING(self.body))
        return self._said

    @property
    def index(self) -> dict[str, list[Element]]:
        """The page's elements by `tag`, `.class`, `#id` and `[attribute`, in document order, as they stood when first asked for."""
        if not self._index:
            self._look_over()
        return self._index

    def _look_over(self) -> None:
        """Look at every element once, and at what it says of itself."""
        every = list(self.root.iter("*"))
        self._numbers = dict(zip(every, count(), strict=False))
        index, holders, classes = (defaultdict[str, list[Element]](list) for _ in range(3))
        values = defaultdict[str, list[str]](list)
        for element in every:
            tag = element.tag
            index[tag].append(element)
            tells = tag in TELLING
            every_one = cast("list[tuple[str, str]]", element.items())
            for name, value in every_one:
                holders[name].append(element)
                values[name].append(value)
                if name == "class":
                    tells = True
                    classes[value].append(element)
                elif name == "id":
                    tells = True
                    index["#" + value].append(element)
                elif not tells:
                    tells = name in SAYING
            if tells:
                self._telling.append((element, value if len(every_one) == 1 and name == "class" else None))
        mixed = set()
        for value, bearing in classes.items():  # most elements of a page have the classes of another one
            for one in dict.fromkeys(value[:_CLASSES].split()):
                together = index["." + one]
                if together:
                    mixed.add("." + one)
                together += bearing
        for name in mixed:
            index[name].sort(key=self._numbers.__getitem__)
        index.default_factory = values.default_factory = None
        for name, bearing in holders.items():
            index["[" + name] = bearing
        self._index, self._values = index, values

    def borne(self, at: tuple[str, str]) -> str:
        """What elements of a tag (`""`: of any) bear in an attribute, as one text; if there are many of the tag, what all elements bear."""
        if (known := self._borne.get(at)) is None:
            tag, name = at
            few = self.index.get(tag, ()) if tag else ()
            if 0 < len(few) <= _FEW:
                known = "\n".join([e.get(name) or "" for e in few])
            else:
                known = self.borne(("", name)) if tag else "\n".join(self._values.get(name, ()) if self.index else ())
            self._borne[at] = known
        return known

    @property
    def numbers(self) -> dict[Element, int]:
        """The page's elements with their numbers in document order; otherwise as `index`."""
        return self._numbers if self.index else {}

    @property
    def telling(self) -> list[tuple[Element, str | None]]:
        """The page's elements that say what they are, by their tag or an attribute, with their class if that is all; otherwise as `index`."""
        return self._telling if self.index else []

    def absolute(self, address: str | None) -> str | None:
        """`address` as a full http(s) address, tidied as captures are, or None if it is none."""
        return absolute(self.base, address)


def parse(
    html: bytes,
    url: str,
    charset: str | None = None,
    *,
    comments: bool = False,
    seen: Callable[[Element], object] | None = None,
) -> Page | None:
    """`html` as a tree, with its comments if they are wanted, or None if there is nothing in it. Takes any bytes.

    `seen` is shown the tree before anything is taken out of it.
    """
    text, encoding = decode(html, charset)
    source = html if encoding == "utf-8" and "\x00" not in text else text.replace("\x00", "").encode("utf-8", "replace")
    root, left_out, rough = None, Counter[str](), excessive(source)
    if not rough:
        root, rough = _tree(source, comments=comments)
        if seen is not None and root is not None:
            seen(root)
    if rough:
        text, left_out = simplified(text.replace("\x00", ""))
        source = text.encode("utf-8", "replace")
        shown, (root, _) = root, _tree(source, comments=comments)
        if seen is not None and shown is None and root is not None:
            seen(root)
    if root is None:
        return None
    _without_unseen(root)
    _empty_viewers(root)
    body = root.find("body")
    if body is None:
        body = root
    declared = root.find(".//base[@href]")
    base = (absolute(url, declared.get("href")) if declared is not None else None) or url
    return Page(root, body, source, url, base, encoding, left_out)


def _empty_viewers(root: Element) -> None:
    """Put behind each `embed` what stands in it: libxml2 does not know that it is void."""
    for viewer in list(root.iter("embed")):
        parent = viewer.getparent()
        if parent is None:
            continue
        tail, viewer.tail = viewer.tail, None
        at = viewer
        viewer.tail, viewer.text = settable(viewer.text or ""), None
        for child in list(viewer):
            at.addnext(child)  # with its tail
            at = child
        at.tail = settable((at.tail or "") + (tail or ""))


def _tree(source: bytes, *, comments: bool) -> tuple[Element | None, bool]:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=not comments, remove_pis=True)
    try:
        root = etree.fromstring(source, parser) if source.strip() else None
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return None, False
    cut_off = any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    return root, cut_off or bool(_TOO_DEEP(root))


def _without_unseen(root: Element) -> None:
    """Take out what no reader sees. An element that was never closed and has swallowed the page is left."""
    for element in list(root.iter(*_SWALLOWING)):
        if any(inner.tag in _SWALLOWED for inner in element.iter("*")) and len(str(_STRING(element)).strip()) > _SHORT:
            element.tag = "span"
    etree.strip_elements(root, *UNSEEN, with_tail=False)


@lru_cache(4096)
def absolute(base: str, address: str | None) -> str | None:
    """`address` seen from `base` as a full http(s) address, tidied as captures are.

    None if it is another thing: script, data, broken.
    """
    if not address:
        return None
    address = "".join(c for c in address if c >= " " and c != "\x7f").strip()
    if not address:
        return None
    try:
        full = urljoin(base, address)
        parts = urlsplit(full)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    try:
        return tidy(full) + (f"#{quote(parts.fragment, safe=_FRAGMENT)}" if parts.fragment else "")
    except ValueError:
        return None


@lru_cache(1024)
def elsewhere(address: str, base: str) -> bool:
    """Whether an address leads to another site: another name above the last but one label."""
    full = absolute(base, address)
    return full is not None and _site(full) != _site(base)


def _site(address: str) -> str:
    labels = (urlsplit(address).hostname or "").split(".")
    return ".".join(labels[-3 if len(labels) > 2 and labels[-2] in _SHARED else -2 :])


def text_of(element: Element) -> str:
    """All text in `element`, cleaned, on one line."""
    return plain(str(_STRING(element)))


def texts(element: Element) -> list[str]:
    """The pieces of text in `element`, as they stand."""
    return cast("list[str]", _TEXTS(element))


def spaced_text(element: Element) -> str:
    """As `text_of`, with a blank wherever one element ends, for blocks that nobody will read as prose."""
    return plain(" ".join(texts(element)))


def line_of(element: Element) -> str | None:
    """As `spaced_text`, or None if that is longer than a line, which most elements of a page tell by their own text alone."""
    own = element.text
    if own and len(own) > LINE and exceeds(own, LINE):
        return None
    if len(element) == 0:
        return plain(own or "")
    begin, size = [], 0
    for piece in islice(element.itertext(), _PIECES):  # a list of links need not be read to its end
        begin.append(cast("str", piece))
        size += len(begin[-1])
        if size > 2 * LINE:
            if exceeds(" ".join(begin), LINE):
                return None
            break
    joined = " ".join(texts(element))
    return None if len(joined) > LINE and exceeds(joined, LINE) else plain(joined)


def exceeds(text: str, limit: int) -> bool:
    """Whether a text has more letters and single blanks than `limit`."""
    text = text.strip()
    return len(text) > limit and (("\n" not in text and "  " not in text) or len(" ".join(text.split())) > limit)


def remove(element: Element) -> None:
    """Take `element` out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = settable((before.tail or "") + tail)
        else:
            parent.text = settable((parent.text or "") + tail)
        element.tail = None
    parent.remove(element)


def settable(text: str) -> str:
    """`text` as a tree takes it: what pages may contain and XML may not is left out."""
    return text if text.isprintable() else _NOT_XML.sub("", text)


def inside(element: Element, ancestor: Element) -> bool:
    """Whether `element` is `ancestor` or stands in it."""
    at: Element | None = element
    while at is not None:
        if at is ancestor:
            return True
        at = at.getparent()
    return False

