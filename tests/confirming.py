"""A site whose pages say by what they are known, and which answers conditional requests as RFC 9110 has it."""

from __future__ import annotations

from archive.warc.answer import asked_about

PAGE = "<html><body><h1>Hội nghị triển khai nhiệm vụ</h1><div id=noidung>%s</div>%s</body></html>"
PROSE = (
    "<p>" + "Sáng nay, Ủy ban nhân dân tỉnh tổ chức hội nghị triển khai nhiệm vụ năm mới tại trung tâm. " * 6 + "</p>"
)


class Site:
    """Pages with their validators; it answers conditional requests as RFC 9110 has it, and notes them."""

    def __init__(self, portal):
        self.pages, self.portal = {}, portal
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def put(self, path, body, *, etag=None, modified=None):
        self.pages[path] = (body.encode(), etag, modified)
        self.portal.on(path, lambda wire: wire.send(self.answer(path, wire.hit.request)))

    def answer(self, path, request):
        body, etag, modified = self.pages[path]
        known = asked_about(request)
        told = b"".join(
            b"%s: %s\r\n" % (name, value.encode())
            for name, value in ((b"ETag", etag), (b"Last-Modified", modified))
            if value
        )
        if known and (known.etag == etag if known.etag else known.last_modified == modified):
            return b"HTTP/1.1 304 Not Modified\r\n" + told + b"\r\n"
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            + told
            + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
