"""TLS as an archive needs it: talk to whom there is, keep what was agreed on and whether the certificate held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from zope.interface import implementer

from archive.model import TlsFacts
from crawler.wire.addresses import literal

VERSIONS = {"1.0": SSL.TLS1_VERSION, "1.1": SSL.TLS1_1_VERSION, "1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}
# Portals behind old balancers know no secure renegotiation (RFC 5746), which OpenSSL 3 would refuse.
_OP_LEGACY_SERVER_CONNECT = 0x4
# What X509_verify_cert_error_string says, which pyOpenSSL does not hand out.
_VERDICTS = {
    2: "issuer not found", 7: "signature wrong", 9: "not yet valid", 10: "expired", 18: "self-signed certificate",
    19: "self-signed certificate in the chain", 20: "issuer not trusted", 21: "issuer not sent and not known",
    22: "chain too long", 23: "revoked", 24: "issuer is no authority", 26: "not made for servers", 66: "key too weak",
    67: "authority's key too weak", 68: "signature digest too weak",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """How to speak TLS. `strict` refuses a server whose certificate does not hold, instead of only noting it.

    `ciphers` is an OpenSSL cipher string ("DEFAULT:@SECLEVEL=0" for portals left behind), `minimum` the oldest version
    ("1.0" to "1.3"), `authorities` a PEM file trusted besides the system's.
    """

    strict: bool = False
    ciphers: str = "DEFAULT"
    minimum: str = "1.2"
    authorities: str | None = None


class Speakers:
    """Who speaks to which host: by the host's own policy, else by the one for all."""

    def __init__(self, policy: TlsPolicy, hosts: Mapping[str, TlsPolicy]) -> None:
        self._all = Speaker(policy)
        self._hosts = {host.lower(): Speaker(own) for host, own in hosts.items()}

    def to(self, host: str) -> Speaker:
        """The one who speaks to `host`."""
        return self._hosts.get(host, self._all)


class Speaker:
    """Makes the TLS side of connections; one context serves them all."""

    def __init__(self, policy: TlsPolicy) -> None:
        self.policy = policy
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_options(_OP_LEGACY_SERVER_CONNECT | SSL.OP_NO_COMPRESSION)
        context.set_min_proto_version(VERSIONS[policy.minimum])
        context.set_cipher_list(policy.ciphers.encode())
        context.set_alpn_protos([b"http/1.1"])
        context.set_default_verify_paths()
        if policy.authorities:
            context.load_verify_locations(policy.authorities)
        self._context = context

    def handshake(self, host: str) -> Handshake:
        """The TLS side of one connection to `host`, a name or an IP address."""
        return Handshake(self._context, host)


@implementer(IOpenSSLClientConnectionCreator)
class Handshake:
    """One handshake, as Twisted's TLS endpoint asks for it."""

    def __init__(self, context: SSL.Context, host: str) -> None:
        self._context = context
        self._host = host
        self._connection: SSL.Connection | None = None
        self.objection: str | None = None

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: ARG002, N802, N803
        """Make the connection: SNI for names, not for addresses (RFC 6066, section 3)."""
        connection = SSL.Connection(self._context, None)
        connection.set_verify(SSL.VERIFY_PEER, self._note)
        if literal(self._host) is None:
            connection.set_tlsext_host_name(self._host.encode())
        self._connection = connection
        return connection

    def _note(self, _connection: Any, _certificate: Any, number: int, depth: int, good: int) -> bool:
        """Remember the first objection, and let the handshake go on."""
        if not good and self.objection is None:
            what = _VERDICTS.get(number, f"OpenSSL's verdict {number}")
            self.objection = f"certificate {depth} of the chain: {what}"
        return True

    def facts(self) -> TlsFacts:
        """What was agreed on; call it once the handshake is complete."""
        connection = self._connection
        assert connection is not None  # noqa: S101 - Twisted made it before the handshake
        error = self.objection or self._misnamed(connection)
        chain = connection.get_peer_cert_chain(as_cryptography=True) or []
        version = connection.get_protocol_version_name()
        return TlsFacts(
            version="tls/" + (version.removeprefix("TLSv") if "." in version else "1.0"),
            cipher=iana_name(connection.get_cipher_name() or ""),
            verified=error is None,
            error=error,
            chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in chain),
        )

    def _misnamed(self, connection: SSL.Connection) -> str | None:
        try:
            if literal(self._host) is None:
                verify_hostname(connection, self._host)
            else:
                verify_ip_address(connection, self._host)
        except (VerificationError, CertificateError):
            return f"the certificate is not for {self._host}"
        return None


_KEY = re.compile(r"^(AES|CAMELLIA|ARIA)(128|192|256)$")


def iana_name(name: str) -> str:
    """The IANA name of a cipher suite that OpenSSL calls `name`; TLS 1.3's names are the same (WARC-Cipher-Suite)."""
    if name.startswith("TLS_") or not name:
        return name
    parts = name.split("-")
    cut = next((n for n, p in enumerate(parts) if _KEY.match(p) or p in _CIPHERS), len(parts))
    exchange, cipher, rest = _exchange(parts[:cut]), "", parts[cut:]
    if rest:
        found = _KEY.match(rest[0])
        cipher = f"{found[1]}_{found[2]}" if found else _CIPHERS[rest[0]]
        rest = rest[1:]
        if found and (not rest or rest[0] not in ("GCM", "CCM", "CCM8")):
            cipher += "_CBC"
    tail = ["CCM_8" if part == "CCM8" else part for part in rest if part not in ("CBC", "CBC3")]
    if exchange == "DHE_PSK" and tail == ["CCM_8"]:
        exchange = "PSK_DHE"  # so registered by RFC 6655, unlike all its brothers
    if cipher == "CHACHA20_POLY1305" and not any(p.startswith("SHA") for p in tail):
        tail = ["SHA256"]
    return "_".join(["TLS", exchange, "WITH", cipher, *[part for part in tail if part != "POLY1305"]])


_CIPHERS = {
    "CHACHA20": "CHACHA20_POLY1305", "NULL": "NULL", "RC4": "RC4_128", "DES": "3DES_EDE_CBC", "SEED": "SEED_CBC",
    "IDEA": "IDEA_CBC",
}  # fmt: skip


def _exchange(parts: list[str]) -> str:
    """Key exchange and authentication: OpenSSL leaves RSA out, and calls the anonymous ones ADH and AECDH."""
    spelt = "_".join(parts) or "RSA"
    return {"ADH": "DH_anon", "AECDH": "ECDH_anon", "ECDHE": "ECDHE_RSA"}.get(spelt, spelt)
