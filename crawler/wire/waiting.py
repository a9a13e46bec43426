"""Lets a coroutine wait for a Deferred, whoever drives it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from twisted.internet.defer import Deferred


def settled(deferred: Deferred[Any]) -> Awaitable[Any]:
    """`deferred` as the running coroutine can await it: a future within an asyncio task, itself elsewhere."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return deferred
    return deferred if task is None else deferred.asFuture(asyncio.get_running_loop())
