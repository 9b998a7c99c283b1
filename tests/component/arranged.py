"""A clerk's arrangement of the pages of a scan, and what came of it."""

import re
from collections.abc import Sequence
from typing import Any

from services.core.messages.envelope import Event
from services.core.messages.events import FilingDecided
from services.core.model import record
from services.core.model.batches.sheets import SheetAccount
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.piles import found, parts_of
from tests.fakes.readers import SHEETS

LETTER = SHEETS + b"\f".join(
    (b"Antrag von Frau Ahorn", b"Anlage Lageplan", b"Widerspruch von Herrn Birke", b"Anlage Foto")
)
TWO = SHEETS + b"\f".join((b"Antrag Ahorn", b"Anlage Lageplan", b"[PATCHT]", b"Widerspruch Birke", b"", b"Anlage Foto"))


def arrange(hall: CityHall, scan: str, *documents: Any) -> Any:
    """The answer to a clerk's program that says which documents the pages are."""
    client = hall.key("search", "decide", all_offices=True)
    version = client.get(f"{API}/documents/{scan}").json()["version"]
    wanted = [one if isinstance(one, dict) else {"pages": list(one)} for one in documents]
    wish = {"action": "arrange", "documents": wanted}
    return client.post(f"{API}/documents/{scan}/decisions", json=wish, headers={"If-Match": f'"{version}"'})


def reopen(hall: CityHall, scan: str) -> Any:
    """The answer to taking it back."""
    client = hall.key("search", "decide", all_offices=True)
    version = client.get(f"{API}/documents/{scan}").json()["version"]
    headers = {"If-Match": f'"{version}"'}
    return client.post(f"{API}/documents/{scan}/decisions", json={"action": "reopen"}, headers=headers)


def text_of(hall: CityHall, document: str) -> str:
    """What was read of it."""
    extraction = found(hall, document).extraction
    assert extraction
    return extraction.parts[0].text


def account_of(hall: CityHall, scan: str) -> SheetAccount:
    """Where its pages went."""
    extraction = found(hall, scan).extraction
    assert extraction
    assert extraction.sheets
    return extraction.sheets


def balances(account: SheetAccount) -> bool:
    """Whether every page is in exactly one place."""
    laid = [page for part in account.parts for page in part.pages]
    laid += [*account.separators, *account.covers, *account.blanks, *account.left_out]
    return sorted(laid) == list(range(1, account.page_count + 1))


def states(hall: CityHall, documents: Sequence[str]) -> list[str]:
    """Where each stands."""
    return [record.standing(found(hall, document)).state for document in documents]


def documents_of(hall: CityHall, scan: str) -> list[str]:
    """The documents that its pages are."""
    return [part.document for part in parts_of(hall, scan)]


def file_it(hall: CityHall, document: str, clerk: Browser) -> None:
    """Into a new file, on the desk."""
    path = f"/posteingang/{document}"
    version = form_of(clerk.get(path).text)["version"]
    assert clerk.submit(path, action="open", position="52.10", version=version).status_code == 303
    assert states(hall, [document]) == ["filed"]


def told_of(hall: CityHall, scan: str) -> Event:
    """The event of the newest decision about the scan."""
    return next(
        event
        for event in reversed(hall.log.published)
        if isinstance(event.facts, FilingDecided) and event.facts.document == scan
    )


def form_of(page: str) -> dict[str, str]:
    """The fields of the form as they are filled in."""
    fields = dict(re.findall(r'<input[^>]*name="(version|folge|p\d+)" value="([^"]*)"', page))
    fields |= dict.fromkeys(re.findall(r'name="([bw]\d+)" checked', page), "on")
    for name, options in re.findall(r'name="(d\d+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="(\d*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields
