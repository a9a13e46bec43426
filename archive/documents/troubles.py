"""Why a file has no text that can be read."""

from __future__ import annotations


class Unreadable(Exception):  # said of a file, caught where files are read
    """The file is broken, or asks for more than a file of its kind may."""


class Encrypted(Exception):  # as above
    """The file wants a password."""
