"""`/konto`: password, language, single keys, and signing out everywhere else; for whoever is signed in."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import MAIN_OFFICE
from services.runtime.access import deputies
from services.runtime.access.credentials import Access
from services.runtime.access.own_account import account_of, sign_out_elsewhere, switch_keys, switch_language
from services.runtime.desk.account_pages import RIGHTS
from services.runtime.desk.forms import Fields, set_cookie
from services.runtime.desk.frame import Desk, see_other
from services.runtime.desk.passwords import Passwords
from services.runtime.translation.speaking import Language, all_said, gettext, refusal
from services.runtime.web.http import SESSION_COOKIE, caller_with
from services.runtime.web.problems import STATUS, UNPROCESSABLE

OWN = "/konto"
LANGUAGES: dict[Language, str] = {"de": "Deutsch", "en": "English"}
"""Each in its own words, for whoever understands only those."""
Person = Annotated[Caller, Depends(caller_with("search", "decide", "deliver", "administer"))]


def own_account_pages(passwords: Passwords) -> APIRouter:
    """The page and its forms."""
    router = APIRouter(prefix=OWN)
    desk = Desk()

    def page(request: Request, caller: Caller, *, error: Rejected | None = None) -> Response:
        account = account_of(_access(request), caller.id)
        return desk.page(
            request,
            "own_account.html",
            status=STATUS.get(error.code, UNPROCESSABLE) if error else 200,
            fault=refusal(error.code) if error else "",
            who=account,
            rights=all_said(RIGHTS),
            languages=LANGUAGES,
            **_known_of(request, account.id),
        )

    @router.get("")
    def own(request: Request, caller: Person) -> Response:
        return page(request, caller)

    @router.post("/kennwort")
    async def password(request: Request, caller: Person, fields: Fields) -> Response:
        former, new, again = (fields.get(name, "") for name in ("former", "password", "again"))
        try:
            cookie = await passwords.replace(request, caller.id, former=former, password=new, again=again)
        except Rejected as error:
            return await run_in_threadpool(page, request, caller, error=error)
        return _goes_on(request, cookie, "own_password")

    _choice_pages(router)

    @router.post("/abmelden")
    def elsewhere(request: Request, caller: Person, _: Fields) -> Response:
        return _goes_on(request, sign_out_elsewhere(_access(request), caller.id), "signed_out_elsewhere")

    return router


def _choice_pages(router: APIRouter) -> None:
    @router.post("/tasten")
    def keys(request: Request, caller: Person, fields: Fields) -> Response:
        switch_keys(_access(request), caller.id, off="an" not in fields)
        return see_other(request, OWN, note="own_keys")

    @router.post("/sprache")
    def language(request: Request, caller: Person, fields: Fields) -> Response:
        wanted = cast("Language", fields.get("sprache"))
        if wanted not in LANGUAGES:
            raise Rejected("bad_entry")
        switch_language(_access(request), caller.id, wanted)
        return see_other(request, OWN, note="own_language")


def _goes_on(request: Request, cookie: str, note: str) -> Response:
    """All sessions are over; here a new one begins."""
    response = see_other(request, OWN, note=note)
    set_cookie(request, response, SESSION_COOKIE, cookie)
    return response


def _known_of(request: Request, account: str) -> dict[str, object]:
    """The names of offices, and who acts for whom now."""
    return {"offices": _offices(request), "deputyships": deputies.of(_access(request), account)}


def _offices(request: Request) -> dict[str, str]:
    parsed = request.app.state.process.configuration.parsed("plan", file_plan.decode)
    return {MAIN_OFFICE: gettext("Poststelle")} | dict(cast("FilePlan", parsed or file_plan.EMPTY).offices)


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
