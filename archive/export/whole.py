"""Files that appear under their name only once they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from archive.errors import CannotGoOn, Misuse
from archive.words import say


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file to write to, beside `out`; it takes that name when the block is left in order, and vanishes otherwise.

    Raises Misuse if the folder is missing, CannotGoOn if the disk refuses.
    """
    if not out.parent.is_dir():
        raise Misuse(say("{folder}: there is no such folder to write to", folder=out.parent))
    part = out.with_name(f".{out.name}.{uuid4().hex[:8]}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise CannotGoOn(say("{path}: it could not be written ({error})", path=out, error=error.strerror)) from error
    finally:
        part.unlink(missing_ok=True)
