"""Articles for bench/search.py, with the statistics of Vietnamese: few syllables, most of them in compounds that come again.

How often the r-th syllable comes is what the word list of wordfreq 3.1 says of Vietnamese (`SHARES`, read off its list of 10,719);
folded, the commonest 100 forms of these are half of a text, there as here. Somewhat more than half of a text are compounds of a lexicon
of 30,000, the r-th as often as 1 / (r + 10), and of these three in ten are an article's own fifteen.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Iterator
from itertools import accumulate, product
from pathlib import Path

from archive.model import FileText
from archive.store import file_texts
from archive.store.connect import close, open_for_writing
from archive.store.drafts import search_text
from archive.store.packing import packed

SHARES = ((1, 0.0182), (3, 0.0135), (10, 0.0079), (30, 0.0037), (100, 0.00178), (300, 7.4e-4), (1000, 1.55e-4), (2000, 3.5e-5), (4000, 6.9e-6), (6000, 2e-6))
SYLLABLES, COMPOUNDS, OWN = 6000, 30_000, 15
# One article in so many offers a file, as long as an article.
FILED = 20
SECTIONS = ("Thời sự", "Kinh tế", "Văn hóa", "Y tế", "Giáo dục")


def share(rank: int) -> float:
    """How often the syllable of this rank comes; between the ranks of SHARES a straight line of logarithms."""
    after = next(n for n, (at, _) in enumerate(SHARES) if at >= rank)
    (low, first), (high, last) = SHARES[max(after - 1, 0)], SHARES[after]
    along = 0.0 if low == high else math.log(rank / low) / math.log(high / low)
    return math.exp(math.log(first) * (1 - along) + math.log(last) * along)


def syllables(draw: random.Random) -> list[str]:
    """6,000 syllables as Vietnamese forms them, in an order drawn by lot."""
    heads = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()  # noqa: SIM905
    hearts = "a á à ả ã ạ ă ắ ằ â ấ ầ e é ê ế ề i í o ó ô ố ồ ơ ớ u ú ư ứ".split()  # noqa: SIM905
    made = ["".join(parts) for parts in product(heads, hearts, ["", "c", "m", "n", "ng", "nh", "p", "t", "i", "o"])]
    draw.shuffle(made)
    return made[:SYLLABLES]


class Language:
    """Draws texts."""

    def __init__(self, seed: int) -> None:
        self.draw = draw = random.Random(seed)
        self.words = syllables(draw)
        self._often = list(accumulate(map(share, range(1, SYLLABLES + 1))))
        lengths = draw.choices((2, 3, 4), (85, 10, 5), k=COMPOUNDS)
        self._compounds = [" ".join(self._syllables(length)) for length in lengths]
        self._often_compound = list(accumulate(1 / (rank + 10) for rank in range(1, COMPOUNDS + 1)))

    def _syllables(self, count: int) -> list[str]:
        return self.draw.choices(self.words, cum_weights=self._often, k=count)

    def _drawn(self, count: int) -> list[str]:
        return self.draw.choices(self._compounds, cum_weights=self._often_compound, k=count)

    def article(self) -> tuple[str, str]:
        """A title and a text of 120 to 480 syllables, of 60 a paragraph."""
        own, length = self._drawn(OWN), self.draw.randint(120, 480)
        alone, shared = iter(self._syllables(length)), iter(self._drawn(length // 2))
        text: list[str] = []
        for lot in (self.draw.random() for _ in range(length)):
            if len(text) >= length:
                break
            text += [next(alone)] if lot < 0.62 else (own[int(lot * 1e6) % OWN] if lot < 0.73 else next(shared)).split(" ")
        title = " ".join([*own[:4], *self._syllables(3)])
        return title, "\n\n".join(" ".join(text[at : at + 60]) for at in range(0, len(text), 60))


def bodies(articles: int) -> Iterator[tuple[int, dict[str, object]]]:
    """(number, the article as its JSON has it), sixteen years of them in the order of their years."""
    language = Language(5)
    draw = language.draw
    for number in range(1, articles + 1):
        title, text = language.article()
        day = f"{2010 + number * 16 // (articles + 1)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        url = f"https://tinh-{number % 6 + 1}.example/{number}"
        files = [{"url": f"{url}.pdf", "name": "Toàn văn", "media_type": "application/pdf", "sha256": None, "capture": None}]
        yield number, {
            "capture": {"url": url}, "url": url, "title": title, "lead": None, "text": text, "html": f"<p>{text}</p>", "authors": [], "source": None,
            "published": day, "modified": None, "section": [draw.choice(SECTIONS)], "tags": [], "language": "vi", "images": [],
            "attachments": files if number % FILED == 0 else [],
            "document": None, "cleaner": {}, "cuts": [],
        }  # fmt: skip


def make(path: Path, articles: int) -> None:
    """The archive: six portals, an article a page; one in twenty offers a file."""
    db = open_for_writing(path)
    conn = db.conn
    for pragma in ("synchronous = OFF", "foreign_keys = OFF"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("BEGIN")
    for run in range(1, 7):
        conn.execute("INSERT INTO runs (id, root, portal, started) VALUES (?, ?, ?, '2026-01-01T00:00:00.000000Z')", (run, run, f"tinh-{run}"))
    former = ""
    for number, body in bodies(articles):
        url, day, run = str(body["url"]), body["published"], number % 6 + 1
        key = f"example,tinh-{run})/{number}"
        conn.execute("INSERT INTO captures (id, run, url, key, time, method) VALUES (?, ?, ?, ?, ?, 'GET')", (number, run, url, key, f"{day}T08:00:00.000000Z"))
        conn.execute("INSERT INTO articles (id, url, key, revision, dated) VALUES (?, ?, ?, ?, ?)", (number, url, key, number, day))
        kept = json.dumps(body, ensure_ascii=False).encode()
        conn.execute(
            "INSERT INTO revisions (id, article, capture, cleaner, content_sha256, title, published, packed, length) VALUES (?, ?, ?, 'x', ?, ?, ?, ?, ?)",
            (number, number, number, hashlib.sha256(url.encode()).digest(), body["title"], day, packed(kept), len(kept)),
        )
        conn.execute("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (number, *search_text(body)))
        told = [("section", body["section"][0]), ("portal", f"tinh-{run}")]  # type: ignore[index]
        if number % FILED == 0:
            told.append(("attachments", "yes"))
            sha256 = hashlib.sha256(str(number).encode()).digest()
            file = file_texts.keep(conn, sha256, number, FileText("pdf", "text", former, 1, "", "x"))
            conn.execute("INSERT INTO file_offers (article, file) VALUES (?, ?)", (number, file))
        conn.executemany("INSERT INTO facets (kind, value, article) VALUES (?, ?, ?)", [(*one, number) for one in told])
        former = str(body["text"])
    conn.execute("COMMIT")
    close(db)
