"""What Scrapy is given for an exchange: the Response that its own HTTP handler would have made, or the exception that it would have raised.

Held to it by tests/recording/test_like_scrapy.py. Two things are as they were on the wire instead: the header fields' order, and no field is made up.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urldefrag

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from twisted.internet.ssl import Certificate
from twisted.web.iweb import UNKNOWN_LENGTH

from archive import Exchange, Framer
from crawler.wire.outgoing import Reading

_RAISED = {
    "dns": CannotResolveHostError,
    "refused": DownloadConnectionRefusedError,
    "timeout": DownloadTimeoutError,
    "length": DownloadCancelledError,
    "forbidden": DownloadCancelledError,
}


class Stop(NamedTuple):
    """A receiver of Scrapy's signals wanted no more of an answer; `at_head`: not even the first bytes of its body."""

    reason: StopDownload
    at_head: bool


def headers_of(fields: list[tuple[bytes, bytes]]) -> Headers:
    """Header fields as Scrapy holds them."""
    headers = Headers()
    for name, value in fields:
        headers.appendlist(name, value)
    return headers


def length_of(framer: Framer) -> int | str:
    """`body_length` of Scrapy's signal headers_received: bytes, or Twisted's word for an unknown length."""
    if framer.framing == "none":
        return 0
    return UNKNOWN_LENGTH if framer.length is None else framer.length


def lossy(exchange: Exchange) -> bool:
    """Whether the answer was cut off by its server."""
    return exchange.truncated == "disconnect"


def trouble(exchange: Exchange, *, answered: bool) -> Exception:
    """The exception for an exchange that gives no Response; `answered`: the head of an answer had come."""
    failure = exchange.failure
    if answered and lossy(exchange):
        return ResponseDataLossError(failure.message if failure else "cut off")
    raised = _RAISED.get(failure.kind if failure else "http", DownloadFailedError)
    return raised(f"{failure.message if failure else 'no answer'}: {exchange.url}")


def response_of(exchange: Exchange, request: Request, answer: Reading, stop: Stop | None) -> Response:
    """The Response. Raises StopDownload, with the Response in it, if whoever stopped it wanted that."""
    headers = headers_of(answer.headers)
    body = b"" if stop and stop.at_head else answer.entity()
    url = urldefrag(request.url).url
    response = responsetypes.from_args(headers=headers, url=url, body=body)(
        url=url,
        status=answer.status,
        headers=headers,
        body=body,
        request=request,
        ip_address=ip_address(exchange.ip) if exchange.ip else None,
        certificate=Certificate.load(exchange.tls.chain[0]) if exchange.tls and exchange.tls.chain else None,
        protocol=f"HTTP/{answer.version[0]}.{answer.version[1]}",
        flags=_flags(exchange, answer, stop),
    )
    if stop is not None and stop.reason.fail:
        stop.reason.response = response
        raise stop.reason
    return response


def _flags(exchange: Exchange, answer: Reading, stop: Stop | None) -> list[str]:
    if stop:
        return ["download_stopped"]
    if lossy(exchange):
        return ["dataloss"]
    # Where only the end of the connection ends the body, nobody can tell whether it came whole.
    return ["partial"] if answer.framer.framing == "close" else []
