"""A procedure with a webhook over a whole hall: set by who administers, sent step by step."""

from datetime import timedelta

from services.procedures.webhooks.sending import Courier
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API

NAME, OTHER = "bauverfahren", "kassenverfahren"
HOOK = f"{API}/procedures/{NAME}/webhook"
WITHIN = timedelta(seconds=1)
"""For one event: a receiver that never answers is given up after it."""


def hook(admin: Browser, url: str, name: str = NAME) -> str:
    """Set it; its secret."""
    answer = admin.ask("PUT", f"{API}/procedures/{name}/webhook", json={"url": url})
    assert answer.status_code in (200, 201), answer.text
    secret: str = answer.json()["secret"]
    return secret


def courier(context: Context) -> Courier:
    """That of this process, as it is after a new start."""
    return Courier(NAME, context, holder="00000000-0000-4000-8000-000000000000")


def sent(sender: Courier) -> timedelta:
    """Send until nothing is due; the pause after that."""
    pause = sender.step()
    while not pause:
        pause = sender.step()
    return pause
