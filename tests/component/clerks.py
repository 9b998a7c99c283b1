"""Clerks who decide over HTTP: a registry with its listener, and what filing reads of its log."""

import asyncio
from datetime import timedelta
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from services.core import keys
from services.core.keys import Bucket
from services.filing.decisions import repair
from tests.component.registry_office import RegistryOffice


class Clerk:
    """A registry with its HTTP listener, and keys of three clerks."""

    def __init__(self) -> None:
        self.office = RegistryOffice()
        app, access = self.office.app()
        self._app = app
        everyone = access.add_key("chief", rights=("search", "decide"), all_offices=True)
        social = access.add_key("social", rights=("search", "decide"), offices=("sozialamt",), protection=3)
        reader = access.add_key("reader", rights=("search",), all_offices=True)
        self.tokens = {"chief": everyone, "social": social, "reader": reader}
        self.office.log.events.clear()

    def decide(
        self, document: str, body: dict[str, Any], *, seen: int | str | None = None, by: str = "chief"
    ) -> Response:
        """POST a decision on the version as it is, or on another, or on none."""
        version = self.office.record(document).version if seen is None else seen
        headers = self._key(by) | (
            {"If-Match": f'"{version}"' if isinstance(version, int) else version} if version != "" else {}
        )
        return self.ask("POST", f"/documents/{document}/decisions", json=body, headers=headers)

    def get(self, path: str, by: str = "chief", **headers: str) -> Response:
        """GET what a clerk may read."""
        return self.ask("GET", path, headers=self._key(by) | headers)

    def ask(self, method: str, path: str, **request: Any) -> Response:
        """One request, through the whole app."""

        async def answer() -> Response:
            transport = ASGITransport(self._app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url="http://desk/api/v1") as client:
                return await client.request(method, path, **request)

        return asyncio.run(answer())

    def run(self) -> None:
        """What filing reads of the log so far, each event once."""
        told, self.office.log.events = self.office.log.events, []
        self.office.work(*(e for e in told if e.topic == "filings.decided"))

    def pointers(self) -> list[str]:
        """Decisions that may not have had their effect."""
        return list(self.office.blobs.keys(Bucket.RECORDS, keys.decided("main")))

    def repair(self, later: timedelta = timedelta(minutes=2)) -> None:
        """The round, some time later."""
        self.office.clock.advance(later)
        repair(self.office.contexts["filing"])

    def _key(self, by: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[by]}"}
