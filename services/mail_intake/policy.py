"""Who may deliver mail, which recipients are ours, and whose mail it is."""

import ipaddress
from collections.abc import Mapping, Sequence

from services.core.vocabulary import MAIN_OFFICE
from services.settings.sections import MailIntake

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_RECIPIENTS = 1000
"""Of one mail; RFC 5321 §4.5.3.1.8 asks for at least 100."""

POSTMASTER = "postmaster"
"""The one mailbox that is ours without a domain (RFC 5321 §4.5.1)."""


def peer_address(host: str) -> Address:
    """The address of a peer; an IPv4 address in IPv6 clothes (RFC 4291 §2.5.5.2) counts as what it is."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def may_deliver(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the peer stands in one of the networks."""
    return any(address in network for network in networks)


def source_of(address: Address) -> str:
    """The peer as the id of a sending system: `smtp-127.0.0.1`, `smtp-fe80-0000-…`."""
    return f"smtp-{address.exploded.replace(':', '-')}"


def is_ours(recipient: str, domains: Sequence[str]) -> bool:
    """Whether the recipient belongs to one of our domains; without domains everybody does."""
    _, at, domain = recipient.rpartition("@")
    if not at:
        return recipient.lower() == POSTMASTER
    return not domains or _comparable(domain) in {_comparable(ours) for ours in domains}


def office_of(recipients: Sequence[str], offices: Mapping[str, str]) -> str:
    """The office of the first recipient that has one, else the mail room."""
    known = {address.lower(): office for address, office in offices.items()}
    return next((known[r.lower()] for r in recipients if r.lower() in known), MAIN_OFFICE)


def scanner_of(recipients: Sequence[str], scanners: Mapping[str, str]) -> str:
    """The scanner that the first recipient which is one stands for; empty for a mail between people."""
    known = {address.lower(): source for address, source in scanners.items()}
    return next((known[r.lower()] for r in recipients if r.lower() in known), "")


def announced_size(options: Sequence[str]) -> int | None:
    """The bytes announced with MAIL (RFC 1870), or None."""
    sizes = [option[5:] for option in options if option.upper().startswith("SIZE=")]
    return int(sizes[0]) if sizes and sizes[0].isdecimal() else None


def readable(address: str) -> str:
    """An address without bytes that no text may hold: what is not UTF-8 becomes U+FFFD."""
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def settings_networks(settings: MailIntake) -> tuple[Network, ...]:
    """The networks of the settings, as the standard library's types."""
    return tuple(ipaddress.ip_network(str(network), strict=False) for network in settings.networks)


def _comparable(domain: str) -> str:
    domain = domain.lower().rstrip(".")
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
