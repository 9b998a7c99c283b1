"""Who may do what: accounts of people and keys of machines, as one version of the configuration `accounts`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, TypedDict

import msgspec
from msgspec import Struct

from services.core import vocabulary
from services.core.catalogue import Language
from services.core.ports.entries import Represented, Viewer

Right = Literal["deliver", "search", "decide", "administer", "audit", "procedure"]
"""deliver: bring post in; search: find and read; decide: file, assign, set aside; administer: all about the mail room;
audit: read who looked at protected documents; procedure: speak for the one procedure that the key names."""


HANDED_OVER: frozenset[Right] = frozenset({"search", "decide"})
"""Rights that a deputy has in somebody's place: to administer, to audit and to deliver stay with the person."""


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
    language: Language = "de"
    """Of this person's pages."""


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


class Deputyship(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That an account may do for a time what another one may: its documents, and of its rights `HANDED_OVER`."""

    id: vocabulary.EventId
    deputy: vocabulary.Actor
    represented: vocabulary.Actor
    begins_at: datetime
    ends_at: datetime
    """The first moment at which it does not hold any more; one that was ended early ends at that moment."""
    made_at: datetime
    made_by: vocabulary.Actor
    ended_by: vocabulary.Actor | None = None
    """Who ended it before its time."""

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is in force then."""
        return self.begins_at <= moment < self.ends_at


class Accounts(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="accounts:1"):
    """Everybody, in one version."""

    accounts: tuple[Account, ...] = ()
    keys: tuple[Key, ...] = ()
    deputyships: tuple[Deputyship, ...] = ()
    """Those to come, in force and over, oldest first: who might see what and when is told from here."""


class Caller(Struct, frozen=True, kw_only=True):
    """Whoever makes a request, as far as a service needs to know."""

    id: str
    source: str
    rights: frozenset[str]
    """Also those that only a deputyship gives; what is seen with them goes by `using`."""
    viewer: Viewer
    own_rights: frozenset[str] | None = None
    """Those that the caller has without any deputyship; None where there is none."""

    def using(self, wanted: Iterable[str]) -> "Caller":
        """The same for a request that needs one of these rights: it sees what it sees by whoever has one of them."""
        if self.own_rights is None:
            return self
        needed = frozenset(wanted)
        kept = tuple(one for one in self.viewer.represents if not needed.isdisjoint(one.rights))
        viewer = msgspec.structs.replace(self.viewer, represents=kept)
        if self.own_rights.isdisjoint(needed):
            viewer = msgspec.structs.replace(viewer, offices=frozenset(), all_offices=False, protection=1)
        return msgspec.structs.replace(self, viewer=viewer)


def caller_of(holder: Account | Key, tenant: str, represents: tuple[Represented, ...] = ()) -> Caller:
    """What an account or key amounts to in a request."""
    viewer = Viewer(
        account=holder.id,
        tenant=tenant,
        offices=frozenset(holder.offices),
        all_offices=holder.all_offices,
        protection=holder.protection or vocabulary.HIGHEST_PROTECTION,
        procedure=(holder.procedure or "") if isinstance(holder, Key) else "",
        represents=represents,
    )
    source = holder.source if isinstance(holder, Key) else holder.id
    own = frozenset[str](holder.rights)
    rights = own.union(*(one.rights for one in represents))
    return Caller(id=holder.id, source=source, rights=rights, viewer=viewer, own_rights=own if represents else None)


def represented_by(everybody: Accounts, deputy: str, moment: datetime) -> tuple[Represented, ...]:
    """In whose place an account may act at this moment, with the rights that those have then; each once.

    Nobody acts for a closed account, and whoever is a deputy hands over only what is their own.
    """
    named = {one.represented for one in everybody.deputyships if one.deputy == deputy and one.holds_at(moment)}
    return tuple(
        Represented(
            account=account.id,
            offices=account.offices,
            all_offices=account.all_offices,
            protection=account.protection or vocabulary.HIGHEST_PROTECTION,
            rights=tuple(sorted(HANDED_OVER.intersection(account.rights))),
        )
        for account in everybody.accounts
        if account.id in named and not account.disabled
    )


def stated(scope: Scope) -> Scope:
    """What a new account or key sees, its level stated too.

    Where none is named it is the usual one, and the highest for all offices: somebody has to see what nobody else may.
    """
    usual = vocabulary.HIGHEST_PROTECTION if scope.get("all_offices") else vocabulary.USUAL_PROTECTION
    return {**scope, "protection": scope.get("protection") or usual}


def with_account(everybody: Accounts, changed: Account) -> Accounts:
    """The same people with this one in place of its predecessor, or behind all others."""
    others = (account for account in everybody.accounts if account.id != changed.id)
    return msgspec.structs.replace(everybody, accounts=(*others, changed))


def with_key(everybody: Accounts, changed: Key) -> Accounts:
    """The same machines with this one in place of its predecessor, or behind all others."""
    others = (key for key in everybody.keys if key.id != changed.id)
    return msgspec.structs.replace(everybody, keys=(*others, changed))


def with_deputyship(everybody: Accounts, changed: Deputyship) -> Accounts:
    """The same with this one in place of its predecessor, or behind all others."""
    others = (one for one in everybody.deputyships if one.id != changed.id)
    return msgspec.structs.replace(everybody, deputyships=(*others, changed))


def encode(accounts: Accounts) -> bytes:
    """The version as it is stored."""
    return msgspec.json.encode(accounts)


def decode(content: bytes) -> Accounts:
    """A stored version."""
    return msgspec.json.decode(content, type=Accounts)
