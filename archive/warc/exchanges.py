"""An exchange becomes records: its answer or a revisit, its request, and what else is to be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from archive.model import Exchange
from archive.warc.arrivals import Arrival
from archive.warc.facts import chain_digest, facts_of, journey, pem
from archive.warc.records import (
    HTTP_REQUEST,
    HTTP_RESPONSE,
    OCTETS,
    PEM_CHAIN,
    WARC_FIELDS,
    Block,
    Fields,
    Record,
    fields_block,
    stretch,
)

# WARC 1.1, section 6.7.2.
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Original:
    """The kept response that a revisit refers to, and the digest of its payload."""

    record_id: str
    target_uri: str
    time: str
    payload_sha256: bytes | None = None


@dataclass(slots=True)
class Scribe:
    """What the records of one run have in common. `chains`: which record holds a certificate chain, by its digest."""

    warcinfo_id: str | None
    new_id: Callable[[], str]
    chains: dict[bytes, str] = field(default_factory=dict)


def records_of(
    exchange: Exchange,
    arrival: Arrival | None,
    scribe: Scribe,
    *,
    original: Original | None = None,
    via: str | None = None,
    hops: str = "",
) -> list[Record]:
    """All records of one capture event; the answer, if there is one, first. With `original` it becomes a revisit."""
    event = _Event(exchange, scribe)
    kept: list[Record] = []
    if arrival is not None:
        kept.append(event.revisit(arrival, original) if original else event.response(arrival))
    if exchange.request_length:
        kept.append(event.request())
    if len(kept) == 2:
        kept[0].fields.insert(0, ("WARC-Concurrent-To", f"<{kept[1].record_id}>"))
        kept[1].fields.insert(0, ("WARC-Concurrent-To", f"<{kept[0].record_id}>"))
    beside: Fields = [("WARC-Concurrent-To", f"<{kept[0].record_id}>")] if kept else []
    kept += event.asides(beside)
    chain, added = event.chain()
    kept += added
    if facts := facts_of(exchange, arrival.framer.fault if arrival else None, chain):
        block = fields_block(facts + journey(exchange, via, hops))
        kept.append(event.record("metadata", block, WARC_FIELDS, beside))
    return kept


class _Event:
    """One capture event: its records share date, address and run."""

    def __init__(self, exchange: Exchange, scribe: Scribe) -> None:
        self._exchange, self._scribe = exchange, scribe

    def record(self, kind: str, block: Block, content_type: str, fields: Fields) -> Record:
        exchange, scribe = self._exchange, self._scribe
        return Record(
            kind, scribe.new_id(), exchange.started, block, content_type, exchange.url, scribe.warcinfo_id, list(fields)
        )

    def response(self, arrival: Arrival) -> Record:
        exchange = self._exchange
        fields = self._connection(arrival.http)
        if exchange.truncated:
            fields.append(("WARC-Truncated", exchange.truncated))
        return Record(
            "response", self._scribe.new_id(), exchange.started, arrival.block, HTTP_RESPONSE, exchange.url,
            self._scribe.warcinfo_id, fields, arrival.payload_sha256, arrival.framed_sha256, arrival.block_sha256,
        )  # fmt: skip

    def revisit(self, arrival: Arrival, original: Original) -> Record:
        """The answer as a revisit: of the same payload, or (304) of what the server says has not changed.

        Sections 6.7.2 and 6.7.3. Either names its original by id, address and date, and declares its payload: the standard asks the
        second only for the date, which no reader can resolve by itself.
        """
        unchanged = arrival.framer.status == 304
        fields = self._connection(arrival.http)
        fields += [
            ("WARC-Profile", NOT_MODIFIED if unchanged else IDENTICAL_PAYLOAD),
            ("WARC-Refers-To", f"<{original.record_id}>"),
            ("WARC-Refers-To-Target-URI", original.target_uri),
            ("WARC-Refers-To-Date", original.time),
        ]
        if not unchanged:  # the block ends after the head
            fields.append(("WARC-Truncated", "length"))
        made = self.record("revisit", arrival.head(), HTTP_RESPONSE, fields)
        made.payload_sha256 = original.payload_sha256 if unchanged else arrival.payload_sha256
        return made

    def request(self) -> Record:
        exchange = self._exchange
        block = stretch(exchange.request, 0, exchange.request_length)
        line = block[: block.find(b"\r\n")] if isinstance(block, bytes) else b""
        version = line[-3:].decode() if line[-9:-4] == b" HTTP" and line[-3:].replace(b".", b"").isdigit() else None
        return self.record("request", block, HTTP_REQUEST, self._connection(version))

    def asides(self, beside: Fields) -> list[Record]:
        """Interim answers and surplus bytes: metadata records, so that no tool takes them for the capture."""
        exchange = self._exchange
        starts = (0, *exchange.interim)
        parts = [(starts[n], end, HTTP_RESPONSE) for n, end in enumerate(exchange.interim)]
        end = max(exchange.end, exchange.start)
        if exchange.response_length > end:
            parts.append((end, exchange.response_length, OCTETS))
        return [self.record("metadata", stretch(exchange.response, a, b), kind, beside) for a, b, kind in parts]

    def chain(self) -> tuple[str | None, list[Record]]:
        """The id of the record with the peer's certificates, and that record if the run does not have it yet."""
        tls, chains = self._exchange.tls, self._scribe.chains
        if tls is None or not tls.chain or self._exchange.proxy is not None:
            return None, []
        digest = chain_digest(tls)
        if digest in chains:
            return chains[digest], []
        made = self.record("resource", pem(tls), PEM_CHAIN, [])
        made.target_uri = f"urn:tangthu:certificates:{digest.hex()}"
        chains[digest] = made.record_id
        return made.record_id, [made]

    def _connection(self, http: str | None) -> Fields:
        """Whom we spoke with, and in which protocols (one value a field). Through a proxy we cannot know."""
        exchange = self._exchange
        if exchange.proxy is not None:
            return []
        fields: Fields = []
        if exchange.ip:
            fields.append(("WARC-IP-Address", exchange.ip.partition("%")[0]))
        if http:
            fields.append(("WARC-Protocol", f"http/{http}"))
        if exchange.tls:
            fields += [("WARC-Protocol", exchange.tls.version), ("WARC-Cipher-Suite", exchange.tls.cipher)]
        return fields
