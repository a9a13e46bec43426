"""Encodings of Vietnamese from before Unicode: every letter there and back, whole pages, and texts that must stay as they are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.cleaning.clean import clean
from archive.cleaning.decode import decode
from archive.cleaning.legacy import TCVN, VISCII, VNI, from_tcvn3, from_viscii, from_vni
from archive.cleaning.syllables import is_syllable
from archive.model import Article

# Twelve vowels with five tones each and without, and đ: 67 letters, 7 of them with a mark but no tone (ă â ê ô ơ ư đ); both cases.
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LOWER = [*sorted({unicodedata.normalize("NFC", v + t) for v in "aăâeêioôơuưy" for t in TONES} - set("aeiouy")), "đ"]
LETTERS = [*LOWER, *(c.upper() for c in LOWER)]
TO_VISCII = {letter: byte for byte, letter in VISCII.items()}
TO_TCVN = {letter: code for code, letter in TCVN.items()}
TO_VNI: dict[str, str] = {}
for code, letter in VNI.items():
    TO_VNI.setdefault(letter, code)
TEXT = (
    "Ngày 7 tháng 2, Ban Chỉ đạo công tác thông tin đối ngoại tỉnh tổ chức hội nghị tổng kết công tác năm cũ, triển khai nhiệm vụ năm mới trên địa bàn.",
    "Thảo luận tại hội nghị, các đại biểu tập trung phân tích rõ những kết quả đã đạt được cũng như tồn tại, hạn chế trong thực hiện công tác này.",
    "Phát biểu kết luận, đồng chí Chủ trì ghi nhận, đánh giá cao những kết quả đạt được và yêu cầu các đơn vị tiếp tục phát huy trong thời gian tới./.",
)
TITLE = "Hội nghị tổng kết công tác thông tin đối ngoại"


def viscii(text: str) -> bytes:
    return bytes(TO_VISCII.get(c, ord(c) if ord(c) < 128 else 0x3F) for c in text)


def tcvn(text: str) -> str:
    """As TCVN3 has it: capitals that have no code are written small, the font draws them."""
    return "".join(TO_TCVN.get(c) or TO_TCVN.get(c.lower()) or c for c in text)


def vni(text: str) -> str:
    return "".join(TO_VNI.get(c, c) for c in text)


def test_there_are_134_letters() -> None:
    assert len(LETTERS) == len(set(LETTERS)) == 134


@given(st.text(alphabet=st.sampled_from([*LETTERS, *"bcdghklmnpqrstvx ABC.,/-"])))
def test_viscii_there_and_back(text: str) -> None:
    assert from_viscii(viscii(text)) == text


@given(st.text(alphabet=st.sampled_from([*LOWER, *"ĂÂÊÔƠƯĐ", *"bcdghklmnpqrstvx ABC.,/-°±"])))
def test_tcvn3_there_and_back(text: str) -> None:
    assert from_tcvn3(tcvn(text)) == text


@given(st.lists(st.sampled_from([w for t in (*TEXT, TITLE) for w in t.split()])))
def test_vni_there_and_back(words: list[str]) -> None:
    text = " ".join(words)
    assert from_vni(vni(text)) == text
    assert from_vni(vni(text.upper())) == text.upper()


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_in_every_encoding(letter: str) -> None:
    assert from_viscii(viscii(letter)) == letter
    assert from_vni(vni(letter)) == letter
    assert from_tcvn3(tcvn(letter)).upper() == letter.upper()
    assert is_syllable(f"b{letter}") == (letter.lower() not in "đăắằẵẳặâấầẫẩậ") or letter in "yý"


@pytest.mark.parametrize(("old", "new"), [
    ("C«ng ty cæ phÇn ®iÖn lùc", "Công ty cổ phần điện lực"), ("§¹i héi ®¹i biÓu", "Đại hội đại biểu"), ("th\xadêng trùc", "thường trực"),
])  # fmt: skip
def test_words_as_people_have_them_in_tcvn3(old: str, new: str) -> None:
    assert from_tcvn3(old) == new


@pytest.mark.parametrize(("old", "new"), [
    ("Coâng ty coå phaàn ñieän löïc", "Công ty cổ phần điện lực"), ("Ñaïi hoäi ñaïi bieåu", "Đại hội đại biểu"), ("nöôùc Vieät Nam", "nước Việt Nam"), ("NÖÔÙC", "NƯỚC"),
    ("lòch söû, nghóa vuï, chæ thò, quyù", "lịch sử, nghĩa vụ, chỉ thị, quý"),
])  # fmt: skip
def test_words_as_people_have_them_in_vni(old: str, new: str) -> None:
    assert from_vni(old) == new


@pytest.mark.parametrize("charset", [None, "viscii", "x-viet-viscii", "iso-8859-1", "windows-1252", "x-unknown"])
def test_a_page_in_viscii(charset: str | None) -> None:
    page = viscii(f"<html><head><title>{TITLE}</title></head><body><p>{'</p><p>'.join(TEXT)}</p></body></html>")
    text, name = decode(page, charset)
    assert name == "viscii"
    assert TEXT[1] in text


def test_tcvn_and_vni_as_declared_encodings() -> None:
    assert TEXT[1] in decode(tcvn(f"<p>{TEXT[1]}</p>").encode("latin-1"), "x-viet-tcvn5712")[0]
    assert TEXT[1] in decode(vni(f"<p>{TEXT[1]}</p>").encode("cp1252"), "x-viet-vni")[0]


def article(title: str, *paragraphs: str, style: str = "", charset: str = "utf-8", extra: str = "") -> Article:
    body = "".join(f'<p><span style="{style}">{p}</span></p>' for p in paragraphs)
    html = f'<html><head><meta charset="{charset}"><title>{title}</title></head><body><h1>{title}</h1><div class="noidung">{body}</div>{extra}</body></html>'
    return clean(html.encode(charset, "xmlcharrefreplace"), "https://tinh-mau.example/a")


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize(("kind", "style"), [(tcvn, "font-family:.VnTime"), (tcvn, "font-size: 14pt; font-family: '.VnArial'"), (tcvn, ""), (vni, "font-family:VNI-Times"),
                                             (vni, "font-family: 'VNI-Helve'"), (vni, "")])  # fmt: skip
def test_a_page_that_a_font_makes_vietnamese(kind: object, style: str, charset: str) -> None:
    made = article(kind(TITLE), *map(kind, TEXT), style=style, charset=charset)  # type: ignore[operator]
    assert made.text == "\n\n".join(TEXT)
    assert made.title == TITLE
    assert made.language == "vi"
    raw = [c for c in made.cuts if c.rule == "font-encoding"]
    assert kind(TEXT[1]) in [c.text for c in raw]  # type: ignore[operator]
    assert all(c.place for c in raw)


def test_a_font_of_capitals_draws_capitals() -> None:
    head = '<p><font face=".VnTimeH">céng hßa x· héi chñ nghÜa viÖt nam</font></p>'
    made = article(TITLE, *map(tcvn, TEXT), style="font-family:.VnTime", extra="").text
    assert made == "\n\n".join(TEXT)
    with_head = clean(
        f'<html><body><h1>{TITLE}</h1><div class="noidung">{head}{"".join(f"<p>{p}</p>" for p in TEXT)}</div></body></html>'.encode(), "https://x.example/a"
    )
    assert with_head.text.startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")


def test_old_text_pasted_into_a_page_in_unicode() -> None:
    made = article(TITLE, TEXT[0], tcvn(TEXT[1]), TEXT[2], extra='<div class="x">Có và là, không</div>')
    assert made.text == "\n\n".join(TEXT)
    assert [c.text for c in made.cuts if c.rule == "font-encoding"] == [tcvn(TEXT[1])]


def test_a_font_whose_text_is_unicode_already() -> None:
    for style in ("font-family:.VnTime", "font-family:VNI-Times"):
        made = article(TITLE, *TEXT, "Có là và", style=style)
        assert made.text == "\n\n".join((*TEXT, "Có là và"))
        assert "font-encoding" not in {c.rule for c in made.cuts}


OTHERS = [
    "L’été dernier, le comité a célébré à Genève la fête où l’on a dû même goûter le thé près du château; Noël, naïf, maïs, œuvre, ça et là, août, coûts, île, forêt, élève, déjà.",
    "Die schöne Straße führt über größere Höhen; für Köln, München und Düsseldorf hören wir böse Töne, öfter Österreicher, Äpfel, übermütige Söhne, Grüße, weiß, Fuß, möglich, nötig.",
    "El niño español soñó mañana con la canción del señor; según José, más allá está el pingüino pequeño, año, otoño, corazón, rápido, último, árbol, fácil, sólo, también, país, aquí.",
    "Não há solução; a educação, as crianças, o avô e a avó vão à praça: coração, informação, você, três, português, útil, açúcar, irmão, mãe, pão, são, então, razão, pôr, pés.",
    "En ø på øen; kød, bør, sør, tør, gør, høre, gå, blå, århus, ærlig, følge, smørrebrød, også, når, så, må, få, få, måned, år, språk, öga, över, människa, första, största, björn.",
    "Bản quyền © 2026 «Báo Mẫu» ® µm ± 5 °C · §12 ¶ 3 «Đoàn kết» là sức mạnh, có và không; quý, thú vị, bà già, lá, cà phê, à, ý, hè, bé, mũ, võ sĩ, tôi, cô, đô la, giá, ví dụ.",
    "Ban do, co va khong; la ca phe, tai lieu (c) 2026, x = a[i] * 2; if (a &amp;&amp; b) { return «x»; } é è ü ö ñ ® ® ® µ µ µ ø ø ø ö ö ö ñ ñ ñ.",
    "El Niño, El Niño, El Niño: nước biển ấm lên; señor, señor, São Paulo, München, Malmö, Tromsø, Besançon, Nestlé, L’Oréal, Citroën, Curaçao, Düsseldorf, Köln, Orléans, Montréal.",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_texts_of_other_languages_stay_as_they_are(text: str) -> None:
    made = article("Bài mẫu về các ngôn ngữ khác", text, text.replace(";", ","), *text.split("; "))
    assert "font-encoding" not in {c.rule for c in made.cuts}
    assert not made.text or text.replace("&amp;", "&") in made.text


@pytest.mark.parametrize("text", OTHERS[:5])
def test_bytes_of_other_languages_stay_as_they_are(text: str) -> None:
    assert decode(f"<p>{text}</p>".encode("cp1252", "replace"))[1] == "cp1252"


@pytest.mark.parametrize("word", "nghiêng quốc quyết giếng gì giữ khuỷu ngoèo được huyện uỷ ủy xoong yên ở ý ạ quýnh Đảng thuở khuya rượu hoà hòa oái oăm quần".split())  # noqa: SIM905
def test_syllables(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(unicodedata.normalize("NFD", word.upper()))


@pytest.mark.parametrize("word", ["été", "mère", "für", "où", "Straße", "naïve", "ñandú", "bât", "cãt", "nghă", "zá", "", "a1", "báá", "tiếngg"])
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)
