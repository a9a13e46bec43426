"""`tangthu clean`: articles come out of their bytes again, what changed is told and kept beside what was."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys

import deadly
import pytest
from archives import HOST, LONG, answer, cleaned, exchange, sound
from made_sites import Site
from running import START, environment, one_sentence, tangthu

from archive import recleaning
from archive.audit.findings import Summary, Verdict
from archive.audit.verify import verify
from archive.compare import changes, told, words
from archive.deposit import Depositor
from archive.export.adopt import adopt
from archive.export.warc import export_warc
from archive.model import Settlement
from archive.recleaning import Order, reclean
from archive.retrieve import Reader
from archive.store import packing

OLDER = "1 lxml 5.0.0 libxml2 2.12.0 bs4 4.12.0"
PROFILE = """code = "hue"
name = "Huế"
starts = ["https://hue.example/tin"]
[listing]
articles = "/tin"
"""
RULED = PROFILE + '\n[[cleaning]]\n[cleaning.find]\ncontainer = ["article"]\ntitle = ["h1"]\nbyline = [".tac-gia"]\n'


def page(number: int) -> bytes:
    named = LONG.replace("Cố đô Huế đón khách<".encode(), f"Cố đô Huế đón khách số {number}<".encode())
    named = named.replace("một triệu".encode(), f"{number + 11} triệu".encode())  # articles that say the same are one
    return named.replace(b"</h1>", "</h1><p class=tac-gia>Bích Diệp</p>".encode())


def older(article):
    """As a cleaner of long ago might have had it."""
    article.text = "Trang chủ\n\n" + article.text
    article.places["text"].insert(0, None)
    article.title = None
    article.cleaner["version"] = OLDER
    return article


def crawled(path, count: int = 3, change=older, profile: str | None = None):
    """An archive with `count` articles that an older cleaner made."""
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"}, profile=profile.encode() if profile else None)
        for number in range(count):
            url, html = f"{HOST}/tin/{number}", page(number)
            capture = depositor.deposit(run, exchange(url, answer(html), number)).result()
            made, rules = cleaned(html, url)
            depositor.settle(run, Settlement(-1, capture.id, "done", change(made) if change else made, rules)).result()
        depositor.end(run, "finished").result()
    return path


def listed(path):
    with sqlite3.connect(path) as conn:
        rows = conn.execute("SELECT id, capture, title, cleaner, content_sha256, packed FROM revisions ORDER BY id").fetchall()
    return [(*row, packing.opened(kept)) for *row, kept in rows]


def verdicts(path):
    return Summary.of(verify(path)).to_dict()["articles"]


def test_what_changed_is_told_and_the_former_state_stays(tmp_path):
    path = crawled(tmp_path / "a.db")
    before = listed(path)
    ended = tangthu("clean", "--archive", path, "--json")
    told_all = json.loads(ended.out)
    assert ended.code == 0
    assert {k: told_all[k] for k in ("looked_at", "changed", "new", "gone", "trouble")} == {
        "looked_at": 3, "changed": 3, "new": 0, "gone": 0, "trouble": 0,
    }  # fmt: skip
    fields = {c["field"]: c for c in told_all["outcomes"][0]["changes"]}
    assert {"title", "text"} <= set(fields)
    assert fields["title"] == {"field": "title", "before": None, "after": "Cố đô Huế đón khách số 0"}
    assert fields["text"]["words"].startswith("[-Trang chủ-] Thành phố Huế đón")
    after = listed(path)
    assert after[:3] == before
    assert [row[1] for row in after[3:]] == [row[1] for row in before]
    with Reader.open(path) as reader:
        assert [a.title for a in reader.articles()] == [f"Cố đô Huế đón khách số {n}" for n in range(3)]
        assert [hit.title for hit in reader.search("khach so 2")] == ["Cố đô Huế đón khách số 2"]
        assert reader.search("Trang chủ") == []
    # The states of the older version cannot be checked with this one; nothing is broken.
    assert verdicts(path) == {"unchecked": 3, "sound": 3}


def test_a_second_time_nothing_changes(tmp_path):
    path = crawled(tmp_path / "a.db")
    tangthu("clean", "--archive", path)
    after = listed(path)
    ended = tangthu("clean", "--archive", path, "--json")
    assert json.loads(ended.out)["outcomes"] == []
    assert listed(path) == after


def test_people_read_words(tmp_path):
    path = crawled(tmp_path / "a.db", 1)
    ended = tangthu("clean", "--archive", path)
    assert ended.out.splitlines()[0] == f"{HOST}/tin/0  changed"
    assert "  title: null → Cố đô Huế đón khách số 0" in ended.out.splitlines()
    assert "  text: [-Trang chủ-] Thành phố Huế đón …" in ended.out
    assert "1 captures cleaned again: 1 articles changed" in ended.err
    assert "1 bài thay đổi" in tangthu("--lang", "vi", "clean", "--archive", crawled(tmp_path / "b.db", 1)).err


def test_a_trial_writes_nothing(tmp_path):
    path = crawled(tmp_path / "a.db")
    before = path.read_bytes()
    ended = tangthu("clean", "--archive", path, "--dry-run", "--json")
    assert json.loads(ended.out)["changed"] == 3
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]


def test_cuts_places_and_versions_are_no_change(tmp_path):
    def only_cuts(article):
        article.cuts, article.places, article.cleaner["version"] = [], {}, OLDER
        return article

    path = crawled(tmp_path / "a.db", change=only_cuts)
    before = listed(path)
    told_all = json.loads(tangthu("clean", "--archive", path, "--json").out)
    assert (told_all["changed"], told_all["renewed"], told_all["outcomes"]) == (0, 3, [])
    after = listed(path)
    assert [(r[0], r[1], r[2], r[4]) for r in after] == [(r[0], r[1], r[2], r[4]) for r in before]
    assert all(json.loads(row[5])["cuts"] and json.loads(row[5])["places"]["text"] for row in after)
    assert verdicts(path) == {"sound": 3}


def test_only_what_was_asked_for(tmp_path):
    path = crawled(tmp_path / "a.db")
    ended = tangthu("clean", "--archive", path, "--portal", "son-la")
    assert (ended.code, one_sentence(ended.err)) == (2, True), ended
    told_all = json.loads(tangthu("clean", "--archive", path, "--url", f"{HOST}/tin/1", "--json").out)
    assert [o["url"] for o in told_all["outcomes"]] == [f"{HOST}/tin/1"]


def test_the_newest_profile_holds_or_the_same_rules(tmp_path):
    path = crawled(tmp_path / "a.db", 2, change=None, profile=PROFILE)
    with Depositor.open(path) as depositor:  # the portal got rules of its own meanwhile
        depositor.end(depositor.begin("hue", warcinfo={"software": "tangthu"}, profile=RULED.encode()), "finished").result()
    same = json.loads(tangthu("clean", "--archive", path, "--same-rules", "--json").out)
    assert (same["changed"], same["outcomes"]) == (0, [])
    with Reader.open(path) as reader:
        before = [a.cleaner["rules_digest"] for a in reader.articles()]
    newest = json.loads(tangthu("clean", "--archive", path, "--json").out)
    assert newest["changed"] + newest["renewed"] == 2
    with Reader.open(path) as reader:
        assert [a.authors for a in reader.articles()] == [["Bích Diệp"]] * 2
        assert not {a.cleaner["rules_digest"] for a in reader.articles()} & set(before)
    assert set(verdicts(path)) == {"sound"}


def test_rules_of_a_profile_that_is_given(tmp_path):
    path = crawled(tmp_path / "a.db", 1, change=None)
    (tmp_path / "hue.toml").write_text(RULED, encoding="utf-8")
    tangthu("clean", "--archive", path, "--profile", tmp_path / "hue.toml")
    with Reader.open(path) as reader:
        assert [a.authors for a in reader.articles()] == [["Bích Diệp"]]


@pytest.mark.parametrize(
    ("words_typed", "said"),
    [
        (("--archive", "none.db"), "none.db"),
        (("--profile", "none.toml"), "none.toml"),
        (("--profile", "bad.toml"), "bad.toml"),
        (("--profile", "worse.toml"), "worse.toml"),
        (("--profile", "x.toml", "--same-rules"), "--same-rules"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, words_typed, said):
    crawled(tmp_path / "tangthu.db", 1)
    (tmp_path / "bad.toml").write_text("code = ", encoding="utf-8")
    (tmp_path / "worse.toml").write_text('[[cleaning]]\n[cleaning.find]\ntitle = ["h1["]\n', encoding="utf-8")
    ended = tangthu("clean", *words_typed, cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_adopted_captures_are_cleaned_too(tmp_path):
    path = crawled(tmp_path / "a.db", 2, change=None)
    with Reader.open(path) as reader:
        export_warc(reader, tmp_path / "a.warc.gz")
    with Depositor.open(tmp_path / "b.db") as depositor:
        list(adopt(depositor, [tmp_path / "a.warc.gz"], read=None))
    told_all = json.loads(tangthu("clean", "--archive", tmp_path / "b.db", "--json").out)
    assert (told_all["new"], told_all["changed"]) == (2, 0)
    with Reader.open(tmp_path / "b.db") as reader:
        assert len(list(reader.articles())) == 2
    assert set(verdicts(tmp_path / "b.db")) == {"sound"}


def test_later_captures_that_said_the_same_get_a_state_when_rules_tell_them_apart(tmp_path):
    """Two captures that differ in what the older cleaner did not see, such as the date."""
    path = tmp_path / "a.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        for number, day in enumerate(("07/02/2020", "08/02/2020")):
            html = LONG.replace(b"</h1>", f"</h1><p>{day} 15:20</p>".encode())
            capture = depositor.deposit(run, exchange(f"{HOST}/tin", answer(html), number)).result()
            made, rules = cleaned(html, f"{HOST}/tin")
            made.published, made.cleaner["version"] = None, OLDER
            depositor.settle(run, Settlement(-1, capture.id, "done", made, rules)).result()
        depositor.end(run, "finished").result()
    assert len(listed(path)) == 1
    tangthu("clean", "--archive", path)
    with Reader.open(path) as reader:
        assert reader.article(f"{HOST}/tin").published == "2020-02-08T15:20:00+07:00"
    assert len(listed(path)) == 3


def test_what_is_no_article_any_more_is_said_and_stays(tmp_path):
    def invented(article):
        article.title = "Không có"
        return article

    path = tmp_path / "a.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        capture = depositor.deposit(run, exchange(f"{HOST}/rong", answer(b"<p>" + b" " * 2000))).result()
        made, rules = cleaned(LONG, f"{HOST}/rong")
        depositor.settle(run, Settlement(-1, capture.id, "done", invented(made), rules)).result()
        depositor.end(run, "finished").result()
    before = listed(path)
    told_all = json.loads(tangthu("clean", "--archive", path, "--json").out)
    assert told_all["gone"] == 1
    assert listed(path) == before


def test_damaged_pages_are_findings_and_the_others_are_cleaned(tmp_path):
    path = crawled(tmp_path / "a.db")
    with sqlite3.connect(path) as conn:
        record = conn.execute("SELECT record FROM captures WHERE url LIKE '%/1'").fetchone()[0]
        blob = bytearray(conn.execute("SELECT bytes FROM parts WHERE record = ?", (record,)).fetchone()[0])
        blob[len(blob) // 2] ^= 1
        conn.execute("UPDATE parts SET bytes = ? WHERE record = ?", (bytes(blob), record))
    ended = tangthu("clean", "--archive", path, "--json")
    told_all = json.loads(ended.out)
    assert (ended.code, told_all["changed"], told_all["trouble"]) == (1, 2, 1)
    assert next(o for o in told_all["outcomes"] if o["kind"] == "trouble")["url"] == f"{HOST}/tin/1"


def test_a_page_that_takes_its_process_down_is_passed_over(tmp_path, monkeypatch):
    path = crawled(tmp_path / "a.db", 4)
    with sqlite3.connect(path) as conn:
        conn.execute(f"UPDATE captures SET url = '{HOST}/{deadly.DEADLY}' WHERE url LIKE '%/1'")
    monkeypatch.setattr(recleaning, "_clean", deadly.clean)
    found = list(reclean(path, Order(processes=2), None))
    assert sorted(o.kind for o in found) == ["changed", "changed", "changed", "trouble"]
    assert next(o for o in found if o.kind == "trouble").why == "it took the process down"


def test_killed_in_the_middle_it_goes_on(tmp_path):
    path = crawled(tmp_path / "a.db", 150)
    command = subprocess.Popen(
        [*START, "clean", "--archive", str(path), "--processes", "1"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    assert command.stdout is not None
    for _ in range(20):
        command.stdout.readline()
    os.killpg(command.pid, signal.SIGKILL)
    command.wait()
    command.stdout.close()
    done = len(listed(path)) - 150
    assert 0 < done < 150
    assert {f.verdict for f in verify(path) if f.check != "articles"} == {Verdict.SOUND}
    told_all = json.loads(tangthu("clean", "--archive", path, "--json").out)
    assert told_all["changed"] == 150 - done
    assert verdicts(path) == {"unchecked": 150, "sound": 150}


def test_somebody_faster_is_not_overwritten(tmp_path):
    path = crawled(tmp_path / "a.db", 1)
    (outcome,) = reclean(path, Order(processes=1), None)
    with Depositor.open(path) as depositor:
        assert depositor.revise(outcome.capture, outcome.former, outcome.draft).result() == 2
        assert depositor.revise(outcome.capture, outcome.former, outcome.draft).result() is None
    assert len(listed(path)) == 2


def test_a_sound_archive_stays_as_it_is(tmp_path):
    path = sound(tmp_path / "a.db")
    unreadable = tangthu("clean", "--archive", path)
    assert (unreadable.code, "--same-rules" in unreadable.err) == (2, True)  # its profile is no TOML
    told_all = json.loads(tangthu("clean", "--archive", path, "--same-rules", "--json").out)
    assert [o["kind"] for o in told_all["outcomes"] if o["kind"] != "new"] == []
    assert set(verdicts(path)) == {"sound"}


def test_texts_are_compared_by_words():
    pieces = list(words("một hai ba\n\nbốn", "một ba\n\nbốn năm"))
    assert "".join(t for k, t in pieces if k != "new") == "một hai ba\n\nbốn"
    assert "".join(t for k, t in pieces if k != "gone") == "một ba\n\nbốn năm"
    assert told("một hai ba", "một tư ba") == "một [-hai-]{+tư+} ba"
    long = " ".join(str(n) for n in range(50))
    assert told(long, long.replace("25", "x")) == "… 21 22 23 24 [-25-]{+x+} 26 27 28 29 …"
    assert changes(None, None) == []


def test_it_runs_without_scrapy(tmp_path):
    path = crawled(tmp_path / "a.db", 1)
    ended = subprocess.run(
        [sys.executable, "-m", "archive", "clean", "--archive", str(path)], capture_output=True, text=True, env=environment(), check=False,
    )  # fmt: skip
    assert (ended.returncode, "1 articles changed" in ended.stderr) == (0, True)


def test_hosts_without_rules_are_learned_first(tmp_path):
    path, site = tmp_path / "a.db", Site(7, 40, "short")
    with Depositor.open(path) as depositor:
        run = depositor.begin("mau", warcinfo={"software": "tangthu"})
        for number, made in enumerate(site.pages):
            depositor.deposit(run, exchange(f"https://tinh-mau.example{made.path}", answer(made.html.encode()), number)).result()
        depositor.end(run, "finished").result()
    first = json.loads(tangthu("clean", "--archive", path, "--json").out)
    with sqlite3.connect(path) as conn:
        layers = [layer for (layer,) in conn.execute("SELECT layer FROM revisions")]
        assert conn.execute("SELECT count(*), run FROM site_models").fetchone() == (1, None)
    articles = [made for made in site.pages if made.text]
    assert first["new"] == len(layers) == len(articles)
    assert layers.count("site") > len(articles) / 2
    again = json.loads(tangthu("clean", "--archive", path, "--json").out)
    assert (again["changed"], again["new"], again["outcomes"]) == (0, 0, [])
    assert {f.verdict for f in verify(path)} == {Verdict.SOUND}
