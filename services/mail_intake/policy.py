"""Who may deliver mail, which recipients are ours, and whose mail it is."""

import ipaddress
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.core.model.documents import canonical_headers
from services.core.vocabulary import MAIN_OFFICE
from services.settings.sections import MailIntake, ScanIntake

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_RECIPIENTS = 1000
"""Of one mail; RFC 5321 §4.5.3.1.8 asks for at least 100."""

_MINUTE = 60.0
_PEERS = 1024
"""Peers whose address is kept: a gateway asks twice for each mail, and is the same one all day."""
_PLAIN_ADDRESS = re.compile(r"<([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>((?: [\x21-\x7e]+)*)")
_RECEIVERS = (b"to:", b"cc:")
_ADDRESS = re.compile(rb"[^\s<>,;:\"()]{1,256}@[^\s<>,;:\"()]{1,256}")

POSTMASTER = "postmaster"
"""The one mailbox that is ours without a domain (RFC 5321 §4.5.1)."""


@lru_cache(maxsize=_PEERS)
def peer_address(host: str) -> Address:
    """The address of a peer; an IPv4 address in IPv6 clothes (RFC 4291 §2.5.5.2) counts as what it is."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def may_deliver(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the peer stands in one of the networks."""
    return any(address in network for network in networks)


@lru_cache(maxsize=_PEERS)
def source_of(address: Address) -> str:
    """The peer as the id of a sending system: `smtp-127.0.0.1`, `smtp-fe80-0000-…`."""
    return f"smtp-{address.exploded.replace(':', '-')}"


def is_ours(recipient: str, domains: Sequence[str]) -> bool:
    """Whether the recipient belongs to one of our domains; without domains everybody does."""
    _, at, domain = recipient.rpartition("@")
    if not at:
        return recipient.lower() == POSTMASTER
    return not domains or _comparable(domain) in {_comparable(ours) for ours in domains}


class Exclusion:
    """The mailboxes whose mail is not captured."""

    def __init__(self, settings: MailIntake) -> None:
        self.addresses = frozenset(address.lower() for address in settings.excluded)
        self._domains = settings.domains

    def __contains__(self, recipient: object) -> bool:
        """Whether this is one."""
        return str(recipient).lower() in self.addresses

    def kept(self, recipients: Sequence[str]) -> tuple[str, ...]:
        """The recipients for whom a mail is captured."""
        return tuple(recipient for recipient in recipients if recipient not in self)

    def leaves_nobody(self, recipients: Sequence[str], header_block: bytes) -> bool:
        """Whether a mail is for excluded boxes alone; where no envelope tells, as in an old mailbox, its headers do."""
        if not self.addresses or recipients:
            return bool(recipients) and not self.kept(recipients)
        written = b" ".join(
            line for line in canonical_headers(header_block).split(b"\n") if line.startswith(_RECEIVERS)
        )
        named = [address.decode("utf-8", "replace") for address in _ADDRESS.findall(written)]
        ours = [address for address in named if is_ours(address, self._domains)]
        return bool(ours) and not self.kept(ours)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where some of the recipients lead: an office and, where their addresses are scanners', the scanner."""

    office: str
    scanner: str = ""


def destinations(recipients: Sequence[str], settings: MailIntake, scans: ScanIntake) -> dict[Destination, list[str]]:
    """Every place that one transaction is for, with the recipients that lead there, in their order.

    Each place gets an occurrence of its own: its office finds the mail, and learns nothing of who else got it (Bcc).
    A box that no office has, and a mail to nobody of ours, are the mail room's.
    """
    found: dict[Destination, list[str]] = {}
    places = Places(settings, scans)
    ours = [recipient for recipient in recipients if is_ours(recipient, settings.domains)]
    for recipient in ours:
        found.setdefault(places.of(recipient), []).append(recipient)
    others = [recipient for recipient in recipients if recipient not in ours]
    first = next(iter(found.values()), None)
    if first is None:
        return {Destination(MAIN_OFFICE): others}
    first += others  # a gateway told us of strangers that got it too: they make it nobody else's
    return found


class Places:
    """The tables of the settings, by address in lower case."""

    def __init__(self, settings: MailIntake, scans: ScanIntake) -> None:
        self._offices = _by_address(settings.offices)
        self._scanners = _by_address(settings.scanners)
        self._office_of_source = scans.offices

    def __contains__(self, recipient: object) -> bool:
        """Whether the settings say where this box leads."""
        address = str(recipient).lower()
        return address in self._offices or address in self._scanners

    def of(self, recipient: str) -> Destination:
        """Where the box leads."""
        address = recipient.lower()
        office, scanner = self._offices.get(address, MAIN_OFFICE), self._scanners.get(address, "")
        return Destination(self._office_of_source.get(scanner, office), scanner)


def _by_address(table: Mapping[str, str]) -> dict[str, str]:
    return {address.lower(): value for address, value in table.items()}


class Rates:
    """Mails of each sending system in the running minute; belongs to one event loop."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def admits(self, source: str, limit: int) -> bool:
        """Count one more; False where it is one too many. 0 is no limit."""
        minute = int(time.monotonic() / _MINUTE)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[source] += 1
        return not limit or self._counts[source] <= limit


def announced_size(options: Sequence[str]) -> int | None:
    """The bytes announced with MAIL (RFC 1870), or None."""
    sizes = [option[5:] for option in options if option.upper().startswith("SIZE=")]
    return int(sizes[0]) if sizes and sizes[0].isdecimal() else None


def plain_address(text: str) -> tuple[str, str] | None:
    """Address and parameters as nearly everybody writes them; for that, aiosmtpd's parser takes too long."""
    plain = _PLAIN_ADDRESS.fullmatch(text)
    return (plain[1], plain[2]) if plain else None


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
