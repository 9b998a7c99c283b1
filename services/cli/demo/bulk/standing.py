"""Waits until a document of the demo stands as it should."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from services.cli.client import Instance
from services.cli.errors import Refused

PATIENCE = timedelta(minutes=5)
LOOK_EVERY_S = 0.5
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the mail room tells of documents, once it is so."""

    instance: Instance

    def of_receipt(self, receipt: str, *states: str) -> State:
        """The document of a receipt, once it is read and stands in one of these."""

        def look() -> State:
            found = self.instance.get(f"/receipts/{receipt}")
            return self.instance.get(f"/documents/{found['document']}")

        return self._until(look, states)

    def of_document(self, document: str, state: str) -> State:
        """The document, once it is read and stands so."""
        return self._until(lambda: self.instance.get(f"/documents/{document}"), (state,))

    def _until(self, look: Callable[[], State], states: tuple[str, ...]) -> State:
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while True:
            found = _if_there(look)
            if found.get("state") in states and found["complete"]:
                return found
            if time.monotonic() > deadline:
                raise click.ClickException(
                    f"a document of the demo is {found.get('state', 'away')}, not {' or '.join(states)}"
                )
            time.sleep(LOOK_EVERY_S)


def _if_there(look: Callable[[], State]) -> State:
    """What is told of it; nothing while the books have not heard of it, or it is being taken out of its batch."""
    try:
        return look()
    except Refused as error:
        if error.code != "not_found":
            raise
        return {}
