"""Accounts of people and keys of machines over HTTP, for those who administer the mail room."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints

from services.core.errors import Rejected
from services.core.model.accounts import Account, Key, Right, Scope
from services.core.vocabulary import Protection
from services.runtime.access.credentials import Access
from services.runtime.access.origin import public_address
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

MAX_OFFICES = 500
PROBLEMS = documented(400, 401, 403, 404, 409, 422, 429, 503)
Office = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Rights = Annotated[tuple[Right, ...], Field(min_length=1, max_length=6)]
Offices = Annotated[tuple[Office, ...], Field(max_length=MAX_OFFICES)]


class NewAccount(BaseModel):
    """A person who is to work here."""

    name: str = Field(pattern=r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,98}[^\s\x00-\x1f\x7f])?$")
    rights: Rights = ("search", "decide")
    offices: Offices = ()
    all_offices: bool = False
    protection: Protection | None = None
    """The highest level of protection that they see; unless it is named 2, and 3 for all offices."""


class Name(BaseModel):
    """The person meant."""

    name: str = Field(max_length=100)


class AccountChange(BaseModel):
    """What becomes of a person's account; what is left out stays."""

    name: str = Field(max_length=100)
    rights: Rights | None = None
    offices: Offices | None = None
    all_offices: bool | None = None
    protection: Protection | None = None
    disabled: bool | None = None

    def made(self, account: Account) -> Account:
        """The account with these changes."""
        given = self.model_dump(exclude={"name"}, exclude_none=True)
        return msgspec.structs.replace(account, **given)


class NewKey(BaseModel):
    """A machine that is to deliver or search."""

    source: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    rights: Rights = ("deliver",)
    offices: Offices = ()
    all_offices: bool = False
    protection: Protection | None = None
    """The highest level of protection that it sees; unless it is named 2, and 3 for all offices."""
    procedure: str | None = Field(None, pattern=r"^[a-z][a-z0-9-]{0,31}$")


class KeyId(BaseModel):
    """The key meant."""

    id: str = Field(max_length=100)


class KeyChange(KeyId):
    """What becomes of a key."""

    protection: Protection


class Link(BaseModel):
    """The one-time link, shown once, good for 24 hours."""

    name: str
    link: str


class MadeKey(BaseModel):
    """The key, shown once."""

    id: str
    key: str


class AccountOut(BaseModel):
    """A person, without anything secret."""

    id: str
    name: str
    rights: list[str]
    offices: list[str]
    all_offices: bool
    protection: Protection | None
    """None of one that was made before there were levels: it sees all."""
    disabled: bool
    signs_in: bool


class KeyOut(BaseModel):
    """A machine, without its secret."""

    id: str
    source: str
    rights: list[str]
    offices: list[str]
    all_offices: bool
    protection: Protection | None
    procedure: str | None
    revoked: bool


class AccountList(BaseModel):
    """Everybody."""

    items: list[AccountOut]


class KeyList(BaseModel):
    """Every machine."""

    items: list[KeyOut]


def access_routes(access: Access) -> APIRouter:
    """`/accounts` and `/keys`."""
    router = APIRouter()

    @router.get("/accounts", responses=PROBLEMS, summary="List accounts")
    def accounts(_: Administrator) -> AccountList:
        return AccountList(items=[_account(account) for account in access.everybody.accounts])

    @router.post("/accounts", status_code=201, responses=PROBLEMS, summary="Make an account")
    def add_account(request: Request, _: Administrator, new: NewAccount) -> Link:
        token = access.add_account(new.name, rights=new.rights, **scope_of(new))
        return Link(name=new.name, link=link(request, token))

    @router.post("/accounts/resets", responses=PROBLEMS, summary="End sessions and password of an account")
    def reset_account(request: Request, _: Administrator, who: Name) -> Link:
        return Link(name=who.name, link=link(request, access.reset_account(who.name)))

    @router.post("/accounts/changes", responses=PROBLEMS, summary="Change rights, offices or standing of an account")
    def change_account(_: Administrator, change: AccountChange) -> AccountOut:
        access.change_account(change.name, change.made)
        return next(_account(account) for account in access.everybody.accounts if account.name == change.name)

    _key_routes(router, access)
    return router


def _key_routes(router: APIRouter, access: Access) -> None:
    @router.get("/keys", responses=PROBLEMS, summary="List keys")
    def keys(_: Administrator) -> KeyList:
        return KeyList(items=[_key(key) for key in access.everybody.keys])

    @router.post("/keys", status_code=201, responses=PROBLEMS, summary="Make a key")
    def add_key(_: Administrator, new: NewKey) -> MadeKey:
        token = _made_key(access, new)
        return MadeKey(id=token.split("_")[1], key=token)

    @router.post("/keys/changes", responses=PROBLEMS, summary="Change the level of protection that a key sees")
    def change_key(_: Administrator, change: KeyChange) -> KeyOut:
        access.protect_key(change.id, change.protection)
        return next(_key(key) for key in access.everybody.keys if key.id == change.id)

    @router.post("/keys/revocations", responses=PROBLEMS, summary="End a key")
    def revoke_key(_: Administrator, which: KeyId) -> dict[str, Any]:
        access.revoke_key(which.id)
        return {"id": which.id, "revoked": True}


def link(request: Request, token: str) -> str:
    """Where the person who was given this token sets a password."""
    return f"{public_address(request)}/einmal/{token}"


def scope_of(new: NewAccount | NewKey) -> Scope:
    """What somebody new is to see."""
    return Scope(offices=new.offices, all_offices=new.all_offices, protection=new.protection)


def _made_key(access: Access, new: NewKey) -> str:
    if ("procedure" in new.rights) != bool(new.procedure):
        raise Rejected("bad_request", field="procedure")
    if new.procedure:
        return access.add_procedure_key(new.source, new.procedure)
    return access.add_key(new.source, rights=new.rights, **scope_of(new))


def _account(account: Account) -> AccountOut:
    return AccountOut(
        id=account.id,
        name=account.name,
        rights=list(account.rights),
        offices=list(account.offices),
        all_offices=account.all_offices,
        protection=account.protection,
        disabled=account.disabled,
        signs_in=bool(account.password_hash),
    )


def _key(key: Key) -> KeyOut:
    return KeyOut(
        id=key.id,
        source=key.source,
        rights=list(key.rights),
        offices=list(key.offices),
        all_offices=key.all_offices,
        protection=key.protection,
        procedure=key.procedure,
        revoked=key.revoked,
    )
