"""What changed between two states of a page, and on a portal between two days; counters and clocks are no change."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from archives import HOST, LATER, LONG, START, answer, exchange, sound
from click.testing import CliRunner
from lxml import html
from rooms import asking

from archive.cli import cli
from archive.compare import words
from archive.deposit import Depositor
from archive.differences import difference, events
from archive.errors import Misuse
from archive.filing import read_files
from archive.model import Article, Attachment, Image, Settlement
from archive.retrieve import Reader

URL, PDF = f"{HOST}/tin-1", f"{HOST}/qd.pdf"
DAY = 86400
MISSING = answer(b"het", status="404 Not Found")


def article(text, **more):
    return Article(URL, **{"title": "Tin", "text": text, "html": f"<p>{text}</p>", **more})


STATES = [
    (0, article("Cuộc họp lúc 8 giờ.\n\nLượt xem: 10", attachments=[Attachment(PDF, "Quyết định")], images=[Image(f"{HOST}/a.jpg", "Cầu cũ")])),
    (DAY, article("Cuộc họp lúc 8 giờ.\n\nLượt xem: 1.234\n\n08:15:02", attachments=[Attachment(PDF, "Quyết định")], images=[Image(f"{HOST}/a.jpg", "Cầu cũ")])),
    (2 * DAY, article("Cuộc họp lúc 9 giờ.\n\nLượt xem: 9.999", title="Tin sửa", attachments=[Attachment(PDF, "Quyết định")], images=[Image(f"{HOST}/a.jpg", "Cầu mới")])),
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("khac") / "khac.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        for after, made in STATES:
            capture = depositor.deposit(run, exchange(URL, answer(made.text.encode()), after)).result()
            depositor.settle(run, Settlement(-1, capture.id, "done", made)).result()
        for after, body in ((1, b"%PDF ban dau"), (2 * DAY + 1, b"%PDF ban sau")):
            depositor.deposit(run, exchange(PDF, answer(body, "application/pdf"), after)).result()
        depositor.deposit(run, exchange(f"{HOST}/a.jpg", answer(b"anh", "image/jpeg"), 2)).result()
        depositor.deposit(run, exchange(URL, MISSING, 3 * DAY)).result()
        depositor.end(run, "finished").result()
    return path


@pytest.fixture
def reader(path):
    with Reader.open(path) as reader:
        yield reader


def at(seconds):
    return START + timedelta(seconds=seconds)


def test_fields_words_captions_and_files(reader):
    found = difference(reader, URL)
    assert found.times == (at(DAY), at(2 * DAY))
    changed = {change.field: change for change in found.fields}
    assert set(changed) == {"title", "text", "html", "images"}
    assert list(words(changed["text"].before, changed["text"].after)) == [
        ("same", "Cuộc họp lúc "), ("gone", "8"), ("new", "9"), ("same", " giờ."),
    ]  # fmt: skip
    assert changed["images"].after[0]["caption"] == "Cầu mới"
    # The same address gave another file, without a word of it on the page.
    (file,) = found.files
    assert (file.url, file.kind, file.changed) == (PDF, "attachments", True)
    assert file.before.payload_digest != file.after.payload_digest


def test_counters_and_clocks_are_no_change_and_stay_in_what_is_kept(reader):
    found = difference(reader, URL, at(0), at(DAY))
    assert found.same
    assert "Lượt xem: 1.234" in found.after.text
    assert difference(reader, URL, at(0), at(2 * DAY)).times == (at(0), at(2 * DAY))


def test_moments_between_captures_mean_the_state_that_was_the_last_one(reader):
    assert difference(reader, URL, at(-9), at(DAY + 5)).times == (at(0), at(DAY))
    assert difference(reader, URL, at(DAY + 5)).times == (at(DAY), at(2 * DAY))
    # Addresses name a capture by its whole second.
    assert difference(reader, URL, at(DAY).replace(microsecond=0), at(2 * DAY).replace(microsecond=0)).times == (at(DAY), at(2 * DAY))


def test_pages_that_are_no_articles_are_compared_as_captured(tmp_path):
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("hue")
        for after, body in ((0, LONG), (100, LATER)):
            depositor.deposit(run, exchange(f"{HOST}/x", answer(body), after)).result()
        depositor.deposit(run, exchange(f"{HOST}/y", answer(LONG))).result()
        depositor.end(run, "finished").result()
    with Reader.open(tmp_path / "a.db") as reader:
        (text,) = (c for c in difference(reader, f"{HOST}/x").fields if c.field == "text")
        assert ("gone", "một") in list(words(text.before, text.after))
        for url in (f"{HOST}/y", f"{HOST}/khong-co"):
            with pytest.raises(Misuse, match="no two states"):
                difference(reader, url)


def test_events_of_a_portal(reader):
    found = events(reader, "hue", at(-1), at(9 * DAY), 10)
    assert [(event.kind, event.time) for event in found] == [
        (kind, f"{at(n * DAY):%Y-%m-%dT%H:%M:%S.%fZ}") for kind, n in (("gone", 3), ("changed", 2), ("changed", 1), ("new", 0))
    ]
    assert [event.kind for event in events(reader, "hue", at(DAY), at(2 * DAY), 10)] == ["changed"]
    assert events(reader, "khac", at(-1), at(9 * DAY), 10) == []
    assert [event.kind for event in events(reader, "hue", at(-1), at(9 * DAY), 2, 1)] == ["changed", "changed"]


def test_compared_over_http(reader):
    ask = asking(reader)
    told = json.loads(ask(f"/compare.json?url={URL}")[2])
    assert [field["field"] for field in told["fields"]] == ["title", "text", "html", "images"]
    assert ["gone", "8"] in told["fields"][1]["words"]
    assert told["files"][0]["before"]["payload_digest"] != told["files"][0]["after"]["payload_digest"]
    page = ask(f"/compare/{URL}", accept_language="en")[2].decode()
    assert "lúc <del>8</del> giờ" in page
    assert "lúc <ins>9</ins> giờ" in page
    assert "a.jpg · Cầu <ins>mới</ins>" in page
    assert "1.234" not in page
    assert "says the same" not in page
    same = ask(f"/compare?url={URL}&from={at(0):%Y%m%d%H%M%S}&to={at(DAY):%Y%m%d%H%M%S}", accept_language="en")[2].decode()
    assert "Both states say the same." in same
    form = html.document_fromstring(same).xpath("//main//form")[0]
    assert [[option.text for option in one.xpath("option")] for one in form.xpath(".//select")] == [[f"{at(n * DAY):%Y-%m-%d %H:%M:%S} UTC" for n in (2, 1, 0)]] * 2
    assert dict(form.form_values()) == {"url": URL, "from": f"{at(0):%Y%m%d%H%M%S}", "to": f"{at(DAY):%Y%m%d%H%M%S}"}
    form.fields["to"] = f"{at(2 * DAY):%Y%m%d%H%M%S}"
    assert "lúc <ins>9</ins> giờ" in ask(f"{form.action}?{urlencode(form.form_values())}")[2].decode()
    assert dict(html.document_fromstring(page).xpath("//main//form")[0].form_values())["from"] == f"{at(DAY):%Y%m%d%H%M%S}"
    assert ask(f"/compare/{HOST}/khong-co")[0] == 404
    assert ask(f"/compare?url={URL}&from=hom-qua")[0] == 400


def test_changes_of_a_portal_over_http_leave_noise_out(reader):
    ask = asking(reader)
    told = json.loads(ask("/changes.json?portal=hue&from=2026-01-01&to=2026-01-31")[2])
    assert [event["kind"] for event in told["events"]] == ["gone", "changed", "new"]
    page = ask("/changes?portal=hue&from=2026-01-11&to=2026-01-12", accept_language="en")[2].decode()
    assert "Changes of hue from 2026-01-11 to 2026-01-12" in page
    assert page.count('<tr><td class="line">') == 1
    feed = ET.fromstring(ask("/changes.atom?portal=hue&from=2026-01-01&to=2026-01-31", accept_language="en")[2])
    titles = [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in feed.findall("{http://www.w3.org/2005/Atom}entry")]
    assert titles == ["Gone: Tin sửa", "Changed: Tin sửa", "New: Tin"]
    assert ask("/changes?portal=khac")[0] == 404
    for wrong in ("from=2026", "to=x", "from=2026-13-01"):
        assert ask(f"/changes?portal=hue&{wrong}")[0] == 400, wrong


def test_the_verb(path, tmp_path):
    run = CliRunner().invoke
    came = run(cli, ["--lang", "en", "diff", URL, "--archive", str(path)])
    assert came.exit_code == 0
    assert "text: Cuộc họp lúc [-8-]{+9+} giờ." in came.output
    assert f"attachments: {PDF}  sha256:" in came.output
    came = run(cli, ["diff", URL, f"{at(0):%Y%m%d%H%M%S}", f"{at(DAY):%Y%m%d%H%M%S}", "--archive", str(path), "--json"])
    assert json.loads(came.stdout)["same"] is True
    assert isinstance(run(cli, ["diff", f"{HOST}/khong-co", "--archive", str(sound(tmp_path / "b.db"))]).exception, Misuse)




RTF = r"{\rtf1\ansi Dieu 1. Ban hanh quy che lam viec %s cua Uy ban nhan dan huyen.}"


def test_files_that_were_swapped_are_compared_by_the_text_inside(tmp_path):
    path, file = tmp_path / "khac.db", f"{HOST}/quy-che.rtf"
    made = article("Quy chế làm việc", attachments=[Attachment(file, "Quy chế")])
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        for after, period in ((0, "nhiem ky cu"), (DAY, "nhiem ky moi")):
            capture = depositor.deposit(run, exchange(URL, answer(made.text.encode()), after)).result()
            depositor.settle(run, Settlement(-1, capture.id, "done", made)).result()
            depositor.deposit(run, exchange(file, answer((RTF % period).encode(), "application/rtf"), after + 1)).result()
        depositor.end(run, "finished").result()
        assert [one.text.status for one in read_files(path, depositor)] == ["text", "text"]
    with Reader.open(path) as reader:
        found = difference(reader, URL, at(0), at(DAY))
        assert found.fields == []
        [swapped] = found.files
        told = [piece for piece in words(swapped.inside.before, swapped.inside.after) if piece[0] != "same"]
        assert told == [("gone", "cu"), ("new", "moi")]
    shown = CliRunner().invoke(cli, ["diff", URL, f"{at(0):%Y%m%d%H%M%S}", f"{at(DAY):%Y%m%d%H%M%S}", "--archive", str(path)])
    assert "text inside" in shown.output
    assert "moi" in shown.output
