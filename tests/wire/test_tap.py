from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from crawler.wire.tap import Tap, remove_orphans


@given(st.lists(st.binary(max_size=40)), st.integers(0, 100))
def test_what_goes_in_comes_out(tmp_path_factory: object, pieces: list[bytes], threshold: int) -> None:
    folder = Path(tmp_path_factory.getbasetemp()) / "taps"  # type: ignore[attr-defined]
    tap = Tap(folder, threshold)
    for piece in pieces:
        tap.feed(piece)
    whole = b"".join(pieces)
    assert (tap.file().read(), tap.length) == (whole, len(whole))
    assert bool(list(folder.glob("*"))) == (len(whole) > threshold)
    tap.close()
    assert list(folder.glob("*")) == []


def test_only_what_a_killed_crawl_left_is_removed(tmp_path: Path) -> None:
    mine = Tap(tmp_path, 0)
    mine.feed(b"in use")
    program = "import os, sys, pathlib; from crawler.wire.tap import Tap; t = Tap(pathlib.Path(sys.argv[1]), 0); t.feed(b'left'); os._exit(9)"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])
    (tmp_path / "other.txt").write_text("not ours")
    assert len(list(tmp_path.iterdir())) == 3
    assert len(remove_orphans(tmp_path)) == 1
    assert mine.file().read() == b"in use"
    mine.close()
    assert [path.name for path in tmp_path.iterdir()] == ["other.txt"]
