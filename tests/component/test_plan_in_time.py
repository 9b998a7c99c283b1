"""A plan that comes in other forms, is valid for some time, and is followed by another."""

import json
from typing import Any

import pytest

from services.indexing.rebuilding import rebuild
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.component.test_plan import PATH, altered, with_a_file, with_positions


@pytest.fixture
def administrator(hall: CityHall) -> Browser:
    """A machine that may administer and search."""
    return hall.key("administer", "search")


@pytest.mark.parametrize("form", ["csv", "xdomea"])
def test_plan_is_fetched_and_put_in_force_in_other_forms(administrator: Browser, form: str) -> None:
    """What is fetched as a spreadsheet or as message 0301 can be put in force as it is, and changes nothing."""
    fetched = administrator.get(PATH, params={"form": form})
    assert fetched.status_code == 200
    assert "attachment" in fetched.headers["content-disposition"]
    compared = administrator.ask("PUT", f"{PATH}?dry_run=true", content=fetched.content)
    assert (compared.status_code, compared.json()["changes"]) == (200, [])
    assert administrator.get(PATH, params={"form": "pdf"}).status_code == 400


def test_position_that_is_no_longer_valid_takes_no_file(hall: CityHall, administrator: Browser) -> None:
    """From the day after its last one it is as if closed; the plan is still told as it was written."""
    assert administrator.ask("PUT", PATH, content=altered("52.10", valid_until="2020-12-31")).status_code == 200
    told = hall.deliver(a_mail())
    key = hall.key("decide", "search", all_offices=True)
    version = key.get(f"{API}/documents/{told['document']}").headers["etag"]
    wish = {"action": "file", "position": "52.10"}
    path = f"{API}/documents/{told['document']}/decisions"
    refused = key.post(path, json=wish, headers={"If-Match": version})
    assert (refused.status_code, refused.json()["code"]) == (422, "closed_position")
    position = next(p for p in administrator.get(PATH).json()["positions"] if p["code"] == "52.10")
    assert "closed" not in position
    assert administrator.ask("PUT", f"{PATH}?dry_run=true", content=json.dumps(PLAN).encode()).json()["changes"] == [
        {"kind": "validity", "code": "52.10", "old": "to 2020-12-31", "new": ""}
    ]


def test_renumbered_position_takes_its_files_along(hall: CityHall, administrator: Browser) -> None:
    """Under their old number they are the successor's: its office sees them, its code finds them, the old one not."""
    document = with_a_file(hall, "52.10")
    given: Any = PLAN["positions"]
    kept = [one | {"closed": True} if one["code"] == "52.10" else one for one in given]
    new = {"code": "20.7", "parent": "20", "title": "Bauen", "office": "kasse", "replaces": ["52.10"]}
    told = administrator.ask("PUT", PATH, content=with_positions(*kept, new)).json()
    assert told["rebuild"]
    rebuild(hall.contexts["indexing"])
    before, now = hall.key("search", offices=("bauamt",)), hall.key("search", offices=("kasse",))
    assert before.get(f"{API}/documents/{document}").status_code == 404
    found = now.get(f"{API}/documents/{document}").json()
    assert (found["office"], found["filings"][0]["file"][:6]) == ("kasse", "52.10/")
    for code in ("20.7", "52.10"):
        assert [hit["document"] for hit in now.get(f"{API}/search?q=position:{code}").json()["items"]] == [document]
    assert now.get(f"{API}/search?q=position:20.1").json()["items"] == []
