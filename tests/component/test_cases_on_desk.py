"""Vorgänge on the desk: chosen where the plan asks for them, grouped on the page of a file, named where it is shown."""

import json
import re
from typing import Any

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.component.test_posteingang import decide


def divide(hall: CityHall, cases: str, **more: Any) -> None:
    """Put a plan in force whose building permits have Vorgänge."""
    positions = [one | ({"cases": cases} | more if one["code"] == "52.10" else {}) for one in PLAN["positions"]]
    plan = PLAN | {"version": f"2-{cases}", "positions": positions}
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=json.dumps(plan).encode()).is_success


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def letter(hall: CityHall, subject: str) -> str:
    """A letter that waits."""
    return str(hall.deliver(a_mail(subject))["document"])


def choices(page: str) -> list[tuple[str, str]]:
    """The Vorgänge that are offered, in order, each with its title."""
    return re.findall(r">Vorgang (\S+)</button>\s*<p[^>]*>([^<]*)</p>", page)


def opened(hall: CityHall, clerk: Browser, subject: str, **place: str) -> tuple[str, str]:
    """A letter filed into a new Vorgang, and the file that it lies in."""
    document = letter(hall, subject)
    action = "file" if "file" in place else "open"
    page = decide(clerk, document, action, case="new", **place)
    found = re.search(r'Abgelegt unter <a href="/akten/([^"]+)"', page)
    assert found, page
    return document, found[1]


@pytest.mark.parametrize("cases", ["optional", "required"])
def test_a_file_with_cases_asks_for_one(hall: CityHall, clerk: Browser, cases: str) -> None:
    """The open ones are offered newest first, and a new one; what is chosen is where the letter lies."""
    divide(hall, cases)
    _, file = opened(hall, clerk, "Anbau", position="52.10")
    opened(hall, clerk, "Carport", file=file)
    waiting = letter(hall, "Nachtrag")
    page = decide(clerk, waiting, "file", file=file.lower())
    assert choices(page) == [(f"{file}#2", "Carport"), (f"{file}#1", "Anbau")]
    assert "Neuer Vorgang" in page
    assert ("Ohne Vorgang ablegen" in page) == (cases == "optional")
    assert 'case="' not in page
    assert hall.key("search", all_offices=True).get(f"{API}/documents/{waiting}").json()["state"] == "held"
    filed = decide(clerk, waiting, "file", file=file, case="1")
    assert f'Vorgang <a href="/akten/{file}#vorgang-1">{file}#1</a>' in filed
    page = clerk.get(f"/dokumente/{waiting}").text
    assert f"{file}#1</a>" in page
    assert f"unter {file}-003, Vorgang {file}#1" in page  # in its history


def test_a_decision_without_the_case_that_is_required_is_told(hall: CityHall, clerk: Browser) -> None:
    """In German, at the choice; a new file begins with a Vorgang by itself; several letters are told one by one."""
    divide(hall, "required")
    document = letter(hall, "Anbau")
    page = decide(clerk, document, "open", position="52.10")
    found = re.search(r"(52\.10/1-\d{4})#1</a>", page)
    assert found
    waiting = letter(hall, "Nachtrag")
    page = decide(clerk, waiting, "file", file=found[1], case="none")
    assert 'role="alert" id="fault">Diese Akte ist in Vorgänge geteilt.' in page
    assert re.search(r'autofocus type="submit" name="case" value="1" aria-describedby="fault case-1"', page)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    chosen = {f"wahl_{waiting}": version[1], "action": "file", "file": found[1]}
    assert "in Vorgänge geteilt" in clerk.submit("/posteingang", **chosen).text
    named = chosen | {"file": f"{found[1]}#1"}
    assert clerk.submit("/posteingang", **named).status_code == 303
    assert f"{found[1]}#1</a>" in clerk.get(f"/posteingang/{waiting}").text


def test_the_transfer_note_of_a_scan_names_the_case(hall: CityHall, clerk: Browser) -> None:
    """As the API gives it and as the page shows it; where there is none, the number of the file."""
    divide(hall, "optional")
    scan = str(hall.scan(b"%PDF\fSEITE", "a.pdf")["document"])
    program = hall.key("search", all_offices=True)
    assert program.get(f"{API}/documents/{scan}/transfer-notes").json()["items"][0]["places"] == []
    decide(clerk, scan, "open", position="52.10", case="new")
    [sign] = program.get(f"{API}/documents/{scan}/transfer-notes").json()["items"][0]["places"]
    assert re.fullmatch(r"52\.10/1-\d{4}#1", sign)
    assert f"<dt>Abgelegt unter</dt><dd>{sign}</dd>" in clerk.get(f"/dokumente/{scan}").text
    decide(clerk, scan, "reopen")
    file = sign.partition("#")[0]
    decide(clerk, scan, "file", file=file, case="none")
    assert program.get(f"{API}/documents/{scan}/transfer-notes").json()["items"][0]["places"] == [file]


def test_where_the_plan_asks_for_none_nothing_is_chosen(hall: CityHall, clerk: Browser) -> None:
    """A file of another position, and a Vorgang that is named by its sign, take the letter at once."""
    divide(hall, "optional")
    plain = decide(clerk, letter(hall, "Gebühr"), "open", position="20.1")
    assert re.search(r"20\.1/1-\d{4}-001", plain)
    asked = letter(hall, "Anbau")
    page = decide(clerk, asked, "open", position="52.10")
    assert "Neue Akte unter 52.10" in page
    found = re.search(r"(52\.10/1-\d{4})-001", decide(clerk, asked, "open", position="52.10", case="none"))
    assert found
    assert "#1" not in clerk.get(f"/posteingang/{asked}").text
    opened(hall, clerk, "Carport", file=found[1])
    assert f"{found[1]}#1</a>" in decide(clerk, letter(hall, "Nachtrag"), "file", file=f"{found[1]}#1")
    for wrong in ("7", "0", "-1", "1.5", "9" * 30, "neu", "²"):
        page = decide(clerk, letter(hall, f"Falsch {wrong}"), "file", file=found[1], case=wrong)
        assert "Diesen Vorgang gibt es in der Akte nicht." in page, wrong


def test_a_case_whose_only_letter_was_moved_away_is_not_offered(hall: CityHall) -> None:
    """Nor one of letters that the clerk may not see; the number is never used again."""
    divide(hall, "optional", protection=2)
    clerk = hall.clerk("adler", all_offices=True, protection=2)
    first, file = opened(hall, clerk, "Anbau", position="52.10")
    opened(hall, clerk, "Carport", file=file)
    decide(clerk, first, "reopen")
    waiting = letter(hall, "Nachtrag")
    assert choices(decide(clerk, waiting, "file", file=file)) == [(f"{file}#2", "Carport")]
    stranger = hall.clerk("feld", all_offices=True, protection=1)
    page = decide(stranger, waiting, "file", file=file)
    assert choices(page) == []
    assert "Carport" not in page
    third, _ = opened(hall, clerk, "Gaube", file=file)
    assert f"{file}#3</a>" in clerk.get(f"/dokumente/{third}").text


def test_the_page_of_a_file_is_grouped(hall: CityHall, clerk: Browser) -> None:
    """By number, each with the title of its first letter; behind them what lies in none, and what was moved within."""
    divide(hall, "optional")
    first, file = opened(hall, clerk, "Anbau <b>", position="52.10")
    opened(hall, clerk, "Carport", file=file)
    decide(clerk, letter(hall, "Nachtrag"), "file", file=file, case="1")
    decide(clerk, letter(hall, "Allgemeines"), "file", file=file, case="none")
    page = clerk.get(f"/akten/{file}").text
    heads = re.findall(r'<h3 id="(?:vorgang|rest)-\d">(.*?)</h3>', page)
    title = '<span class="faint">{}</span>'
    assert heads == [
        f"Vorgang {file}#1 {title.format('Anbau &lt;b&gt;')}", f"Vorgang {file}#2 {title.format('Carport')}",
        "Ohne Vorgang",
    ]  # fmt: skip
    order = [page.index(f"{file}-{entry:03d}</th>") for entry in (1, 3, 2, 4)]
    assert order == sorted(order)
    machine = hall.key("search", "decide", all_offices=True)
    tag = machine.get(f"{API}/documents/{first}").headers["etag"]
    moved = {"action": "move", "file": file, "case": 2}
    path = f"{API}/documents/{first}/decisions"
    assert machine.post(path, json=moved, headers={"If-Match": tag}).status_code == 202
    page = clerk.get(f"/akten/{file}").text
    assert page.count("liegt nicht mehr hier") == 1
    assert "jetzt in einem anderen Vorgang" in page
    assert found(hall, f"vorgang:{file}#2") == {"Anbau <b>", "Carport"}
    assert found(hall, f"vorgang:{file}#1") == {"Nachtrag"}
    assert found(hall, f"vorgang:{file}#2", offices=("kasse",)) == set()


def found(hall: CityHall, asked: str, **scope: Any) -> set[str]:
    """Titles of hits."""
    hall.work()
    answer = hall.key("search", **(scope or {"all_offices": True})).get(f"{API}/search", params={"q": asked})
    return {hit["title"] for hit in answer.json()["items"]}


def test_a_file_without_cases_looks_as_before(hall: CityHall, clerk: Browser) -> None:
    """One list, no headings."""
    decide(clerk, letter(hall, "Anbau"), "open", position="52.10")
    page = clerk.get(f"/akten/{clerk.get('/akten?stelle=52.10').text.split('/akten/')[1].split(chr(34))[0]}").text
    assert "-001</th>" in page
    assert "<h3" not in page


def test_a_letter_that_names_its_case_is_offered_it(hall: CityHall, clerk: Browser) -> None:
    """Put back it is one press away; where the case that is named does not exist, the file is offered, and asks."""
    divide(hall, "required")
    _, file = opened(hall, clerk, "Anbau", position="52.10")
    named = str(hall.deliver(a_mail("Nachtrag", f"Ihr Zeichen: {file}#1"))["document"])
    assert f"{file}#1</a>" in clerk.get(f"/dokumente/{named}").text  # filed by itself
    page = decide(clerk, named, "reopen")
    assert f"Akte {file}, Vorgang 1</button>" in page
    page = decide(clerk, named, "file", file=f"{file}#1")
    assert f'Vorgang <a href="/akten/{file}#vorgang-1">{file}#1</a>' in page
    astray = str(hall.deliver(a_mail("Nachfrage", f"Ihr Zeichen: {file}#7"))["document"])
    page = clerk.get(f"/posteingang/{astray}").text
    assert "Der Vorgang in der Akte steht nicht fest" in page
    assert f"Akte {file}</button>" in page
    assert choices(decide(clerk, astray, "file", file=file)) == [(f"{file}#1", "Anbau")]


def test_a_program_that_knows_no_cases_moves_nothing(hall: CityHall, clerk: Browser) -> None:
    """Filing a letter once more into its file, without a word of a Vorgang, leaves it in that in which it lies."""
    divide(hall, "optional")
    document, file = opened(hall, clerk, "Anbau", position="52.10")
    machine, path = hall.key("search", "decide", all_offices=True), f"{API}/documents/{document}"
    said = {"action": "file", "file": file}
    head = {"If-Match": f'"{machine.get(path).json()["version"]}"'}
    assert machine.ask("POST", f"{path}/decisions", json=said, headers=head).status_code == 409
    assert [line["case"] for line in machine.get(f"{API}/files/{file}").json()["items"]] == [1]
