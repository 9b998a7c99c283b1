"""How the house is, who works here, and which machines: over HTTP, as the command line asks."""

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall, a_mail
from tests.ports.event_log.readers import eventually


def test_the_overview_counts_documents_and_names_what_is_not_ready(hall: CityHall) -> None:
    """Documents by state, ports by readiness, stopped services."""
    hall.deliver(a_mail())
    hall.reading.awake = False
    told = hall.key("administer").get(f"{API}/overview").json()
    assert told["documents"] == {"held": 1}
    assert told["ports"] == {"log": True, "blobs": True, "extractor": False, "ocr": True, "index": True}
    assert told["red"] == {}


def test_checks_try_out_what_the_house_needs(hall: CityHall) -> None:
    """All good at first; then each fault shows at its own item, and the store is left as it was."""
    administrator = hall.key("administer")
    hall.deliver(a_mail())
    names = {item["name"]: item["good"] for item in administrator.get(f"{API}/checks").json()["items"]}
    assert names == dict.fromkeys(("store", "log", "tika", "ocr", "index", "disk", "plan"), True)
    hall.reading.awake, hall.log.away, hall.log.prompt = False, True, False
    names = {item["name"]: item["good"] for item in administrator.get(f"{API}/checks").json()["items"]}
    assert [name for name, good in names.items() if not good] == ["log", "tika"]
    assert not list((hall.settings.storage.folder / "blobs").rglob("*probes/*"))


@pytest.mark.parametrize("name", ["index", "ledger"])
def test_a_rebuild_runs_in_the_background(hall: CityHall, name: str) -> None:
    """It is begun at once, tells how far it is, and what it wrote is told; a second one meanwhile is refused."""
    administrator = hall.key("administer")
    hall.deliver(a_mail())
    reached, go_on = threading.Event(), threading.Event()
    keys = hall.ports.blobs.keys

    def slow(*place: Any) -> Iterator[str]:
        reached.set()
        assert go_on.wait(10)
        return keys(*place)

    cast("Any", hall.ports.blobs).keys = slow
    begun = administrator.post(f"{API}/rebuilds/{name}")
    assert (begun.status_code, begun.json()) == (202, {"running": True, "done": 0, "failed": ""})
    assert reached.wait(10)
    assert administrator.post(f"{API}/rebuilds/{name}").status_code == 409
    go_on.set()
    eventually(lambda: not administrator.get(f"{API}/rebuilds/{name}").json()["running"])
    assert administrator.get(f"{API}/rebuilds/{name}").json() == {"running": False, "done": 1, "failed": ""}


def test_accounts_are_made_listed_and_reset(hall: CityHall) -> None:
    """The answers hold a link that works and nothing secret besides."""
    administrator = hall.key("administer")
    body = {"name": "berg", "rights": ["search"], "offices": ["bauamt"]}
    made = administrator.post(f"{API}/accounts", json=body)
    assert made.status_code == 201
    path = made.json()["link"].removeprefix("http://poststelle")
    assert hall.stranger().submit(path, password=PASSWORD, again=PASSWORD).status_code == 303
    listed = administrator.get(f"{API}/accounts")
    item = listed.json()["items"][0]
    assert (item["name"], item["rights"], item["offices"], item["signs_in"]) == ("berg", ["search"], ["bauamt"], True)
    assert "argon2" not in listed.text
    assert administrator.post(f"{API}/accounts", json=body).status_code == 409
    assert administrator.post(f"{API}/accounts/resets", json={"name": "niemand"}).status_code == 404
    for wrong in (
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x", "rights": ["alles"]},
        {"name": "x", "offices": ["A B"]},
    ):
        assert administrator.post(f"{API}/accounts", json=wrong).status_code == 400


def test_keys_are_made_listed_and_revoked(hall: CityHall) -> None:
    """A key works until it is revoked, and is shown once."""
    administrator = hall.key("administer")
    made = administrator.post(f"{API}/keys", json={"source": "leser", "rights": ["search"], "all_offices": True}).json()
    machine = Browser(hall.app, Authorization=f"Bearer {made['key']}")
    assert machine.get(f"{API}/search").status_code == 200
    listed = administrator.get(f"{API}/keys")
    assert made["id"] in {item["id"] for item in listed.json()["items"]}
    assert made["key"].rpartition("_")[2] not in listed.text
    assert administrator.post(f"{API}/keys/revocations", json={"id": made["id"]}).status_code == 200
    assert machine.get(f"{API}/search").status_code == 401
    assert administrator.post(f"{API}/keys/revocations", json={"id": "k-0"}).status_code == 404


def test_only_administrators_ask(hall: CityHall) -> None:
    """Everybody else is 403."""
    other = hall.key("deliver", "search", "decide", all_offices=True)
    for path in ("/overview", "/checks", "/accounts", "/keys"):
        assert other.get(API + path).status_code == 403
    for path in ("/accounts", "/accounts/resets", "/keys", "/keys/revocations"):
        assert other.post(API + path, json={}).status_code == 403
