"""A browser and a machine's client without a server between: requests to the app, cookies kept."""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

_FORM = re.compile(r'name="form" value="([^"]+)"')


class Browser:
    """Keeps cookies as a browser does, and stays where it is: redirects are answers."""

    def __init__(self, app: FastAPI, **headers: str) -> None:
        self._app = app
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.cookies = httpx.Cookies()

    def get(self, path: str, **how: Any) -> httpx.Response:
        """What is answered to GET."""
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        """What is answered to POST."""
        return self.ask("POST", path, **how)

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One request."""

        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://poststelle", cookies=self.cookies, headers=self._headers
            ) as client:
                answer = await client.request(method, path, **how)
                self.cookies = client.cookies
                return answer

        return asyncio.run(request())

    def submit(self, page: str, at: str = "", **fields: str) -> httpx.Response:
        """Fill in a form of a page and send it."""
        form = _FORM.search(self.get(page).text)
        assert form, page
        return self.post(at or page, data={"form": form[1], **fields})


def called(app: FastAPI) -> Callable[..., httpx.Response]:
    """What stands in for `httpx.request` where a command of ours calls this app."""
    client = Browser(app)

    def request(method: str, url: str, *, timeout: float, verify: object, **how: Any) -> httpx.Response:
        """Nobody is waited for, and there is no certificate."""
        del timeout, verify
        return client.ask(method, urlsplit(url).path, **how)

    return request
