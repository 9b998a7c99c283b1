"""Which addresses webhooks may go to: those that the settings name, and nothing of this machine or its link."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from services.core.errors import Misconfigured

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NAT64 = IPv6Network("64:ff9b::/96")
MOST_ADDRESSES = 4
"""Of a host, that are tried."""


class NotAllowed(Exception):
    """This address may not be told anything; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a connection goes: the addresses were looked up and allowed, so that nobody looks them up once more."""

    host: str
    port: int
    path: str
    secured: bool
    addresses: tuple[str, ...]


class Targets:
    """The hosts (`name`, `*.name`) and networks that the setting names."""

    def __init__(self, named: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._networks: list[Network] = []
        for word in named:
            self._note(word.strip().lower())

    def __bool__(self) -> bool:
        return bool(self._hosts or self._networks)

    def of(self, url: str) -> Target:
        """The target of an address; NotAllowed `webhook_address` or `webhook_target`. OSError: its host is unknown."""
        split = _split(url)
        host, port = split.hostname or "", split.port or (443 if split.scheme == "https" else 80)
        found = [ipaddress.ip_address(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        # One forbidden address is enough: who answers with two may change their order at the next look.
        if not all(self._may(host, address) for address in found):
            raise NotAllowed("webhook_target")
        if split.scheme == "http" and not all(_real(address).is_loopback for address in found):
            raise NotAllowed("webhook_address")
        path = (split.path or "/") + (f"?{split.query}" if split.query else "")
        addresses = tuple(dict.fromkeys(str(address) for address in found))[:MOST_ADDRESSES]
        return Target(host=host, port=port, path=path, secured=split.scheme == "https", addresses=addresses)

    def _note(self, word: str) -> None:
        try:
            self._networks.append(ipaddress.ip_network(word))
        except ValueError:
            if "/" in word or not word.removeprefix("*.").replace("-", "").replace(".", "").isalnum():
                raise Misconfigured(f"setting procedures.webhook_targets: {word} is no host and no network") from None
            self._hosts.add(word)

    def _may(self, host: str, address: Address) -> bool:
        """Whether an address is named. Of this machine and its link only what lies in a network of nothing else."""
        real = _real(address)
        networks = [network for network in self._networks if real in network]
        if real.is_loopback:
            return any(network.is_loopback for network in networks)
        if real.is_link_local:
            return any(network.is_link_local for network in networks)
        return not _is_nobody(real) and (bool(networks) or self._names(host))

    def _names(self, host: str) -> bool:
        above = host.split(".")
        return host in self._hosts or any(f"*.{'.'.join(above[at:])}" in self._hosts for at in range(1, len(above)))


def _split(url: str) -> SplitResult:
    """Its parts, of which none hides another: no name and password, no fragment, only the two schemes."""
    try:
        split = urlsplit(url)
        well = split.scheme in ("https", "http") and split.hostname and split.port != 0
    except ValueError as error:
        raise NotAllowed("webhook_address") from error
    if not well or split.username is not None or split.fragment or not url.isascii() or not url.isprintable():
        raise NotAllowed("webhook_address")
    if " " in url or "\\" in url:
        raise NotAllowed("webhook_address")
    return split


def _real(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it is such a one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address


def _is_nobody(address: Address) -> bool:
    """Whether no single other machine has it: any, all, or one that was never given out."""
    if isinstance(address, IPv6Address):
        return address.is_unspecified or address.is_multicast
    return address.is_multicast or address.is_reserved or address in IPv4Network("0.0.0.0/8")
