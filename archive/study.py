"""Studies hosts: which captures to learn from, whether what is known still fits, which articles to clean once more."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from archive.cleaning.clean import clean
from archive.cleaning.rules import Rules
from archive.cleaning.site.learn import fit, learn
from archive.cleaning.site.sample import chosen
from archive.cleaning.site.shape import shape
from archive.errors import DamagedRecord
from archive.model import Lesson, Study, Vote
from archive.store import article_reading as shelf
from archive.store import site_models
from archive.store.drafts import draft
from archive.store.reading import Reading
from archive.store.site_models import PageRow, host_of
from archive.warc.payload import Body

# Fewer pages of the kinds that a model is for say nothing of it.
_JUDGES = 4
# What a model finds must not fall below this share of what it found when it was learned.
_FALLEN = 0.8
# So many articles of kinds of addresses that were never looked at, and this share of a run's pages, are news.
_NEW = 5
_NEW_SHARE = 0.2

Fetch = Callable[[int], Body]


def studies(archive: Reading, fetch: Fetch, root: int | None, given: bytes | None) -> Iterator[Study]:
    """What the captures of each host of a chain of runs teach at its end; of all hosts without a chain.

    `fetch` gives the body of a capture, `given` are the rules that somebody wrote for these hosts. Hosts from which nothing is to be
    learned are left out.
    """
    by_host: dict[str, list[PageRow]] = defaultdict(list)
    for page in site_models.pages(archive, root):
        by_host[host_of(page.url)].append(page)
    for host, pages in sorted(by_host.items()):
        if (made := _study(archive, fetch, host, pages, root, given)) is not None:
            yield made


def lessons_of(archive: Reading, fetch: Fetch, captures: Sequence[int]) -> dict[int, Lesson]:
    """The pages of these captures, to learn from; those that cannot be read are left out."""
    made = {}
    for number in captures:
        row = archive.capture(number)
        if row is None or row.payload_sha256 is None:
            continue
        try:
            body = fetch(number)
        except DamagedRecord:
            continue
        made[number] = Lesson(row.url, body.data, f"sha256:{row.payload_sha256.hex()}", body.charset)
    return made


def _study(
    archive: Reading, fetch: Fetch, host: str, pages: list[PageRow], root: int | None, given: bytes | None
) -> Study | None:
    rules = Rules.load(given) if given else None
    row = site_models.newest(archive, host, rules.digest if rules else None)
    if row is None and not _wanting(pages):
        return None
    picked = _picked(archive, host, pages, root)
    read = lessons_of(archive, fetch, [p.capture for p in picked])
    picked, lessons = [p for p in picked if p.capture in read], list(read.values())
    made = Study(host, given)
    known = None
    if row is not None:
        known = Rules.load(shelf.rules(archive, row.rules) or b"")
        vote = fit(known, lessons)
        made = replace(made, model=row.id, vote=vote, drift=_drift(json.loads(row.votes), vote, pages))
    learned = learn(lessons, rules) if known is None or made.drift else None
    if learned is not None and (row is None or learned.rules.digest != row.rules):
        votes = learned.serialised().decode()
        settled = _settled(picked, lessons, learned.rules)
        return replace(
            made,
            rules=learned.rules.serialised(),
            cleaner=learned.cleaner,
            votes=votes,
            lessons=tuple(sorted((p.capture, p.payload_sha256) for p in picked)),
            settled=settled,
            by=learned.rules.serialised(),
            again=_again(archive, pages, learned.rules, settled),
        )
    if row is not None and known is not None and row.root == root:
        # Learned at the end of this very chain, which broke off before all its articles were cleaned with it.
        return replace(made, by=known.serialised(), again=_again(archive, pages, known, json.loads(row.settled)))
    return made if row is not None else None


def _wanting(pages: list[PageRow]) -> bool:
    """Whether a model is wanted: articles were found by no rules, or none at all on several pages."""
    unruled = sum(p.article is not None and p.layer in (None, "page") for p in pages)
    return unruled >= 2 or (len(pages) > 2 and all(p.article is None for p in pages))


def _picked(archive: Reading, host: str, pages: list[PageRow], root: int | None) -> list[PageRow]:
    """The pages to learn from: the run's own, and of kinds of addresses that it did not visit those of former runs."""
    own = _chosen(pages)
    if root is None or not site_models.has_others(archive, root):
        return own
    kinds = {shape(p.url) for p in pages}
    former = [p for p in site_models.pages(archive, None) if host_of(p.url) == host and shape(p.url) not in kinds]
    return own + _chosen(former)


def _chosen(pages: list[PageRow]) -> list[PageRow]:
    by_name = {(p.url, p.payload_sha256.hex()): p for p in pages}
    return [by_name[name] for name in chosen(by_name)]


def _drift(votes: dict[str, Any], vote: Vote, pages: list[PageRow]) -> str | None:
    """What has changed since a model was learned, one sentence; None if it fits as it did."""
    then = Vote(**votes["fit"])
    if vote.looked >= _JUDGES:
        for what, now, of, was, was_of in (
            ("container", vote.fits, vote.looked, then.fits, then.looked),
            ("title", vote.titles, vote.fits, then.titles, then.fits),
            ("date", vote.dates, vote.fits, then.dates, then.fits),
        ):
            if of and was_of and now * was_of < _FALLEN * was * of:
                return f"the {what} is found on {now} of {of} pages; when it was learned it was on {was} of {was_of}"
    seen = set(votes["shapes"])
    new = [p for p in pages if p.article is not None and p.layer in (None, "page") and shape(p.url) not in seen]
    if len(new) >= max(_NEW, _NEW_SHARE * len(pages)):
        return f"{len(new)} articles are at addresses of a kind that was not there when it was learned, such as {new[0].url}"
    return None


def _settled(picked: list[PageRow], lessons: list[Lesson], rules: Rules) -> tuple[str, ...]:
    """The places of containers where what was learned gives, for every page looked at, the article that is kept already."""
    kept = {(p.url, f"sha256:{p.payload_sha256.hex()}"): p for p in picked if p.article is not None}
    same: dict[str, bool] = {}
    kinds = {kind for one in rules.learned for kind in one.shapes}
    for one in lessons:
        page = kept.get((one.url, one.digest))
        if page is None or not page.container or shape(one.url) not in kinds:
            continue
        made = draft(clean(one.html, one.url, rules, charset=one.charset), None)
        same[page.container] = same.get(page.container, True) and made.content_sha256 == page.content_sha256
    return tuple(sorted(place for place, agrees in same.items() if agrees))


def _again(
    archive: Reading, pages: list[PageRow], rules: Rules, settled: Collection[str]
) -> tuple[tuple[int, int | None], ...]:
    """The captures whose articles may gain by what was learned: not those that rules found, or that it has cleaned, or that are settled."""
    kinds = {kind for one in rules.learned for kind in one.shapes}
    done = {one.digest for one in rules.learned}
    left = (p for p in pages if shape(p.url) in kinds and p.layer != "rules" and p.rules not in done)
    wanted = [p.capture for p in left if p.container not in settled]
    former = ((capture, shelf.state_from(archive, capture)) for capture in wanted)
    return tuple((capture, state.id if state else None) for capture, state in former)
