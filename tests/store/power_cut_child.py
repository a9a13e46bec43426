"""Deposits exchanges and says so, for the test that cuts its power. Run: power_cut_child.py ARCHIVE ACKNOWLEDGED LEVEL."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from exchanges import answer, exchange

from archive.deposit import Depositor
from archive.model import Link

archive, acknowledged, level = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT), sys.argv[3]
for part in range(2):
    depositor = Depositor.open(archive)
    depositor._writer._db.conn.execute(f"PRAGMA synchronous = {level}")
    run = depositor.begin("hue", starts=[Link(f"http://hue.example/{part}")], warcinfo={})
    for number in range(8):
        wires = [answer(os.urandom(3000 * (1 + number % 3))) for _ in range(1 + number % 3)]
        for future in [depositor.deposit(run, exchange(wire)) for wire in wires]:
            os.write(acknowledged, future.result().record_id.encode() + b"\n")
    if part == 0:
        depositor.close()
# No clean close the second time: the power goes.
os._exit(0)
