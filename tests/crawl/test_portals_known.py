"""Every province is known by code and name, those of today and the former ones, and can be crawled."""

from __future__ import annotations

import json
from datetime import date

import pytest
from archives import START
from running import tangthu

from archive import Depositor
from archive.errors import Misuse
from archive.model import Schedule
from archive.urls import slug
from crawler.portals.profile import bundled, named
from crawler.portals.units import formed_from, unit, units


def test_there_are_34_units_and_29_that_were_merged_into_them():
    today = [u for u in units().values() if u.until is None]
    former = [u for u in units().values() if u.until is not None]
    assert (len(today), len(former)) == (34, 29)
    assert {u.until for u in former} == {date(2025, 6, 30)}
    assert all(units()[u.successor].until is None for u in former)
    assert sum(1 for u in today if formed_from(u.code)) == 23, "23 formed of 52, 11 kept"
    assert len({u.gso for u in today}) == 34
    assert len({u.iso for u in units().values()}) == 63
    assert all(u.hosts and u.seen in "ASLU" for u in units().values())


@pytest.mark.parametrize(
    ("called", "code"),
    [
        ("cao-bang", "cao-bang"), ("Cao Bằng", "cao-bang"), ("CAO BẰNG", "cao-bang"), ("tỉnh Cao Bằng", "cao-bang"),
        ("cao bang", "cao-bang"), ("Thành phố Đà Nẵng", "da-nang"), ("TP. Hồ Chí Minh", "ho-chi-minh"), ("TPHCM", "ho-chi-minh"),
        ("Thừa Thiên Huế", "hue"), ("Thua Thien - Hue", "hue"), ("Bắc Kạn", "bac-kan"), ("bà rịa vũng tàu", "ba-ria-vung-tau"),
        ("Đắk Lắk", "dak-lak"), ("Hoà Bình", "hoa-binh"), ("Hòa Bình", "hoa-binh"), ("Khánh Hoà", "khanh-hoa"),
    ],
)  # fmt: skip
def test_names_with_and_without_diacritics(called, code):
    found = unit(called)
    assert found is not None
    assert found.code == code
    assert named(called).code == code


@pytest.mark.parametrize("code", sorted(units()))
def test_every_unit_can_be_crawled_under_its_own_name(code):
    profile = named(units()[code].name)
    assert profile.code == code
    assert profile.starts
    assert profile.name == units()[code].name


def test_a_profile_of_ones_own_comes_before_everything():
    own = bundled()[0]
    assert named("Hà Giang", {"ha-giang": own}) is own


@pytest.mark.parametrize(
    ("called", "near"), [("cao-bnag", "cao-bang"), ("Ha Gaing", "ha-giang"), ("xyz", "tangthu portals")]
)
def test_an_unknown_name_is_told_the_nearest(called, near):
    with pytest.raises(Misuse, match=near):
        named(called)


def test_the_verb_lists_all(tmp_path):
    rows = json.loads(tangthu("portals", "--archive", tmp_path / "a.db", "--json").out)
    by_code = {row["code"]: row for row in rows}
    assert set(units()) <= set(by_code)
    assert by_code["lao-cai"]["formed_from"] == ["yen-bai"]
    assert (by_code["yen-bai"]["until"], by_code["yen-bai"]["successor"]) == ("2025-06-30", "lao-cai")
    told = tangthu("portals", "--archive", tmp_path / "a.db").out.splitlines()
    assert len(told) == len(rows)
    assert max(map(len, told)) <= 140


def test_folding_is_what_codes_are_written_in():
    assert all(slug(code) == code for code in units())
    assert slug("Bà Rịa – Vũng Tàu") == "ba-ria-vung-tau"


def test_portals_are_listed_with_their_health_and_next_run(tmp_path):
    path = tmp_path / "a.db"
    with Depositor.open(path, now=lambda: START) as depositor:
        for portal, outcome in (("tinh-khac.example", "finished"), ("hue", "failed")):
            depositor.end(depositor.begin(portal), outcome).result()
        depositor.begin("tep.warc", kind="adopt")
        depositor.schedule(Schedule("hue", "hue", START, every=3600, paused=True)).result()
        depositor.schedule(Schedule("cao-bang", "cao-bang", START, every=3600)).result()
    rows = {row["code"]: row for row in json.loads(tangthu("portals", "--json", "--archive", path).out)}
    assert {code: rows[code]["health"] for code in ("tinh-khac.example", "hue", "cao-bang", "da-nang")} == {
        "tinh-khac.example": "well", "hue": "failing", "cao-bang": "overdue", "da-nang": None,
    }  # fmt: skip
    assert (rows["hue"]["next_due"], rows["cao-bang"]["next_due"]) == (None, START.isoformat())
    assert "tep.warc" not in rows
    said = tangthu("--lang", "vi", "portals", "--archive", path).out
    assert "thất bại" in said
    assert "lần tới 2026-01-10 15:15" in said, "in the portals' time"
