"""A plan that was put in force over HTTP: the index follows it by itself, and nobody keeps a former office."""

from typing import Any

import pytest

from services.core.errors import TryLater
from services.core.ports.search_index import Rebuild
from services.indexing import following
from services.indexing.following import follow_plan
from services.indexing.rebuilding import followed
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.test_plan import PATH, altered, offices_in_index, with_a_file


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for."""
    monkeypatch.setattr(following, "GRACE_S", 0.0)


@pytest.fixture
def administrator(hall: CityHall) -> Browser:
    """Who puts plans in force."""
    return hall.key("administer")


@pytest.fixture
def filed(hall: CityHall) -> dict[str, Any]:
    """A document in a file of the building office, as it is told; the index goes by the plan of then."""
    follow_plan(hall.contexts["indexing"])
    document = with_a_file(hall, "52.10")
    told: dict[str, Any] = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()
    return told


def test_the_search_follows_by_itself(hall: CityHall, administrator: Browser, filed: dict[str, Any]) -> None:
    """Once, and not again for a plan that moves no file."""
    context = hall.contexts["indexing"]
    assert administrator.ask("PUT", PATH, content=altered("52.10", office="kasse")).status_code == 200
    follow_plan(context)
    assert offices_in_index(hall, filed["title"]) == {"bauamt": [], "kasse": [["kasse", "poststelle"]]}
    assert followed(context) == 2
    begun: list[int] = []
    rebuild = hall.ports.index.rebuild

    def counted() -> Rebuild:
        begun.append(1)
        return rebuild()

    hall.ports.index.rebuild = counted  # type: ignore[method-assign]
    assert administrator.ask("PUT", PATH, content=altered("20.1", office="bauamt")).status_code == 200
    follow_plan(context)
    assert begun == [1]  # 52.10 went back to the building office with it
    assert administrator.ask("PUT", PATH, content=altered("20.1", title="Beiträge")).status_code == 200
    follow_plan(context)
    follow_plan(context)
    assert begun == [1]
    assert followed(context) == 4


def test_a_rebuild_that_another_process_does_is_waited_for(
    hall: CityHall, administrator: Browser, filed: dict[str, Any]
) -> None:
    """Whoever comes second finds it done, or does it where the other one died over it."""
    context = hall.contexts["indexing"]
    administrator.ask("PUT", PATH, content=altered("52.10", office="kasse"))
    others = hall.ports.index.rebuild()
    with pytest.raises(TryLater):
        follow_plan(context)
    others.abandon()
    follow_plan(context)
    assert offices_in_index(hall, filed["title"]) == {"bauamt": [], "kasse": [["kasse", "poststelle"]]}


def test_the_tag_of_a_document_changes_with_the_plan(
    hall: CityHall, administrator: Browser, filed: dict[str, Any]
) -> None:
    """Its record is the same, its office is not: 304 would leave the former one. A decision takes the tag."""
    machine = hall.key("search", "decide", all_offices=True)
    path = f"{API}/documents/{filed['document']}"
    before = machine.get(path).headers["etag"]
    assert machine.get(path, headers={"If-None-Match": before}).status_code == 304
    administrator.ask("PUT", PATH, content=altered("52.10", office="kasse"))
    answer = machine.get(path, headers={"If-None-Match": before})
    assert (answer.status_code, answer.json()["office"]) == (200, "kasse")
    assert answer.json()["version"] == filed["version"]
    wish = {"action": "reopen"}
    assert machine.post(f"{path}/decisions", json=wish, headers={"If-Match": before}).status_code == 202
