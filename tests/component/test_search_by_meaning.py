"""Documents get their meaning after their words, and are found by it where words find nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.core.ports.entries import Filters, Query, Viewer
from services.indexing.meaning import give_meaning
from services.indexing.rebuilding import fill_fresh, rebuild
from services.runtime.meaning import encoder
from services.runtime.meaning.encoder import Points, Unusable
from services.runtime.meaning.passages import MODEL
from services.search.service import condition
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.ports.search_index.adapters import ADAPTERS, ON_SERVERS

GARDEN = (
    b"Subject: Obstbaum\r\nMessage-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Der alte Apfelbaum vor unserem Haus ist umgefallen und liegt nun quer auf dem Gehweg.\r\n"
)
MONEY = (
    b"Subject: Rechnung\r\nMessage-ID: <2@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Bitte nehmen Sie die Lastschrift zum Monatsende von dem neuen Konto.\r\n"
)
UNSAID = "tree fell down before our house"
MAIL_ROOM = Viewer(account="a-post", tenant="main", all_offices=True)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """Two letters came in."""
    encoder.encoded(["Rathaus"])  # read before, so that the first question is not answered without it
    hall = CityHall(tmp_path)
    fill_fresh(hall.contexts["indexing"])
    for mail in (GARDEN, MONEY):
        hall.deliver(mail)
    yield hall
    hall.close()


def meaning(hall: CityHall) -> dict[str, tuple[int, bytes]]:
    """Versions and points of all documents."""
    found = hall.ports.index.search(Query(), MAIL_ROOM)
    return {hit.document: (hit.version, hit.meant) for hit in found.items}


def test_a_document_gets_its_points_after_its_words(hall: CityHall) -> None:
    """It is found without them; a round gives them to all that have none, in the same version, and then rests."""
    assert [points for _, points in meaning(hall).values()] == [b"", b""]
    before = {document: version for document, (version, _) in meaning(hall).items()}
    give_meaning(hall.contexts["indexing"])
    after = meaning(hall)
    assert {document: version for document, (version, _) in after.items()} == before
    assert all(points for _, points in after.values())
    lacking = Query(filters=Filters(not_meant_by=MODEL), sort="newest")
    assert hall.ports.index.search(lacking, MAIL_ROOM).total == 0


def test_where_words_find_nothing_meaning_does(hall: CityHall) -> None:
    """API and page say so; the switch for exact words and the setting leave it out."""
    search, clerk = hall.key("search", all_offices=True), hall.clerk(all_offices=True)
    assert search.get(f"{API}/search", params={"q": UNSAID}).json()["items"] == []
    give_meaning(hall.contexts["indexing"])
    told = search.get(f"{API}/search", params={"q": UNSAID, "facets": True}).json()
    assert [item["title"] for item in told["items"]][:1] == ["Obstbaum"]
    assert (told["step"], told["by_meaning"], told["total"]) == ("meaning", True, len(told["items"]))
    assert "nach Bedeutung" in clerk.get("/suche", params={"q": UNSAID}).text
    exact = search.get(f"{API}/search", params={"q": UNSAID, "exact": True}).json()
    assert (exact["items"], exact["by_meaning"]) == ([], False)


def test_nothing_of_another_office_is_found_by_meaning(hall: CityHall) -> None:
    """The rights are those of every hit."""
    give_meaning(hall.contexts["indexing"])
    stranger = hall.key("search", offices=("kasse",))
    assert stranger.get(f"{API}/search", params={"q": UNSAID}).json()["items"] == []


def test_a_line_of_several_words_says_that_meaning_ordered_it(hall: CityHall) -> None:
    """Not one of a single word, which has no meaning beside itself."""
    hall.deliver(GARDEN.replace(b"<1@", b"<3@").replace(b"Gehweg", b"Radweg"))
    give_meaning(hall.contexts["indexing"])
    search, clerk = hall.key("search", all_offices=True), hall.clerk(all_offices=True)
    line = "Apfelbaum vor dem Haus umgefallen"
    assert search.get(f"{API}/search", params={"q": line}).json()["by_meaning"]
    assert "nach Bedeutung" in clerk.get("/suche", params={"q": line}).text
    assert not search.get(f"{API}/search", params={"q": "Apfelbaum"}).json()["by_meaning"]


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.stack] * (name in ON_SERVERS)) for name in ADAPTERS])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CityHall]:
    """The same two letters and one more, in the index of each stack."""
    encoder.encoded(["Rathaus"])
    if request.param in ON_SERVERS:
        ON_SERVERS[request.param](tmp_path)
    hall = CityHall(tmp_path / "hall", index=ADAPTERS[request.param](tmp_path))
    fill_fresh(hall.contexts["indexing"])
    for mail in (GARDEN, MONEY, GARDEN.replace(b"<1@", b"<3@").replace(b"Gehweg", b"Radweg")):
        hall.deliver(mail)
    yield hall
    hall.close()


def test_a_rebuild_from_the_store_gives_the_same_hits_facets_and_points(anywhere: CityHall) -> None:
    """On both stacks: a fresh index has no points until the next round; then all is answered as before."""
    hall = anywhere
    give_meaning(hall.contexts["indexing"])
    search = hall.key("search", all_offices=True)
    before, told = meaning(hall), answers(search)
    rebuild(hall.contexts["indexing"])
    assert [points for _, points in meaning(hall).values()] == [b""] * 3
    give_meaning(hall.contexts["indexing"])
    assert meaning(hall) == before
    assert answers(search) == told
    assert [bool(one["items"] and one["facets"]) for one in told] == [True] * len(told)


def answers(search: Browser) -> list[dict[str, Any]]:
    """Hits in their order with snippets, and facets: of a word, a sentence, by meaning alone, and of everything."""
    lines = ("Apfelbaum", "Apfelbaum vor dem Haus umgefallen", UNSAID, "")
    return [search.get(f"{API}/search", params={"q": line, "facets": True}).json() for line in lines]


def test_switched_off_nothing_is_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither documents nor questions, and `poststelle check` asks for nothing."""
    asked: list[str] = []
    monkeypatch.setattr(encoder, "encoded", asked.append)
    monkeypatch.setattr(encoder, "point_of_question", asked.append)
    hall = CityHall(tmp_path, search={"meaning": False}, classification={"meaning": False})
    fill_fresh(hall.contexts["indexing"])
    hall.deliver(GARDEN)
    give_meaning(hall.contexts["indexing"])
    answer = hall.key("search", all_offices=True).get(f"{API}/search", params={"q": UNSAID}).json()
    assert (answer["items"], asked) == ([], [])
    assert condition(hall.contexts["search"]) is None
    hall.close()


def test_broken_weights_leave_the_words(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found by meaning, everything by words, and `poststelle check` says what to do."""

    def broken(_: Sequence[str]) -> Points:
        raise Unusable

    monkeypatch.setattr(encoder, "encoded", broken)
    monkeypatch.setattr(encoder, "point_of_question", broken)
    monkeypatch.setattr(encoder, "fault", lambda: "broken")
    give_meaning(hall.contexts["indexing"])
    assert [points for _, points in meaning(hall).values()] == [b"", b""]
    search = hall.key("search", all_offices=True)
    assert search.get(f"{API}/search", params={"q": "Apfelbaum vor Haus"}).json()["total"] == 1
    assert search.get(f"{API}/search", params={"q": UNSAID}).json()["items"] == []
    good, text, todo = condition(hall.contexts["search"]) or (True, "", "")
    assert (good, "words alone" in text, bool(todo)) == (False, True, True)
