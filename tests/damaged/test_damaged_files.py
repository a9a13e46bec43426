"""Whatever happened to a WARC file on its way: it is taken in as far as it goes, and nothing falls over."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from archives import sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.audit.verify import verify
from archive.deposit import Depositor
from archive.errors import Misuse
from archive.export.adopt import adopt
from archive.export.warc import export_warc
from archive.retrieve import Reader


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    with Reader.open(sound(folder / "a.db")) as reader:
        export_warc(reader, folder / "a.warc")
    return (folder / "a.warc").read_bytes()


FLAWS = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(["flip", "cut", "insert", "remove"]), st.binary(min_size=1, max_size=9)),
    min_size=1, max_size=4,
)  # fmt: skip


def damage(data: bytes, flaws) -> bytes:
    for at, how, what in flaws:
        at %= len(data) + 1
        if how == "cut":
            data = data[: max(at, 20)]
        elif how == "insert":
            data = data[:at] + what + data[at:]
        else:
            data = data[:at] + (what if how == "flip" else b"") + data[at + len(what) :]
    return data


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FLAWS, st.booleans())
def test_a_damaged_file_is_taken_in_as_far_as_it_goes(plain, tmp_path_factory, flaws, packed):
    folder = tmp_path_factory.mktemp("flaws")
    whole = b"".join(gzip.compress(b"WARC/1.1" + r) for r in plain.split(b"WARC/1.1")[1:]) if packed else plain
    path = folder / ("x.warc.gz" if packed else "x.warc")
    path.write_bytes(damage(whole, flaws))
    with Depositor.open(folder / "x.db") as depositor:
        try:
            (report,) = adopt(depositor, [path])
        except Misuse:
            assert not path.read_bytes().startswith((b"WARC/", b"\x1f\x8b"))
            return
    findings = list(verify(folder / "x.db"))
    assert findings
    with Reader.open(folder / "x.db") as reader:
        kept = export_warc(reader, folder / f"out{''.join(path.suffixes)}")
        assert kept.records == report.records
        for capture in reader.captures():
            if capture.failure is not None:  # an attempt that brought no answer
                continue
            with reader.open(capture) as opened:
                if opened.available:
                    opened.raw()
    if not report.grave and not report.already:
        assert kept.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "field", ["WARC-Target-URI: http://[", "WARC-Target-URI: \u0000", "Content-Length: " + "9" * 5000, "WARC-Date: 0000-00-00T00:00:00Z",
              "WARC-Record-ID: <>", "WARC-Target-URI: http://hue.example:99999/"],
)  # fmt: skip
def test_hostile_fields(tmp_path, field):
    name = field.partition(":")[0]
    fields = {"WARC-Type": "response", "WARC-Record-ID": "<urn:x:1>", "WARC-Date": "2020-01-01T00:00:00Z",
              "WARC-Target-URI": "http://hue.example/", "Content-Type": "application/http", "Content-Length": "19"}
    fields[name] = field.partition(": ")[2]
    head = "".join(f"{n}: {v}\r\n" for n, v in fields.items())
    path = tmp_path / "x.warc"
    path.write_bytes(f"WARC/1.1\r\n{head}\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n".encode())
    with Depositor.open(tmp_path / "x.db") as depositor:
        (report,) = adopt(depositor, [path])
    assert report.records == 1
    assert list(verify(tmp_path / "x.db"))
