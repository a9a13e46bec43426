"""What every test may lean on: programs and shared data that a machine may lack are named, and under TANGTHU_CI a skip is a failure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CI = os.environ.get("TANGTHU_CI") == "1"
SOAK = os.environ.get("TANGTHU_SOAK") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long forms run only behind `make soak`."""
    if SOAK or "soak" in (config.option.markexpr or ""):
        return
    long, short = [], []
    for item in items:
        (long if item.get_closest_marker("soak") else short).append(item)
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = short


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if CI and _skipped:
        print("\nskipped although TANGTHU_CI=1:", *_skipped, sep="\n  ")
        session.exitstatus = 1


def need(program: str) -> str:
    """The path of `program`; skips the test by name where the machine lacks it."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"needs {program}")
    return found


def shared(*parts: str) -> Path:
    """A path in the folder of shared data beside the project; skips the test by name where it is not there."""
    path = ROOT.parent.joinpath("shared", *parts)
    if not path.exists():
        pytest.skip(f"needs ../shared/{'/'.join(parts)}")
    return path
