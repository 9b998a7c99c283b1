"""Every page and state of the desk before axe-core at three widths, by Tab alone, and in forced colours."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from selenium.webdriver import Chrome, Keys

from services.core.model.accounts import caller_of
from services.filing.plan import drafts
from services.search.saved import keeping
from tests.browser.axe import unexplained
from tests.browser.keyboard import Keyboard
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, PLAN, CityHall, a_mail
from tests.component.dead import dead_letter
from tests.component.every_page import unopened
from tests.component.piles import scanned
from tests.fakes.readers import SHEETS
from tests.invoices.made import Line, Made
from tests.invoices.ubl import ubl
from tests.unit.core.test_near_duplicates import LETTER

pytestmark = pytest.mark.browser

WIDTHS = (360, 900, 1280)
ONE_ROW = 60
"""Pixels of the navigation's height at the last of them."""
NAME = "katharina.mueller-luedenscheid"


@pytest.fixture
def places(hall: CityHall, address: str, keyboard: Keyboard) -> list[str]:
    """Somebody who may everything is signed in; every page of the desk, and what it says when something is wrong."""
    post = hall.deliver(a_mail("Bauantrag Gartenhaus", "Der Plan liegt bei.", attached="Ein Plan", name="plan.txt"))
    filed = hall.deliver(a_mail("Zaun", "Neuer Zaun"))["document"]
    invoice = hall.scan(ubl(Made(number="RE-1", lines=(Line("Papier", Decimal(1), Decimal(9)),))), "re.xml")["document"]
    scan = _scan(hall)
    pages, batch = scanned(hall, SHEETS + b"Antrag\fAnlage"), scanned(hall, SHEETS + b"Eins\f[PATCHT]\fZwei")
    dead_letter(hall, post["document"])
    token = hall.access.add_account(
        NAME, rights=("deliver", "search", "decide", "administer", "audit"), all_offices=True
    )
    account = hall.access.everybody.accounts[-1].id
    hall.access.add_key("scanner-1", rights=("deliver",))
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.open(f"{address}/posteingang/{filed}")
    keyboard.write("Neue Akte unter", "52.10")
    keyboard.enter("Akte anlegen und ablegen", "gespeichert")
    file = f"52.10/1-{datetime.now(UTC).year}"
    divided = divided_file(hall)
    caller = caller_of(hall.access.everybody.accounts[-1], hall.settings.tenant)
    context = hall.contexts["search"]
    kept = keeping.save(context, caller, keeping.Wish(name="Bau", question="Gartenhaus")).id
    hall.deliver(a_mail("Gartenhaus", "Noch ein Gartenhaus."))
    version = drafts.keep(
        hall.contexts["filing"], caller, json.dumps(PLAN | {"positions": PLAN["positions"][:1]}).encode()
    )
    key = next(one.id for one in hall.access.everybody.keys if one.source == "scanner-1")
    twice = [hall.deliver(a_mail(subject, LETTER))["document"] for subject in ("Widerspruch", "Noch einmal")]
    return [
        *(
            "/suche",
            "/suche?q=Gartenhaus",
            "/suche?q=Gartenhaus&stelle=52.10&jahr=2026",
            "/suche?q=nirgendwo",
            "/suche?q=%22offen",
            "/probleme",
            "/suche/gespeichert",
            f"/suche/gespeichert/{kept}",
            "/eingang",
        ),
        *(
            f"/eingang?nummer={post['receipt']}",
            "/eingang?nummer=falsch",
            "/liegengeblieben",
            "/guete",
            "/wissen",
            "/berichte",
            "/buecher",
            "/versiegelt",
            "/einsichten",
        ),
        *(f"/dokumente/{post['document']}", f"/dokumente/{scan}", f"/dokumente/{invoice}/rechnungen/0"),
        *("/posteingang", f"/posteingang/{post['document']}", f"/posteingang/{filed}", f"/posteingang/{scan}"),
        *(f"/posteingang/{pages}/seiten", f"/posteingang/{batch}/seiten", f"/posteingang/{batch}"),
        *(f"/posteingang/{scan}?drehen=90&gross=150", f"/dokumente/{scan}?drehen=90&gross=150"),
        *(f"/posteingang/{post['document']}?ansicht=original", f"/dokumente/{post['document']}?ansicht=original"),
        *(
            f"/dokumente/{twice[0]}",
            "/posteingang?amt=kasse",
            "/aktenplan",
            "/aktenplan?q=bau",
            "/aktenplan?q=nirgendwo",
        ),
        *("/planfassung", f"/planfassung/{version}"),
        *("/aktenplan/umstellung", "/akten?stelle=52.10", f"/akten/{file}", "/regeln", "/status", "/konten", "/konto"),
        *("/hilfe", "/hochladen", "/aktenplan?stelle=52.10", f"/aktenplan?stelle=52.10&schreiben={post['document']}"),
        *(f"/akten/{divided}", f"/posteingang/{post['document']}?wohin={divided}"),
        f"/posteingang/{post['document']}?wohin=20.1",
        *(f"/akten/{file}?alle=1", f"/dokumente/{post['document']}/titel", f"/dokumente/{scan}?treffer=SEITE"),
        f"/dokumente/{post['document']}/eingaenge",
        *(f"/posteingang/{post['document']}?akte=Zaun", f"/posteingang/{post['document']}?akte=Xylophon"),
        *(f"/konten/{account}", "/schluessel", f"/schluessel/{key}", "/nirgends", "/anmelden", "/einmal/falsch"),
    ]


def divided_file(hall: CityHall) -> str:
    """The number of a file with two Vorgänge, and a letter in none."""
    plan = PLAN | {
        "version": "1.1",
        "positions": [*PLAN["positions"][:-1], PLAN["positions"][-1] | {"cases": "optional"}],
    }
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=json.dumps(plan).encode()).is_success
    program, file = hall.key("search", "decide", all_offices=True), f"20.1/1-{datetime.now(UTC).year}"
    wanted = ({"position": "20.1", "case": "new"}, {"file": file, "case": "new"}, {"file": file})
    for number, place in enumerate(wanted, 1):
        path = f"{API}/documents/{hall.deliver(a_mail(f'Gebühr {number}'))['document']}"
        headers = {"If-Match": program.get(path).headers["etag"]}
        assert program.post(f"{path}/decisions", json={"action": "file"} | place, headers=headers).is_success
    return file


def _scan(hall: CityHall) -> str:
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=b"%PDF\fSEITE 1\fSEITE 2", headers=headers)
    return str(answer.json()["document"])


def test_every_page_of_the_desk_is_looked_at(hall: CityHall, places: list[str]) -> None:
    """A page that somebody adds is before axe too: each path of the app is among those that are opened."""
    assert unopened(hall, places) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_page(
    address: str, chromium: Chrome, keyboard: Keyboard, places: list[str], *, width: int
) -> None:
    """No violation, and nothing left to review that is not explained, on every page and its states."""
    found: list[str] = []
    keyboard.width(width)
    for place in places:
        keyboard.open(f"{address}{place}")
        found += unexplained(chromium, place)
        height = int(chromium.execute_script("return document.querySelector('.top').offsetHeight"))
        found += [f"{place}: the navigation takes {height} px"] if width == WIDTHS[-1] and height > ONE_ROW else []
    for name, reach in STATES.items():
        reach(keyboard, address)
        found += unexplained(chromium, name)
    assert not found, "\n".join(found)


def _keys(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/posteingang")
    keyboard.press("?")
    keyboard.wait_for(lambda: "ersten Vorschlag übernehmen" in keyboard.text, "the keys")


def _ticked(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/posteingang")
    keyboard.press(" ")
    keyboard.wait_for(lambda: "Mit den ausgewählten" in keyboard.text, "a ticked letter")


def _menu(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/suche")
    if keyboard.is_shown("#menu"):
        keyboard.go_to("Menü")
        keyboard.press(Keys.SPACE)


def _refused_place(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/posteingang")
    keyboard.follow(".letters a")
    keyboard.write("In eine bestehende Akte", "99.9/1-2026")
    keyboard.press(Keys.ENTER)
    keyboard.wait_for(lambda: "Diese Akte gibt es nicht." in keyboard.text, "the reason")


def _nothing_chosen(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/posteingang")
    keyboard.go_to("Mit den ausgewählten")
    keyboard.press(Keys.ENTER)
    keyboard.enter("Alle nicht aktenrelevant", "Es ist kein Dokument ausgewählt.")


def _several_found(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/posteingang")
    keyboard.press(" ")
    keyboard.wait_for(lambda: "Mit den ausgewählten (1)" in keyboard.text, "a ticked letter")
    keyboard.write("In eine bestehende Akte", "Zaun")
    keyboard.wait_for(lambda: "1 Akte gefunden" in keyboard.text, "a file for several")


def _words_over_a_page(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/suche?q=SEITE")
    keyboard.follow('main h2 a[href^="/dokumente/"]')
    keyboard.go_to("Scan")
    keyboard.wait_for(lambda: keyboard.there_are(".words text"), "the words")


def _signed_out(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/suche")
    keyboard.enter("Abmelden", "Sie sind abgemeldet.")


def _wrong_password(keyboard: Keyboard, address: str) -> None:
    keyboard.open(f"{address}/anmelden")
    keyboard.write_here(NAME)
    keyboard.write("Kennwort", "ein falsches Kennwort")
    keyboard.press(Keys.ENTER)
    keyboard.wait_for(lambda: "falsch" in keyboard.text, "the refusal")


STATES: dict[str, Callable[[Keyboard, str], None]] = {
    "the dialog of keys": _keys,
    "a ticked letter": _ticked,
    "the menu": _menu,
    "a file that does not exist": _refused_place,
    "several, and none chosen": _nothing_chosen,
    "a file for several": _several_found,
    "words over a page": _words_over_a_page,
    "signed out": _signed_out,
    "a wrong password": _wrong_password,
}
"""What a page looks like after something was done; the last ones are those of a stranger."""


@pytest.mark.parametrize("width", [360, 1280])
def test_tab_reaches_everything_and_shows_where_it_is(
    address: str, keyboard: Keyboard, places: list[str], *, width: int
) -> None:
    """Whatever can be clicked or filled in is reached by Tab, on every page, and is seen to have the focus."""
    keyboard.width(width)
    missed: dict[str, list[str]] = {}
    for place in places:
        keyboard.open(f"{address}{place}")
        missed |= {place: unreached} if (unreached := keyboard.unreached()) else {}
    assert missed == {}


def test_forced_colours_keep_every_border_and_focus(address: str, keyboard: Keyboard, places: list[str]) -> None:
    """In a scheme of the system's own, buttons and fields have borders, and the focus is still seen."""
    keyboard.forced_colours()
    for place in (places[1], "/posteingang", "/konten"):
        keyboard.open(f"{address}{place}")
        assert keyboard.without_border() == [], place
        keyboard.press(Keys.TAB)
        assert keyboard.focused.value_of_css_property("outline-style") != "none", place
