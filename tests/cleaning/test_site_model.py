"""What is learned of a host that has no rules: measured on made-up sites, whose names and makes are drawn by lot."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys

import pytest
from conftest import ROOT, SOAK
from hypothesis import given, settings
from hypothesis import strategies as st
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


def test_the_hash_seed_does_not_matter(tmp_path):
    """Sets of strings come in another order in every process."""
    code = (
        "import hashlib; from test_site_model import learn, lessons, sample; from made_sites import Site\n"
        "model = learn(sample(lessons(Site(8, 60, 'mixed'))))\n"
        "print(hashlib.sha256(model.rules.serialised() + model.serialised()).hexdigest())"
    )
    folders = os.pathsep.join(str(ROOT / f) for f in (".", "tests", "tests/cleaning"))
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": folders},
            capture_output=True, text=True, check=True, cwd=tmp_path,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1


def test_the_same_article_under_two_addresses_stays_whole():
    site = Site(9, 60, "short")
    every = lessons(site)
    model = learn(
        sample(every) + [one for one in every if site.pages[-5].text and one.url.endswith(site.pages[-5].path)]
    )
    assert model is not None
    by_title: dict[str, list[str]] = {}
    for made, one in zip(site.pages, every, strict=True):
        if made.text:
            by_title.setdefault(made.title, []).append(clean(one.html, one.url, model.rules).text)
    copies = [texts for texts in by_title.values() if len(texts) > 1]
    assert copies
    assert all(texts[0] == texts[1] != "" for texts in copies)


def lesson(number, html):
    return Lesson(f"{HOST}/tin/{number}", html, f"sha256:{hashlib.sha256(html).hexdigest()}")


def test_one_page_under_a_thousand_addresses_teaches_nothing():
    page = lessons(Site(7, 60, "mixed"))[0].html
    every = [lesson(n, page) for n in range(1000)]
    assert len(chosen((one.url, one.digest) for one in every)) == 16
    assert learn(every) is None
    # Nor do counters that make each copy another page.
    counted = [lesson(n, page.replace(b"</body>", b"<p>Lan xem thu %d</p></body>" % n)) for n in range(30)]
    assert learn(counted) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=2, max_size=12))
def test_any_bytes_can_be_learned_from(pages):
    learn([lesson(n, page) for n, page in enumerate(pages)])
    learn([lesson(n, b"<div class=a><p>" + page + b"</p></div>") for n, page in enumerate(pages)])


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 3000 + b"x",
        b"<p class=a>" + b"chu " * 500_000,
        b"<a class=b href=x>tieu de cua mot bai</a>" * 20_000,
        b"<b class='" + b"x " * 100_000 + b"'>hai</b>",
        b"\x00\xff" * 10_000,
    ],
    ids=["deep", "large", "many", "names", "binary"],
)
def test_a_hostile_page_among_others_changes_little(page):
    every = sample(lessons(Site(7, 60, "short")))
    model = learn([*every, *(lesson(9000 + n, page + b"%d" % n) for n in range(3))])
    assert model is not None
    article = clean(every[0].html, every[0].url, model.rules)
    assert article.cleaner["layer"] in ("site", None) or article.text


def test_pages_that_rules_find_need_no_model():
    """What somebody wrote comes first: nothing is learned where it finds the article."""
    every = sample(lessons(Site(7, 60, "short")))
    model = learn(every)
    assert model is not None
    written = Rules(find=model.rules.learned[0].find)
    assert learn(every, written) is None
