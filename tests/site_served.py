"""A made-up site (made_sites.py) on loopback, whose pages may be exchanged between two crawls."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from made_sites import Made, Site


class Served:
    """The pages of `site` as long as the block lasts, by path and query; everything else is 404."""

    def __init__(self, site: Site) -> None:
        self.show(site.pages)

    def show(self, pages: list[Made]) -> None:
        """Serve these pages from now on."""
        self.pages = {page.path: page for page in pages}

    def url(self, path: str = "/") -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> Self:
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                page = served.pages.get(self.path)
                body = page.html.encode() if page else b""
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
