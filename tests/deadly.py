"""Work in a process that one piece of it takes down."""

from __future__ import annotations

import os
import signal

from archive import recleaning

DEADLY = "chet"
_clean = recleaning._clean


def clean(captures):
    for number in captures:
        row = recleaning._worker[0]._archive.capture(number)
        if DEADLY in row.url:
            os.kill(os.getpid(), signal.SIGKILL)
    return _clean(captures)
