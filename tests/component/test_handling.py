"""Notes, days to look again, and who works on it: stored beside the decisions, told, found, shown, and theirs alone."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.filing.handling.handling import tell_again
from services.runtime.context.local_day import today
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_part_pictures import erase

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3)"


DAYS = 40
"""Until the day that the letter names: on no day of the year is it the one that lies fourteen days ahead."""


def by(hall: CityHall) -> str:
    """The day as the letter names it."""
    return f"bis {today(hall.ports.clock) + timedelta(DAYS):%d.%m.}"


@pytest.fixture
def document(hall: CityHall) -> str:
    """A letter that waits for a clerk."""
    text = f"Bitte antworten Sie {by(hall)} oder innerhalb von 14 Tagen."
    return str(hall.deliver(a_mail("Laterne", text))["document"])


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """Who sees all offices."""
    return hall.clerk("h.berg", all_offices=True)


@pytest.fixture
def program(hall: CityHall) -> Browser:
    """A machine that may decide about everything."""
    return hall.key("search", "decide", all_offices=True)


def version_of(program: Browser, document: str) -> int:
    """The version of the record now."""
    return int(program.get(f"{API}/documents/{document}").json()["version"])


def post(program: Browser, document: str, version: int = 0, /, **wanted: object) -> tuple[int, dict[str, Any]]:
    """What is answered to a handling, on the version as it is."""
    headers = {"If-Match": f'"{version or version_of(program, document)}"'}
    answer = program.ask("POST", f"{API}/documents/{document}/handling", json=wanted, headers=headers)
    return answer.status_code, answer.json()


def told(program: Browser, document: str) -> dict[str, Any]:
    """What is told of the handling of a document."""
    answer: dict[str, Any] = program.get(f"{API}/documents/{document}/handling").json()
    return answer


def submit(browser: Browser, program: Browser, document: str, /, **fields: str) -> Any:
    """A form beside the letter is sent."""
    fields |= {"version": str(version_of(program, document))}
    return browser.submit(f"/posteingang/{document}/bearbeitung", **fields)


def decide(program: Browser, document: str, **wanted: str) -> None:
    """A decision takes effect."""
    headers = {"If-Match": f'"{version_of(program, document)}"'}
    answer = program.ask("POST", f"{API}/documents/{document}/decisions", json=wanted, headers=headers)
    assert answer.status_code == 202


def found(program: Browser, words: str) -> list[str]:
    """The documents of the hits."""
    return [hit["document"] for hit in program.get(f"{API}/search", params={"q": words}).json()["items"]]


def cards(clerk: Browser, view: str) -> list[str]:
    """The letters of a view of the list."""
    page = clerk.get("/posteingang", params={"zeigen": view}).text
    return re.findall(r'name="wahl_(d\w+)"', page)


def test_a_note_is_shown_found_and_told_of(hall: CityHall, document: str, clerk: Browser, program: Browser) -> None:
    """Beside the letter and on its page, with who wrote it; the history says that it was written, not what it says."""
    answer = submit(clerk, program, document, kind="note", text=" Rückruf  bei\nFrau Zwiebelturm ")
    assert answer.headers["location"] == f"/posteingang/{document}"
    page = clerk.get(f"/posteingang/{document}").text
    assert "Die Notiz ist gespeichert." in page
    assert '<p class="said">Rückruf bei\nFrau Zwiebelturm</p>' in page
    assert "Zwiebelturm" in clerk.get(f"/dokumente/{document}").text
    assert re.search(r"<strong>Notiz geschrieben</strong> durch h\.berg", page)
    assert found(program, "Zwiebelturm") == [document]
    history = program.get(f"{API}/documents/{document}/history").text
    assert "noted" in history
    assert "Zwiebelturm" not in history
    assert told(program, document)["notes"][0]["text"] == "Rückruf bei\nFrau Zwiebelturm"


def test_a_day_puts_the_letter_before_the_clerk_again(
    hall: CityHall, document: str, clerk: Browser, program: Browser
) -> None:
    """Until then it has a flag; on the day it is in the view, wherever it was filed meanwhile, until it is done."""
    now = today(hall.ports.clock)
    assert submit(clerk, program, document, kind="due", due=str(now + timedelta(1))).status_code == 303
    assert f"Wiedervorlage {now + timedelta(1):%d.%m.%Y}" in clerk.get("/posteingang").text
    assert cards(clerk, "faellig") == []
    assert submit(clerk, program, document, kind="due", due=f"{now:%d.%m.%Y}").status_code == 303
    assert cards(clerk, "faellig") == [document]
    assert "Wiedervorlage (1)" in clerk.get("/posteingang").text
    decide(program, document, action="no_record")
    assert cards(clerk, "") == []
    assert cards(clerk, "faellig") == [document]
    assert submit(clerk, program, document, kind="due", due="").status_code == 303
    assert cards(clerk, "faellig") == []
    assert "Wiedervorlage erledigt" in clerk.get(f"/posteingang/{document}").text


def test_days_of_the_letter_are_offered_and_marked(hall: CityHall, document: str, clerk: Browser) -> None:
    """Those to come, with the words that name them; they are marked where they stand."""
    offered = told(clerk, document)["days"]
    now = today(hall.ports.clock)
    assert {one["words"]: one["from_arrival"] for one in offered} == {
        by(hall): False,
        "innerhalb von 14 Tagen": True,
    }
    assert {one["day"] for one in offered} == {str(now + timedelta(14)), str(now + timedelta(DAYS))}
    page = clerk.get(f"/posteingang/{document}").text
    assert f"<mark>{by(hall)}</mark>" in page
    assert re.search(f'name="due" value="{now + timedelta(14)}" data-focus="w"', page)
    assert "14 Tagen“, gezählt ab Eingang" in page


def test_a_letter_is_assigned_to_a_person(hall: CityHall, document: str, clerk: Browser, program: Browser) -> None:
    """It is in that person's view, and in nobody else's; to another office it leaves the person behind."""
    other = hall.clerk("m.weiss", all_offices=True)
    page = clerk.get(f"/posteingang/{document}").text
    account = re.search(r'<option value="(a-\w+)">m\.weiss</option>', page)
    assert account
    assert submit(clerk, program, document, kind="clerk", clerk=account[1]).status_code == 303
    assert "Zugewiesen</strong> an m.weiss, durch h.berg" in clerk.get(f"/posteingang/{document}").text
    assert (cards(other, "meine"), cards(clerk, "meine")) == ([document], [])
    assert told(program, document)["clerk"] == account[1]
    assert found(program, f"bearbeitung:{account[1]}") == [document]
    decide(program, document, action="assign", office=next(iter(hall.contexts["filing"].plan.offices)))
    assert told(program, document)["clerk"] == ""
    assert cards(other, "meine") == []


def test_only_colleagues_who_see_it_are_asked(hall: CityHall, document: str, clerk: Browser, program: Browser) -> None:
    """Not who has another office, may only read, or is disabled."""
    hall.clerk("kasse", offices=("kasse",))
    hall.clerk("leser", all_offices=True, rights=("search",))
    names = re.findall(r'<option value="a-\w+"[^>]*>([^<]+)</option>', clerk.get(f"/posteingang/{document}").text)
    assert names == ["h.berg"]
    other = next(one.id for one in hall.app.state.access.everybody.accounts if one.name == "kasse")
    assert post(program, document, kind="clerk", clerk=other) == (
        422,
        post(program, document, kind="clerk", clerk=other)[1],
    )
    assert post(program, document, kind="clerk", clerk=other)[1]["code"] == "unknown_clerk"


def test_who_asks_again_is_told_the_same(hall: CityHall, document: str, program: Browser) -> None:
    """A note that is there by the same version, and a day that stands, are no further revision."""
    seen = version_of(program, document)
    assert post(program, document, seen, kind="note", text="Ja") == (201, {"version": seen + 1})
    assert post(program, document, seen, kind="note", text="Ja") == (201, {"version": seen + 1})
    assert post(program, document, seen, kind="note", text="Nein") == (201, {"version": seen + 2})
    day = str(today(hall.ports.clock) + timedelta(3))
    assert post(program, document, seen, kind="due", due=day) == (201, {"version": seen + 3})
    assert post(program, document, seen, kind="due", due=day) == (201, {"version": seen + 3})
    assert [note["text"] for note in told(program, document)["notes"]] == ["Ja", "Nein"]


def test_the_second_of_two_is_told_of_the_first(
    hall: CityHall, document: str, clerk: Browser, program: Browser
) -> None:
    """Another day than the one that somebody set meanwhile is refused, and stands in the form; a note never is."""
    seen, now = version_of(program, document), today(hall.ports.clock)
    assert post(program, document, seen, kind="due", due=str(now + timedelta(3)))[0] == 201
    path = f"/posteingang/{document}/bearbeitung"
    answer = clerk.submit(path, kind="due", version=str(seen), due=str(now + timedelta(5)))
    assert answer.status_code == 412
    assert re.search(rf'value="{now + timedelta(5)}"[^>]*aria-invalid="true"', answer.text)
    assert clerk.submit(path, kind="note", version=str(seen), text="Trotzdem").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"kind": "note", "text": "  \n "}, 422, "bad_note"),
        ({"kind": "note", "text": "a" * 2_001}, 400, "bad_request"),
        ({"kind": "due", "due": "1999-01-01"}, 422, "bad_day"),
        ({"kind": "due", "due": "2999-01-01"}, 422, "bad_day"),
        ({"kind": "due", "due": "morgen"}, 400, "bad_request"),
        ({"kind": "clerk", "clerk": "a-000000000000"}, 422, "unknown_clerk"),
        ({"kind": "clerk", "clerk": "A\n"}, 400, "bad_request"),
        ({"kind": "delete"}, 400, "bad_request"),
        ({"kind": "note", "text": "a", "more": 1}, 400, "bad_request"),
    ],
)
def test_what_is_refused(document: str, program: Browser, wanted: dict[str, object], status: int, code: str) -> None:
    """With a code, and nothing is stored."""
    answer = post(program, document, **wanted)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert told(program, document)["notes"] == []


def test_what_is_refused_on_the_page_stands_at_its_field(document: str, clerk: Browser, program: Browser) -> None:
    """With what was typed; nothing that was typed is markup."""
    answer = submit(clerk, program, document, kind="note", text=HOSTILE * 30)
    assert answer.status_code == 422
    assert "höchstens 2.000 Zeichen" in answer.text
    assert re.search(r'<textarea id="text"[^>]*aria-invalid="true"', answer.text)
    assert "<script>alert" not in answer.text
    assert submit(clerk, program, document, kind="due", due="31.02.2027").status_code == 422
    assert submit(clerk, program, document, kind="sonst").status_code == 400
    submit(clerk, program, document, kind="note", text=HOSTILE)
    for path in (f"/posteingang/{document}", f"/dokumente/{document}"):
        page = clerk.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_nobody_handles_what_is_not_theirs(hall: CityHall, document: str) -> None:
    """Another office reads and writes nothing, who may only read writes nothing; what is erased keeps no note."""
    owner = hall.key("search", "decide", all_offices=True)
    assert post(owner, document, kind="note", text="Geheimwort")[0] == 201
    stranger = hall.key("search", "decide", offices=("kasse",))
    assert stranger.get(f"{API}/documents/{document}/handling").status_code == 404
    assert post(stranger, document, 1, kind="note", text="x")[0] == 404
    assert found(stranger, "Geheimwort") == []
    assert post(hall.key("search", all_offices=True), document, 1, kind="note", text="x")[0] == 403
    reader = hall.clerk("leser", all_offices=True, rights=("search",))
    assert "Geheimwort" in reader.get(f"/dokumente/{document}").text
    assert (
        owner.ask("POST", f"{API}/documents/{document}/handling", json={"kind": "note", "text": "x"}).status_code == 428
    )
    erase(hall, document)
    assert post(owner, document, 1, kind="note", text="x")[0] == 410
    assert owner.get(f"{API}/documents/{document}/handling").status_code == 410


def test_a_document_has_an_end_of_notes(hall: CityHall, document: str, program: Browser, monkeypatch: Any) -> None:
    """Its record is read whole by everybody who looks at it."""
    monkeypatch.setattr("services.filing.handling.handling.MOST", 2)
    assert post(program, document, kind="note", text="eins")[0] == 201
    assert post(program, document, kind="note", text="zwei")[0] == 201
    assert post(program, document, kind="note", text="drei")[1]["code"] == "too_many_handlings"


def test_a_note_is_told_again_when_the_log_was_away(hall: CityHall, document: str, program: Browser) -> None:
    """It stands at once; the index hears of it by the round, and then nothing is left to be told."""
    hall.log.away = True
    assert post(program, document, kind="note", text="Zwiebelturm")[0] == 201
    hall.log.away = False
    assert found(program, "Zwiebelturm") == []
    context = hall.contexts["filing"]
    later = hall.ports.clock.now() + timedelta(hours=1)
    context.ports.clock.now = lambda: later  # type: ignore[method-assign]
    tell_again(context)
    assert found(program, "Zwiebelturm") == [document]
    assert list(hall.ports.blobs.keys(Bucket.RECORDS, keys.handled("main"))) == []
