"""Looks at protected documents are put down before anything is shown, found by the auditor, and verified."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli import main
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.protocol import viewings
from tests.component.browser import called
from tests.component.city_hall import API, CityHall
from tests.component.protected import PLAIN, SECRET, filed, protected_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """With a protected position."""
    hall = protected_hall(tmp_path)
    yield hall
    hall.close()


def told(hall: CityHall, **asked: str) -> list[dict[str, Any]]:
    """What an auditor reads, newest first."""
    answer = hall.key("audit").get(f"{API}/audit", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_look_is_put_down_with_who_what_and_the_door(hall: CityHall) -> None:
    """The page, the answer and the download each; of a letter that is not protected nothing, nor of a refused look."""
    secret, plain = filed(hall, SECRET, "51"), filed(hall, PLAIN, "20.1")
    clerk = hall.clerk("berg", offices=("jugendamt",), protection=3)
    machine = hall.key("search", all_offices=True)
    below = hall.key("search", all_offices=True, protection=2)
    account = hall.access.everybody.accounts[-1].id
    clerk.get(f"/dokumente/{secret}")
    machine.get(f"{API}/documents/{secret}/original")
    for document in (secret, plain):
        below.get(f"{API}/documents/{document}")
    found = told(hall)
    assert [(one["document"], one["door"]) for one in found] == [
        (secret, "GET /api/v1/documents/{document}/original"),
        (secret, "GET /dokumente/{document}"),
    ]
    assert (found[1]["actor"], found[1]["protection"], found[1]["number"]) == (account, 3, 1)
    assert SECRET not in json.dumps(found)


def test_what_is_asked_for_again_is_the_same_look(hall: CityHall) -> None:
    """Once a minute for each door, so that a page with its pictures does not fill the log."""
    secret, key = filed(hall, SECRET, "51"), hall.key("search", all_offices=True)
    for _ in range(3):
        key.get(f"{API}/documents/{secret}")
    assert len(told(hall)) == 1
    key.get(f"{API}/documents/{secret}/history")
    assert len(told(hall)) == 2


def test_nothing_is_shown_that_cannot_be_put_down(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the store away the answer is 503 and holds no word of the letter."""
    secret, key = filed(hall, SECRET, "51"), hall.key("search", all_offices=True)

    def away(*_: object) -> None:
        raise TryLater("store_away")

    monkeypatch.setattr(viewings, "append", away)
    answer = key.get(f"{API}/documents/{secret}")
    assert (answer.status_code, SECRET in answer.text) == (503, False)


def test_the_auditor_searches_and_nobody_else_reads(hall: CityHall) -> None:
    """By account, document and time, page by page; the right is its own, also beside that to administer."""
    secret = filed(hall, SECRET, "51")
    names = [f"berg{number}" for number in range(3)]
    for name in names:
        hall.clerk(name, offices=("jugendamt",), protection=3).get(f"/dokumente/{secret}")
    accounts = {one.name: one.id for one in hall.access.everybody.accounts}
    assert [one["actor"] for one in told(hall, actor=accounts["berg1"])] == [accounts["berg1"]]
    assert len(told(hall, document=secret)) == 3
    assert told(hall, document="d" + "0" * 26) == []
    assert told(hall, since="2126-01-01T00:00:00Z") == []
    page = hall.key("audit").get(f"{API}/audit?limit=2").json()
    assert [one["number"] for one in page["items"]] == [3, 2]
    assert [one["number"] for one in told(hall, before=str(page["next"]))] == [1]
    for path in (f"{API}/audit", "/einsichten"):
        assert hall.key("administer", "search", "decide", all_offices=True).get(path).status_code == 403


def test_the_page_shows_names_and_whether_the_chain_is_whole(hall: CityHall) -> None:
    """People by their names, a broken chain in red, and a slip in a date said in a sentence."""
    secret = filed(hall, SECRET, "51")
    hall.clerk("berg", offices=("jugendamt",), protection=3).get(f"/dokumente/{secret}")
    hall.key("search", all_offices=True).get(f"{API}/documents/{secret}")
    auditor = hall.clerk("amsel", rights=("audit",))
    page = auditor.get("/einsichten").text
    assert "berg" in page
    assert "Die Kette ist heil, 2 Einträge" in page
    assert '<a href="/einsichten"' in page
    narrowed = auditor.get("/einsichten?wer=berg&seit=2020-01-01&bis=2120-01-01").text
    assert narrowed.count("<code>GET ") == 1
    assert auditor.get("/einsichten?seit=gestern").status_code == 400
    _remove(hall, 1)
    assert "Nr. 1 fehlt" in auditor.get("/einsichten").text


def _remove(hall: CityHall, number: int) -> None:
    hall.ports.blobs.delete(Bucket.RECORDS, f"main/audit/entries/{number:012d}.json")


def test_one_command_verifies_the_log(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 and the end of the chain; 1 where an entry was removed, changed, or the whole was written anew."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(hall.access.add_key("command-line", rights=("administer",)))
    monkeypatch.setattr(httpx, "request", called(hall.app))

    def verify(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["poststelle", "audit", "verify", *words, "--key-file", "key"])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), capsys.readouterr().out

    secret = filed(hall, SECRET, "51")
    for below in ("", "/history", "/original"):
        hall.key("search", all_offices=True).get(f"{API}/documents/{secret}{below}")
    code, said = verify()
    assert (code, said.startswith("3 entries")) == (0, True)
    noted = re.search(r"3:[0-9a-f]{64}", said)
    assert noted
    hall.key("search", all_offices=True).get(f"{API}/documents/{secret}")
    assert verify("--expect", noted[0])[0] == 0
    code, said = verify("--expect", f"3:{'1' * 64}")
    assert (code, "entry 3: not what was noted" in said) == (1, True)
    assert verify("--expect", f"9:{'1' * 64}")[0] == 1
    assert verify("--expect", "nonsense")[0] == 2
    _remove(hall, 2)
    code, said = verify()
    assert (code, "entry 2: missing" in said) == (1, True)
