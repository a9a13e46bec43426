"""The map of the house holds: layers, one home per library, no cycles, no public name unlisted, files one can read at once."""

from __future__ import annotations

import ast
import importlib
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT

HOME = {
    "scrapy": "crawler",
    "twisted": "crawler",
    "OpenSSL": "crawler.wire",
    "warcio": "archive.warc",
    "sqlite_utils": "archive.store",
    "bs4": "archive.cleaning",
    "jinja2": "archive.replay",
    "httptools": "archive.replay",
    "pypdfium2": "archive.documents",
    "olefile": "archive.documents",
    "xlrd": "archive.documents",
    "striprtf": "archive.documents",
    "re2": "archive.replay",
    "rich": "crawler.live",
}
# Lower rooms first; a module may import from its own layer's room and from every layer above it in this list.
LAYERS = [
    {"archive.errors", "archive.changing"},
    {"archive.model", "archive.words"},
    {"archive.urls", "archive.compare", "archive.robots", "archive.calendar", "archive.usual"},
    {"archive.warc", "archive.store", "archive.cleaning", "archive.documents"},
    {"archive.study", "archive.intake", "archive.passages", "archive.file_reading", "archive.notices", "archive.health", "archive.handshakes"},
    {"archive.overseeing"},
    {"archive.deposit", "archive.retrieve"},
    {"archive.profiles", "archive.differences"},
    {"archive.replay", "archive.audit", "archive.export", "archive.recleaning", "archive.filing", "archive.probing"},
    {"archive.console"},
    {"archive.printing_notices", "archive.printing_why"},
    {"archive.printing", "archive.printing_changes", "archive.printing_files", "archive.printing_probe", "archive.printing_space"},
    {"archive.cli"},
]
# What the crawler may know of the archive: its public names, the words of the house, and what both halves read: robots.txt, when a schedule is due.
OPEN = {"archive", "archive.model", "archive.errors", "archive.urls", "archive.words", "archive.robots", "archive.calendar", "archive.changing"}
MOUNTS = {
    "crawler.cli": {"archive.cli", "archive.console"},
    "crawler.sample.demo": {"archive.cli", "archive.console"},
    "crawler.schedule_cli": {"archive.console"},
    "crawler.wishes": {"archive.console"},
    "crawler.progress": {"archive.console"},
    "crawler.live": {"archive.console"},
    "crawler.forecast": {"archive.console"},
    "crawler.notify": {"archive.printing_notices", "archive.console"},
}
FORBIDDEN = {"utils", "helpers", "common", "base", "misc"}
MAX_LINES = 400
MAX_PUBLIC = 15


def modules() -> dict[str, Path]:
    found = {}
    for top in ("archive", "crawler"):
        for path in (ROOT / top).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path, *, late: bool = True) -> set[str]:
    """Modules that the file imports; `late` includes those inside functions and TYPE_CHECKING blocks."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if late else tree.body
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


ALL = modules()


def only_modules(names: set[str]) -> set[str]:
    return {name for name in names if name in ALL}


def layer(name: str) -> int:
    for number, rooms in enumerate(LAYERS):
        if any(name == room or name.startswith(room + ".") for room in rooms):
            return number
    return len(LAYERS)


def room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def test_each_library_has_one_home():
    strays = [
        (name, library)
        for name, path in ALL.items()
        for library in HOME
        if any(i == library or i.startswith(library + ".") for i in imports(path))
        and not (name + ".").startswith(HOME[library] + ".")
    ]
    assert strays == []


def test_imports_run_downwards():
    wrong = []
    for name, path in ALL.items():
        if not name.startswith("archive.") or name == "archive.__main__":
            continue
        for other in only_modules(imports(path)):
            if other in ("archive", name) or room(other) == room(name) or other.startswith("crawler"):
                continue
            if layer(other) >= layer(name):
                wrong.append((name, other))
    assert wrong == []


def test_the_archive_never_imports_the_crawler():
    assert [
        n for n, p in ALL.items() if n.startswith("archive") and any(i.split(".")[0] == "crawler" for i in imports(p))
    ] == []


def test_the_crawler_knows_only_what_the_archive_exports():
    wrong = [
        (name, other)
        for name, path in ALL.items()
        if name.startswith("crawler")
        for other in only_modules(imports(path))
        if other.split(".")[0] == "archive" and other not in OPEN | MOUNTS.get(name, set())
    ]
    assert wrong == []


def test_no_import_cycles():
    graph = {name: only_modules(imports(path, late=False)) - {name} for name, path in ALL.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_public_names_are_listed_and_few():
    archive = importlib.import_module("archive")
    assert len(archive.__all__) <= MAX_PUBLIC
    assert set(archive.__all__) == set(archive._HOME)
    for name in archive.__all__:
        home = getattr(archive, name).__module__
        assert home == archive._HOME[name] or home.startswith("archive.model."), name


@pytest.mark.parametrize("name", sorted(ALL))
def test_files_can_be_read_at_once(name):
    lines = ALL[name].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES
    assert name.split(".")[-1] not in FORBIDDEN
    assert ast.get_docstring(ast.parse("\n".join(lines))), f"{name} does not say what it is for"


def test_nothing_of_the_building_site_stands_in_the_project():
    """No path of a machine, no address of a registry."""
    words = ["/work" + "/", "pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs"]
    found = []
    for path in ROOT.rglob("*"):
        if (
            path.is_file()
            and path.suffix in {".py", ".md", ".toml", ".lock", ".txt", ".cfg", ""}
            and not {".git", ".venv", ".mypy_cache", ".ruff_cache", ".hypothesis"} & set(path.parts)
        ):
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [(path.name, word) for word in words if word in text]
    assert found == []


def test_versions_are_pinned_where_we_lean_on_private_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "scrapy>=2.19,<2.20" in project["dependencies"]
