"""Encodings of Vietnamese from before Unicode, for which Python has no codec: VISCII, TCVN 5712 (ABC), VNI for Windows.

VISCII is RFC 1456. TCVN 5712:1993 is the national standard; pages have its third form, TCVN3, in which a font draws the capitals that
have no code (.VnTimeH). VNI writes a vowel and its marks as two characters of windows-1252. The last two are rarely declared: they
stand in pages of another encoding, as letters that only a font makes Vietnamese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
# From 0xA1 on; the five combining tones at 0xB0 are left out, where Latin-1 has a degree sign, and so are capitals that TCVN3 has not.
_TCVN = "ĂÂÊÔƠƯĐăâêôơưđ " + "     àảãáạ ằẳẵắ " + "      ặầẩẫấậè ẻẽ" + "éẹềểễếệìỉ   ĩíịò" + " ỏõóọồổỗốộờởỡớợù" + " ủũúụừửữứựỳỷỹýỵ "
_VNI_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_HATS = {"â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323"}
_VNI_BOWLS = {"ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323"}
_VNI_ALONE = {"í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ", "ô": "ơ", "ö": "ư"}


def _vni() -> dict[str, str]:
    """Every character and pair of characters of VNI, with the letter it stands for; capitals in both."""
    made = dict(_VNI_ALONE)
    for base, marks in [("a", _VNI_HATS | _VNI_BOWLS), ("e", _VNI_HATS), ("o", _VNI_HATS), *((b, {}) for b in "uyôö")]:
        for mark, signs in (marks | _VNI_TONES).items():
            made[base + mark] = unicodedata.normalize("NFC", _VNI_ALONE.get(base, base) + signs)
    upper = {k.upper(): v.upper() for k, v in made.items()}
    mixed = {k[0].upper() + k[1]: v.upper() for k, v in made.items() if len(k) == 2}
    return made | mixed | upper


VISCII = {**{128 + i: c for i, c in enumerate(_VISCII)}, **_VISCII_LOW}
TCVN = {chr(0xA1 + i): c for i, c in enumerate(_TCVN) if c != " "}
VNI = _vni()
_VNI_PARTS = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_TCVN_TABLE = str.maketrans(TCVN)
_VISCII_TABLE = [VISCII.get(i, chr(i)) for i in range(256)]


def from_viscii(data: bytes) -> str:
    """The text of VISCII bytes, as RFC 1456 has them. The six control codes that are letters are letters."""
    return "".join(map(_VISCII_TABLE.__getitem__, data))


def from_tcvn3(text: str) -> str:
    """Text whose letters a .Vn font makes Vietnamese, in Unicode (NFC). What is no letter of TCVN3 stays."""
    return text.translate(_TCVN_TABLE)


def from_vni(text: str) -> str:
    """Text whose letters a VNI font makes Vietnamese, in Unicode (NFC). What is no letter of VNI stays."""
    return _VNI_PARTS.sub(lambda m: VNI[m[0]], text)


FONTS: dict[str, Callable[[str], str]] = {"tcvn3": from_tcvn3, "vni": from_vni}
