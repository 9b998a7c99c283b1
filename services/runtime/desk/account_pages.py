"""Accounts and keys on the desk, for administrators: the same acts as over HTTP and on the command line."""

from typing import Any, TypeVar, cast

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError

from services.core.errors import Rejected
from services.core.model.accounts import Account, Key, Right
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import MAIN_OFFICE
from services.runtime.access.credentials import Access
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.translation.speaking import all_said, gettext, refusal
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.account_routes import AccountChange, NewAccount, NewKey, link, scope_of
from services.runtime.web.http import Administrator
from services.runtime.web.problems import STATUS, UNPROCESSABLE

ACCOUNTS, KEYS = "/konten", "/schluessel"
RIGHTS: dict[Right, str] = {
    "search": _("suchen und lesen"),
    "decide": _("entscheiden und ablegen"),
    "deliver": _("Post einliefern"),
    "administer": _("verwalten"),
    "audit": _("Einsichten in geschützte Dokumente prüfen"),
    "procedure": _("für ein Fachverfahren sprechen"),
}
"""What the pages call the rights."""
GRANTED = {right: name for right, name in RIGHTS.items() if right != "procedure"}
"""Those that can be ticked: a procedure's key also needs the procedure's name, and is made on the command line."""
LEVELS = {"1": _("1, normal"), "2": _("2, personenbezogen"), "3": _("3, besonders schutzbedürftig")}
"""What the pages call the levels of protection."""
RIGHT, OFFICE = "recht-", "amt-"
"""How the boxes to tick are named: a box that is not ticked is not sent."""

Form = TypeVar("Form", bound=BaseModel)


def access_pages() -> APIRouter:
    """`/konten` and `/schluessel`."""
    router = APIRouter()
    desk = Desk()
    _account_pages(router, desk)
    _one_account_pages(router, desk)
    _key_pages(router, desk)
    return router


def _account_pages(router: APIRouter, desk: Desk) -> None:
    def page(request: Request, **facts: Any) -> Response:
        shown: dict[str, Any] = {"fault": "", "link": "", "who": "", "typed": {}, "status": 200} | facts
        people = sorted(_access(request).everybody.accounts, key=lambda account: account.name.lower())
        return desk.page(request, "accounts.html", people=people, **_choices(request), **shown)

    @router.get(ACCOUNTS)
    def accounts(request: Request, _: Administrator) -> Response:
        return page(request)

    @router.post(ACCOUNTS)
    def add(request: Request, _: Administrator, fields: Fields) -> Response:
        try:
            new = _made(NewAccount, name=fields.get("name", "").strip(), **_ticked(fields))
            token = _access(request).add_account(new.name, rights=new.rights, **scope_of(new))
        except Rejected as error:
            return page(request, fault=refusal(error.code), typed=fields, status=_status(error))
        return page(request, link=link(request, token), who=new.name)


def _one_account_pages(router: APIRouter, desk: Desk) -> None:
    def page(request: Request, account: Account, **facts: Any) -> Response:
        shown: dict[str, Any] = {"fault": "", "link": "", "status": 200} | facts
        ticked = [*(RIGHT + right for right in account.rights), *(OFFICE + office for office in account.offices)]
        typed = dict.fromkeys([*ticked, "alle"] if account.all_offices else ticked, "1")
        typed["stufe"] = str(account.protection or "")
        return desk.page(request, "account.html", who=account, typed=typed, **_choices(request, account), **shown)

    @router.get(f"{ACCOUNTS}/{{account_id}}")
    def account(request: Request, account_id: str, _: Administrator) -> Response:
        return page(request, _account(request, account_id))

    @router.post(f"{ACCOUNTS}/{{account_id}}")
    def change(request: Request, account_id: str, _: Administrator, fields: Fields) -> Response:
        who = _account(request, account_id)
        try:
            wanted = _made(AccountChange, name=who.name, disabled="gesperrt" in fields, **_ticked(fields))
            _access(request).change_account(who.name, wanted.made)
        except Rejected as error:
            return page(request, who, fault=refusal(error.code), status=_status(error))
        return see_other(request, ACCOUNTS, note="account_changed")

    @router.post(f"{ACCOUNTS}/{{account_id}}/einmal-link")
    def reset(request: Request, account_id: str, _: Administrator, __: Fields) -> Response:
        who = _account(request, account_id)
        token = _access(request).reset_account(who.name)
        return page(request, _account(request, account_id), link=link(request, token))


def _key_pages(router: APIRouter, desk: Desk) -> None:
    def page(request: Request, **facts: Any) -> Response:
        shown: dict[str, Any] = {"fault": "", "made": "", "typed": {}, "status": 200} | facts
        machines = sorted(_access(request).everybody.keys, key=lambda key: (key.revoked, key.source))
        return desk.page(request, "keys.html", machines=machines, **_choices(request), **shown)

    @router.get(KEYS)
    def keys(request: Request, _: Administrator) -> Response:
        return page(request)

    @router.post(KEYS)
    def add(request: Request, _: Administrator, fields: Fields) -> Response:
        try:
            new = _made(NewKey, source=fields.get("source", "").strip(), **_ticked(fields))
            made = _access(request).add_key(new.source, rights=new.rights, **scope_of(new))
        except Rejected as error:
            return page(request, fault=refusal(error.code), typed=fields, status=_status(error))
        return page(request, made=made)

    @router.get(f"{KEYS}/{{key_id}}")
    def key(request: Request, key_id: str, _: Administrator) -> Response:
        return desk.page(request, "key.html", machine=_key(request, key_id), **_choices(request))

    @router.post(f"{KEYS}/{{key_id}}")
    def revoke(request: Request, key_id: str, _: Administrator, __: Fields) -> Response:
        _access(request).revoke_key(key_id)
        return see_other(request, KEYS, note="key_revoked")


def _made(form: type[Form], **fields: Any) -> Form:
    try:
        return form(**fields)
    except ValidationError as error:
        raise Rejected("bad_entry") from error


def _ticked(fields: dict[str, str]) -> dict[str, Any]:
    rights = tuple(name.removeprefix(RIGHT) for name in fields if name.startswith(RIGHT))
    offices = tuple(name.removeprefix(OFFICE) for name in fields if name.startswith(OFFICE))
    level = fields.get("stufe", "")
    protection = int(level) if level in LEVELS else None
    return {"rights": rights, "offices": offices, "all_offices": "alle" in fields, "protection": protection}


def _choices(request: Request, account: Account | None = None) -> dict[str, Any]:
    """What there is to tick; an office that only the account still knows stays."""
    parsed = request.app.state.process.configuration.parsed("plan", file_plan.decode)
    plan = cast("FilePlan", parsed or file_plan.EMPTY)
    offices = {MAIN_OFFICE: gettext("Poststelle")} | plan.offices
    left = {office: office for office in account.offices if office not in offices} if account else {}
    named = {"rights": all_said(RIGHTS), "granted": all_said(GRANTED), "levels": all_said(LEVELS)}
    named |= {"offices": offices | left}
    return named | {"right": RIGHT, "office": OFFICE}


def _account(request: Request, account_id: str) -> Account:
    found = next((a for a in _access(request).everybody.accounts if a.id == account_id), None)
    if found is None:
        raise Rejected("not_found")
    return found


def _key(request: Request, key_id: str) -> Key:
    found = next((k for k in _access(request).everybody.keys if k.id == key_id), None)
    if found is None:
        raise Rejected("not_found")
    return found


def _status(error: Rejected) -> int:
    return STATUS.get(error.code, UNPROCESSABLE)


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
