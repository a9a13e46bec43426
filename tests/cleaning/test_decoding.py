from __future__ import annotations

import unicodedata

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.decode import decode, plain

WORDS = "Hội nghị tổng kết công tác thông tin đối ngoại"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def apart(letter: str) -> str:
    """A letter as windows-1258 has it: the vowel whole, the tone behind it."""
    marks = unicodedata.normalize("NFD", letter)
    tone = "".join(m for m in marks if m in TONES)
    return unicodedata.normalize("NFC", "".join(m for m in marks if m not in TONES)) + tone


SPLIT = "".join(map(apart, WORDS))


@pytest.mark.parametrize("declared", [None, "iso-8859-1", "windows-1252", "windows-1258", "utf-8", "x-unknown", "utf-7", "hex"])
def test_utf8_is_read_as_utf8_whatever_is_declared(declared: str | None) -> None:
    page = f'<meta charset="{declared or ""}"><p>{WORDS}</p>'.encode()
    assert WORDS in decode(page, declared)[0]


@pytest.mark.parametrize("declared", [None, "windows-1258", "iso-8859-1", "utf-8"])
def test_windows_1258_comes_out_composed(declared: str | None) -> None:
    text, name = decode(f"<p>{SPLIT}</p>".encode("cp1258"), declared)
    assert (text, name) == (f"<p>{WORDS}</p>", "cp1258")


def test_the_header_outranks_the_page_and_latin_1_means_windows_1252() -> None:
    page = b'<meta charset="windows-1251"><p>caf\xe9 \x93x\x94</p>'
    assert "café “x”" in decode(page, "ISO-8859-1")[0]
    assert "caf\u0439" in decode(page)[0]


def test_utf8_with_a_few_broken_bytes_stays_utf8() -> None:
    page = f"<p>{WORDS * 3}</p>".encode()
    assert WORDS in decode(page[:-5] + b"\xff</p>")[0]
    assert decode(page[: page.index("ộ".encode()) + 1] + page[-200:])[1] == "utf-8"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_wins(codec: str) -> None:
    assert decode(WORDS.encode(codec), "windows-1252")[0] == WORDS


def test_plain_text_is_composed_and_has_no_invisible_or_doubled_blanks() -> None:
    assert plain(f"\ufeff {SPLIT}\u200b  x\u00a0\u00ad y&nbsp;z ") == f"{WORDS} x y z"
    assert plain("a\x00b\x1fc\ud800") == "abc\ud800"


def test_a_tone_that_is_an_entity_of_its_own_is_composed() -> None:
    body = "<p>Vi&#234;&#803;t&#8203; Nam co&#769; da&#770;&#769;u t&#225;ch r&#417;&#768;i trong ba&#768;i vi&#234;&#769;t n&#224;y.</p>".replace("<p>", "<p>" + "&#272;&#226;y l&#224; c&#226;u m&#7903; &#273;&#7847;u c&#7911;a m&#7895;i &#273;o&#7841;n v&#259;n. ")
    page = f'<html lang="vi"><body><div class="entry-content">{body * 6}</div></body></html>'
    assert clean(page.encode(), "https://x.example/a").text.startswith(
        "Đây là câu mở đầu của mỗi đoạn văn. Việt Nam có dấu tách rời trong bài viết này."
    )
