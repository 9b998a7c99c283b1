"""A page is answered in the language of the account, or of the browser while nobody is signed in."""

from functools import partial

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.runtime.translation.speaking import speaking
from services.runtime.web.http import API, wanted_language


class AnswerInTheirLanguage:
    """Stands before the app; who asks is looked up only where a page says something.

    The API says what it always says, also to a session: papers, lists and programs are German (decision 0092).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(f"{API}/"):
            await self._app(scope, receive, send)
            return
        with speaking(partial(wanted_language, Request(scope))):
            await self._app(scope, receive, send)
