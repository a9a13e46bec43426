"""Whether a word can be a Vietnamese syllable: initial, rhyme and tone as the orthography allows them.

From the sound system as dictionaries list it (initials, 160 rhymes; rhymes that end in c, ch, p, t bear the rising or the low tone
only). Used to tell text in an old encoding from text in another language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên ênh êng êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
oi om on ong oong op ot oc ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uac uach uan uang uanh uat uay uăn uăng uăt uân uâng uât uây uc
uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyt uyu
ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên
yêng yêt yêu ych ynh yn yt
"""
_SHAPE = re.compile(
    r"(?:ngh?|nh|gh|gi|ch|kh|ph|th|tr|qu|[bcdđghklmnpqrstvx])?(?P<rhyme>" + "|".join(sorted(_RHYMES.split(), key=len, reverse=True)) + r")"
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPPED = re.compile(r"(?:ch?|p|t)$")


@lru_cache(8192)
def is_syllable(word: str) -> bool:
    """Whether `word` is a possible syllable, in whatever case and normal form."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = [c for c in apart if c in _TONES]
    if len(tones) > 1:
        return False
    shape = _SHAPE.fullmatch(unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES)))
    if shape is None:
        return False
    return not _STOPPED.search(shape["rhyme"]) or (bool(tones) and tones[0] in "\u0301\u0323")
