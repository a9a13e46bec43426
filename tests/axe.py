"""axe-core in a page of the room, in the looks that people use."""

from __future__ import annotations

import json

from conftest import ROOT

AXE = ROOT / ".venv" / "axe" / "package" / "axe.min.js"
LOOKS = [("vi", "light", 1280), ("en", "dark", 1280), ("vi", "dark", 360), ("en", "light", 360)]
# With what is good practice beside the standard; the rest of axe's rules are for whole sites.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
TOLD = "results.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary}`))"


def shown(page, room, target: str, language: str = "vi", scheme: str = "light", width: int = 1280) -> None:
    page.call("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    mark = "&" if "?" in target else "?"
    page.open(f"{room.address.rstrip('/')}{target}{mark}lang={language}" if target.startswith("/") else target)


def violations(page, rules: list[str]) -> list[str]:
    page.run("document.querySelectorAll('details').forEach(details => details.open = true)")
    page.run(f"{AXE.read_text()};0")
    options = {"runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"]}
    return json.loads(page.run(f"axe.run(document, {json.dumps(options)}).then(results => JSON.stringify({TOLD}))"))
