"""The obvious addresses in scripts: absolute ones that begin a string, and where `location` and `import` are told to go.

Text is only ever added behind a quotation mark, and only letters that end no string: the syntax of a script cannot break.
What a script puts together while it runs is caught in the browser (client.js) and, last of all, by the policy.
"""

from __future__ import annotations

import json
import re

from archive.replay.rewriting.leads import Leads

# Names that look like addresses: of XML namespaces and schemas. Nobody fetches them, and programs compare them.
_NAMES = rb"(?:www\.w3\.org|schemas?\.[\w.-]+|ns\.adobe\.com|purl\.org|xmlns\.com|json-schema\.org|ogp\.me|exslt\.org)[/\"']"
_QUOTE = rb"(?:[\"'`]|&quot;|&#0*3[49];|&#x0*2[27];|&apos;)"
_ABSOLUTE = rb"(?P<absolute>" + _QUOTE + rb")(?=https?://(?!" + _NAMES + rb")[a-zA-Z0-9\[][\w.\-]*[\w\]](?::\d+)?[/?#\"'`&])"
_GOES = (
    rb"(?P<goes>\blocation(?:\.href)?\s*=\s*" + _QUOTE + rb"|\blocation\.(?:assign|replace)\(\s*" + _QUOTE + rb")"
    rb"(?=/(?![/\\]))"
)
_IMPORTS = rb"(?P<imports>\b(?:from|import)\s*\(?\s*[\"'])(?=/(?![/\\]))"
_ADDRESS = re.compile(_ABSOLUTE + rb"|" + _GOES + rb"|" + _IMPORTS)
_WORTH = re.compile(rb"https?://|\blocation\b|\b(?:from|import)\b")


def rewrite_script(data: bytes, leads: Leads) -> bytes:
    """`data`, a script or an event handler, its obvious addresses led into the archive."""
    if not _WORTH.search(data):
        return data
    start = leads.origin + b"/web/" + leads.time.encode()

    def led(found: re.Match[bytes]) -> bytes:
        kind = found.lastgroup
        place = start + (b"js_" if kind == "imports" else leads.page) + b"/"
        return found[0] + place + (b"" if kind == "absolute" else leads.site)

    return _ADDRESS.sub(led, data)


def rewrite_import_map(data: bytes, leads: Leads) -> bytes:
    """An import map (HTML, section 8.1.6.2) whose addresses lead into the archive; one that is no JSON stays."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(plain, dict):
        return data

    def led(address: object, *, key: bool = False) -> object:
        if not isinstance(address, str) or (key and not re.match(r"(?i)https?:|\.{0,2}/", address)):
            return address
        to = leads.lead_plain(address.encode(), b"js_")
        return address if to is None else leads.origin.decode() + to.decode("latin-1")

    def table(given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {led(key, key=True): led(value) for key, value in given.items()}

    made = {
        name: {led(key): table(value) for key, value in part.items()} if name == "scopes" and isinstance(part, dict)
        else table(part) if name in ("imports", "integrity") else part
        for name, part in plain.items() if name != "integrity"
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=True).encode()
