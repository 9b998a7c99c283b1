"""The desk's own pages: beginning, sign-in and sign-out, one-time link, and how the mail room is."""

import threading

from fastapi import APIRouter, Request, Response

from services.core.catalogue import refusal
from services.core.errors import Rejected
from services.runtime.access.credentials import Access
from services.runtime.desk.forms import Fields, local_path, set_cookie
from services.runtime.desk.frame import SIGN_IN, Desk, see_other
from services.runtime.operations.queue_metrics import hours
from services.runtime.web.http import SESSION_COOKIE, Administrator, Limits, identify
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.web.status_routes import overview

SIGN_INS_PER_MINUTE = 10
"""Attempts of one address at one name."""
HASHINGS = 2
"""Passwords hashed at one time: each takes 64 MiB (RFC 9106, argon2-cffi's default)."""


class _Passwords:
    """Setting and comparing passwords, few at a time and not too often."""

    def __init__(self) -> None:
        self._attempts = Limits(SIGN_INS_PER_MINUTE)
        self._hashing = threading.Semaphore(HASHINGS)

    def sign_in(self, request: Request, name: str, password: str) -> str:
        if not self._attempts.admits(f"{request.client.host if request.client else ''} {name[:100]}"):
            raise Rejected("too_many_requests")
        with self._hashing:
            return _access(request).sign_in(name, password)

    def choose(self, request: Request, token: str, *, password: str, again: str) -> str:
        if password != again:
            raise Rejected("passwords_differ")
        with self._hashing:
            return _access(request).set_password(token, password)


def desk_pages() -> APIRouter:
    """`/`, `/anmelden`, `/abmelden`, `/einmal/{token}`."""
    router = APIRouter()
    desk, passwords = Desk(), _Passwords()
    _session_pages(router, desk, passwords)
    _link_pages(router, desk, passwords)

    @router.get("/")
    def beginning(request: Request) -> Response:
        return see_other(request, "/suche" if identify(request) else SIGN_IN)

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


def _session_pages(router: APIRouter, desk: Desk, passwords: _Passwords) -> None:
    @router.get(SIGN_IN)
    def sign_in(request: Request, weiter: str = "/") -> Response:
        return desk.page(request, "sign_in.html", weiter=local_path(weiter), typed="", fault="")

    @router.post(SIGN_IN)
    def signed_in(request: Request, fields: Fields) -> Response:
        name, weiter = fields.get("name", "").strip(), local_path(fields.get("weiter", "/"))
        try:
            cookie = passwords.sign_in(request, name, fields.get("password", ""))
        except Rejected as error:
            status, fault = STATUS.get(error.code, UNPROCESSABLE), refusal(error.code)
            return desk.page(request, "sign_in.html", status=status, weiter=weiter, typed=name, fault=fault)
        response = see_other(request, weiter)
        set_cookie(request, response, SESSION_COOKIE, cookie)
        return response

    @router.post("/abmelden")
    def sign_out(request: Request, _: Fields) -> Response:
        response = see_other(request, SIGN_IN, note="signed_out")
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response


def _link_pages(router: APIRouter, desk: Desk, passwords: _Passwords) -> None:
    def page(request: Request, token: str, *, fault: str = "") -> Response:
        access = _access(request)
        account = access.by_link(token)
        if account is None:  # perhaps made by another process a moment ago
            access.catch_up()
            account = access.by_link(token)
        if account is None:
            raise Rejected("bad_link")
        status, sentence = (UNPROCESSABLE, refusal(fault)) if fault else (200, "")
        response = desk.page(request, "one_time.html", status=status, who=account.name, fault=sentence)
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
        return response

    @router.get("/einmal/{token}")
    def one_time_link(request: Request, token: str) -> Response:
        return page(request, token)

    @router.post("/einmal/{token}")
    def set_password(request: Request, token: str, fields: Fields) -> Response:
        try:
            chosen, again = fields.get("password", ""), fields.get("again", "")
            cookie = passwords.choose(request, token, password=chosen, again=again)
        except Rejected as error:
            return page(request, token, fault=error.code)
        response = see_other(request, "/", note="password_set")
        set_cookie(request, response, SESSION_COOKIE, cookie)
        return response


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
