"""What a revision is kept as: the JSON that `json.dumps` writes, one digest for the same content, folded text."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from unicodedata import normalize

import pytest
from archives import HOST, sound
from conftest import need
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Article
from archive.retrieve import Reader
from archive.store.drafts import content_digest, draft
from archive.store.fold import fold
from archive.store.packing import opened

# Long texts are written another way than short ones: what has to be escaped, what needs no escape, and what is no UTF-8.
PIECES = st.sampled_from(["Hội nghị ", "“đối ngoại” ", '"', "\\", "\n", "\n\n", "\t", "\x00", "\x1f", "\x7f", "\u2028", "😀", "/", "&amp;"])
TEXTS = st.lists(PIECES, max_size=40).flatmap(lambda some: st.integers(1, 60).map(lambda times: "".join(some) * times))


@given(TEXTS, TEXTS)
def test_the_body_is_the_json_of_the_article(text: str, title: str) -> None:
    article = Article("https://tinh-mau.example/tin/1", title=title, text=text, html=f"<p>{text}</p>")
    plain = article.to_dict()
    del plain["capture"]
    made = draft(article, None)
    body = opened(made.packed)
    assert (body, made.length) == (json.dumps(plain, ensure_ascii=False).encode(), len(body))
    assert made.content_sha256 == content_digest(json.loads(body))


@given(TEXTS)
def test_what_is_no_utf_8_becomes_a_question_mark(text: str) -> None:
    made = draft(Article("https://tinh-mau.example/tin/1", text=f"{text}\ud800{text}"), None)
    assert json.loads(opened(made.packed))["text"] == f"{text}?{text}"


def test_people_read_articles_with_the_sqlite3_shell(tmp_path):
    path = sound(tmp_path / "a.db")
    sql = f"SELECT json_extract(body, '$.text') FROM revision_list WHERE url = '{HOST}/tin' ORDER BY captured DESC LIMIT 1"
    told = subprocess.run([need("sqlite3"), path, sql], capture_output=True, text=True, check=True).stdout
    with Reader.open(path) as reader:
        assert told == reader.article(f"{HOST}/tin").text + "\n"
    with closing(sqlite3.connect(path)) as conn, pytest.raises(sqlite3.OperationalError, match="sqlar_uncompress"):
        conn.execute(sql)


@given(st.text(st.sampled_from("aáàÁĐđ \n\t\u0301\u0323\u1dc4Σσς“.İı\u2028ﬁ")))
def test_a_text_is_folded_as_a_whole(text: str) -> None:
    whole = re.sub("[\u0300-\u036f\u1dc4-\u1dff]", "", normalize("NFD", re.sub("[đĐ]", "d", text)))
    assert fold(text) == " ".join(word.lower() for word in whole.split(" "))


@given(st.text(st.characters(max_codepoint=0x20FF, exclude_categories=["Cs"]) | st.sampled_from("aếỢđĐ “”–…\n"), min_size=1, max_size=40), st.text(max_size=3))
def test_a_long_text_is_folded_as_its_words_are(text: str, more: str) -> None:
    long = f"{text} " * 600 + more
    assert fold(long) == " ".join(fold(word) for word in long.split(" "))
