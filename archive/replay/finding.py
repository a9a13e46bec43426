"""Articles found by words, narrowed, listed by date: as a page, as JSON, as a feed, as a file to take away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from urllib.parse import urlencode

from archive.model import Article
from archive.replay.answering import Answer, as_json, moved, own, streamed
from archive.replay.asking import Asked, Refused
from archive.replay.pages import captures_link, link, page
from archive.replay.wording import word
from archive.replay.writing import Entry, atom
from archive.retrieve import Hit, Narrow, Reader
from archive.store.facets import KINDS, ArticleRow, by_date, values_of
from archive.store.reading import Reading
from archive.store.searching import best_articles, latest

MOST_HITS, MOST_PAGES, LONGEST_QUERY = 100, 1000, 200
# Entries of a feed; rows of a file with words (without any it has all); choices in a list.
FEED, MOST_EXPORTED, CHOICES = 50, 10_000, 300
_BATCH = 200
# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection), in wide letters too.
_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
COLUMNS = (
    "url", "title", "lead", "published", "modified", "section", "authors", "source", "tags", "document", "attachments", "captured",
    "record_id", "payload_digest", "text",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What was asked for: words, what narrows them, and which page of the result, from 1."""

    words: str
    narrow: Narrow
    page: int
    limit: int

    @property
    def given(self) -> dict[str, str]:
        """The query that asks for it again, its page aside."""
        told = {"q": self.words, **{kind: getattr(self.narrow, kind) for kind in KINDS}}
        told |= {"from": self.narrow.since, "to": self.narrow.until, "attachments": "1" if self.narrow.attachments else ""}
        return {name: value for name, value in told.items() if value}


def wish(asked: Asked) -> Wish:
    """The wish that a query states. Raises Refused (400)."""
    given = {name: value.strip() for name, value in asked.values.items()}
    words = given.get("q", "")
    for name in ("q", *KINDS):
        if len(given.get(name, "")) > LONGEST_QUERY and not is_address(words):
            raise Refused(400, "query_long", limit=LONGEST_QUERY)
    for name in ("from", "to"):
        if not _is_day(given.get(name, "")):
            raise Refused(400, "bad_day", name=name, value=given[name][:40])
    told = {kind: given.get(kind) or None for kind in KINDS}
    narrow = Narrow(
        **told, since=given.get("from") or None, until=given.get("to") or None,
        attachments=given.get("attachments", "") not in ("", "0", "false"),
    )  # fmt: skip
    return Wish(words, narrow, number(asked, "page", 1, MOST_PAGES), number(asked, "limit", 20, MOST_HITS))


def search(reader: Reader, asked: Asked) -> Answer:
    """What a wish finds: with words the best, without the newest. An address instead of words leads to its captures."""
    wanted = wish(asked)
    if is_address(wanted.words):
        return moved(asked, captures_link(asked, wanted.words))
    skip = (wanted.page - 1) * wanted.limit
    if wanted.words:
        found = reader.found(wanted.words, wanted.limit + 1, wanted.narrow, skip)
        rows: list[Hit] | list[ArticleRow] = found.hits
        count: int | None = found.count
    else:
        rows, count = _newest(reader, wanted.narrow, wanted.limit + 1, skip) if wanted.narrow else [], None
    more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    if asked.json:
        plain = [asdict(row) if isinstance(row, Hit) else row._asdict() for row in rows]
        return as_json(asked, {"query": wanted.words, "count": count, "page": wanted.page, "more": more, "hits": plain})
    shown = [(row, article_link(reader, asked, row.article, row.url), _pieces(row)) for row in rows]
    turn = {
        "earlier": link(asked, "/search", **wanted.given, page=str(wanted.page - 1)) if wanted.page > 1 else None,
        "later": link(asked, "/search", **wanted.given, page=str(wanted.page + 1)) if more else None,
    }
    again = urlencode(wanted.given)
    return page(
        asked, "search.html", words=wanted.words, narrow=wanted.narrow, hits=shown, count=count, at=wanted.page, turn=turn, again=again,
        choices={kind: _choices(reader, kind) for kind in ("portal", "section")}, asked_for=bool(wanted.given),
    )  # fmt: skip


def feed(reader: Reader, asked: Asked) -> Answer:
    """The newest articles that a wish finds, as an Atom feed (RFC 4287)."""
    wanted = wish(asked)
    if wanted.words:
        rows = [row for a in reader.archives for row in latest(a, wanted.words, wanted.narrow, FEED)]
        rows = sorted(rows, key=lambda row: row.dated or "", reverse=True)[:FEED]
    else:
        rows = _newest(reader, wanted.narrow, FEED, 0)
    title = " · ".join([word(asked.language, "product"), *filter(None, wanted.given.values())])
    where, beside = (link(asked, path, **wanted.given) for path in ("/search.atom", "/search"))
    entries = [_entry(reader, asked, row) for row in rows]
    return own(asked, 200, atom(asked, title, where, beside, entries), "application/atom+xml; charset=utf-8")


def _entry(reader: Reader, asked: Asked, row: ArticleRow) -> Entry:
    article = next((found for archive in reader.archives if (found := _kept(archive, row))), None)
    where = asked.room + article_link(reader, asked, row.article, row.url)
    entry = Entry(row.url, row.title or row.url, row.captured, where, row.url, "", row.published, language="vi")
    if article is not None:
        entry.summary = article.lead or article.text[:400]
        entry.authors, entry.terms = article.authors, [*article.section, *article.tags]
    return entry


def export(reader: Reader, asked: Asked, form: str) -> Answer:
    """What a wish finds, whole, as JSON lines or CSV: with words the best 10,000, without all by date."""
    wanted = wish(asked)
    write, media_type = (_jsonl, "application/jsonl") if form == "jsonl" else (_csv, "text/csv")
    answer = streamed(asked, write(_articles(reader, wanted)), f"{media_type}; charset=utf-8")
    answer.headers.append(("Content-Disposition", f'attachment; filename="tangthu.{form}"'))
    return answer


def _articles(reader: Reader, wanted: Wish) -> Iterator[Article]:
    for archive in reader.archives:
        alone = Reader([archive])
        if wanted.words:
            numbers: Iterable[int] = best_articles(archive, wanted.words, wanted.narrow, MOST_EXPORTED)
        else:
            numbers = (row.article for row in _all(archive, wanted.narrow))
        yield from (found for key in numbers if (found := alone.article(key)))


def _all(archive: Reading, narrow: Narrow) -> Iterator[ArticleRow]:
    skip = 0
    while rows := by_date(archive, narrow, _BATCH, skip):
        yield from rows
        skip += _BATCH


def _jsonl(articles: Iterator[Article]) -> Iterator[bytes]:
    for article in articles:
        yield json.dumps(article.to_dict(), ensure_ascii=False).encode() + b"\n"


def _csv(articles: Iterator[Article]) -> Iterator[bytes]:
    """With a byte order mark, without which spreadsheets take UTF-8 for something else."""
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    for article in articles:
        capture = article.capture or {}
        more = {
            "section": " › ".join(article.section), "authors": "; ".join(article.authors), "tags": "; ".join(article.tags),
            "document": article.document.number if article.document else "", "captured": capture.get("time"),
            "attachments": " ".join(file.url for file in article.attachments), "record_id": capture.get("record_id"),
            "payload_digest": capture.get("payload_digest"),
        }  # fmt: skip
        yield _line([_cell(more[name] if name in more else getattr(article, name)) for name in COLUMNS])


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _cell(value: str | None) -> str:
    """A value; what a spreadsheet would take for a formula gets an apostrophe: the archive's texts are strangers'."""
    text = value or ""
    return f"'{text}" if text[:1] in _FORMULAS else text


def _newest(reader: Reader, narrow: Narrow, most: int, skip: int) -> list[ArticleRow]:
    rows = [row for archive in reader.archives for row in by_date(archive, narrow, skip + most)]
    return sorted(rows, key=lambda row: row.dated or "", reverse=True)[skip : skip + most]


def newest(reader: Reader, most: int) -> list[ArticleRow]:
    """The articles published last."""
    return _newest(reader, Narrow(), most, 0)


def article_link(reader: Reader, asked: Asked, key: int, url: str) -> str:
    """The page of an article: by its number, which is one archive's own, else by its address."""
    return link(asked, "/articles", url=url) if len(reader.archives) > 1 else link(asked, f"/articles/{key}")


def _kept(archive: Reading, row: ArticleRow) -> Article | None:
    found = Reader([archive]).state(row.revision)
    return found if found and found.url == row.url else None


def _choices(reader: Reader, kind: str) -> list[str]:
    counts: dict[str, int] = {}
    for archive in reader.archives:
        for value, count in values_of(archive, kind):
            counts[value] = counts.get(value, 0) + count
    return sorted(sorted(counts, key=lambda value: -counts[value])[:CHOICES])


def _pieces(row: Hit | ArticleRow) -> list[tuple[str, bool]]:
    """The snippet in pieces, each with whether it was searched for."""
    if not isinstance(row, Hit):
        return []
    at, made = 0, []
    for start, end in row.found:
        made += [(row.snippet[at:start], False), (row.snippet[start:end], True)]
        at = end
    return [*made, (row.snippet[at:], False)]


def _is_day(text: str) -> bool:
    """Whether a day, month or year is written as in ISO 8601 and in the calendar, or nothing."""
    if not re.fullmatch(r"([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?", text):
        return False
    try:
        return not text or date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text) is not None
    except ValueError:
        return False


def is_address(text: str) -> bool:
    """Whether somebody typed an address."""
    return re.match(r"(?i)https?(:|%3a)/*\S+$", text) is not None


def number(asked: Asked, name: str, default: int, most: int) -> int:
    """A number from 1 to `most` out of the query. Raises Refused (400)."""
    text = asked.values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise Refused(400, "bad_number", name=name, most=most)
    return int(text)
