"""The desk's own pages: beginning, sign-in and sign-out, one-time link, and how the mail room is."""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.core.errors import Rejected
from services.runtime.access.credentials import Access
from services.runtime.desk.forms import Fields, local_path, set_cookie
from services.runtime.desk.frame import SIGN_IN, Desk, see_other
from services.runtime.desk.kept_forms import Kept, kept_in
from services.runtime.desk.layout.navigation import first_page
from services.runtime.desk.own_account.pages import own_account_pages
from services.runtime.desk.passwords import Passwords
from services.runtime.operations.queue_metrics import hours
from services.runtime.translation.speaking import refusal
from services.runtime.web.http import SESSION_COOKIE, Administrator, Person, identify, lifetime
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.web.status_routes import overview


def desk_pages() -> APIRouter:
    """`/`, `/anmelden`, `/abmelden`, `/einmal/{token}`, `/konto`, `/hilfe`."""
    router = APIRouter()
    desk, passwords = Desk(), Passwords()
    _session_pages(router, desk, passwords)
    _link_pages(router, desk, passwords)
    router.include_router(own_account_pages(passwords))

    @router.get("/")
    def beginning(request: Request) -> Response:
        caller = identify(request)
        return see_other(request, first_page(caller.rights) if caller else SIGN_IN)

    @router.get("/hilfe")
    def help_page(request: Request, _: Person) -> Response:
        return desk.page(request, "help.html")

    return router


def status_page() -> APIRouter:
    """`/status`, where the ledger is."""
    router = APIRouter()
    desk = Desk()

    @router.get("/status")
    def status(request: Request, _: Administrator) -> Response:
        process = request.app.state.process
        return desk.page(request, "status.html", overview=overview(process), hours=hours(process))

    return router


def _session_pages(router: APIRouter, desk: Desk, passwords: Passwords) -> None:
    @router.get(SIGN_IN)
    def sign_in(request: Request, weiter: str = "/") -> Response:
        return desk.page(request, "sign_in.html", weiter=local_path(weiter), typed="", fault="", kept=None)

    def again(request: Request, fields: dict[str, str], error: Rejected) -> Response:
        status, fault = STATUS.get(error.code, UNPROCESSABLE), refusal(error.code)
        facts = {"weiter": local_path(fields.get("weiter", "/")), "typed": fields.get("name", "").strip()}
        return desk.page(request, "sign_in.html", status=status, fault=fault, kept=kept_in(fields), **facts)

    def offered(request: Request, kept: Kept, weiter: str, cookie: str) -> Response:
        form = _access(request).form_token(cookie)  # of the session that begins with this answer
        return desk.page(request, "kept.html", kept=kept, weiter=weiter, form=form)

    @router.post(SIGN_IN)
    async def signed_in(request: Request, fields: Fields) -> Response:
        name, weiter = fields.get("name", "").strip(), local_path(fields.get("weiter", "/"))
        try:
            cookie = await passwords.sign_in(request, name, fields.get("password", ""))
        except Rejected as error:
            return await run_in_threadpool(again, request, fields, error)
        kept = kept_in(fields)
        response = (
            await run_in_threadpool(offered, request, kept, weiter, cookie) if kept else see_other(request, weiter)
        )
        set_cookie(request, response, SESSION_COOKIE, cookie)
        return response

    @router.post("/abmelden")
    def sign_out(request: Request, _: Fields) -> Response:
        _access(request).sign_out(request.cookies.get(SESSION_COOKIE, ""), lifetime(request))
        response = see_other(request, SIGN_IN, note="signed_out")
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response


def _link_pages(router: APIRouter, desk: Desk, passwords: Passwords) -> None:
    def page(request: Request, token: str, *, fault: str = "") -> Response:
        access = _access(request)
        account = access.by_link(token)
        if account is None:  # perhaps made by another process a moment ago
            access.catch_up()
            account = access.by_link(token)
        if account is None:
            raise Rejected("bad_link")
        status, sentence = (STATUS.get(fault, UNPROCESSABLE), refusal(fault)) if fault else (200, "")
        response = desk.page(request, "one_time.html", status=status, who=account.name, fault=sentence)
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
        return response

    @router.get("/einmal/{token}")
    def one_time_link(request: Request, token: str) -> Response:
        return page(request, token)

    @router.post("/einmal/{token}")
    async def set_password(request: Request, token: str, fields: Fields) -> Response:
        try:
            chosen, again = fields.get("password", ""), fields.get("again", "")
            cookie = await passwords.choose(request, token, password=chosen, again=again)
        except Rejected as error:
            return await run_in_threadpool(page, request, token, fault=error.code)
        response = see_other(request, "/", note="password_set")
        set_cookie(request, response, SESSION_COOKIE, cookie)
        return response


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
