"""What monitoring and simple clients ask: availability, health, metrics."""

from __future__ import annotations

import json
import re

import pytest
from archives import HOST, sound
from rooms import asking

from archive.replay.metrics import BUCKETS, Tally
from archive.retrieve import Reader


@pytest.fixture
def ask(tmp_path):
    with Reader.open(sound(tmp_path / 'hue "1".db')) as reader:
        yield asking(reader)


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [("", "20260110101500"), ("2026", "20260110081502"), ("20260110091", "20260110091500"), ("20300101", "20260110101500")],
)
def test_the_nearest_capture_is_available(ask, timestamp, time):
    told = json.loads(ask(f"/wayback/available?url=hue.example/tin&timestamp={timestamp}")[2])
    assert told["url"] == "hue.example/tin"
    assert told["archived_snapshots"] == {
        "closest": {"status": "200", "available": True, "url": f"http://localhost:8080/web/{time}/{HOST}/tin", "timestamp": time}
    }


def test_what_was_never_captured_is_not(ask):
    assert json.loads(ask("/wayback/available?url=khong-co.example")[2]) == {"url": "khong-co.example", "archived_snapshots": {}}
    for wrong in ("", "url=", "url=x&timestamp=2026-01", "url=x&timestamp=20269999", "url=x&timestamp=202601010000000"):
        status, _, body = ask(f"/wayback/available?{wrong}")
        assert status == 400, wrong
        assert json.loads(body)["error"]


def test_health(ask):
    assert json.loads(ask("/healthz")[2]) == {"status": "ok", "archives": 1}


def test_metrics_are_what_prometheus_reads(ask):
    before = samples(ask("/metrics")[2].decode())
    ask("/cdx?url=hue.example/tin")
    ask("/cdx?url=")
    ask("/khong-co-trang-nay")
    status, headers, body = ask("/metrics")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    after = samples(body.decode())
    assert after['tangthu_captures{archive="hue \\"1\\".db"}'] == 12
    assert after['tangthu_records{archive="hue \\"1\\".db"}'] == 28
    assert after['tangthu_articles{archive="hue \\"1\\".db"}'] == 1
    grown = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    assert grown['tangthu_requests_total{route="cdx",status="200"}'] == 1
    assert grown['tangthu_requests_total{route="cdx",status="400"}'] == 1
    assert grown['tangthu_requests_total{route="",status="404"}'] == 1
    assert grown["tangthu_answer_seconds_count"] == 4


def samples(text):
    """Every sample by its name and labels; each belongs to a type that was declared."""
    found, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        elif not line.startswith("#"):
            name, value = re.fullmatch(r"([a-z_]+(?:\{.*\})?) (\S+)", line).groups()
            bare = re.sub(r"\{.*|_(?:bucket|sum|count)(?:\{.*)?$", "", name)
            assert bare in types
            found[name] = float(value)
    return found


def test_buckets_add_up():
    tally = Tally()
    for seconds in (0.001, 0.005, 0.02, 0.5, 9.0):
        tally.count("cdx", 200, seconds)
    text = "\n".join(tally.lines())
    assert [int(n) for n in re.findall(r'le="[^"]+"\} (\d+)', text)] == [2, 2, 3, 3, 3, 3, 4, 4, 5]
    assert len(BUCKETS) == 8
    assert "tangthu_answer_seconds_sum 9.526000" in text
