"""Who is asking: bearer keys of machines, sessions of people, one-time links, and how each is made and ended."""

import asyncio
import math
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Unpack, cast

import msgspec
from itsdangerous import Signer

from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.model import accounts
from services.core.model.accounts import Account, Accounts, Caller, Key, Right, Scope
from services.core.ports.clock import Clock
from services.core.ports.event_log import EventLog
from services.core.vocabulary import MAIN_OFFICE, Protection
from services.runtime.access.proofs import passwords
from services.runtime.access.proofs.bearer_keys import KEY_PREFIX, key_of, sha256_of
from services.runtime.access.proofs.sessions import Sessions
from services.runtime.access.reference_checks import Places
from services.runtime.context.configuration import Configuration, announce

LINK_HOURS = 24
MIN_PASSWORD = 12
_RETRIES = 20
LOOK_EVERY = 1.0
"""Seconds between two looks into the store; the news of a change comes by the log, usually sooner."""


class Access:
    """The accounts in force, and every change of them."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        log: EventLog,
        clock: Clock,
        secret: bytes,
        main_office: str = MAIN_OFFICE,
    ) -> None:
        self._configuration = configuration
        self._places = Places(configuration, main_office=main_office)
        self._log = log
        self._clock = clock
        self.sessions = Sessions(configuration.blobs, tenant=configuration.tenant, clock=clock, secret=secret)
        self._forms = Signer(secret, salt="form")
        self._looking = threading.Lock()
        self._looked = -LOOK_EVERY
        passwords.prepare()

    @property
    def everybody(self) -> Accounts:
        """The version in force; nobody before the first account."""
        known = self._configuration.parsed("accounts", accounts.decode)
        return cast("Accounts", known) if known else Accounts()

    def now(self) -> datetime:
        """The moment by which links, sessions and deputyships hold."""
        return self._clock.now()

    async def until_due(self, asked: float) -> None:
        """Wait, holding no thread, until a look younger than the asking was made, or may be made by `catch_up`."""
        while self._looked < asked and (wait := self._looked + LOOK_EVERY - time.monotonic()) > 0:  # noqa: ASYNC110  # once
            await asyncio.sleep(wait)

    def catch_up(self, asked: float = math.inf) -> None:
        """Look whether the store has newer accounts than we heard of, once a second; one since `asked` will do."""
        with self._looking:
            now = time.monotonic()
            if self._looked >= asked or now < self._looked + LOOK_EVERY:
                return
            self._looked = now
            with suppress(TryLater, BlobMissing):
                self._configuration.refresh("accounts")

    def by_key(self, token: str) -> Caller | None:
        """The owner of a bearer token such as `psk_<id>_<secret>`."""
        key = key_of(self.everybody, token)
        if key is None or (key.procedure and not self._places.is_registered(key.procedure)):
            return None  # unknown, or its procedure was removed: nobody speaks for that
        return accounts.caller_of(key, self._configuration.tenant)

    def by_session(self, cookie: str, lifetime: timedelta) -> Caller | None:
        """The person of a session that is signed by us, young enough and ended neither by sign-out nor by a reset."""
        session = self.sessions.read(cookie, lifetime)
        account = self._account(session.account) if session else None
        if session is None or account is None or account.disabled or account.generation != session.generation:
            return None
        represents = accounts.represented_by(self.everybody, account.id, self._clock.now())
        return accounts.caller_of(account, self._configuration.tenant, represents)

    def is_signed(self, cookie: str, lifetime: timedelta) -> bool:
        """Whether it is a session of ours, perhaps of somebody of whom this process has yet to hear."""
        return self.sessions.read(cookie, lifetime) is not None

    def sign_in(self, name: str, password: str) -> str:
        """The cookie of a new session; Rejected takes the same time whether the name or the password is wrong."""
        account = self._by_name(name)
        if not self._fits(account, password):
            self.catch_up()  # perhaps the password was set at another process a moment ago
            account, before = self._by_name(name), account
            if account == before or not self._fits(account, password):
                account = None
        if account is None:
            raise Rejected("wrong_password")
        return self.session_of(account)

    def session_of(self, account: Account) -> str:
        """The cookie of a session of this account."""
        return self.sessions.cookie(account)

    def sign_out(self, cookie: str, lifetime: timedelta) -> None:
        """End this session, wherever its cookie was copied to; TryLater while that cannot be stored."""
        session = self.sessions.read(cookie, lifetime)
        if session:
            self.sessions.end(session)

    def form_token(self, visit: str) -> str:
        """What a form must bring along that is sent from pages of this session or visit."""
        return self._forms.get_signature(visit).decode()

    def is_form_of(self, visit: str, token: str) -> bool:
        """Whether the form was made for this session or visit."""
        return bool(visit) and self._forms.verify_signature(visit, token)

    def name_of(self, account_id: str) -> str:
        """The name of a person, for their own eyes and those of colleagues at the same letter; empty for a machine."""
        account = self._account(account_id)
        return account.name if account else ""

    def by_link(self, token: str) -> Account | None:
        """The account whose one-time link this is, while the link holds."""
        return self._linked(self.everybody, token)

    def set_password(self, token: str, password: str) -> str:
        """Use a one-time link up, set the password, and return the cookie of a session."""
        if self.by_link(token) is None:
            raise Rejected("bad_link")
        if len(password) < MIN_PASSWORD:
            raise Rejected("weak_password")
        password_hash = passwords.hashed(password)

        def use(old: Accounts) -> Account:
            account = self._linked(old, token)
            if account is None:  # used or reset by somebody else, while we hashed
                raise Rejected("bad_link")
            generation = account.generation + 1
            return msgspec.structs.replace(
                account, password_hash=password_hash, link_sha256="", link_expires_at=None, generation=generation
            )

        return self.session_of(self._change_account(use))

    def add_account(self, name: str, *, rights: tuple[Right, ...], **scope: Unpack[Scope]) -> str:
        """Make an account and return the token of its one-time link; Rejected `name_taken`, `unknown_office`."""
        self._places.check_offices(scope.get("offices", ()))
        account = Account(id=f"a-{secrets.token_hex(6)}", name=name, rights=rights, **accounts.stated(scope))

        def add(old: Accounts) -> Account:
            if _named(old, name):
                raise Rejected("name_taken")
            return account

        return self._give_link(add)

    def reset_account(self, name: str) -> str:
        """End an account's sessions and password; return the token of a new one-time link."""

        def reset(old: Accounts) -> Account:
            account = _named(old, name)
            if account is None:
                raise Rejected("not_found")
            return msgspec.structs.replace(account, password_hash="", generation=account.generation + 1)

        return self._give_link(reset)

    def change_account(self, name: str, change: Callable[[Account], Account]) -> None:
        """Change rights, offices or standing of an account at once; who is disabled is signed out and has no link.

        Rejected `not_found`, `unknown_office`, or `last_administrator` where nobody else may administer.
        """

        def changed(old: Accounts) -> Account:
            account = _named(old, name)
            if account is None:
                raise Rejected("not_found")
            new = change(account)
            self._places.check_offices({*new.offices} - {*account.offices})  # one that the plan dropped may stay
            if _administers(account) and not _administers(new) and sum(map(_administers, old.accounts)) == 1:
                raise Rejected("last_administrator")
            if not new.disabled or account.disabled:
                return new
            return msgspec.structs.replace(new, generation=account.generation + 1, link_sha256="", link_expires_at=None)

        self._change_account(changed)

    def add_key(self, source: str, *, rights: tuple[Right, ...], **scope: Unpack[Scope]) -> str:
        """Make a key for a machine and return its token, which is shown once; Rejected `unknown_office`."""
        self._places.check_offices(scope.get("offices", ()))
        return self._add_key(Key, source=source, rights=rights, **accounts.stated(scope))

    def add_procedure_key(self, source: str, procedure: str) -> str:
        """Make a key that speaks for one procedure and may do nothing else; Rejected `unknown_procedure`."""
        self._places.check_procedure(procedure)
        return self._add_key(Key, source=source, rights=("procedure",), procedure=procedure)

    def _add_key(self, made: Callable[..., Key], **what: object) -> str:
        secret = secrets.token_urlsafe(24)
        key = made(id=f"k-{secrets.token_hex(6)}", secret_sha256=sha256_of(secret), **what)
        self.change(lambda old: accounts.with_key(old, key))
        return f"{KEY_PREFIX}_{key.id}_{secret}"

    def revoke_key(self, key_id: str) -> None:
        """End a key; Rejected `not_found`."""
        self._change_key(key_id, revoked=True)

    def protect_key(self, key_id: str, level: Protection) -> None:
        """From now on the key sees up to this level; Rejected `not_found`."""
        self._change_key(key_id, protection=level)

    def _change_key(self, key_id: str, **what: object) -> None:
        def change(old: Accounts) -> Accounts:
            key = next((k for k in old.keys if k.id == key_id), None)
            if key is None:
                raise Rejected("not_found")
            return accounts.with_key(old, msgspec.structs.replace(key, **what))

        self.change(change)

    def _by_name(self, name: str) -> Account | None:
        account = _named(self.everybody, name)
        return None if account is None or account.disabled else account

    def _fits(self, account: Account | None, password: str) -> bool:
        return passwords.fits((account.password_hash if account else "") or "", password)

    def _account(self, account_id: object) -> Account | None:
        return next((a for a in self.everybody.accounts if a.id == account_id), None)

    def _linked(self, everybody: Accounts, token: str) -> Account | None:
        hashed, now = sha256_of(token), self._clock.now()
        for account in everybody.accounts:
            fresh = account.link_expires_at is not None and account.link_expires_at > now
            if account.link_sha256 and fresh and secrets.compare_digest(account.link_sha256, hashed):
                return account
        return None

    def _give_link(self, make: Callable[[Accounts], Account]) -> str:
        token = secrets.token_urlsafe(24)
        expires_at = self._clock.now() + timedelta(hours=LINK_HOURS)
        self._change_account(
            lambda old: msgspec.structs.replace(make(old), link_sha256=sha256_of(token), link_expires_at=expires_at)
        )
        return token

    def _change_account(self, make: Callable[[Accounts], Account]) -> Account:
        made: list[Account] = []

        def change(old: Accounts) -> Accounts:
            made.append(make(old))
            return accounts.with_account(old, made[-1])

        self.change(change)
        return made[-1]

    def change(self, change: Callable[[Accounts], Accounts]) -> None:
        """Store what becomes of everybody, made anew where another version was quicker; Rejected `stale`."""
        # Versions are created once: whoever comes second decides again on the newer one.
        for _ in range(_RETRIES):
            base = self._configuration.version("accounts")
            content = accounts.encode(change(self.everybody))
            if self._configuration.store("accounts", content, base=base):
                announce(self._configuration, "accounts", log=self._log, clock=self._clock)
                return
        raise Rejected("stale")


def _named(everybody: Accounts, name: str) -> Account | None:
    return next((account for account in everybody.accounts if account.name == name), None)


def _administers(account: Account) -> bool:
    return "administer" in account.rights and not account.disabled
