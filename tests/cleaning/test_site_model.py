"""What is learned of a host that has no rules: measured on made-up sites, whose names and makes are drawn by lot."""

from __future__ import annotations

import hashlib
import random

import pytest
from conftest import SOAK
from made_sites import Site
from shingles import f1

from archive import Rules, clean
from archive.cleaning.site.learn import learn
from archive.cleaning.site.sample import chosen
from archive.model import Lesson

HOST = "http://khong-ai-biet.test"
SEEDS = range(100, 160 if SOAK else 112)


def lessons(site):
    return [
        Lesson(HOST + p.path, p.html.encode(), f"sha256:{hashlib.sha256(p.html.encode()).hexdigest()}")
        for p in site.pages
    ]


def sample(every):
    picked = set(chosen((one.url, one.digest) for one in every))
    return [one for one in every if (one.url, one.digest) in picked]


@pytest.mark.parametrize("shape", ["short", "mixed", "long"])
@pytest.mark.parametrize("seed", SEEDS)
def test_articles_of_a_platform_without_rules(seed, shape):
    """F1 of at least 0.99 after seeing the site, on whatever make of it; titles and dates with it."""
    site = Site(seed, 200 if SOAK else 60, shape)
    every = lessons(site)
    model = learn(sample(every))
    assert model is not None
    scores, titles, dates, authors = [], [], [], []
    for made, one in zip(site.pages, every, strict=True):
        if not made.text:
            continue
        article = clean(one.html, one.url, model.rules)
        scores.append(f1(article.text, "\n\n".join(made.text)))
        titles.append(article.title == made.title)
        dates.append(article.published == made.published)
        authors.append(article.authors == ([made.author] if made.author else []))
    assert sum(scores) / len(scores) >= 0.99
    for right in (titles, dates, authors):
        assert sum(right) >= 0.97 * len(right)


def test_the_order_of_the_pages_does_not_matter():
    every = sample(lessons(Site(7, 60, "mixed")))
    first = learn(every)
    mixed = every + every[:5]
    random.Random(1).shuffle(mixed)
    again = learn(mixed)
    assert first is not None
    assert again is not None
    assert first.serialised() == again.serialised()
    assert first.rules.serialised() == again.rules.serialised()
    assert Rules.load(first.rules.serialised()) == first.rules


def test_the_sample_is_a_function_of_the_set():
    pages = [(one.url, one.digest) for one in lessons(Site(7, 60, "mixed"))]
    mixed = pages * 2
    random.Random(2).shuffle(mixed)
    assert chosen(pages) == chosen(mixed)
    assert len(chosen((f"http://x.test/tin/{n}", f"sha256:{n:064x}") for n in range(5000))) == 16


def test_too_few_pages_teach_nothing():
    every = lessons(Site(7, 60, "mixed"))
    assert learn([]) is None
    assert learn(every[:1]) is None
    assert learn([every[0], Lesson(HOST + "/khac", every[0].html, every[0].digest)]) is None
