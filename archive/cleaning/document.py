"""What a page says of the one legal document it shows: the rows `Số ký hiệu`, `Ngày ban hành`, `Người ký` in whatever markup.

Only a page with a number and another row is such a document; a page with several numbers is a list of them, and prose that quotes a
decree has no rows. Labels are those of the portals' document modules (NukeViet laws, Liferay and SharePoint lists, own systems).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from archive.cleaning.blocks import Block
from archive.cleaning.chrome import name_of
from archive.cleaning.dates import read_day
from archive.cleaning.decode import plain
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.prose import BLOCKS
from archive.model import Document

_LABELS = {
    "number": "số kí hiệu|số ký hiệu|số, ký hiệu|số, kí hiệu|số và ký hiệu|số/ký hiệu|số/kí hiệu|số / ký hiệu|số hiệu|số hiệu văn bản|"
    "số ký hiệu văn bản|số kí hiệu văn bản|số/ký hiệu văn bản|số văn bản|số quyết định|ký hiệu văn bản|số/kí hiệu văn bản|document number",
    "issued": "ngày ban hành|ngày ban hành văn bản|ngày ký|ngày kí|ngày ký văn bản|ngày văn bản|date of issue|issued date|issued",
    "issuer": "cơ quan ban hành|cơ quan ban hành văn bản|đơn vị ban hành|nơi ban hành|cơ quan ra văn bản|cơ quan/đơn vị ban hành|cơ quan|"
    "cấp ban hành|tổ chức ban hành|issuing body|issued by",
    "signer": "người ký|người kí|người ký văn bản|người ký duyệt|người ký ban hành|signer|signed by",
    "kind": "thể loại|thể loại văn bản|loại văn bản|hình thức văn bản|hình thức|loại|loại tài liệu|document type|type",
    "abstract": "trích yếu|trích yếu nội dung|trích yếu văn bản|nội dung trích yếu|trích yếu nội dung văn bản|về việc|tên văn bản|nội dung|tiêu đề|"
    "abstract|summary",
    "": "ngày hiệu lực|ngày có hiệu lực|ngày bắt đầu hiệu lực|ngày hết hiệu lực|hiệu lực|tình trạng hiệu lực|tình trạng|lĩnh vực|cơ quan thẩm tra|"
    "văn bản thay thế|văn bản được thay thế|văn bản liên quan|file đính kèm|tệp đính kèm|tệp tin|tập tin đính kèm|tải về|tải xuống|tài liệu|"
    "tài liệu đính kèm|file|toàn văn|ngày đăng|ngày công báo|số công báo|nguồn|lượt xem|phạm vi|chức vụ|chức danh|người duyệt|stt|độ khẩn|độ mật|"
    "nhóm|chủ đề|bắt đầu lấy ý kiến|kết thúc lấy ý kiến|ngày đăng công báo|ngày áp dụng",
}
_FIELD = {label: field for field, labels in _LABELS.items() for label in labels.split("|")}
_LONGEST = max(map(len, _FIELD))
_NUMBER = re.compile(r"(?=.*\d)(?:số\s*:?\s*)?[\w./&-]+(?:\s?[-/]\s?[\w.&-]+)*(?:\s\([^)]*\))?", re.IGNORECASE)
_VALUE = 2000
# Rows stand by a body if so many steps lead from it to what holds both.
_NEAR = 4
# More text beside the rows than an abstract has is a page of something else.
_BESIDE = 1500
# Rows that are better evidence than their likes come first.
_BETTER = ("ngày ban hành", "cơ quan ban hành", "trích yếu", "trích yếu nội dung", "loại văn bản", "thể loại")
_PARTING = BLOCKS | {"br", "hr"}
_GATE = (" hiệu", " HIỆU", "ố văn bản", "ố quyết định", "ocument number")
_LABELLED = re.compile("[íýố] hiệu|[ÍÝỐ] HIỆU|ố văn bản|ố quyết định|ocument number")


@dataclass(frozen=True, slots=True)
class Row:
    """A label with its value, and the element that holds the label."""

    label: str
    value: str
    element: Element


@dataclass(frozen=True, slots=True)
class Record:
    """A document's rows, read; the smallest element that holds them all, and what holds that."""

    document: Document
    element: Element
    around: frozenset[Element]

    def whole(self, title: Element | None) -> Element:
        """The rows with what belongs to them below the title: an abstract before them, a text behind them."""
        at, most = self.element, len(spaced_text(self.element)) + _BESIDE
        while title is not None and (parent := at.getparent()) is not None and parent.tag not in ("body", "form"):
            if inside(title, parent) or len(spaced_text(parent)) > most:
                break
            at = parent
        return at

    def by(self, body: Element, blocks: Sequence[Block]) -> Document | None:
        """The document, if its rows stand in `body` or by it. What stands before the rows is its abstract where no row is."""
        steps = next((n for n, a in enumerate([body, *body.iterancestors()]) if a in self.around and a.tag not in ("body", "html")), _NEAR + 1)
        if steps > _NEAR:
            return None
        number = self.document.number or ""
        before = list(takewhile(lambda b: number not in b.text or b.kind != "table", blocks))
        if self.document.abstract is None and len(before) < len(blocks) and len(before) == 1 and before[0].kind in ("text", "quote"):
            return replace(self.document, abstract=before[0].text)
        return self.document


def record(page: Page) -> Record | None:
    """The legal document that a page is about, if it is such a page."""
    if not _worth_reading(page):
        return None
    rows = [row for row in _rows(page.body) if not _beside(row.element, page)]
    numbers = {r.value for r in rows if _FIELD[r.label] == "number"}
    if len(numbers) != 1 or not _NUMBER.fullmatch(number := numbers.pop()) or len(number) > 80:
        return None
    made = Document(number=re.sub(r"^số\s*:?\s*", "", number, flags=re.IGNORECASE))
    for row in sorted(rows, key=lambda r: r.label not in _BETTER):
        name = _FIELD[row.label]
        if name and name != "number" and getattr(made, name) is None:
            setattr(made, name, read_day(row.value) if name == "issued" else row.value)
    known = [v for v in (made.issued, made.issuer, made.signer, made.kind, made.abstract) if v]
    if not known:
        return None
    element = _holder([r.element for r in rows])
    return Record(made, element, frozenset([element, *element.iterancestors()]))


def _worth_reading(page: Page) -> bool:
    """Whether a label of a number can be there at all; reading every page's text nodes would cost more than its dates."""
    text = page.said
    if "\u0323" in text:
        text = plain(text)
    return any(word in text for word in _GATE) and _LABELLED.search(text) is not None


def _rows(body: Element) -> Iterator[Row]:
    """Every known label with what stands behind it, in document order."""
    for element in body.iter("*"):
        for text, holder in ((element.text, element), (element.tail, None)):
            if not text or len(text) > _VALUE or text.isspace():
                continue
            label, colon, rest = plain(text).partition(":")
            label = label.strip(" .*-–•").casefold()
            if len(label) > _LONGEST or label not in _FIELD:
                continue
            value = rest.strip() or _behind(element, plain(text), own=holder is not None)
            told = rest.strip() or colon or _is_cell(element)
            if told and value and len(value) < _VALUE and value.rstrip(" :").casefold() not in _FIELD:
                yield Row(label, value, element)


def _is_cell(element: Element) -> bool:
    """Whether a label without a colon stands where labels stand: alone in a cell, a term, or the first of two blocks."""
    at: Element | None = element
    while at is not None and at.tag not in BLOCKS:
        at = at.getparent()
    return at is not None and at.tag in ("td", "th", "dt", "div", "li", "p", "label")


def _behind(element: Element, label: str, *, own: bool) -> str:
    """The value behind a label: the rest of its element, the text or the element after it, or the cell after its cell."""
    if own and len(text := spaced_text(element)) > len(label):
        return text[len(label) :].strip(" :")
    at = element
    while True:
        if at is not element or own:
            value = plain(at.tail or "").lstrip(" :")
            for beside in at.itersiblings():
                if value and (beside.tag in _PARTING or _is_label(beside)):
                    break
                text = spaced_text(beside)
                value = f"{value} {text} {plain(beside.tail or '')}".strip() if beside.tag not in _PARTING else value or text
            if value := plain(value).lstrip(" :"):
                return value
        elif following := element.getnext():
            return spaced_text(following)
        parent = at.getparent()
        if parent is None or parent.tag in ("tr", "dl", "table", "tbody", "ul", "ol", "body", "form", "section", "article"):
            return ""
        if len(spaced_text(parent)) > len(label) + 1:
            return ""
        at = parent


def _is_label(element: Element) -> bool:
    return spaced_text(element).rstrip(" :").casefold() in _FIELD


def _beside(element: Element, page: Page) -> bool:
    """Whether a row belongs to a box beside the page's own content."""
    at: Element | None = element
    while at is not None and at is not page.body:
        if at.tag in ("aside", "nav", "footer") or name_of(at) in ("side-list", "related", "footer", "menu", "search"):
            return True
        at = at.getparent()
    return False


def _holder(elements: list[Element]) -> Element:
    for ancestor in (elements[0], *elements[0].iterancestors()):
        if all(inside(e, ancestor) for e in elements):
            return ancestor
    return elements[0]
