"""A walk over every operation of the API description and every page, as every role: no word of what is not theirs."""

import re
import secrets
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services.adapters.search_index.questions import question
from services.core.model.accounts import Deputyship, Right, Scope, with_deputyship
from services.core.ports.entries import Viewer
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.protected import SECRET, file_of, filed, protected_hall

SLIP = SECRET.replace("tt", "t")
READ: tuple[Right, ...] = ("search", "decide")
EVERYTHING: tuple[Right, ...] = ("deliver", "search", "decide", "administer", "audit")
STRANGERS: dict[str, tuple[tuple[Right, ...], Scope]] = {
    "clerk below": (READ, {"offices": ("jugendamt", "poststelle"), "protection": 2}),
    "mail room below": (READ, {"all_offices": True, "protection": 2}),
    "administrator below": (EVERYTHING, {"all_offices": True, "protection": 1}),
    "clerk elsewhere": (READ, {"offices": ("bauamt", "kasse"), "protection": 3}),
    "reader of nothing": (("search",), {"protection": 3}),
    "auditor": (("audit",), {"all_offices": True, "protection": 3}),
    "another sender": (("deliver",), {"all_offices": True, "protection": 3}),
}
"""Roles that may not see the letter, each for a reason of its own."""


class Door(NamedTuple):
    """An operation or page, its parameters filled in."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any] | None


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """A letter is filed at a protected position; nobody else has a letter with its words."""
    hall = protected_hall(tmp_path)
    yield hall
    hall.close()


def doors(hall: CityHall, document: str) -> list[Door]:
    """Every operation of the description, and every page, with the letter in each place where one is asked for."""
    key = hall.key("search", all_offices=True)
    receipt = key.get(f"{API}/documents/{document}").json()["receipts"][0]["receipt"]
    file = file_of(hall, document)
    filled = {"document": document, "file": file, "receipt": receipt, "part": "0", "number": "1", "position": "51"}
    words = {"q": SECRET, "of": receipt, "nummer": receipt, "stelle": "51", "document": document, "offen": document}
    words |= {"schreiben": document, "akte": SECRET}
    words |= {"facets": "true", "amt": "jugendamt", "position": "51", "filter": "amt:jugendamt"}
    found = [*_operations(hall, filled, words), *_pages(hall, filled, words)]
    parts = [
        one._replace(path=one.path.replace("/parts/0/", "/parts/0.1/")) for one in found if "/parts/0/" in one.path
    ]
    slips = [one._replace(query=one.query | {"q": SLIP}) for one in found if "q" in one.query]
    return [*found, *parts, *slips]


def _operations(hall: CityHall, filled: dict[str, str], words: dict[str, str]) -> Iterator[Door]:
    for path, operations in hall.app.openapi()["paths"].items():
        for method, operation in operations.items():
            asked = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
            query = {name: word for name, word in words.items() if name in asked}
            body = {"q": SECRET, "facets": True} if path.endswith("/search") else {}
            body |= {"q": SECRET} if path.endswith(("/export", "/archive")) else {}
            yield Door(method.upper(), _at(path, filled), query, None if method == "get" else body)


def _pages(hall: CityHall, filled: dict[str, str], words: dict[str, str]) -> Iterator[Door]:
    for path in sorted({path for path in _gets(hall.app.router) if not path.startswith(API)}):
        if not path.startswith(("/health", "/metrics")):
            yield Door("GET", _at(path, filled), {**words, "filter": ""}, None)


def _gets(router: Any) -> Iterator[str]:
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from (f"{route.include_context.prefix}{path}" for path in _gets(route.original_router))
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield route.path


def _at(path: str, filled: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: filled.get(match[1], "1"), path)


def telling(browser: Browser, walked: list[Door]) -> list[str]:
    """The doors through which a word of the letter comes."""
    found = []
    for door in walked:
        how: dict[str, Any] = {"params": door.query} | ({"json": door.body} if door.body is not None else {})
        answer = browser.ask(door.method, door.path, **how)
        told = answer.text.lower()
        for asked in (SECRET.lower(), SLIP.lower()):
            told = told.replace(f'value="{asked}"', "")  # what was typed is shown again in its field
        if SECRET.lower() in re.sub(r"\b(q|asked)=[^&\"]*", "", told):
            found.append(f"{door.method} {door.path}")
    return found


DEPUTIES: dict[str, tuple[Scope, Scope, int]] = {
    "deputy of somebody below": ({"offices": ("kasse",), "protection": 3}, {"offices": ("jugendamt",)}, 0),
    "deputy in another office": ({"offices": ("jugendamt",)}, {"offices": ("bauamt",), "protection": 3}, 0),
    "deputy whose time is over": ({"offices": ("kasse",)}, {"offices": ("jugendamt",), "protection": 3}, -2),
    "deputy whose time is to come": ({"offices": ("kasse",)}, {"offices": ("jugendamt",), "protection": 3}, 2),
}
"""What each may see alone, what whoever is represented may see, and in how many days it begins, for a day."""


def as_deputy(hall: CityHall, own: Scope, theirs: Scope, days: int) -> Browser:
    """Somebody who signed in, and acts for somebody else from then on."""
    name, absent = f"deputy-{secrets.token_hex(3)}", f"absent-{secrets.token_hex(3)}"
    hall.access.add_account(absent, rights=READ, **theirs)
    browser = hall.clerk(name, rights=READ, **own)
    begins_at = hall.access.now() + timedelta(days=days)
    by_name = {one.name: one.id for one in hall.access.everybody.accounts}
    held = Deputyship(
        id=str(uuid.uuid4()),
        deputy=by_name[name],
        represented=by_name[absent],
        begins_at=begins_at,
        ends_at=begins_at + timedelta(days=1),
        made_at=begins_at,
        made_by="a-chief",
    )
    hall.access.change(lambda old: with_deputyship(old, held))
    return browser


def as_role(hall: CityHall, name: str) -> Browser:
    """A key with the rights of a role; pages are answered to keys as well."""
    rights, scope = STRANGERS[name]
    return hall.key(*rights, **scope)


def test_no_door_tells_a_word_to_whom_it_is_not_for(hall: CityHall) -> None:
    """Whoever may see the letter is told of it through many doors, each other role through none."""
    walked = doors(hall, filed(hall, SECRET, "51"))
    assert len({door.path for door in walked}) > 60
    chief = telling(hall.key("search", "decide", all_offices=True), [door for door in walked if door.method == "GET"])
    assert len(chief) > 12
    for name in STRANGERS:
        assert telling(as_role(hall, name), walked) == [], name
    for name, held in DEPUTIES.items():
        assert telling(as_deputy(hall, *held), walked) == [], name
    acting = as_deputy(hall, {"offices": ("kasse",)}, {"offices": ("jugendamt",), "protection": 3}, 0)
    assert len(telling(acting, [door for door in walked if door.method == "GET"])) > 12


def test_a_planted_leak_is_found_by_the_walk(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the one definition forgets the level, or the index does, the walk names the doors."""
    walked = [door for door in doors(hall, filed(hall, SECRET, "51")) if door.method == "GET"]
    may_see, clerk = Viewer.may_see, as_role(hall, "mail room below")
    with monkeypatch.context() as planted:
        planted.setattr(Viewer, "may_see", lambda viewer, offices, _=1: may_see(viewer, offices))
        found = telling(clerk, walked)
        assert any(path.endswith("/original") for path in found)
        assert not any("/search" in path for path in found)
    with monkeypatch.context() as planted:
        planted.setattr(question, "HIGHEST_PROTECTION", 0)
        assert f"GET {API}/search" in telling(clerk, walked)
    assert telling(clerk, walked) == []
