"""What crossed the wire, and what the archive keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal

# Why an answer ended before its end: the values of WARC-Truncated (WARC 1.1, section 5.13).
Truncation = Literal["length", "time", "disconnect", "unspecified"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt brought no usable answer, or not the whole of it: `message` is the cause as it was reported, one line.

    `kind` is one of dns, refused, unreachable, timeout, tls, reset, closed, http, proxy, forbidden, length.
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What the handshake agreed on, and whether the certificate held.

    `version` as in WARC-Protocol ("tls/1.3"), `cipher` by its IANA name, `chain` the peer's certificates as DER, leaf first. `verified` is
    true only if chain, validity and host name all held; `error` says which did not.
    """

    version: str
    cipher: str
    verified: bool
    error: str | None
    chain: tuple[bytes, ...]


@dataclass(slots=True)
class Exchange:
    """One attempt to get one address: what was sent, what came back, and how it ended.

    `request` and `response` are seekable and hold the bytes as they crossed the connection. In `response` come, in order, the interim answers
    (`interim`: the offset where each ends), the answer itself up to `end`, and whatever the server sent after it. `request` differs from the wire
    only in the values of the header fields named in `blanked`. Whoever made the exchange closes it once it has been deposited. `id` is its maker's
    name for it, under which surplus that came later is reported; `stale` says that the server had closed an idle connection before it could
    answer. `framer` is the archive.Framer that followed the answer, if one did, with its head.
    """

    url: str
    method: str
    started: datetime
    request: BinaryIO
    response: BinaryIO
    request_length: int
    response_length: int
    ended: datetime
    interim: tuple[int, ...] = ()
    end: int = 0
    truncated: Truncation | None = None
    failure: Failure | None = None
    ip: str | None = None
    tls: TlsFacts | None = None
    proxy: str | None = None
    proxy_reply: bytes = b""
    resolved: str | None = None
    blanked: tuple[str, ...] = ()
    id: str = ""
    stale: bool = False
    framer: object = None

    @property
    def start(self) -> int:
        """Offset in `response` where the final answer begins."""
        return self.interim[-1] if self.interim else 0

    @property
    def answered(self) -> bool:
        """Whether at least one byte of a final answer came."""
        return self.end > self.start

    def close(self) -> None:
        """Let go of the bytes."""
        self.request.close()
        self.response.close()


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange as the archive keeps it. `id` is the archive's own number, `record_id` the WARC record's URI."""

    id: int
    run: int
    url: str
    time: datetime
    method: str
    status: int | None
    media_type: str | None
    record_id: str
    payload_digest: str | None
    length: int
    truncated: str | None = None
    failure: str | None = None
    revisit_of: str | None = None
    location: str | None = None
