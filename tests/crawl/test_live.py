"""What a crawl says while it runs, on terminals of two widths and two languages, and where there is none."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console
from running import START, environment, tangthu
from server import Portal

from archive.words import choose
from crawler.live import PLAIN, Follower, Standing, lasting, line, shown, table

AT = [
    Standing("cong-thong-tin-dien-tu-tinh-bac-kan.example", 123456, 9_876_543_210, 12.5, 1_000_000, 98765, "https://bk.example/tin/h%E1%BB%99i-ngh%E1%BB%8B", 93_784.0),
    Standing("hue", 0, 0, 0.0, None, 0, "", None),
    Standing("sau", 7, 900, 0.5, 3, 0, "https://sau.example/\x1b[31mđỏ?a=1", 6.0),
]  # fmt: skip


@pytest.fixture(params=["vi", "en"])
def language(request):
    choose(request.param)
    yield request.param
    choose(None)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_fits_its_terminal_and_every_number_is_whole(language, width):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(table(AT, width))
    said = console.file.getvalue()
    assert max(cell_len(row) for row in said.splitlines()) <= width
    for number in ("123456", "9.9 GB", "750", "1000000", "98765"):
        assert number in said, number
    assert ("còn chờ" if language == "vi" else "queue") in said
    assert "\x1b" not in said, "an address cannot give orders to the terminal"
    assert "bk.example/tin/hội-nghị" in said


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, "-"), (0, "0 s"), (59.6, "60 s"), (60, "1 min"), (3599, "1 h 0 min"), (7260, "2 h 1 min"), (200_000, "2 d 7 h")]
)
def test_lengths_of_time(seconds, said):
    assert lasting(seconds) == said


class Queue:
    """What a job has, as far as it is looked at."""

    class run:  # noqa: N801
        id, portal = 1, "hue"

    class limits:  # noqa: N801
        pages, seconds = 0, 0

    pages, bytes, refused, url = 0, 0, 0, ""

    def __init__(self):
        self.depositor, self.counted = self, 0

    def counts(self, _):
        self.counted += 1
        return {"queued": 100}


def test_speed_is_that_of_the_last_half_minute_and_the_queue_is_seldom_counted():
    now, job = [0.0], Queue()
    follower = Follower(lambda: now[0])
    for second in range(101):
        now[0], job.pages = float(second), min(second, 50) * 2
        [at] = follower.look([job])
    assert at.speed == 0
    assert at.left is None
    assert job.counted == 21
    now[0], job.pages = 101.0, 131
    [at] = follower.look([job])
    assert 1 < at.speed < 1.1
    assert at.left == pytest.approx(100 / at.speed)


def test_elsewhere_a_plain_line_a_minute(monkeypatch):
    now, out, job = [0.0], io.StringIO(), Queue()
    monkeypatch.setattr("crawler.live.Follower", lambda: Follower(lambda: now[0]))
    with shown(out) as watch:
        for second in range(int(3 * PLAIN) + 1):
            now[0] = float(second)
            watch([job])
    assert out.getvalue().splitlines() == [line(Follower().look([job]))] * 3
    assert "\x1b" not in out.getvalue()


# Makes its terminal the one that Ctrl-C comes from, as a shell does.
LOGIN = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


def on_terminal(screen, words, seen):
    """Run a verb on a terminal; once the table stands there `seen` is called with the terminal. Its exit code, and all that it wrote."""
    stream, written, called = pyte.ByteStream(screen), b"", False
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", screen.lines, screen.columns, 0, 0))
    started = [sys.executable, "-c", LOGIN, *START, *map(str, words)]
    crawl = subprocess.Popen(started, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(TERM="xterm"))
    os.close(theirs)
    while True:
        try:
            came = os.read(ours, 65536)
        except OSError:  # nobody holds the other end any more
            break
        written += came
        stream.feed(came)
        if not called and "now at" in "\n".join(screen.display):
            called = True
            seen(ours)
    os.close(ours)
    assert called
    return crawl.wait(), written


@pytest.fixture
def waiting():
    """A portal whose page waits until it is released."""
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        portal.on("/", lambda wire: (wire.stall(), wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")))
        yield portal


@pytest.mark.parametrize("width", [80, 200])
def test_on_a_terminal_the_table_stands_while_it_runs_and_the_sentence_when_it_ended(waiting, tmp_path, width):
    screen = pyte.Screen(width, 24)
    words = ["--lang", "en", "crawl", waiting.url("/"), "--own-host", "--archive", tmp_path / "a.db"]
    code, _ = on_terminal(screen, words, lambda _: waiting.release())
    assert code == 0
    said = "\n".join(row.rstrip() for row in screen.display)
    assert "now at" not in said
    assert "finished; 2 captures" in said.replace("\n", "")
    assert not screen.cursor.hidden


def test_ctrl_c_is_a_clean_stop(waiting, tmp_path):
    """It reaches every process of the terminal's group: those that read pages must not die of it."""
    screen = pyte.Screen(120, 40)
    words = ["--lang", "en", "crawl", waiting.url("/"), "--own-host", "--set", "READING_PROCESSES=2", "--archive", tmp_path / "a.db"]
    _, written = on_terminal(screen, words, lambda terminal: (os.write(terminal, b"\x03"), waiting.release()))
    assert b"Traceback" not in written, written.decode()
    assert b"died" not in written
    assert b"stopped, start the same command to go on" in written
    assert tangthu("crawl", waiting.url("/"), "--own-host", "--archive", tmp_path / "a.db").code == 0


def test_a_pipe_gets_no_table(tmp_path):
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        portal.on("/", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
        ended = tangthu("crawl", portal.url("/"), "--own-host", "--archive", tmp_path / "a.db")
    assert ended.code == 0
    assert "\x1b" not in ended.err + ended.out
