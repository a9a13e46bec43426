"""A name may resolve to another address each time it is asked for: the address that was looked at is the one connected to, and no other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.testing import MemoryReactorClock

from crawler.wire.addresses import is_public
from crawler.wire.attempt import Attempt
from crawler.wire.dialer import Dialer, NoConnection
from crawler.wire.outgoing import Outgoing, target_of
from crawler.wire.tls import Speakers, TlsPolicy

URL = "http://xoay.tinh-mau.example/"
# Addresses of the public Internet by what Python knows of them; nothing goes out, the reactor only remembers.
PUBLIC, OTHER, PUBLIC6 = "8.8.8.8", "1.1.1.1", "2606:4700::1"


class Answers:
    """A resolver that gives one list of addresses after the other, the last for ever."""

    def __init__(self, *given):
        self.given, self.asked = list(given), 0

    def resolveHostName(self, receiver, name, *_, **__):  # noqa: N802
        self.asked += 1
        receiver.resolutionBegan(None)
        for ip in self.given.pop(0) if len(self.given) > 1 else self.given[0]:
            receiver.addressResolved((IPv6Address if ":" in ip else IPv4Address)("TCP", ip, 0))
        receiver.resolutionComplete()


@pytest.fixture
def dial(tmp_path):
    """Dial once more by the answers of a resolver; the addresses that were connected to, and why there was no connection."""
    reactor = MemoryReactorClock()

    def dial(answers, *, private=False):
        reactor.nameResolver = answers
        dialer = Dialer(reactor, None, Speakers(TlsPolicy(), {}), {}, private=private, patience=10.0)
        outgoing = Outgoing(URL)
        attempt = Attempt(outgoing, target_of(URL), "urn:x", now=lambda: datetime.now(UTC), spool=tmp_path, threshold=1)
        before, refused = len(reactor.tcpClients), None
        opening = dialer.open((), attempt, None)
        try:
            opening.send(None)
        except NoConnection as problem:
            refused = problem.cause
        opening.close()
        return [client[0] for client in reactor.tcpClients[before:]], refused

    return dial


def test_each_connection_goes_to_the_address_that_was_looked_at(dial):
    answers = Answers([PUBLIC], ["127.0.0.1"], [OTHER])
    assert dial(answers) == ([PUBLIC], None)
    connected, refused = dial(answers)
    assert connected == []
    assert (refused.kind, refused.message) == ("forbidden", "xoay.tinh-mau.example (127.0.0.1) is not an address of the public Internet")
    assert dial(answers) == ([OTHER], None)
    assert answers.asked == 3, "no name is looked up a second time between the look and the connection"


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "::ffff:10.0.0.1", "fe80::1", "fd00::1", "64:ff9b::a00:1"])
def test_of_several_addresses_those_inside_are_left_out(dial, inside):
    assert not is_public(inside)
    assert dial(Answers([inside, PUBLIC])) == ([PUBLIC], None)
    assert dial(Answers([inside]))[0] == []
    assert dial(Answers([inside]), private=True)[0] == [inside]


def test_a_name_without_an_address_is_not_connected_to(dial):
    assert dial(Answers([]))[1].kind == "dns"
    assert dial(Answers([PUBLIC6])) == ([PUBLIC6], None)
