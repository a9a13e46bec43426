"""The six articles that most odd sites have, under the same addresses on each."""

from __future__ import annotations

from datetime import datetime

COUNT = 6


def address_of(number: int) -> str:
    """Where the article of this number stands."""
    return f"/tin/bai-{number}.html"


def articles(_: datetime) -> list[str]:
    """Every article of such a site, whatever the time."""
    return [address_of(number) for number in range(COUNT)]
