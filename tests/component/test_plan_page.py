"""The page of the file plan: a tree to unfold, the chosen position with its files, and a place for an open letter."""

import json
import re

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import PLAN, CityHall, a_mail
from tests.component.test_plan import PATH, SHIPPED


@pytest.fixture
def administrator(hall: CityHall) -> Browser:
    """Somebody who may change the plan."""
    return hall.key("administer")


def test_the_plan_is_a_tree_of_links(hall: CityHall) -> None:
    """The first level alone; each branch is a link that unfolds it; what is chosen stands beside it."""
    clerk = hall.clerk("berg")
    page = clerk.get("/aktenplan").text
    assert page.index("Bauordnung") < page.index("Finanzen")
    assert "Baugenehmigungen" not in page
    unfolded = clerk.get("/aktenplan?stelle=52").text
    assert unfolded.index("Bauordnung") < unfolded.index("Baugenehmigungen") < unfolded.index("Finanzen")
    assert re.search(r'aria-current="true"><span class="code">52</span>', unfolded)
    leaf = clerk.get("/aktenplan?stelle=20.1").text
    assert "Stadtkasse" in leaf
    assert "Hier liegt noch keine Akte, die Sie sehen dürfen" in leaf
    assert hall.clerk("feld", rights=("administer",)).get("/aktenplan").status_code == 403


def test_two_thousand_positions_are_a_small_page(hall: CityHall, administrator: Browser) -> None:
    """A hundred groups of twenty: the page shows one of them, and a question that finds all shows some of them."""
    groups = [{"code": f"{n:03}", "title": f"Gruppe {n}", "office": "bauamt"} for n in range(100)]
    leaves = [
        {"code": f"{n:03}.{m:02}", "title": f"Sache {n} {m}", "parent": f"{n:03}", "cases": "optional"}
        for n in range(100)
        for m in range(20)
    ]
    plan = PLAN | {"positions": [*PLAN["positions"], *groups, *leaves]}
    assert administrator.ask("PUT", PATH, content=json.dumps(plan).encode()).status_code == 200
    clerk = hall.clerk("berg", all_offices=True)
    whole, chosen, found = (clerk.get(f"/aktenplan{asked}").text for asked in ("", "?stelle=042.07", "?q=sache"))
    assert max(len(page) for page in (whole, chosen, found)) < 100_000
    assert "2000 Positionen gefunden, gezeigt sind 200" in found
    assert chosen.count("Sache ") == 21  # its group, and itself beside the tree
    assert "Gruppe 99" in chosen
    assert "<dt>Vorgänge</dt><dd>in den Akten möglich</dd>" in chosen


def test_a_letter_is_filed_from_the_plan(hall: CityHall) -> None:
    """With a letter open each place has a button: a new file there, then another letter into that file."""
    clerk = hall.clerk("berg", all_offices=True)
    letters = [hall.deliver(a_mail(subject))["document"] for subject in ("Gartenhaus", "Zaun")]
    place = f"/aktenplan?stelle=52.10&schreiben={letters[0]}"
    page = clerk.get(place).text
    assert f"/aktenplan?stelle=52.10&amp;schreiben={letters[0]}" in clerk.get(f"/posteingang/{letters[0]}").text
    assert "Gartenhaus</a>" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    filed = clerk.submit(place, f"/posteingang/{letters[0]}", version=version[1], action="open", position="52.10")
    assert filed.status_code == 303
    page = clerk.get(f"/aktenplan?stelle=52.10&schreiben={letters[1]}").text
    file = re.search(r'name="file" value="([^"]+)"', page)
    assert file
    assert "1 Akte<" in page
    assert "Hier ablegen" not in clerk.get("/aktenplan?stelle=52.10").text
    assert "hier ablegen" not in clerk.get(f"/aktenplan?stelle=52.10&schreiben={letters[0]}").text
    reader = hall.clerk("leser", rights=("search",), all_offices=True)
    assert "blegen" not in reader.get(f"/aktenplan?stelle=52.10&schreiben={letters[1]}").text
    stranger = hall.clerk("kasse", offices=("kasse",))
    assert "Zaun" not in stranger.get(f"/aktenplan?stelle=52.10&schreiben={letters[1]}").text


def test_search_in_the_plan_unfolds_what_it_finds(hall: CityHall, administrator: Browser) -> None:
    """By code, beginning of a word in any spelling, keyword or office; nothing found is said."""
    assert administrator.ask("PUT", PATH, content=SHIPPED.read_bytes()).status_code == 200
    clerk = hall.clerk("berg")
    for asked, code in (("54.30.01", "54.30.01"), ("anwohnerp", "54.30.01"), ("STRASSENBELEUCHT", "54.10.02")):
        page = clerk.get(f"/aktenplan?q={asked}").text
        assert f'<mark><span class="code">{code}</span>' in page
        assert "Hundesteuer" not in page
    assert "Keine Position gefunden" in clerk.get("/aktenplan?q=Zaubertrank").text
    attack = clerk.get("/aktenplan?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script" not in attack
    group = clerk.get("/aktenplan?q=parken").text
    assert group.index("54</span>") < group.index("54.30</span>") < group.index("Bewohnerparken")
    whole = clerk.get("/aktenplan?q=Parken+und+Verkehrserlaubnisse").text
    assert "Schwertransporte" in whole
