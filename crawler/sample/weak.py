"""TLS as portals left behind speak it (PORTALS.md, section 3): old versions, 1024-bit keys and Diffie-Hellman groups, a chain that is not whole."""

from __future__ import annotations

import ssl
import tempfile
import warnings
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# RFC 2409, section 6.2: the second Oakley group, of 1024 bits, as many old servers still have it.
_OAKLEY = bytes.fromhex(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)
# As PKCS #3 writes it: a sequence of the prime and the generator, 2.
_GROUP = bytes.fromhex("308187028181 00") + _OAKLEY + bytes.fromhex("020102")
_BITS = 1024


def context(host: str) -> ssl.SSLContext:
    """The server's side: TLS 1.0 and 1.1 only, and of the chain the host's own certificate, not the one of who signed it."""
    authority, key = _key(), _key()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("DHE-RSA-AES128-SHA:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        chain, group = Path(folder, "chain.pem"), Path(folder, "dh.pem")
        chain.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + _certificate(host, key, authority))
        group.write_text(f"-----BEGIN DH PARAMETERS-----\n{b64encode(_GROUP).decode()}\n-----END DH PARAMETERS-----\n", "ascii")
        made.load_cert_chain(chain)
        made.load_dh_params(str(group))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that these are old is the point
        made.minimum_version, made.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return made


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, _BITS)  # weak on purpose


def _certificate(host: str, key: rsa.RSAPrivateKey, authority: rsa.RSAPrivateKey) -> bytes:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(_name("CA trung gian tỉnh Mẫu"), _name(host), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=4000))
    named = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return named.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
