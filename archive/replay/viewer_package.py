"""ReplayWeb.page, Webrecorder's viewer, from its npm package: told of, fetched by npm or from a file, checked, put beside no code of ours.

Its licence (AGPL-3.0-or-later) is not ours, so it is no part of this product: whoever wants it installs it, and is told so before
(docs/decisions/0011-viewer.md).
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path

from archive.errors import CannotGoOn, Misuse
from archive.words import say

NAME, VERSION = "replaywebpage", "2.5.3"
# Of the package as npm's registry has it (Subresource Integrity, section 3.1).
INTEGRITY = "sha512-nCj2PSON3BxeSJKE8AsYPyULv0XPZKJWfy4l9PyQre9SqwLZ+WKZVs/sfLqPOQ4GrH+0YkjbwOhr8cSTH08gsQ=="
FILES = ("ui.js", "sw.js", "LICENSE")
_PATIENCE = 300


def folder() -> Path:
    """Where it is installed, or would be: TANGTHU_VIEWER, else among the user's data (XDG Base Directory Specification)."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(os.environ.get("TANGTHU_VIEWER") or Path(data, "tangthu", "viewer")) / f"{NAME}-{VERSION}"


def installed() -> bool:
    """Whether it is there."""
    return all((folder() / name).is_file() for name in FILES)


@cache
def file(name: str) -> bytes:
    """One of its files."""
    return (folder() / name).read_bytes()


def notice() -> str:
    """What is to be known before it is installed."""
    return say(
        "ReplayWeb.page {version} is Webrecorder's, under the licence AGPL-3.0-or-later: it is no part of Tàng Thư, and who offers it to "
        "others owes them its source (the npm package {name}). It will be put into {folder}.",
        version=VERSION, name=NAME, folder=folder(),
    )  # fmt: skip


def install(package: Path | None = None) -> Path:
    """Install it from its npm package (a .tgz), which npm fetches if none is given; returns its folder.

    Raises Misuse if there is no npm, or if the file is not that package of that version, and CannotGoOn if npm cannot fetch it.
    """
    if package and not package.is_file():
        raise Misuse(say("--viewer {package}: there is no such file; name a package (.tgz), or `install`", package=package))
    data = package.read_bytes() if package else _fetched()
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != INTEGRITY:
        raise Misuse(say("This is not the package {name} {version}: its digest is {found}.", name=NAME, version=VERSION, found=found))
    target = folder()
    made = target.with_name(f"{target.name}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(data), mode="r:gz") as tar:
        for name in FILES:
            member = tar.extractfile(f"package/{name}")
            (made / name).write_bytes(member.read() if member else b"")
    shutil.rmtree(target, ignore_errors=True)
    made.rename(target)
    return target


def _fetched() -> bytes:
    """The package, fetched by npm: it knows the registry, proxy and certificates of this machine."""
    npm = shutil.which("npm")
    if npm is None:
        raise Misuse(
            say(
                "npm is not there to fetch {name} {version}: install npm, or fetch that package elsewhere (npm pack {name}@{version}) and "
                "name the file: tangthu serve --viewer FILE.tgz",
                name=NAME,
                version=VERSION,
            )
        )
    with tempfile.TemporaryDirectory() as there:
        order = [npm, "pack", f"{NAME}@{VERSION}", "--ignore-scripts", "--pack-destination", there]
        try:
            ended = subprocess.run(order, cwd=there, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        except subprocess.TimeoutExpired as late:
            raise CannotGoOn(say("npm did not fetch {name} {version} within {seconds} s", name=NAME, version=VERSION, seconds=_PATIENCE)) from late
        packages = list(Path(there).glob("*.tgz"))
        if ended.returncode or not packages:
            told = (ended.stderr.strip().splitlines() or ["?"])[-1]
            raise CannotGoOn(say("npm could not fetch {name} {version}: {told}", name=NAME, version=VERSION, told=told))
        return packages[0].read_bytes()
