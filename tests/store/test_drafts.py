"""What a revision is kept as: the JSON that `json.dumps` writes, one digest for the same content, folded text."""

from __future__ import annotations

import json
import re
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from archive.model import Article
from archive.store.drafts import content_digest, draft
from archive.store.fold import fold

# Long texts are written another way than short ones: what has to be escaped, what needs no escape, and what is no UTF-8.
PIECES = st.sampled_from(["Hội nghị ", "“đối ngoại” ", '"', "\\", "\n", "\n\n", "\t", "\x00", "\x1f", "\x7f", "\u2028", "😀", "/", "&amp;"])
TEXTS = st.lists(PIECES, max_size=40).flatmap(lambda some: st.integers(1, 60).map(lambda times: "".join(some) * times))


@given(TEXTS, TEXTS)
def test_the_body_is_the_json_of_the_article(text: str, title: str) -> None:
    article = Article("https://tinh-mau.example/tin/1", title=title, text=text, html=f"<p>{text}</p>")
    plain = article.to_dict()
    del plain["capture"]
    made = draft(article, None)
    assert made.body == json.dumps(plain, ensure_ascii=False).encode()
    assert made.content_sha256 == content_digest(json.loads(made.body))


@given(TEXTS)
def test_what_is_no_utf_8_becomes_a_question_mark(text: str) -> None:
    made = draft(Article("https://tinh-mau.example/tin/1", text=f"{text}\ud800{text}"), None)
    assert json.loads(made.body)["text"] == f"{text}?{text}"


@given(st.text(st.sampled_from("aáàÁĐđ \n\t\u0301\u0323\u1dc4Σσς“.İı\u2028ﬁ")))
def test_a_text_is_folded_as_a_whole(text: str) -> None:
    whole = re.sub("[\u0300-\u036f\u1dc4-\u1dff]", "", normalize("NFD", re.sub("[đĐ]", "d", text)))
    assert fold(text) == " ".join(word.lower() for word in whole.split(" "))
