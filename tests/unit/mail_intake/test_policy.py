"""Who may deliver mail, which recipients are ours, whose mail it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_intake import policy
from services.settings.sections import MailIntake

SOURCE = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


@given(st.ip_addresses())
def test_every_peer_is_a_source(address: policy.Address) -> None:
    """Whatever the address, its source fits the pattern of source ids."""
    assert SOURCE.match(policy.source_of(policy.peer_address(str(address))))


@pytest.mark.parametrize(
    ("peer", "admitted"), [("127.0.0.1", True), ("::ffff:127.0.0.1", True), ("::1%lo", True), ("192.0.2.1", False)]
)
def test_networks_see_through_ipv6_clothes(peer: str, *, admitted: bool) -> None:
    """An IPv4 address is what it is, however the socket spells it."""
    networks = policy.settings_networks(MailIntake())
    assert policy.may_deliver(policy.peer_address(peer), networks) is admitted


@pytest.mark.parametrize(
    ("recipient", "ours"),
    [
        ("a@stadt.example", True),
        ("a@STADT.example.", True),
        ("Postmaster", True),
        ("a", False),
        ("a@other.example", False),
        ("a@stadt.example@other.example", False),
        ("a@" + "x" * 70, False),
        ("@stadt.example", True),
    ],
)
def test_the_domain_decides(recipient: str, *, ours: bool) -> None:
    """Behind the last @, without regard to case; only the postmaster needs no domain."""
    assert policy.is_ours(recipient, ("Stadt.example",)) is ours


def test_without_domains_everybody_is_ours() -> None:
    """A first start needs no settings."""
    assert policy.is_ours("a@anything.example", ())


@pytest.mark.parametrize(
    ("options", "size"), [((), None), (("BODY=8BITMIME", "size=12"), 12), (("SIZE=",), None), (("SIZE=x",), None)]
)
def test_the_announced_size_is_read(options: tuple[str, ...], size: int | None) -> None:
    """RFC 1870; nonsense counts as nothing announced."""
    assert policy.announced_size(options) == size


def test_a_scanner_is_known_by_its_address() -> None:
    """The first recipient that is one counts, in any case; a mail between people has none."""
    scanners = {"foyer@stadt.example": "scanner-foyer", "b@stadt.example": "scanner-b"}
    assert policy.scanner_of(["a@stadt.example", "Foyer@Stadt.example"], scanners) == "scanner-foyer"
    assert not policy.scanner_of(["a@stadt.example"], scanners)
