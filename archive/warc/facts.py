"""What is to be said of an exchange besides its bytes: the handshake, the proxy, what failed."""

from __future__ import annotations

import hashlib
from base64 import encodebytes

from archive.model import Exchange, TlsFacts

Facts = list[tuple[str, str]]


def facts_of(exchange: Exchange, fault: str | None, chain: str | None) -> Facts:
    """Name and value of each fact worth a record, none if all went as it should over plain HTTP.

    `fault` is what was wrong with the answer's framing, `chain` the id of the record with the peer's certificates.
    """
    facts: Facts = []
    if exchange.proxy is not None:
        facts.append(("proxy", exchange.proxy))
        if exchange.proxy_reply:
            # Bytes of the proxy, not of the portal: escaped, because they are several lines.
            facts.append(("proxy-reply", exchange.proxy_reply.decode("latin-1").encode("unicode_escape").decode()))
    elif exchange.tls is not None:
        facts += _handshake(exchange.tls, chain)
    if exchange.resolved is not None:
        facts.append(("resolved-by-operator", exchange.resolved))
    facts += [("blanked-request-field", name) for name in exchange.blanked]
    if fault:
        facts.append(("framing-fault", fault))
    if exchange.truncated is not None:
        facts.append(("truncated", f"{exchange.truncated} after {exchange.end - exchange.start} bytes"))
    if exchange.failure is not None:
        facts += [("failure", exchange.failure.kind), ("failure-cause", exchange.failure.message)]
    return facts


def journey(exchange: Exchange, via: str | None, hops: str) -> Facts:
    """How the crawl came here and how long it took, in the names of WARC 1.1, section 6.5."""
    took = round((exchange.ended - exchange.started).total_seconds() * 1000)
    return [
        *([("via", via)] if via else []),
        *([("hopsFromSeed", hops)] if hops else []),
        ("fetchTimeMs", str(took)),
    ]


def chain_digest(tls: TlsFacts) -> bytes:
    """One number for a whole chain of certificates."""
    return hashlib.sha256(b"".join(hashlib.sha256(der).digest() for der in tls.chain)).digest()


def pem(tls: TlsFacts) -> bytes:
    """The chain as `application/pem-certificate-chain` (RFC 8555, section 9.1), leaf first."""
    return b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + _wrapped(der) + b"-----END CERTIFICATE-----\n" for der in tls.chain
    )


def _wrapped(der: bytes) -> bytes:
    """Base64 in lines of 64 characters, as RFC 7468 wants them."""
    flat = encodebytes(der).replace(b"\n", b"")
    return b"".join(flat[at : at + 64] + b"\n" for at in range(0, len(flat), 64))


def _handshake(tls: TlsFacts, chain: str | None) -> Facts:
    return [
        ("tls-version", tls.version),
        ("tls-cipher", tls.cipher),
        ("tls-verified", "yes" if tls.verified else "no"),
        *([("tls-error", tls.error)] if tls.error else []),
        *(("tls-certificate-sha256", hashlib.sha256(der).hexdigest()) for der in tls.chain),
        *([("tls-certificates", f"<{chain}>")] if chain else []),
    ]
