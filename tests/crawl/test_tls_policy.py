"""How TLS is spoken is the profile's, host by host, and never silent: kept with each exchange, said of each run."""

from __future__ import annotations

import json
import ssl

import pytest
import trustme
from running import tangthu
from server import Portal

from archive.errors import Misuse
from crawler.portals.profile import load

HOST, OLD = "cong.tinh-mau.example", "cu.tinh-mau.example"
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def secure(newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(HOST, OLD).configure_cert(context)
    if newest is not None:
        context.maximum_version = newest
    return context


def profile(tmp_path, more):
    path = tmp_path / "mau.toml"
    start = f'code = "mau"\nname = "Mẫu"\nstarts = ["https://{HOST}/"]\n[scope]\nallow = ["//{OLD}/"]\n[pace]\ndelay = 0.0\n'
    path.write_text(start + more, encoding="utf-8")
    return path


def crawl(tmp_path, more):
    with Portal(secure()) as portal, Portal(secure(ssl.TLSVersion.TLSv1_2)) as old:
        page = f'<a href="https://{OLD}/a">cu</a>'.encode()
        for one in (portal, old):
            one.on("*", NONE)
        portal.on("/", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
        old.on("/a", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\ntin")
        words = [word for host, to in ((HOST, portal), (OLD, old)) for word in ("--resolve", f"{host}=127.0.0.1:{to.port}")]
        tangthu("crawl", "mau", "--profile", profile(tmp_path, more), *words, "--set", "RETRY_TIMES=0", "--archive", tmp_path / "a.db")
        asked = {hit.path for hit in old.hits()}
    told = json.loads(tangthu("runs", "1", "--json", "--archive", tmp_path / "a.db").out)
    return asked, {one["host"]: one for one in told["tls"]}, tangthu("runs", "1", "--archive", tmp_path / "a.db").out


def test_a_certificate_that_does_not_hold_is_told(tmp_path):
    asked, tls, said = crawl(tmp_path, '[tls]\nminimum = "1.0"\nciphers = "DEFAULT:@SECLEVEL=0"\n')
    assert "/a" in asked
    assert {host: (one["version"], one["verified"]) for host, one in tls.items()} == {HOST: ("tls/1.3", False), OLD: ("tls/1.2", False)}
    assert "TLS with every host: ciphers DEFAULT:@SECLEVEL=0, minimum 1.0" in said
    for host, version in ((HOST, "tls/1.3"), (OLD, "tls/1.2")):
        assert f"{host}: its certificate does not hold: {tls[host]['error']} ({version})" in said


@pytest.mark.parametrize(("policy", "says"), [("strict = true", "only certificates that hold"), ('minimum = "1.3"', "minimum 1.3")])
def test_one_host_may_have_a_policy_of_its_own(tmp_path, policy, says):
    asked, tls, said = crawl(tmp_path, f'[tls."{OLD}"]\n{policy}\n')
    assert asked == set()
    assert tls[HOST]["verified"] is False
    assert f"TLS with {OLD}: {says}" in said
    assert ("strict" in policy) is (OLD in tls), "what was agreed on is kept, though nothing was asked for"


def test_a_usual_policy_needs_no_word(tmp_path):
    assert "TLS with" not in crawl(tmp_path, "")[2]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[tls."a.example"]\nminimum = "0.9"', "is no version of TLS"),
        ('[tls."a.example"]\nstrikt = true', r"unknown key tls\.a\.example\.strikt"),
        ('[tls]\n"a.example" = 3', r"unknown key tls\.a\.example"),
        ('[tls."a.example"]\nstrict = "yes"', r"tls\.a\.example\.strict must be of type bool"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_meant_is_refused(tmp_path, more, says):
    with pytest.raises(Misuse, match=says):
        load(profile(tmp_path, more))
