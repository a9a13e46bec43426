"""Markup made to hurt a cleaner: 5 MB of it each, by name. Words that must not be lost stand at the end of every page: LAST."""

from __future__ import annotations

from collections.abc import Callable

SIZE = 5_000_000
LAST = "Câu cuối cùng này đứng sau tất cả và phải còn lại, trong bài hoặc trong những phần đã cắt."
_PROSE = (
    "<p>Đoạn văn mở đầu này đủ dài để là một đoạn của bài viết trên cổng thông tin, có dấu phẩy, và kết thúc bằng một dấu chấm như mọi đoạn.</p>"
    "<p>Đoạn tiếp theo kể rằng trang này được làm ra để thử sức máy đọc, với rất nhiều thẻ lồng nhau, không đóng, hoặc viết sai quy cách.</p>"
    f"<p>{LAST}</p>"
)


def _times(unit: str, size: int) -> str:
    return unit * (size // len(unit.encode()) + 1)


def _nested(start: str, end: str = "", count: int = 100_000) -> Callable[[int], str]:
    """So many elements in each other, with text to fill the size."""

    def make(size: int) -> str:
        number = max(50, count * size // SIZE)
        filler = _times("chữ ", max(0, size - number * (len(start) + len(end))))
        return f"<body>{start * number}{filler}{_PROSE}{end * number}</body>"

    return make


def _rows(size: int) -> str:
    return "<body><table>" + _times("<tr><td>a<td>b<td>c", size) + "</table>" + _PROSE


PAGES: dict[str, Callable[[int], str]] = {
    "100,000 divs in each other": _nested("<div>", "</div>"),
    "100,000 divs without ends": _nested("<div>"),
    "spans in each other": _nested("<span>", "</span>"),
    "bold in bold": _nested("<b>"),
    "fonts with attributes": _nested('<font color="red">'),
    "links in links": _nested('<a href="/x">'),
    "formatting and blocks crossed": _nested("<b><p><i>", ""),
    "tables in tables": _nested("<table><tr><td>", "</td></tr></table>", 60_000),
    "lists in lists": _nested("<ul><li>", "</li></ul>"),
    "quotes in quotes": _nested("<blockquote>", "</blockquote>"),
    "forms in forms": _nested("<form>"),
    "buttons in buttons": _nested("<button>"),
    "nested viewers": _nested('<embed src="/a.pdf">'),
    "custom elements in each other": _nested("<x-y>"),
    "paragraphs without ends": lambda n: "<body>" + _times("<p>Một câu ngắn", n) + _PROSE,
    "no end tags at all": lambda n: "<body>" + _times("<div><p>Câu<b>đậm<i>nghiêng<td>ô<li>mục", n) + _PROSE,
    "200,000 attributes on one element": lambda n: "<body><div " + " ".join(f'a{i}="{i}"' for i in range(n // 25)) + f">{_PROSE}</div>",
    "one attribute of megabytes": lambda n: f'<body><div class="{_times("lop ", n)}">{_PROSE}</div>',
    "an inline image of megabytes": lambda n: f'<body><img src="data:image/png;base64,{_times("QUJD", n)}">{_PROSE}',
    "classes by the thousand": lambda n: "<body>" + "".join(f'<div class="c{i} d{i}">{i}</div>' for i in range(n // 32)) + _PROSE,
    "one text node": lambda n: f"<body><div>{_times('chữ nghĩa ', n)}</div>{_PROSE}",
    "one word": lambda n: f"<body><p>{'a' * n}</p>{_PROSE}",
    "line breaks": lambda n: f"<body><div>{_times('chữ<br>', n)}</div>{_PROSE}",
    "empty blocks": lambda n: "<body>" + _times("<div></div>", n) + _PROSE,
    "short links": lambda n: "<body><div>" + _times('<a href="/tin/1">Một tin ngắn gọn</a> ', n) + f"</div>{_PROSE}",
    "a list of announcements": lambda n: "<body>" + _times('<div class="i"><h3><a href="/tin/1">Một bài viết khác</a></h3><p>Tóm tắt của bài viết ấy, dài hơn một dòng.</p></div>', n) + _PROSE,
    "headings": lambda n: "<body>" + _times("<h2>Một đề mục như mọi đề mục</h2>", n) + _PROSE,
    "hidden blocks": lambda n: "<body>" + _times('<div style="display:none">Một câu ẩn đủ dài để là văn xuôi trên trang</div>', n) + _PROSE,
    "the same paragraph": lambda n: "<body>" + _times("<p>Một đoạn văn lặp lại, đủ dài để đáng kể, và có dấu chấm ở cuối đoạn như mọi đoạn văn khác.</p>", n) + _PROSE,
    "different paragraphs": lambda n: "<body>" + "".join(f"<p>Đoạn thứ {i} của một bài rất dài, có dấu phẩy và một dấu chấm ở cuối.</p>" for i in range(n // 100)) + _PROSE,
    "images": lambda n: "<body>" + _times('<img src="/a.jpg"><p>Chú thích</p>', n) + _PROSE,
    "rows without ends": _rows,
    "a cell that spans": lambda n: "<body><table>" + _times('<tr><td colspan="1000" rowspan="65534">a</td><td>b</td></tr>', n) + f"</table>{_PROSE}",
    "an unclosed comment": lambda n: f"<body>{_PROSE}<!-- {_times('chữ ', n)}",
    "comments": lambda n: "<body>" + _times("<!-- a -- b -->", n) + _PROSE,
    "an unclosed script": lambda n: f"<body>{_PROSE}<script>{_times('if (a < b) c();', n)}",
    "scripts": lambda n: "<body>" + _times("<script>a</script>", n) + _PROSE,
    "less-than signs": lambda n: f"<body><p>{_times('< ', n)}</p>{_PROSE}",
    "start tags cut off": lambda n: f"<body>{_times('<a <b <c ', n)}>{_PROSE}",
    "quotes without ends": lambda n: f"<body>{_times('<a href=' + chr(34), n)}\">{_PROSE}",
    "entities": lambda n: f"<body><p>{_times('&amp;&#7855;&nbsp;', n)}</p>{_PROSE}",
    "combining marks": lambda n: f"<body><p>a{_times(chr(0x301) + chr(0x323), n)}</p>{_PROSE}",
    "NUL bytes": lambda n: f"<body><p>{_times(chr(0) + 'a', n)}</p>{_PROSE}",
    "spaces": lambda n: f"<body><p>{' ' * n}</p>{_PROSE}",
    "meta elements": lambda n: "<head>" + _times('<meta name="a" content="b">', n) + f"</head><body>{_PROSE}",
    "dates": lambda n: "<body><h1>Một tiêu đề của bài</h1>" + _times("<div>07/02/2020 15:20</div>", n) + _PROSE,
    "skip links": lambda n: "<body>" + _times('<a href="#x">Đến nội dung chính</a>', n) + _PROSE,
    "document links": lambda n: "<body><div>" + _times('<p><a href="/a.pdf">Tệp đính kèm</a></p>', n) + f"</div>{_PROSE}",
}  # fmt: skip
