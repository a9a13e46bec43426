from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from archive.errors import SelfTestFailed
from archive.model import Exchange
from crawler.wire.engine import Engine, Outgoing
from crawler.wire.selftest import self_test

Make = Callable[..., Engine]


def whole(exchange: Exchange) -> tuple[bytes, bytes]:
    exchange.request.seek(0)
    exchange.response.seek(0)
    return exchange.request.read(), exchange.response.read()


def test_the_recorder_is_exact(run: Any, engine: Make) -> None:
    run(self_test(engine(allow_private=False).fetch, whole))


def spoil(exchange: Exchange, how: str) -> None:
    request, response = whole(exchange)
    if how == "request":
        exchange.request = BytesIO(request.replace(b"x-odd-CASE", b"X-Odd-Case"))
    elif how == "response":
        exchange.response = BytesIO(response.replace(b"X-A:no-blank", b"X-A: no-blank"))
    elif how == "reason":
        exchange.response = BytesIO(response.replace(b"  R", b" R"))
    elif how == "surplus":
        exchange.response = BytesIO(response[: exchange.end])
    elif how == "end":
        exchange.end = exchange.response_length
    elif how == "interim":
        exchange.interim = ()
    elif how == "truncated":
        exchange.truncated = None
    else:
        exchange.blanked = ()


@pytest.mark.parametrize("how", ["request", "response", "reason", "surplus", "end", "interim", "truncated", "blanked"])
def test_a_recorder_that_tidies_does_not_start(run: Any, engine: Make, how: str) -> None:
    client = engine()

    async def broken(outgoing: Outgoing) -> Exchange:
        exchange = await client.fetch(outgoing)
        spoil(exchange, how)
        return exchange

    with pytest.raises(SelfTestFailed, match=r"self-test failed on the page"):
        run(self_test(broken))


def test_records_that_differ_are_noticed(run: Any, engine: Make) -> None:
    with pytest.raises(SelfTestFailed, match=r"byte \d+ of the response record"):
        run(self_test(engine().fetch, lambda exchange: (whole(exchange)[0], whole(exchange)[1].replace(b"SET-COOKIE", b"Set-Cookie"))))


def test_no_answer_is_no_success(run: Any, engine: Make) -> None:
    client = engine()

    async def nowhere(outgoing: Outgoing) -> Exchange:
        return await client.fetch(Outgoing("http://127.0.0.1:1/"))

    with pytest.raises(SelfTestFailed, match="refused"):
        run(self_test(nowhere))
