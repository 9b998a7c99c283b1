"""Every page and state of the desk before axe-core at three widths, by Tab alone, and in forced colours."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from selenium.webdriver import Chrome, Keys

from services.core.model.accounts import caller_of
from services.search.saved import keeping
from tests.browser.axe import Finding, look
from tests.browser.keyboard import Keyboard
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall, a_mail
from tests.component.dead import dead_letter
from tests.component.piles import scanned
from tests.fakes.readers import SHEETS
from tests.invoices.made import Line, Made
from tests.invoices.ubl import ubl
from tests.unit.core.test_near_duplicates import LETTER

pytestmark = pytest.mark.browser

WIDTHS = (360, 900, 1280)
EXPLAINED = (
    ("color-contrast", "contains an image node in <text"),  # words of a figure: --faint on the card's white, 6.2 : 1
    ("color-contrast", "contains an image node in <tspan"),  # words over a page's picture: transparent, to be selected
    ("color-contrast", "partially overlaps other elements in <dd>"),  # of the dialog, whose white reaches further
    ("frame-tested", 'class="written" sandbox=""'),  # a mail as its writer wrote it; nothing of it is ours
    ("color-contrast", "too short to determine if it is actual text"),  # the letter of a key, as dark as its sentence
)
"""What axe leaves to a person, by rule and reason; beside it, what the person saw."""

_UNROLL = """
for (const pane of document.querySelectorAll(".pane")) {
  pane.style.maxHeight = "none"; pane.style.height = "auto"; pane.style.overflow = "visible";
  pane.style.position = "static";
}
"""


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
        "berg", rights=("deliver", "search", "decide", "administer", "audit"), all_offices=True
    )
    account = hall.access.everybody.accounts[-1].id
    hall.access.add_key("scanner-1", rights=("deliver",))
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.open(f"{address}/posteingang/{filed}")
    keyboard.write("Neue Akte unter", "52.10")
    keyboard.enter("Akte anlegen und ablegen", "gespeichert")
    file = f"52.10/1-{datetime.now(UTC).year}"
    caller = caller_of(hall.access.everybody.accounts[-1], hall.settings.tenant)
    context = hall.contexts["search"]
    kept = keeping.save(context, caller, keeping.Wish(name="Bau", question="Gartenhaus")).id
    hall.deliver(a_mail("Gartenhaus", "Noch ein Gartenhaus."))
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
        *("/aktenplan/umstellung", "/akten?stelle=52.10", f"/akten/{file}", "/regeln", "/status", "/konten", "/konto"),
        *("/hilfe", "/hochladen", "/aktenplan?stelle=52.10", f"/aktenplan?stelle=52.10&schreiben={post['document']}"),
        *(f"/akten/{file}?alle=1", f"/dokumente/{post['document']}/titel", f"/dokumente/{scan}?treffer=SEITE"),
        *(f"/posteingang/{post['document']}?akte=Zaun", f"/posteingang/{post['document']}?akte=Xylophon"),
        *(f"/konten/{account}", "/schluessel", f"/schluessel/{key}", "/nirgends", "/anmelden", "/einmal/falsch"),
    ]


def _scan(hall: CityHall) -> str:
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=b"%PDF\fSEITE 1\fSEITE 2", headers=headers)
    return str(answer.json()["document"])


def _unexplained(chromium: Chrome, where: str) -> Iterator[str]:
    violations, _ = look(chromium)
    chromium.execute_script(_UNROLL)  # what is scrolled out of a pane has the colours of what is in it
    _, incomplete = look(chromium)
    yield from (f"{where}: {finding}" for finding in violations)
    yield from (f"{where}, to review: {finding}" for finding in incomplete if not _explained(finding))


def _explained(finding: Finding) -> bool:
    rule, _, why = finding
    return any(rule == known and reason in why for known, reason in EXPLAINED)


def test_every_page_of_the_desk_is_looked_at(hall: CityHall, places: list[str]) -> None:
    """A page that somebody adds is before axe too: each path of the app is among those that are opened."""
    opened = [place.partition("?")[0] for place in places]
    for path in sorted(pages_of(hall)):
        pattern = re.compile(re.sub(r"\{[^}]*\}", "[^?]+", path))
        assert any(pattern.fullmatch(place) for place in opened), path


def pages_of(hall: CityHall) -> set[str]:
    """The paths of all pages; the beginning leads to one of them."""
    outer: list[Any] = [route for route in hall.app.routes if hasattr(route, "original_router")]
    pages = [one.original_router for one in outer if not one.include_context.prefix]
    paths = {path for router in pages for path in _paths(router)}
    # A piece that a script puts into a page, and the mail as it was written, in whose sandbox no script of axe runs.
    none = ("/health", "/metrics", "/neues", "/gefunden", "/dokumente/{document}/nachrichten/")
    return {path for path in paths if path != "/" and not path.startswith(none)}


def _paths(router: Any) -> Iterator[str]:
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from _paths(route.original_router)
        elif "GET" in route.methods:
            yield route.path


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_page(
    address: str, chromium: Chrome, keyboard: Keyboard, places: list[str], *, width: int
) -> None:
    """No violation, and nothing left to review that is not explained, on every page and its states."""
    found: list[str] = []
    keyboard.width(width)
    for place in places:
        keyboard.open(f"{address}{place}")
        found += _unexplained(chromium, place)
    for name, reach in STATES.items():
        reach(keyboard, address)
        found += _unexplained(chromium, name)
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
    keyboard.write_here("berg")
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
