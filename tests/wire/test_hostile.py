"""Every hostile answer is kept as it was sent, plain and over TLS, 32 at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hostile import CASES, MAXSIZE, Case
from hostile_fetching import fetch_all, path_of, serve
from server import Portal

from archive import Framer
from archive.model import Exchange
from crawler.wire import attempt as attempt_module
from crawler.wire.engine import Engine
from crawler.wire.tap import Tap


def differences(case: Case, exchange: Exchange, late: bytes, portal: Portal) -> list[str]:
    """What is not as it was on the wire, by the case's own word; and lets go of the exchange."""
    tls = portal.url().startswith("https")
    hit = portal.hits(path_of(case))[0]
    assert hit.done.wait(30)
    request, response = exchange.request.read(), exchange.response.read()
    exchange.close()
    written = b"".join(case.interim) + case.answer
    ends, at = [], 0
    for part in case.interim:
        at += len(part)
        ends.append(at)
    framer = Framer(case.method)
    framer.feed(response)
    framer.close()
    found = {"request": request, "interim": list(exchange.interim), "truncated": exchange.truncated, "kind": None,
             "fault": framer.fault is not None}  # fmt: skip
    kind = "closed" if tls and case.kind == "reset" else case.kind
    expected = {"request": hit.request, "interim": ends, "truncated": case.truncated, "kind": kind, "fault": case.fault}
    if exchange.failure:
        found["kind"] = exchange.failure.kind
    if case.endless or case.then == "drip":
        body = exchange.end - (response.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in response else 0)
        found |= {"begins": response.startswith(written), "as sent": bytes(hit.sent).startswith(response)}
        expected |= {"begins": True, "as sent": True}
        if case.truncated == "length":
            found["enough"], expected["enough"] = body >= MAXSIZE or "endless ext" in case.name, True
    else:
        found |= {"response": response + late, "end": exchange.end, "sent": bytes(hit.sent)}
        expected |= {"response": written + case.surplus, "end": len(written), "sent": written + case.surplus}
    return [f"{case.name}: {name} is {found[name]!r:.300}, not {expected[name]!r:.300}" for name in expected if found[name] != expected[name]]


def kept(run: Any, engine: Callable[..., Engine], portal: Portal, cases: list[Case]) -> list[str]:
    late: dict[str, bytes] = {}
    serve(portal, cases)
    client = engine(on_surplus=lambda identity, _url, data: late.__setitem__(identity, data), threshold=200_000)
    exchanges = run(fetch_all(client, portal, cases))
    run(client.close())
    portal.release()
    found = []
    for case, exchange in zip(cases, exchanges, strict=True):
        found += differences(case, exchange, late.get(exchange.id, b""), portal)
    return found


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_every_answer_is_kept_as_it_was_sent(run: Any, engine: Any, authority: Any, secure: bool) -> None:
    assert len(CASES) >= 100
    with Portal(authority.context("127.0.0.1") if secure else None) as portal:
        assert "\n".join(kept(run, engine, portal, CASES)) == ""


def test_the_comparison_notices_one_byte(run: Any, engine: Any, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless(Tap):
        """Tidies one header byte."""

        def feed(self, data: bytes) -> None:
            super().feed(data.replace(b"x-odd", b"X-odd").replace(b"sEt-", b"Set-"))

    monkeypatch.setattr(attempt_module, "Tap", Careless)
    wrong = kept(run, engine, portal, [case for case in CASES if case.name == "odd case and duplicates"])
    assert [line.split(" is ")[0] for line in wrong] == ["odd case and duplicates: request", "odd case and duplicates: response"]
