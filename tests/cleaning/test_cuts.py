from __future__ import annotations

from archive.cleaning.chrome import Cuts
from archive.cleaning.clean import clean


def test_cuts_are_bounded_and_say_so_and_a_skip_link_always_finds_room() -> None:
    cuts = Cuts()
    for number in range(200):
        cuts.add("menu", f"Mục {number}")
    cuts.add("menu", "x" * 5000)
    cuts.add("skip-link", "Skip to main content")
    made = cuts.list()
    assert made[0].text == "Skip to main content"
    assert made[-1].rule == "more"
    assert len(made) < 100
    assert max(len(c.text) for c in made) <= 400


def test_a_skip_link_is_known_by_where_it_leads_in_any_language() -> None:
    page = '<body><a href="#giua">Hướng thẳng vào giữa</a><p>Chào</p><a href="#x">Về đầu</a></body>'
    cuts = clean(page.encode(), "https://x.example/").cuts
    assert [c.text for c in cuts if c.rule == "skip-link"] == ["Hướng thẳng vào giữa"]
