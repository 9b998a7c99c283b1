"""Looks into the store, away from the event loop, whether a session was signed out at another process."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from services.runtime.access.credentials import Access
from services.runtime.web.http import SESSION_COOKIE, lifetime


class LookAtSessions:
    """Stands before the app: whoever reads the session behind it finds what is known, and never waits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            cookie = request.cookies.get(SESSION_COOKIE, "")
            access: Access = request.app.state.access
            session = access.sessions.read(cookie, lifetime(request)) if cookie else None
            if session and access.sessions.is_due(session):
                await run_in_threadpool(access.sessions.look, session)
        await self._app(scope, receive, send)
