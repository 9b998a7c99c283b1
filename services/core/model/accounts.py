"""Who may do what: accounts of people and keys of machines, as one version of the configuration `accounts`."""

from datetime import datetime
from typing import Literal, TypedDict

import msgspec
from msgspec import Struct

from services.core import vocabulary
from services.core.ports.entries import Viewer

Right = Literal["deliver", "search", "decide", "administer", "audit", "procedure"]
"""deliver: bring post in; search: find and read; decide: file, assign, set aside; administer: all about the mail room;
audit: read who looked at protected documents; procedure: speak for the one procedure that the key names."""


class Scope(TypedDict, total=False):
    """What somebody sees: documents of these offices or of all, up to this level of protection."""

    offices: tuple[vocabulary.Office, ...]
    all_offices: bool
    protection: vocabulary.Protection | None


class Account(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person. The id is a pseudonym: events and logs name it, never the person."""

    id: vocabulary.Actor
    name: str
    rights: tuple[Right, ...] = ("search", "decide")
    offices: tuple[vocabulary.Office, ...] = ()
    all_offices: bool = False
    protection: vocabulary.Protection | None = None
    """The highest level that it sees; None of one that was made before there were levels, and sees all as it did."""
    password_hash: str = ""
    """Argon2id (RFC 9106); empty until the one-time link was used."""
    link_sha256: str = ""
    link_expires_at: datetime | None = None
    generation: int = 1
    """Counts resets: sessions of an earlier generation are over."""
    disabled: bool = False
    keys_off: bool = False
    """Whether single keys do nothing on this person's pages (WCAG 2.1.4)."""


class Key(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A machine: a gateway, a scanner, a procedure. The secret is known to nobody but its owner."""

    id: vocabulary.Actor
    source: vocabulary.SourceId
    secret_sha256: str
    rights: tuple[Right, ...] = ("deliver",)
    offices: tuple[vocabulary.Office, ...] = ()
    all_offices: bool = False
    protection: vocabulary.Protection | None = None
    """As of an account."""
    procedure: vocabulary.ProcedureName | None = None
    """The one procedure that this key speaks for, with the right `procedure`."""
    revoked: bool = False


class Accounts(Struct, frozen=True, kw_only=True, tag_field="schema", tag="accounts:1"):
    """Everybody, in one version."""

    accounts: tuple[Account, ...] = ()
    keys: tuple[Key, ...] = ()


class Caller(Struct, frozen=True, kw_only=True):
    """Whoever makes a request, as far as a service needs to know."""

    id: str
    source: str
    rights: frozenset[str]
    viewer: Viewer


def caller_of(holder: Account | Key, tenant: str) -> Caller:
    """What an account or key amounts to in a request."""
    viewer = Viewer(
        account=holder.id,
        tenant=tenant,
        offices=frozenset(holder.offices),
        all_offices=holder.all_offices,
        protection=holder.protection or vocabulary.HIGHEST_PROTECTION,
        procedure=(holder.procedure or "") if isinstance(holder, Key) else "",
    )
    source = holder.source if isinstance(holder, Key) else holder.id
    return Caller(id=holder.id, source=source, rights=frozenset(holder.rights), viewer=viewer)


def stated(scope: Scope) -> Scope:
    """What a new account or key sees, its level stated too.

    Where none is named it is the usual one, and the highest for all offices: somebody has to see what nobody else may.
    """
    usual = vocabulary.HIGHEST_PROTECTION if scope.get("all_offices") else vocabulary.USUAL_PROTECTION
    return {**scope, "protection": scope.get("protection") or usual}


def with_account(everybody: Accounts, changed: Account) -> Accounts:
    """The same people with this one in place of its predecessor, or behind all others."""
    others = (account for account in everybody.accounts if account.id != changed.id)
    return Accounts(accounts=(*others, changed), keys=everybody.keys)


def with_key(everybody: Accounts, changed: Key) -> Accounts:
    """The same machines with this one in place of its predecessor, or behind all others."""
    others = (key for key in everybody.keys if key.id != changed.id)
    return Accounts(accounts=everybody.accounts, keys=(*others, changed))


def encode(accounts: Accounts) -> bytes:
    """The version as it is stored."""
    return msgspec.json.encode(accounts)


def decode(content: bytes) -> Accounts:
    """A stored version."""
    return msgspec.json.decode(content, type=Accounts)
