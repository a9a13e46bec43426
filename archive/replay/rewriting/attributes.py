"""Which attributes hold addresses, of what kind, and what becomes of the few that would keep a page from replaying."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple

from archive.replay.rewriting.css import rewrite_css
from archive.replay.rewriting.leads import Leads
from archive.replay.rewriting.scripts import rewrite_script

_BLANKS = b" \t\n\f\r"
_REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]+;?|#[0-9]+;?|[A-Za-z][A-Za-z0-9]*(?:;|(?![A-Za-z0-9=])))")
# By attribute, for every element that has no entry of its own in _BY_TAG.
_ADDRESS: dict[bytes, bytes] = {
    b"src": b"im_", b"poster": b"im_", b"background": b"im_", b"lowsrc": b"im_", b"dynsrc": b"im_", b"icon": b"im_",
    b"data": b"oe_", b"codebase": b"oe_", b"manifest": b"oe_", b"classid": b"oe_", b"archive": b"oe_",
    b"href": b"", b"xlink:href": b"im_", b"action": b"", b"formaction": b"", b"cite": b"", b"longdesc": b"",
    b"profile": b"", b"ping": b"",
}  # fmt: skip
_BY_TAG: dict[tuple[bytes, bytes], bytes] = {
    (b"script", b"src"): b"js_", (b"script", b"href"): b"js_", (b"script", b"xlink:href"): b"js_",
    (b"iframe", b"src"): b"if_", (b"frame", b"src"): b"if_", (b"embed", b"src"): b"oe_", (b"audio", b"src"): b"oe_",
    (b"video", b"src"): b"oe_", (b"source", b"src"): b"oe_", (b"track", b"src"): b"oe_", (b"a", b"xlink:href"): b"",
    (b"image", b"href"): b"im_", (b"use", b"href"): b"im_", (b"feimage", b"href"): b"im_", (b"pattern", b"href"): b"im_",
    (b"lineargradient", b"href"): b"im_", (b"radialgradient", b"href"): b"im_", (b"filter", b"href"): b"im_",
    (b"textpath", b"href"): b"im_", (b"mpath", b"href"): b"im_", (b"cursor", b"href"): b"im_",
}  # fmt: skip
# Only on these elements are the names above addresses; elsewhere they are words ("data" of <li>, "icon" of a widget).
_ONLY_ON: dict[bytes, frozenset[bytes]] = {
    b"data": frozenset({b"object"}), b"codebase": frozenset({b"object", b"applet"}), b"manifest": frozenset({b"html"}),
    b"classid": frozenset(), b"archive": frozenset(), b"icon": frozenset({b"menuitem", b"command"}),
    b"profile": frozenset({b"head"}),
}  # fmt: skip
_AS = {b"script": b"js_", b"style": b"cs_", b"image": b"im_", b"worker": b"js_"}
# Presentation attributes of SVG that take url().
_PAINTED = frozenset({
    b"fill", b"stroke", b"filter", b"mask", b"clip-path", b"cursor", b"marker", b"marker-start", b"marker-mid", b"marker-end",
})  # fmt: skip
_REFRESH = re.compile(
    rb"(?is)([\t\n\f\r ]*[\d.]*[\t\n\f\r ]*(?:[;,][\t\n\f\r ]*|[\t\n\f\r ]+)(?:url[\t\n\f\r ]*=[\t\n\f\r ]*)?)"
    rb"([\"']?)([^\t\n\f\r ].*)"
)
_AWAY = frozenset({b"_blank", b"_top", b"_parent", b"_new", b"blank", b"_unfencedtop"})
# Policies of the live site would forbid what leads into the archive; cookies and the like are not taken over either.
_DISARMED = frozenset({b"content-security-policy", b"content-security-policy-report-only", b"x-frame-options", b"set-cookie"})
_CANDIDATE = re.compile(rb"([\t\n\f\r ,]*)([^\t\n\f\r ]*[^\t\n\f\r ,])(,?[^,(]*(?:\([^)]*\)?[^,(]*)*)")

Change = tuple[int, int, bytes]


class Attribute(NamedTuple):
    """An attribute of a start tag: name in lower case, value as written, where both stand, the quotation mark."""

    name: bytes
    value: bytes
    span: tuple[int, int]
    name_span: tuple[int, int]
    quote: bytes

    def plain(self) -> bytes:
        """The value with its character references resolved; what the charset has no byte for as UTF-8."""
        return unreferenced(self.value)

    def quoted(self, text: bytes) -> bytes:
        """`text` as it may stand as the value: within the quotation marks, or without any."""
        text = text.replace(b"&", b"&amp;")
        if self.quote:
            return text.replace(self.quote, b"&#%d;" % self.quote[0])
        return re.sub(rb"[\t\n\f\r \"'=<>`]", lambda odd: b"&#%d;" % odd[0][0], text)


def unreferenced(value: bytes) -> bytes:
    """A value with its character references resolved, by the rules for attributes (HTML, section 13.2.5.73)."""
    if b"&" not in value:
        return value
    parts = _REFERENCE.split(value.decode("latin-1"))
    found = _REFERENCE.findall(value.decode("latin-1"))
    made = [parts[0].encode("latin-1")]
    for reference, part in zip(found, parts[1:], strict=True):
        letter = unescape(reference)
        made.append(letter.encode("latin-1") if letter == reference or letter.isascii() else letter.encode())
        made.append(part.encode("latin-1"))
    return b"".join(made)


def mode_of(tag: bytes, name: bytes, leads: Leads) -> bytes | None:
    """The modifier for an attribute that is nothing but an address; None for every other."""
    if name not in (b"href", b"src", b"poster", b"action"):
        return None
    return _BY_TAG.get((tag, name), _ADDRESS[name]) or leads.page


def rewritten_attributes(
    tag: bytes, given: list[Attribute], leads: Leads, document: Callable[[bytes], bytes], framed: Callable[[bytes], bool],
    mode: bytes | None = None,
) -> Iterator[Change]:  # fmt: skip
    """What to put where in a start tag; `document` rewrites an iframe's srcdoc, `framed` knows frames by name, `mode` overrules every other."""
    named = {a.name: a for a in reversed(given)}
    for one in given:
        if named[one.name] is not one:
            continue  # of two with one name browsers take the first
        name = one.name
        if name in (b"srcset", b"imagesrcset"):
            made = _srcset(one, leads)
        elif name == b"style" or (name in _PAINTED and b"url" in one.value.lower()):
            made = _whole(one, lambda text: rewrite_css(text, leads))
        elif name == b"srcdoc" and tag == b"iframe":
            made = _whole(one, document)
        elif name == b"content" and tag == b"meta":
            made = _refresh(named, one, leads)
        elif name in (b"target", b"formtarget"):
            made = b"_self" if _opens(one.plain().strip(), framed) else None
        elif name == b"ping":
            made = b" ".join(leads.lead(part, leads.page) or part for part in one.value.split()) or None
        elif name.startswith(b"on") and one.value:
            made = rewrite_script(one.value, leads)
        elif _disarmed(tag, one):
            yield (one.name_span[0], one.name_span[0], b"_")
            continue
        else:
            made = _address(tag, named, one, leads, mode)
        if made is not None and made != one.value:
            yield (*one.span, made)


def _opens(target: bytes, framed: Callable[[bytes], bool]) -> bool:
    """Whether a link would open a window, which replay has none of: for a name that no frame of the document has, too."""
    if target.lower() in _AWAY:
        return True
    return target[:1] not in (b"", b"_") and not framed(target)


def _disarmed(tag: bytes, one: Attribute) -> bool:
    """Whether an attribute is put out of action: digests of what is rewritten, policies for another origin."""
    if one.name == b"integrity":
        return True
    if one.name == b"crossorigin":
        return one.plain().strip().lower() == b"use-credentials"
    return tag == b"meta" and one.name == b"http-equiv" and one.plain().strip().lower() in _DISARMED


def _address(tag: bytes, named: dict[bytes, Attribute], one: Attribute, leads: Leads, mode: bytes | None) -> bytes | None:
    if mode is None:
        mode = _BY_TAG.get((tag, one.name), _ADDRESS.get(one.name))
        only = _ONLY_ON.get(one.name)
        if mode is None or (only is not None and tag not in only):
            return None
        if tag == b"link" and one.name == b"href":
            mode = _link_mode(named)
        mode = mode or leads.page
    elif one.name != b"href":
        return None
    if not leads.odd(one.value):
        return leads.lead(one.value, mode)
    led = leads.lead_plain(one.plain(), mode)
    return None if led is None else led.replace(b"&", b"&amp;")


def _link_mode(named: dict[bytes, Attribute]) -> bytes:
    """The modifier for what a `link` element names."""
    rel = set(named[b"rel"].plain().lower().split()) if b"rel" in named else set()
    if b"stylesheet" in rel:
        return b"cs_"
    if b"modulepreload" in rel:
        return b"js_"
    if rel & {b"icon", b"apple-touch-icon", b"apple-touch-icon-precomposed", b"mask-icon", b"fluid-icon", b"image_src"}:
        return b"im_"
    if rel & {b"preload", b"prefetch"}:
        return _AS.get(named[b"as"].plain().lower() if b"as" in named else b"", b"oe_")
    return b"oe_" if rel & {b"manifest", b"preconnect", b"dns-prefetch", b"pingback"} else b""


def _whole(one: Attribute, rewrite: Callable[[bytes], bytes]) -> bytes | None:
    """A value that is a language of its own, rewritten; None if that changes nothing."""
    plain = one.plain()
    made = rewrite(plain)
    if made == plain:
        return None
    return made if plain == one.value and b"&" not in made and not (one.quote and one.quote in made) else one.quoted(made)


def _srcset(one: Attribute, leads: Leads) -> bytes | None:
    """The candidates of a srcset (HTML, section 4.8.4.2.1), each led on; descriptors and blanks as they were."""
    made: list[bytes] = []
    for before, address, after in _CANDIDATE.findall(one.value):
        odd = leads.odd(address)
        led = leads.lead_plain(unreferenced(address), b"im_") if odd else leads.lead(address, b"im_")
        made += (before, address if led is None else led.replace(b"&", b"&amp;") if odd else led, after)
    return b"".join(made) or None


def _refresh(named: dict[bytes, Attribute], one: Attribute, leads: Leads) -> bytes | None:
    """The content of a meta refresh, its address led on."""
    if b"http-equiv" not in named or named[b"http-equiv"].plain().strip().lower() != b"refresh":
        return None
    made = refreshed(one.plain(), leads)
    return None if made is None else one.quoted(made)


def refreshed(value: bytes, leads: Leads) -> bytes | None:
    """The value of a refresh (HTML, section 4.2.5.3), its address led on; None if it has none."""
    found = _REFRESH.fullmatch(value)
    if not found:
        return None
    before, quote, rest = found.groups()
    address, mark, after = rest.partition(quote) if quote else (rest, b"", b"")
    led = leads.lead_plain(address, leads.page)
    return None if led is None else before + quote + led + mark + after
