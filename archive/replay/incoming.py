"""HTTP/1.1 requests out of the bytes of a connection, as WSGI has them (RFC 9112, PEP 3333). The parser is Node's, through httptools."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

LONGEST_HEAD = 65536


class BadRequest(Exception):
    """The bytes are no request that may be answered: `status` is what to answer before the connection ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Requests:
    """The requests of one connection. `ready` are those that came whole, each with whether another may follow it."""

    def __init__(self, shared: dict[str, Any], longest_body: int) -> None:
        self.ready: list[tuple[dict[str, Any], bool]] = []
        # True from when a head has come that lets its sender wait for leave to send the body (RFC 9110, section 10.1.1).
        self.waits = False
        self._shared, self._longest_body = shared, longest_body
        self._parser = HttpRequestParser(self)
        self._refused: BadRequest | None = None
        self._begin()

    @property
    def begun(self) -> bool:
        """Whether part of a request has come."""
        return self._taken > 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises BadRequest; then nothing more can be read of this connection.

        Requests that came whole before what is wrong are ready, and the last of them is the connection's last.
        """
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserUpgrade, HttpParserError) as error:
            # Another protocol that was offered need not be taken up (RFC 9110, section 7.8); what follows it is not read.
            if not self.ready and not isinstance(error, HttpParserUpgrade):
                raise (self._refused or BadRequest(400)) from None
            self.ready[-1:] = [(environ, False) for environ, _ in self.ready[-1:]]
        if self._taken > LONGEST_HEAD and not self._headed:
            raise BadRequest(431)

    def _begin(self) -> None:
        self._url, self._fields, self._headed, self._taken = b"", dict[str, str](), False, 0
        self._body: list[bytes] = []
        self._head = self._length = 0

    def on_url(self, url: bytes) -> None:
        """The parser has come upon the target, or a piece of it."""
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser has come upon a header field, or a trailer (RFC 9112, section 7.1.2), which is none."""
        if self._headed:
            return
        self._count(len(name) + len(value))
        key, text = _key(name), value.decode("latin-1")
        if not key:
            return
        if key in self._fields:
            if key in ("HTTP_HOST", "CONTENT_TYPE", "CONTENT_LENGTH"):
                self._refuse(400)
            text = f"{self._fields[key]}{'; ' if key == 'HTTP_COOKIE' else ', '}{text}"
        self._fields[key] = text

    def on_headers_complete(self) -> None:
        """The parser has come to the end of the head."""
        self._headed = True
        told = self._fields.get("CONTENT_LENGTH", "0")
        if len(told) > 12 or int(told) > self._longest_body:
            self._refuse(413)
        self.waits = self._fields.get("HTTP_EXPECT", "").lower() == "100-continue"

    def on_body(self, body: bytes) -> None:
        """The parser has come upon a piece of the body, its chunking undone."""
        self._length += len(body)
        if self._length > self._longest_body:
            self._refuse(413)
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The parser has come to the end of the request."""
        parser, target = self._parser, self._url.decode("latin-1")
        path, _, query = target.partition("?")
        version = parser.get_http_version()
        environ = {
            **self._shared, **self._fields, "REQUEST_METHOD": parser.get_method().decode("latin-1"), "REQUEST_URI": target,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path, "QUERY_STRING": query,
            "SERVER_PROTOCOL": f"HTTP/{version}", "wsgi.input": BytesIO(b"".join(self._body)),
        }  # fmt: skip
        if self._length:
            environ["CONTENT_LENGTH"] = str(self._length)
        self.ready.append((environ, version == "1.1" and parser.should_keep_alive()))
        self.waits = False
        self._begin()

    def _count(self, length: int) -> None:
        self._head += length + 4
        if self._head > LONGEST_HEAD:
            self._refuse(431)

    def _refuse(self, status: int) -> None:
        self._refused = BadRequest(status)
        raise self._refused


@lru_cache(maxsize=512)
def _key(name: bytes) -> str:
    """The name of a field in a WSGI environ; "" for one with an underscore, which could pass for one with a dash there."""
    text = name.decode("latin-1").upper()
    if "_" in text:
        return ""
    text = text.replace("-", "_")
    return text if text in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{text}"
