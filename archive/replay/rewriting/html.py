"""HTML as a stream of tokens, cut as the HTML Standard (section 13.2.5) cuts them, each address led into the archive.

Nothing is parsed into a tree and written out again: what is no address stays as it was archived, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

from archive.replay.rewriting.attributes import Attribute, Change, mode_of, rewritten_attributes
from archive.replay.rewriting.css import rewrite_css
from archive.replay.rewriting.leads import Leads
from archive.replay.rewriting.scripts import rewrite_import_map, rewrite_script

_WS = rb"[\t\n\f\r ]"
_VALUE = rb"(?:" + _WS + rb"*+=" + _WS + rb"*+(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|(?=>)))?+"
_ATTRIBUTES = rb"(?:[\t\n\f\r /]*+[^\t\n\f\r />][^\t\n\f\r />=]*+" + _VALUE + rb")*+"
_TOKEN = re.compile(
    rb"<(?:(?P<name>[A-Za-z][^\t\n\f\r />]*+)(?P<rest>" + _ATTRIBUTES + rb")[\t\n\f\r /]*+>"
    rb"|(?P<end>/[A-Za-z][^\t\n\f\r />]*+" + _ATTRIBUTES + rb"[\t\n\f\r /]*+>)|(?P<comment>!--)|(?P<bogus>[!?]|/(?![A-Za-z])))"
)  # fmt: skip
_ATTRIBUTE = re.compile(
    rb"[\t\n\f\r /]*+([^\t\n\f\r />][^\t\n\f\r />=]*+)"
    rb"(?:" + _WS + rb"*+=" + _WS + rb"*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r >\"'][^\t\n\f\r >]*+)|(?=>)))?+"
)
# The attributes that hold something to rewrite, and the elements that are looked at even without one.
_HELD = (
    rb"(?i:href|src(?:set|doc)?|action|formaction|style|data|poster|background|cite|longdesc|ping|content|integrity|crossorigin"
    rb"|(?:form)?target|manifest|codebase|profile|xlink:href|imagesrcset|lowsrc|dynsrc|icon|http-equiv|on[a-z]+|fill|stroke|filter"
    rb"|mask|clip-path|cursor|marker(?:-start|-mid|-end)?)(?=[\t\n\f\r />=])"
)
_ELEMENTS = rb"(?i:script|style|title|textarea|xmp|iframe|noembed|noframes|plaintext|base|meta|head|body)(?=[\t\n\f\r />])"
_OTHER = rb"(?:[\t\n\f\r /]*+(?!" + _HELD + rb")[^\t\n\f\r />][^\t\n\f\r />=]*+" + _VALUE + rb")*+"
# Everything up to the next place that has to be looked at: text, end tags, start tags without anything to rewrite.
_SKIP = re.compile(
    rb"(?:[^<]++|<(?!" + _ELEMENTS + rb")[A-Za-z][^\t\n\f\r />]*+" + _OTHER + rb"[\t\n\f\r /]*+>"
    rb"|</[A-Za-z][^\t\n\f\r />]*+" + _ATTRIBUTES + rb"[\t\n\f\r /]*+>)*+"
)
_HELD_ATTRIBUTE = re.compile(
    _OTHER + rb"[\t\n\f\r /]*+(" + _HELD + rb")"
    rb"(?:" + _WS + rb"*+=" + _WS + rb"*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r >\"'][^\t\n\f\r >]*+)|(?=>)))?+"
)
# Elements whose attributes decide together what is to be done.
_TOGETHER = frozenset({b"base", b"link", b"meta", b"script", b"object", b"iframe"})
_COMMENT_END = re.compile(rb"--!?>")
# Whose content is text up to their own end tag (RAWTEXT, RCDATA, script data).
_RAW = frozenset({b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"})
_RAW_END = {name: re.compile(rb"(?i)</" + name + rb"(?=[\t\n\f\r />])") for name in _RAW}
_ESCAPED = re.compile(rb"(?i)<!--|</script(?=[\t\n\f\r />])")
_IN_ESCAPED = re.compile(rb"(?i)-->|<(/?)script(?=[\t\n\f\r />])")
_TWICE_ESCAPED = re.compile(rb"(?i)-->|</script(?=[\t\n\f\r />])")
_PROCESSING = re.compile(rb"(?s)<\?xml-stylesheet\s(?P<rest>.*?)\?>")
_FRAME = re.compile(rb"(?i)<i?frame(?=[\t\n\f\r />])(?P<rest>[^>]{0,4096})")
_SCRIPT_TYPES = re.compile(rb"(?i)(?:text|application)/(?:x-)?(?:java|ecma|live|j)script[\d.]*|module|")


class Inserted(NamedTuple):
    """What of ours stands in a page: `head` before anything that can run, `body` first in its body."""

    head: bytes = b""
    body: bytes = b""


NOTHING = Inserted()


def rewrite_html(data: bytes, leads: Leads, ours: Inserted = NOTHING, *, xml: bool = False) -> bytes:
    """`data`, a document in a charset that agrees with ASCII, with every address led into the archive.

    `xml`: cut as XML where that differs (CDATA sections, processing instructions).
    """
    writer = _Writer(data, leads, ours, xml=xml)
    writer.run()
    return b"".join(writer.made)


class _Writer:
    def __init__(self, data: bytes, leads: Leads, ours: Inserted, *, xml: bool) -> None:
        self.data, self.leads, self.ours, self.xml = data, leads, ours, xml
        self.made: list[bytes] = []
        self._done = 0
        self._head, self._body = not ours.head, not ours.body
        self._based = False

    def put(self, start: int, end: int, text: bytes) -> None:
        """`text` instead of what stands from `start` to `end`."""
        self.made += (self.data[self._done : start], text)
        self._done = end

    def run(self) -> None:
        data, at, search = self.data, 0, _TOKEN.search
        while found := search(data, at):
            at = found.end()
            kind = found.lastgroup
            if kind == "comment":
                at = self._comment(at)
            elif kind == "bogus":
                at = self._bogus(found.start())
            elif kind != "end":
                at = self._tag(found)
            if self._head and (skipped := _SKIP.match(data, at)):
                at = skipped.end()
        if not self._head:
            self.put(len(data), len(data), self.ours.head)
        if not self._body:
            self.put(len(data), len(data), self.ours.body)
        self.made.append(data[self._done :])

    def _comment(self, at: int) -> int:
        """Past a comment; `at` is behind its "<!--"."""
        if self.data[at : at + 1] == b">" or self.data[at : at + 2] == b"->":
            return at + 1
        end = _COMMENT_END.search(self.data, at)
        return end.end() if end else len(self.data)

    def _bogus(self, start: int) -> int:
        """Past a doctype, a processing instruction, a CDATA section or what HTML takes for a comment."""
        if self.xml and self.data.startswith(b"<![CDATA[", start):
            end = self.data.find(b"]]>", start)
            return end + 3 if end >= 0 else len(self.data)
        if self.xml and (found := _PROCESSING.match(self.data, start)):
            self._attributes(b"link", *found.span("rest"), mode=b"cs_")
            return found.end()
        end = self.data.find(b">", start)
        return end + 1 if end >= 0 else len(self.data)

    def _tag(self, found: re.Match[bytes]) -> int:
        """Rewrite a start tag and, where it is text, what follows up to its end tag; where to go on."""
        name = found["name"].lower()
        start, at = found.span("rest")
        given: list[Attribute] = []
        if not self._head and name != b"html":
            self._place_head(found, name)
        if start < at:
            given = self._attributes(name, start, at) if name in _TOGETHER else self._held(name, start, at)
        end = found.end()
        if name == b"body" and not self._body:
            self.put(end, end, self.ours.body)
            self._body = True
        if name in _RAW and not (self.data[end - 2 : end] == b"/>" and self._foreign(found.start())):
            return self._raw(name, given, end)
        return len(self.data) if name == b"plaintext" else end

    def _foreign(self, at: int) -> bool:
        """Whether an element at `at` that closes itself is over with that: in XML, and within svg or math."""
        before = self.data[:at].lower()
        return self.xml or any(before.rfind(b"<" + name) > before.rfind(b"</" + name) for name in (b"svg", b"math"))

    def _place_head(self, found: re.Match[bytes], name: bytes) -> None:
        at = found.end() if name == b"head" else found.start()
        self.put(at, at, self.ours.head)
        self._head = True

    def _held(self, tag: bytes, start: int, end: int) -> list[Attribute]:
        """Rewrite the attributes of an element of which each stands for itself; the others are not even looked at."""
        changes, seen, at, data, leads = [], set(), start, self.data, self.leads
        while found := _HELD_ATTRIBUTE.match(data, at, end):
            at = found.end()
            name = found[1].lower()
            group = found.lastindex or 1
            if name in seen:
                continue
            seen.add(name)
            if group == 1:
                continue
            mode = mode_of(tag, name, leads)
            led = False if mode is None else leads.quick(found[group], mode)
            if led is False:
                return self._attributes(tag, start, end)
            if led is not None:
                changes.append((*found.span(group), led))
        for change in changes:
            self.put(*change)
        return []

    def _attributes(self, tag: bytes, start: int, end: int, mode: bytes | None = None) -> list[Attribute]:
        given = list(_attributes(self.data, start, end))
        href = next((a for a in given if a.name == b"href"), None) if tag == b"base" and not self._based else None
        if href is None:
            changes = rewritten_attributes(tag, given, self.leads, self._document, self._framed, mode)
        else:
            self._based = True
            others = [a for a in given if a.name != b"href"]
            changes = iter(sorted([*rewritten_attributes(tag, others, self.leads, self._document, self._framed), *self._rebased(href)]))
        for begin, stop, text in changes:
            self.put(begin, stop, text)
        return given

    def _rebased(self, href: Attribute) -> Iterator[Change]:
        """From here on addresses are read from the first `base`."""
        plain = href.plain()
        whole = self.leads.lead_plain(plain, self.leads.page)
        if whole is not None:
            yield (*href.span, href.quoted(whole))
            self.leads.stand_on(plain)

    def _framed(self, name: bytes) -> bool:
        """Whether the document has a frame of this name, as far as its bytes say."""
        return name in self._frames

    @cached_property
    def _frames(self) -> frozenset[bytes]:
        tags = (found.span("rest") for found in _FRAME.finditer(self.data))
        return frozenset(a.plain() for tag in tags for a in _attributes(self.data, *tag) if a.name == b"name")

    def _document(self, srcdoc: bytes) -> bytes:
        """The document within an iframe's srcdoc."""
        return rewrite_html(srcdoc, self.leads, Inserted(head=self.ours.head))

    def _raw(self, name: bytes, given: list[Attribute], at: int) -> int:
        if name == b"script":
            end = _script_end(self.data, at)
        else:
            closing = _RAW_END[name].search(self.data, at)
            end = closing.start() if closing else len(self.data)
        rewrite = self._content(name, given)
        if rewrite is not None and end > at:
            text = self.data[at:end]
            made = rewrite(text, self.leads)
            if made is not text:
                self.put(at, end, made)
        return end

    def _content(self, name: bytes, given: list[Attribute]) -> Callable[[bytes, Leads], bytes] | None:
        if name == b"style":
            return rewrite_css
        if name != b"script":
            return None
        kind = next((a.value.strip().lower() for a in given if a.name == b"type"), b"")
        if kind == b"importmap":
            return rewrite_import_map
        return rewrite_script if _SCRIPT_TYPES.fullmatch(kind) else None


def _attributes(data: bytes, start: int, end: int) -> Iterator[Attribute]:
    at = start
    while at < end and (found := _ATTRIBUTE.match(data, at, end)):
        at = found.end()
        group = found.lastindex or 1
        value = found[group] if group > 1 else b""
        span = found.span(group) if group > 1 else (at, at)
        yield Attribute(found[1].lower(), value, span, found.span(1), (b"", b"", b'"', b"'", b"")[group])


def _script_end(data: bytes, at: int) -> int:
    """Where the text of a script ends: comments in it may hide its end tag (HTML, sections 13.2.5.18 to 31)."""
    while found := _ESCAPED.search(data, at):
        if found[0] != b"<!--":
            return found.start()
        at = found.end() - 2
        while found := _IN_ESCAPED.search(data, at):
            at = found.end()
            if found[0] == b"-->":
                break
            if found[1]:
                return found.start()
            found = _TWICE_ESCAPED.search(data, at)
            if found is None:
                return len(data)
            at = found.end()
            if found[0] == b"-->":
                break
        else:
            return len(data)
    return len(data)
