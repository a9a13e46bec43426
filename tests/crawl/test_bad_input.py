"""What people get wrong, and what the machine does: the contract's exit code and one sentence each, never a traceback."""

from __future__ import annotations

import socket
import sqlite3
import threading

import pytest
from archives import sound
from running import one_sentence, tangthu

from archive import Depositor


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "a.db"
    Depositor.open(path).close()
    return path


def test_unknown_portal(tmp_path):
    ended = tangthu("crawl", "cao-bag", "--archive", tmp_path / "a.db")
    assert (ended.code, one_sentence(ended.err)) == (2, True)
    assert "cao-bang" in ended.err


def test_address_that_is_none(tmp_path):
    ended = tangthu("crawl", "ftp://tinh-mau.example/", "--archive", tmp_path / "a.db")
    assert (ended.code, one_sentence(ended.err)) == (2, True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_dead_host_is_a_finding_and_kept(tmp_path):
    url = f"http://127.0.0.1:{free_port()}/"
    ended = tangthu("crawl", url, "--own-host", "--archive", tmp_path / "a.db", "--set", "RETRY_WAIT=0.01")
    assert (ended.code, one_sentence(ended.err)) == (1, True), ended.err
    assert "`tangthu runs 1` says what went wrong" in ended.err
    assert "refused" in tangthu("why", url, "--archive", tmp_path / "a.db").out


def test_refused_tls_handshake_is_a_finding_and_kept(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # alert: handshake_failure

        threading.Thread(target=answer, daemon=True).start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        ended = tangthu("crawl", url, "--own-host", "--archive", tmp_path / "a.db", "--set", "RETRY_WAIT=0.01")
        server.shutdown(socket.SHUT_RDWR)
    assert (ended.code, one_sentence(ended.err)) == (1, True), ended.err
    assert "tls" in tangthu("why", url + "robots.txt", "--archive", tmp_path / "a.db").out


def test_profile_with_a_typo(tmp_path):
    profile = tmp_path / "mau.toml"
    profile.write_text(
        'code = "mau"\nname = "Mẫu"\nstarts = ["http://tinh-mau.example/"]\n[listing]\nartikles = "x"\n',
        encoding="utf-8",
    )
    ended = tangthu("crawl", "mau", "--profile", profile, "--archive", tmp_path / "a.db")
    assert (ended.code, one_sentence(ended.err)) == (2, True)
    assert "mau.toml" in ended.err
    assert "listing.artikles" in ended.err
    assert "articles" in ended.err


@pytest.mark.parametrize(
    "verb",
    [("verify",), ("runs",), ("search", "x"), ("export", "--warc", "x.warc.gz"), ("crawl", "http://127.0.0.1:9/")],
)
def test_a_file_that_is_no_archive(tmp_path, verb):
    path = tmp_path / "a.db"
    path.write_text("không phải kho lưu trữ\n" * 200, encoding="utf-8")
    ended = tangthu(*verb, "--archive", path, cwd=tmp_path)
    assert (ended.code, one_sentence(ended.err)) == (2, True), ended.err
    assert path.read_text(encoding="utf-8").startswith("không phải")


def test_a_database_of_somebody_else(tmp_path):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE theirs (x)")
    conn.close()
    ended = tangthu("crawl", "http://127.0.0.1:9/", "--archive", path)
    assert (ended.code, one_sentence(ended.err)) == (2, True)


def test_no_archive_at_all(tmp_path):
    ended = tangthu("verify", "--archive", tmp_path / "none.db")
    assert (ended.code, one_sentence(ended.err)) == (2, True)


def test_an_archive_of_a_newer_schema(archive):
    with sqlite3.connect(archive) as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()
    for verb in (("verify",), ("crawl", "http://127.0.0.1:9/")):
        ended = tangthu(*verb, "--archive", archive)
        assert (ended.code, one_sentence(ended.err)) == (2, True), ended.err


def test_a_locked_archive(archive):
    conn = sqlite3.connect(archive)
    conn.execute("BEGIN EXCLUSIVE")
    ended = tangthu("crawl", "http://127.0.0.1:9/", "--archive", archive, "--lock-timeout", "0.2")
    conn.close()
    assert (ended.code, one_sentence(ended.err)) == (3, True), ended.err


def test_an_archive_copied_without_its_log(archive, tmp_path):
    copy = tmp_path / "copy.db"
    with Depositor.open(archive) as depositor:
        depositor.begin("mau", warcinfo={})
        copy.write_bytes(archive.read_bytes())
        for verb in (("verify",), ("crawl", "http://127.0.0.1:9/")):
            ended = tangthu(*verb, "--archive", copy)
            assert (ended.code, one_sentence(ended.err)) == (2, True), ended.err
            assert "-wal" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("crawl",),
        ("crawl", "--max-pages", "0", "http://127.0.0.1:9/"),
        ("nonsense",),
        ("show",),
        ("export", "x"),
        ("crawl", "http://127.0.0.1:9/", "--set", "ADDONS=x"),
        ("crawl", "http://127.0.0.1:9/", "--set", "x"),
        ("crawl", "http://127.0.0.1:9/", "--resolve", "a=b"),
    ],
)
def test_wrong_words(tmp_path, words):
    ended = tangthu(*words, cwd=tmp_path)
    assert (ended.code, one_sentence(ended.err)) == (2, True), ended.err


def test_help_names_every_verb_in_both_languages():
    english, vietnamese = tangthu("--help"), tangthu("--lang", "vi", "--help")
    for verb in ("crawl", "portals", "doctor", "show", "search", "why", "runs", "verify", "export", "adopt", "serve", "clean", "probe"):
        assert verb in english.out
        assert verb in vietnamese.out
    assert "Thu thập" in vietnamese.out


def test_the_language_may_be_chosen_before_or_after_the_verb(tmp_path):
    before, after = tangthu("--lang", "vi", "runs", cwd=tmp_path), tangthu("runs", "--lang", "vi", cwd=tmp_path)
    assert before.err == after.err != tangthu("--lang", "en", "runs", cwd=tmp_path).err
    assert tangthu("--lang", "vi", "runs", "--lang", "en", cwd=tmp_path).err == tangthu("--lang", "en", "runs", cwd=tmp_path).err
    assert tangthu("schedule", "list", "--lang", "vi", "--help").out == tangthu("--lang", "vi", "schedule", "list", "--help").out


@pytest.mark.parametrize("typed", ["99999999999999999999", "²"])
@pytest.mark.parametrize("words", [("show",), ("runs",), ("runs", "stop"), ("export", "--jsonl", "out.jsonl", "--run")])
def test_what_is_no_number_of_a_row_is_said_to_be_none(tmp_path, typed, words):
    sound(tmp_path / "a.db")
    ended = tangthu(*words, typed, "--archive", "a.db", cwd=tmp_path)
    assert (ended.code, one_sentence(ended.err)) == (2, True), ended.err
