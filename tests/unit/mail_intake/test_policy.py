"""Who may deliver mail, which recipients are ours, whose mail it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_intake import policy
from services.mail_intake.policy import destinations
from services.settings.sections import MailIntake, ScanIntake

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


def places_of(*recipients: str, **mail: object) -> dict[tuple[str, str], list[str]]:
    """Office and scanner of each place, with who leads there."""
    settings = MailIntake.model_validate(
        {"offices": {"bau@stadt.example": "bauamt", "kasse@stadt.example": "kasse"}}
        | {"scanners": {"foyer@stadt.example": "scanner-foyer"}}
        | mail
    )
    scans = ScanIntake(offices={"scanner-foyer": "buergeramt"})
    return {
        (place.office, place.scanner): theirs for place, theirs in destinations(recipients, settings, scans).items()
    }


def test_every_office_of_a_mail_is_a_place_of_its_own() -> None:
    """In the order of the recipients, each with its own; a box that no office has is the mail room's."""
    assert places_of("x@stadt.example", "Bau@stadt.example", "kasse@stadt.example", "y@stadt.example") == {
        ("poststelle", ""): ["x@stadt.example", "y@stadt.example"],
        ("bauamt", ""): ["Bau@stadt.example"],
        ("kasse", ""): ["kasse@stadt.example"],
    }
    assert places_of() == {("poststelle", ""): []}


def test_a_scanner_is_known_by_its_address() -> None:
    """In any case of letters, with the office that its source has; who is written to beside it gets the mail."""
    assert places_of("Foyer@Stadt.example", "bau@stadt.example") == {
        ("buergeramt", "scanner-foyer"): ["Foyer@Stadt.example"],
        ("bauamt", ""): ["bau@stadt.example"],
    }


def test_strangers_among_the_recipients_make_no_place() -> None:
    """A gateway may tell of recipients of other domains: they are kept, and the mail is not the mail room's by them."""
    named = {"domains": ("stadt.example",)}
    assert places_of("x@elsewhere.example", "kasse@stadt.example", **named) == {
        ("kasse", ""): ["kasse@stadt.example", "x@elsewhere.example"]
    }
    assert places_of("x@elsewhere.example", **named) == {("poststelle", ""): ["x@elsewhere.example"]}
