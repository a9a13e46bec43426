"""Names in the house's words why a connection could not be had or was lost."""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet import error
from twisted.internet.defer import TimeoutError as HandshakeTimeout

from archive.model import Failure


def of_connecting(value: BaseException, host: str) -> Failure:
    """Why there is no connection to `host`."""
    if isinstance(value, SSL.Error):
        return Failure("tls", _tls_words(value))
    if isinstance(value, error.ConnectionRefusedError):
        return Failure("refused", f"{host} refused the connection")
    if isinstance(value, error.TimeoutError):
        return Failure("timeout", f"{host} did not take the connection in time")
    if isinstance(value, error.ConnectError):
        return Failure("unreachable", f"{host} cannot be reached: {_words(value)}")
    return of_loss(value, secure=False)


def of_handshake(value: BaseException) -> Failure:
    """Why a TLS handshake came to nothing."""
    if isinstance(value, SSL.Error):
        return Failure("tls", _tls_words(value))
    if isinstance(value, HandshakeTimeout):
        return Failure("timeout", "the TLS handshake was not finished in time")
    return Failure("tls", "the server closed the connection during the handshake")


def of_loss(value: BaseException, *, secure: bool) -> Failure:
    """How an open connection ended."""
    if isinstance(value, error.ConnectionDone):
        return Failure("closed", "the server closed the connection before the answer had ended")
    if isinstance(value, SSL.Error):
        return Failure("tls", _tls_words(value))
    if secure and isinstance(value, error.ConnectionLost):
        return Failure("closed", "the connection was cut off without TLS close_notify")
    return Failure("reset", _words(value))


def _tls_words(failure: SSL.Error) -> str:
    parts = failure.args[0] if failure.args and isinstance(failure.args[0], list) else []
    return "; ".join(str(part[-1]) for part in parts if part) or _words(failure)


def _words(value: BaseException) -> str:
    return " ".join(str(value).split()) or type(value).__name__
