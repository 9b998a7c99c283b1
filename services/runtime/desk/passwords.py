"""Setting and comparing passwords: in a small pool of threads of its own, few waiting, none too often."""

import asyncio
import ipaddress
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec

from fastapi import Request

from services.core.errors import Rejected
from services.runtime.access.credentials import Access
from services.runtime.access.own_account import change_password
from services.runtime.web.http import RateLimits

PER_NAME = 10
"""Attempts of one address at one name in a minute."""
PER_ADDRESS = 60
"""Attempts of one address in a minute that failed or are not done: whoever guesses goes through many names."""
HASHING = 2
"""Passwords hashed at one time: each takes 64 MiB (RFC 9106, argon2-cffi's default)."""
WAITING = 16
"""Further ones that wait for it, a second or two; beyond them the answer is 429 at once."""
_IPV6_NETWORK = 64
"""Whoever has one address of IPv6 has all with the same first 64 bits (RFC 6177)."""

P = ParamSpec("P")


class Passwords:
    """What the pages ask of passwords; belongs to one app."""

    def __init__(self) -> None:
        self._attempts = RateLimits(PER_NAME)
        self._strangers = RateLimits(PER_ADDRESS)
        self._pool = ThreadPoolExecutor(HASHING, thread_name_prefix="passwords")
        self._places = threading.BoundedSemaphore(HASHING + WAITING)

    async def sign_in(self, request: Request, name: str, password: str) -> str:
        """The cookie of a new session; Rejected `wrong_password`, `too_many_requests`."""
        address = _address(request)
        if not (self._strangers.admits(address) and self._attempts.admits(f"{address} {name[:100]}")):
            raise Rejected("too_many_requests")
        cookie = await self._hashed(_access(request).sign_in, name, password)
        self._strangers.forgive(address)  # a city hall may well come from one address
        return cookie

    async def choose(self, request: Request, token: str, *, password: str, again: str) -> str:
        """Set the password of a one-time link; the cookie of a session. Rejected as `Access.set_password`."""
        if password != again:
            raise Rejected("passwords_differ")
        return await self._hashed(_access(request).set_password, token, password)

    async def replace(self, request: Request, account: str, *, former: str, password: str, again: str) -> str:
        """Change the own password; the cookie of a new session. Rejected as `change_password`, and as signing in."""
        if not self._attempts.admits(f"{_address(request)} {account}"):
            raise Rejected("too_many_requests")
        if password != again:
            raise Rejected("passwords_differ")
        return await self._hashed(change_password, _access(request), account, former, password)

    async def _hashed(self, act: Callable[P, str], *args: P.args, **named: P.kwargs) -> str:
        # No thread of those that answer everybody else is held meanwhile.
        if not self._places.acquire(blocking=False):
            raise Rejected("too_many_requests")
        try:
            done: Future[str] = self._pool.submit(act, *args, **named)
        except BaseException:
            self._places.release()
            raise
        done.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(done)


def _address(request: Request) -> str:
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:100]
    if isinstance(address, ipaddress.IPv4Address):
        return host
    return str(ipaddress.ip_network((address.packed, _IPV6_NETWORK), strict=False))


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
