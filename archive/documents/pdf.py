"""PDF by PDFium: the text layer, page by page."""

from __future__ import annotations

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.troubles import Encrypted, Unreadable

# The longest decrees with all their annexes have under a thousand pages.
_MOST_PAGES = 3000
_PASSWORD = raw.FPDF_ERR_PASSWORD


def pages(data: bytes) -> tuple[list[str], int]:
    """The text of each page, and how many pages show pictures. Raises Encrypted, Unreadable."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        if getattr(problem, "err_code", None) == _PASSWORD or "password" in str(problem).lower():
            raise Encrypted("it wants a password") from problem
        raise Unreadable(str(problem)) from problem
    try:
        if len(document) > _MOST_PAGES:
            raise Unreadable(f"{len(document)} pages; at most {_MOST_PAGES} are read")
        texts, pictures = [], 0
        for number in range(len(document)):
            text, pictured = _page(document, number)
            texts.append(text)
            pictures += pictured
        return texts, pictures
    finally:
        document.close()


def _page(document: pdfium.PdfDocument, number: int) -> tuple[str, bool]:
    try:
        page = document[number]
        layer = page.get_textpage()
        text = layer.get_text_bounded()
        pictured = next(iter(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])), None) is not None
    except pdfium.PdfiumError:  # one broken page does not hide the others
        return "", False
    layer.close()
    page.close()
    return text, pictured
