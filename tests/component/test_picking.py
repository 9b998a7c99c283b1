"""Files are picked by number, subject, street and sender, each only by whom it is theirs to see."""

import json
import re

import pytest

from services.core.model.record_files import RegisterEntry
from services.core.ports.entries import Viewer
from services.filing import existing
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.component.test_posteingang import decide

ERIKA = "Erika Muster <erika@beispiel.test>"


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


@pytest.fixture
def carport(hall: CityHall, clerk: Browser) -> str:
    """The number of a file about a carport in the Lindenweg, opened by Erika's letter."""
    letter = hall.deliver(a_mail("Bauantrag Carport", "Am Lindenweg 4 soll gebaut werden.", sender=ERIKA))["document"]
    opened = re.search(r"52\.10/\d+-\d{4}", decide(clerk, letter, "open", position="52.10"))
    assert opened
    return opened[0]


@pytest.fixture
def zaun(hall: CityHall, clerk: Browser) -> str:
    """Another file, which nothing of the first leads to."""
    letter = hall.deliver(a_mail("Neuer Zaun", "Ein Zaun aus Holz.", sender="Otto <otto@beispiel.test>"))["document"]
    opened = re.search(r"20\.1/\d+-\d{4}", decide(clerk, letter, "open", position="20.1"))
    assert opened
    return opened[0]


def found(browser: Browser, document: str, words: str) -> list[str]:
    """The files that the piece for a script offers."""
    answer = browser.get("/posteingang/gefunden", params={"offen": document, "stand": "1", "akte": words})
    assert answer.status_code == 200, answer.text
    return re.findall(r'name="file" value="([^"]+)"', answer.text)


@pytest.mark.parametrize("words", ["Carport", "Carp", "lindenweg 4", "Erika Muster", "erika@beispiel.test"])
def test_a_file_is_found_by_what_its_letters_say(
    hall: CityHall, clerk: Browser, carport: str, zaun: str, *, words: str
) -> None:
    """By subject, the beginning of a word, street, and sender; and no file besides."""
    assert carport != zaun
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    assert found(clerk, waiting, words) == [carport]


def test_a_file_is_found_by_a_part_of_its_number(hall: CityHall, clerk: Browser, carport: str, zaun: str) -> None:
    """By its position, by the beginning of its number, however the blanks were set; and by the whole of it."""
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    for typed in ("52.10", "52.10/", "52.10 / 1", carport, f"{carport}#2"):
        assert found(clerk, waiting, typed) == [carport], typed
    assert found(clerk, waiting, "20.1") == [zaun]
    assert found(clerk, waiting, "77.1") == []


def test_words_instead_of_a_number_bring_the_files_as_a_page(
    hall: CityHall, clerk: Browser, carport: str, zaun: str
) -> None:
    """Without scripts the field does the same: the files are buttons, and one of them files the letter."""
    assert carport != zaun
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    version = re.search(r'name="version" value="(\d+)"', clerk.get(f"/posteingang/{waiting}").text)
    assert version
    sent = clerk.submit(f"/posteingang/{waiting}", action="file", version=version[1], file="Carport")
    assert sent.status_code == 303
    page = clerk.get(sent.headers["location"]).text
    assert "1 Akte gefunden" in page
    assert f'name="file" value="{carport}"' in page
    assert "Bauantrag Carport" in page
    assert f"{carport}-002" in decide(clerk, waiting, "file", file=carport)


def test_words_that_lead_nowhere_say_so_at_the_field(hall: CityHall, clerk: Browser, carport: str) -> None:
    """The sentence names what was typed, the field is marked, and nothing was decided."""
    assert carport
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    page = clerk.get(f"/posteingang/{waiting}?akte=Xylophon").text
    assert "Zu „Xylophon“ wurde keine Akte gefunden." in page
    assert re.search(r'<input id="file"[^>]*aria-invalid="true" aria-describedby="found-count"', page)


def test_nobody_is_offered_what_is_not_theirs(hall: CityHall, clerk: Browser, carport: str, zaun: str) -> None:
    """Of another office neither words, nor number, nor sender lead to a file."""
    assert carport != zaun
    waiting = hall.deliver(a_mail("Nachfrage", sender=ERIKA))["document"]
    assert "Stadtkasse" in decide(clerk, waiting, "assign", office="kasse")
    cashier = hall.clerk("feld", offices=("kasse",))
    for words in ("Carport", "Lindenweg", "Erika", "52.10", carport):
        assert found(cashier, waiting, words) == [], words
    assert found(cashier, waiting, "Zaun") == [zaun]
    assert "Dieser Absender zuletzt hier" not in cashier.get(f"/posteingang/{waiting}").text
    assert cashier.get(f"/posteingang/gefunden?offen={waiting}&stand=1&akte=Zaun").status_code == 200
    assert hall.stranger().get(f"/posteingang/gefunden?offen={waiting}&stand=1").status_code == 303


def test_the_file_of_the_same_sender_is_one_click_away(hall: CityHall, clerk: Browser, carport: str) -> None:
    """The newest letter of the very same address tells; a name that only contains it does not."""
    waiting = hall.deliver(a_mail("Noch etwas", sender=ERIKA))["document"]
    page = clerk.get(f"/posteingang/{waiting}").text
    assert "Dieser Absender zuletzt hier: Bauantrag Carport" in page
    form = page[page.index('data-key="a"') :]
    assert f'name="file" value="{carport}"' in form[: form.index("</form>")]
    other = hall.deliver(a_mail("Fremd", sender="Erika Muster <erika@beispiel.test.example>"))["document"]
    assert "Dieser Absender zuletzt hier" not in clerk.get(f"/posteingang/{other}").text


def test_a_program_finds_files_the_same_way(hall: CityHall, carport: str, zaun: str) -> None:
    """`GET /files?q=` answers with number, subject and the letter that answered; with the rights of the key."""
    told = hall.key("search", all_offices=True).get(f"{API}/files", params={"q": "Lindenweg"}).json()
    assert [(one["file"], one["subject"], one["title"]) for one in told["items"]] == [
        (carport, "Bauantrag Carport", "Bauantrag Carport")
    ]
    cashier = hall.key("search", offices=("kasse",))
    assert cashier.get(f"{API}/files", params={"q": "Lindenweg"}).json()["items"] == []
    assert [one["file"] for one in cashier.get(f"{API}/files", params={"q": "Zaun"}).json()["items"]] == [zaun]
    assert cashier.get(f"{API}/files").status_code == 400


@pytest.mark.parametrize("words", ["*" * 90, "Ä" * 5_000, "a b c d e f g h i j k l", '"', "ODER -x", "\0", "<b>"])
def test_strange_words_find_nothing_and_break_nothing(hall: CityHall, clerk: Browser, words: str) -> None:
    """Marks of a query language are no words here, and too much is cut off."""
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    answer = clerk.get("/posteingang/gefunden", params={"offen": waiting, "stand": "1", "akte": words})
    assert answer.status_code in {200, 400}
    assert "<b>" not in answer.text


def test_several_letters_find_their_file_by_words(hall: CityHall, clerk: Browser, carport: str, zaun: str) -> None:
    """As a page and as the piece for a script; the ticks stay, and one button files all of them there."""
    assert carport != zaun
    waiting = [hall.deliver(a_mail(word))["document"] for word in ("Eins", "Zwei", "Drei")]
    versions = dict(re.findall(r'name="wahl_(\w+)" value="(\d+)"', clerk.get("/posteingang").text))
    ticks = {f"wahl_{one}": versions[one] for one in waiting[:2]}
    page = clerk.submit("/posteingang", action="file", file="Lindenweg", **ticks)
    assert page.status_code == 200
    assert re.findall(r'name="into" value="([^"]+)"', page.text) == [carport]
    assert [one in ticked(page.text) for one in waiting] == [True, True, False]
    piece = clerk.get("/posteingang/gefunden", params={"mehrere": "1", "akte": "Lindenweg"}).text
    assert re.findall(r'name="into" value="([^"]+)"', piece) == [carport]
    filed = clerk.submit("/posteingang", action="no_record", file="Lindenweg", into=carport, **ticks)
    assert filed.headers["location"] == "/posteingang"
    states = [clerk.get(f"/posteingang/{one}").text for one in waiting]
    assert [f"{carport}-" in state for state in states] == [True, True, False]


def ticked(page: str) -> set[str]:
    """The letters that are ticked."""
    return set(re.findall(r'name="wahl_(\w+)"[^>]* checked', page))


def test_only_files_that_begin_so_are_read(
    hall: CityHall, clerk: Browser, carport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A position with many files is not read through at each key."""
    read: list[str] = []
    opening = existing._opening

    def noted(context: Context, file: str, viewer: Viewer) -> tuple[RegisterEntry, str]:
        read.append(file)
        return opening(context, file, viewer)

    monkeypatch.setattr(existing, "_opening", noted)
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    year = carport.rpartition("-")[2]
    assert found(clerk, waiting, f"52.10/2-{year}") == []
    assert read == []
    assert found(clerk, waiting, f"52.10/1-{year}") == [carport]
    assert read == [carport]


def test_a_letter_reads_no_file_that_nobody_asked_for(
    hall: CityHall, clerk: Browser, carport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many files lie at the proposed places: the page of a letter opens none of their registers."""
    assert carport
    waiting = hall.deliver(a_mail("Bauantrag Wintergarten", sender="Otto <otto@beispiel.test>"))["document"]
    monkeypatch.setattr(existing, "_opening", None)
    assert clerk.get(f"/posteingang/{waiting}").status_code == 200


def test_a_large_plan_makes_no_large_letter(hall: CityHall, clerk: Browser) -> None:
    """Two thousand positions are not written into each page; those that are proposed are, and the way to the plan."""
    leaves = [{"code": f"7{n:04}", "title": f"Sache Nummer {n}", "office": "bauamt"} for n in range(2_000)]
    plan = PLAN | {"positions": [*PLAN["positions"], *leaves]}
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=json.dumps(plan).encode()).is_success
    page = clerk.get(f"/posteingang/{hall.deliver(a_mail('Bauantrag'))['document']}")
    assert len(page.content) < 50_000
    assert '<option value="52.10">' in page.text
    assert "Im Aktenplan suchen" in page.text
