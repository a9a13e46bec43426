"""The hostile answers again, now through the archive: what comes out of the records is what crossed the wire, and others can read the file."""

from __future__ import annotations

from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hostile import CASES, Case
from hostile_fetching import fetch_all, path_of, serve
from server import Portal
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive import Depositor, Reader
from archive.audit.verify import verify
from archive.export.warc import export_warc

# Heads that warcio's HTTP parser refuses; the records themselves iterate (HTTP parsing off). FastWARC 2.0 refuses none of them.
REFUSED_BY_WARCIO: frozenset[str] = frozenset()


def blocks_of(reader: Reader, record_id: str) -> dict[str, bytes]:
    """The blocks of one capture event, by what they are."""
    archive = reader.archives[0]
    capture = archive.capture(record_id)
    found = {"request": b"", "interim": b"", "response": b"", "surplus": b""}
    for row in archive.records_of(capture.id):
        record = kept_record(reader, row)
        block = b"".join(record.block())
        content_type = record.head.get("Content-Type")
        if row.type in ("request", "response"):
            found[row.type] = block
        elif content_type == "application/octet-stream":
            found["surplus"] += block
        elif content_type == "application/http; msgtype=response":
            found["interim"] += block
    return found


def kept_record(reader: Reader, row: Any) -> Any:
    from archive.retrieve import kept

    return kept(reader.archives[0], row).record()


def differences(case: Case, blocks: dict[str, bytes], hit: Any, reader: Reader, record_id: str) -> list[str]:
    wrong = []
    expected = {
        "request": hit.request, "interim": b"".join(case.interim), "response": case.answer, "surplus": case.surplus,
    }  # fmt: skip
    if case.endless or case.then == "drip":
        sent, start = bytes(hit.sent), len(expected["interim"])
        expected["response"] = sent[start : start + len(blocks["response"])]
        if not blocks["response"].startswith(case.answer):
            wrong.append(f"{case.name}: the response does not begin as it was sent")
        expected["surplus"] = blocks["surplus"] if sent.endswith(blocks["surplus"]) or blocks["surplus"] in sent else b""
    wrong += [f"{case.name}: {name} is {blocks[name]!r:.200}, not {expected[name]!r:.200}" for name in expected if blocks[name] != expected[name]]
    capture = reader.capture(record_id)
    if capture.truncated != case.truncated:
        wrong.append(f"{case.name}: truncated is {capture.truncated}, not {case.truncated}")
    return wrong


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_records_hold_what_crossed_the_wire(run: Any, engine: Any, authority: Any, tmp_path: Any, secure: bool) -> None:
    path, late = tmp_path / "a.db", {}
    with Portal(authority.context("127.0.0.1") if secure else None) as portal, Depositor.open(path) as depositor:
        serve(portal, CASES)
        begun = depositor.begin("hostile", warcinfo={})
        client = engine(on_surplus=lambda identity, _url, data: late.__setitem__(identity, data), threshold=200_000)
        exchanges = run(fetch_all(client, portal, CASES))
        run(client.close())
        portal.release()
        ids = {}
        for case, exchange in zip(CASES, exchanges, strict=True):
            capture = depositor.deposit(begun, exchange).result()
            if exchange.id in late:
                depositor.surplus(begun, capture, late[exchange.id]).result()
            ids[case.name] = capture.record_id
            exchange.close()
        depositor.end(begun, "finished").result()
        with Reader.open(path) as reader:
            wrong = []
            for case in CASES:
                hit = portal.hits(path_of(case))[0]
                assert hit.done.wait(30)
                wrong += differences(case, blocks_of(reader, ids[case.name]), hit, reader, ids[case.name])
            assert "\n".join(wrong) == ""
            assert [f for f in verify(reader) if f.verdict.value != "sound"] == []
            out = tmp_path / "all.warc.gz"
            exported = export_warc(reader, out)
    with out.open("rb") as file:
        assert sum(1 for _ in ArchiveIterator(file, no_record_parse=True)) == exported.records
    with out.open("rb") as file:
        assert sum(1 for record in FastIterator(file, parse_http=False) if record.verify_block_digest()) >= exported.records - 1
    with out.open("rb") as file:
        assert refused(file) == REFUSED_BY_WARCIO


def refused(file: Any) -> frozenset[str]:
    """The addresses whose heads warcio cannot parse."""
    found, iterator = [], iter(ArchiveIterator(file))
    while True:
        try:
            record = next(iterator)
            record.content_stream().read()
        except StopIteration:
            return frozenset(found)
        except ArchiveLoadFailed as error:
            found.append(str(error))
