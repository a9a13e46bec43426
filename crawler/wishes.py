"""`tangthu runs stop/pause/resume/release RUN`: what an operator asks of a crawl in another process, or on a machine that is gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archive import Depositor, Reader, say
from archive.console import DONE, number, tell
from archive.errors import Misuse

_WISH = {"stop": "stop", "pause": "pause", "resume": None}


def tell_run(paths: Sequence[Path], what: str, named: Sequence[str]) -> int:
    """Write down what is wanted of the run; its process, if there is one, looks once a second. Raises Misuse if there is no such run at work."""
    known = number(named[0]) if len(named) == 1 else None
    if known is None:
        raise Misuse(say("Name one run by its number: tangthu runs {what} RUN", what=what))
    if len(paths) != 1:
        raise Misuse(say("Name one archive: a run is at work in one"))
    with Reader.open(paths[0]) as reader:
        run = reader.run(known)
    if run is None:
        raise Misuse(say("There is no run {run}: `tangthu runs` lists them", run=named[0]))
    if not run["alive"] and what != "release":
        raise Misuse(say("Run {run} is not at work: it ended as {outcome}", run=named[0], outcome=run["outcome"] or "-"))
    with Depositor.open(paths[0]) as depositor:
        if what == "release":
            depositor.release(run["id"]).result()
        else:
            depositor.wish(run["id"], _WISH[what]).result()
    told = {
        "stop": say("will stop"),
        "pause": say("will pause"),
        "resume": say("goes on"),
        "release": say("counts as interrupted, the next crawl goes on with it"),
    }
    tell(f"{run['portal']}: {told[what]}")
    return DONE
