"""Deputies: what another one may see and decide, from a moment to a moment, told in history and audit log."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.core.model import accounts
from services.core.model.accounts import represented_by
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.protected import SECRET, filed, protected_hall

HOUR = timedelta(hours=1)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """With a protected position, a clerk of the cash office, and one of the youth office who is away."""
    hall = protected_hall(tmp_path)
    hall.access.add_account("wald", rights=("search", "decide"), offices=("jugendamt", "poststelle"), protection=3)
    yield hall
    hall.close()


def appointed(hall: CityHall, **changed: Any) -> dict[str, Any]:
    """Berg acts for Wald, by the chief's word; what the answer says."""
    now = hall.access.now()
    wanted = {"deputy": "berg", "represented": "wald", "ends_at": (now + 24 * HOUR).isoformat()} | changed
    answer = hall.key("administer", all_offices=True).post(f"{API}/deputies", json=wanted)
    told: dict[str, Any] = answer.json() | {"status_code": answer.status_code}
    return told


def found(clerk: Browser) -> int:
    """How many letters with the word are found."""
    return int(clerk.get(f"{API}/search", params={"q": SECRET}).json()["total"])


def test_a_deputy_sees_it_until_it_is_ended(hall: CityHall) -> None:
    """At once and without signing in anew; ended, at once no more."""
    secret, clerk = filed(hall, SECRET, "51"), hall.clerk("berg", offices=("kasse",), protection=2)
    assert (found(clerk), clerk.get(f"{API}/documents/{secret}").status_code) == (0, 404)
    held = appointed(hall)
    assert (held["status_code"], held["in_force"], held["represented"]) == (201, True, "wald")
    assert (found(clerk), clerk.get(f"{API}/documents/{secret}").status_code) == (1, 200)
    assert "Sie vertreten wald bis" in clerk.get("/konto").text
    chief = hall.key("administer", all_offices=True)
    ended = chief.post(f"{API}/deputies/endings", json={"id": held["id"]}).json()
    assert (ended["in_force"], ended["ended_by"][:2]) == (False, "k-")
    assert (found(clerk), clerk.get(f"{API}/documents/{secret}").status_code) == (0, 404)
    (kept,) = chief.get(f"{API}/deputies").json()["items"]
    assert (kept["id"], kept["made_by"][:2], kept["ended_by"][:2]) == (held["id"], "k-", "k-")


def test_time_alone_begins_and_ends_it(hall: CityHall) -> None:
    """The moment of the end is the first one without; whoever is closed is acted for by nobody."""
    hall.clerk("berg", offices=("kasse",))
    begins_at = hall.access.now() + HOUR
    appointed(hall, begins_at=begins_at.isoformat(), ends_at=(begins_at + HOUR).isoformat())
    everybody = hall.access.everybody
    by_name = {one.name: one.id for one in everybody.accounts}

    def acts_for(moment: Any, who: accounts.Accounts = everybody) -> list[str]:
        return [one.account for one in represented_by(who, by_name["berg"], moment)]

    assert acts_for(begins_at - timedelta(microseconds=1)) == []
    assert acts_for(begins_at) == [by_name["wald"]]
    assert acts_for(begins_at + HOUR - timedelta(microseconds=1)) == [by_name["wald"]]
    assert acts_for(begins_at + HOUR) == []
    closed = next(one for one in everybody.accounts if one.name == "wald")
    gone = accounts.with_account(everybody, msgspec.structs.replace(closed, disabled=True))
    assert acts_for(begins_at, gone) == []


def test_what_a_deputy_decides_is_told_with_whose_rights(hall: CityHall) -> None:
    """In the history and on the page of the letter; what the clerk's own rights allow is told without."""
    clerk = hall.clerk("berg", offices=("kasse",))
    appointed(hall)
    document = str(hall.deliver(a_mail("Zaun", "Der Zaun steht schief."))["document"])
    tag = clerk.get(f"{API}/documents/{document}").headers["ETag"]
    headers = {"If-Match": tag, "Origin": "http://poststelle"}
    decided = {"action": "file", "position": "20.1"}
    answer = clerk.post(f"{API}/documents/{document}/decisions", json=decided, headers=headers)
    assert answer.status_code == 202, answer.text
    hall.work()
    wald = next(one.id for one in hall.access.everybody.accounts if one.name == "wald")
    stops = clerk.get(f"{API}/documents/{document}/history").json()
    told = [one["in_place_of"] for one in stops["items"] if one["stage"] == "decided"]
    assert told == [wald]
    assert "durch berg in Vertretung für wald" in clerk.get(f"/dokumente/{document}").text


def test_a_deputys_look_is_put_down_with_whose_rights(hall: CityHall) -> None:
    """The auditor reads who looked and for whom; the chain stays whole."""
    secret, clerk = filed(hall, SECRET, "51"), hall.clerk("berg", offices=("kasse",))
    appointed(hall)
    assert clerk.get(f"{API}/documents/{secret}").status_code == 200
    by_name = {one.name: one.id for one in hall.access.everybody.accounts}
    auditor = hall.key("audit")
    (look,) = auditor.get(f"{API}/audit").json()["items"]
    assert (look["actor"], look["in_place_of"]) == (by_name["berg"], by_name["wald"])
    verdict = auditor.get(f"{API}/audit/verification").json()
    assert (verdict["whole"], verdict["faults"]) == (True, [])
    assert "berg, in Vertretung für wald" in hall.clerk("pruef", rights=("audit",)).get("/einsichten").text


def test_neither_administration_nor_audit_is_handed_over(hall: CityHall) -> None:
    """Of an administrator's rights a deputy has the documents; of somebody who only reads, no decision."""
    clerk = hall.clerk("berg", rights=("search",), offices=("kasse",))
    hall.access.add_account("chef", rights=("search", "administer", "audit"), all_offices=True)
    secret = filed(hall, SECRET, "51")
    appointed(hall, represented="chef")
    assert (clerk.get(f"{API}/accounts").status_code, clerk.get(f"{API}/audit").status_code) == (403, 403)
    assert found(clerk) == 1
    headers = {"If-Match": clerk.get(f"{API}/documents/{secret}").headers["ETag"], "Origin": "http://poststelle"}
    decided = {"action": "file", "position": "20.1"}
    answer = clerk.post(f"{API}/documents/{secret}/decisions", json=decided, headers=headers)
    assert answer.status_code == 403


def test_rights_and_documents_of_two_people_are_not_mixed(hall: CityHall) -> None:
    """Who may decide in the own office, and only read in that of another, decides nothing there."""
    secret = filed(hall, SECRET, "51")
    hall.access.add_account("leser", rights=("search",), offices=("jugendamt",), protection=3)
    clerk = hall.clerk("berg", offices=("kasse",), protection=3)
    appointed(hall, represented="leser")
    read = clerk.get(f"{API}/documents/{secret}")
    assert read.status_code == 200
    headers = {"If-Match": read.headers["ETag"], "Origin": "http://poststelle"}
    decided = {"action": "file", "position": "20.1"}
    answer = clerk.post(f"{API}/documents/{secret}/decisions", json=decided, headers=headers)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"represented": "berg"}, 422),
        ({"represented": "niemand"}, 404),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 422),
        ({"ends_at": "2999-01-01T00:00:00Z"}, 422),
        ({"ends_at": "2026-13-01T00:00:00Z"}, 400),
    ],
)
def test_what_is_no_deputyship_is_refused(hall: CityHall, changed: dict[str, str], status: int) -> None:
    """Oneself, nobody, a time that is over, one without an end in sight, and no time at all."""
    hall.clerk("berg")
    assert appointed(hall, **changed)["status_code"] == status
    assert hall.access.everybody.deputyships == ()
