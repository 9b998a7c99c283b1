"""Every request is answered in the language of its account, or of its browser while nobody is signed in."""

from functools import partial

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.runtime.translation.speaking import speaking
from services.runtime.web.http import wanted_language


class AnswerInTheirLanguage:
    """Stands before the app; who asks is looked up only where a page says something."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking(partial(wanted_language, Request(scope))):
            await self._app(scope, receive, send)
