"""Every page of the desk with something on it: addresses for one clerk who may see them all, made without a browser."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from services.core.model.accounts import caller_of
from services.filing.plan import drafts
from services.search.saved import keeping
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.component.dead import dead_letter
from tests.component.piles import scanned
from tests.fakes.readers import SHEETS
from tests.invoices.made import Line, Made
from tests.invoices.ubl import ubl

LETTERS, FILED = 25, 20
RIGHTS = ("deliver", "search", "decide", "administer", "audit")


def pages_of(hall: CityHall) -> set[str]:
    """The paths of all pages; the beginning leads to one of them."""
    outer: list[Any] = [route for route in hall.app.routes if hasattr(route, "original_router")]
    pages = [one.original_router for one in outer if not one.include_context.prefix]
    paths = {path for router in pages for path in _paths(router)}
    # A piece that a script puts into a page, and the mail as it was written, in whose sandbox no script of axe runs.
    none = ("/health", "/metrics", "/neues", "/gefunden", "/dokumente/{document}/nachrichten/")
    return {path for path in paths if path != "/" and not path.startswith(none)}


def unopened(hall: CityHall, places: list[str]) -> list[str]:
    """Paths of pages that none of these addresses opens."""
    opened = [place.partition("?")[0] for place in places]
    patterns = {path: re.compile(re.sub(r"\{[^}]*\}", "[^?]+", path)) for path in pages_of(hall)}
    return sorted(path for path, known in patterns.items() if not any(known.fullmatch(place) for place in opened))


def everybody(hall: CityHall) -> Browser:
    """A clerk who may see every page."""
    return hall.clerk("berg", rights=RIGHTS, all_offices=True)


def full(hall: CityHall) -> list[str]:
    """Fill the hall with letters, files and troubles once `everybody` is there; an address for every page."""
    account = next(one for one in hall.access.everybody.accounts if one.name == "berg")
    caller = caller_of(account, hall.settings.tenant)
    letters = [_delivered(hall, a_mail(f"Bauantrag {n}", "Wir bitten um Auskunft. " * 300)) for n in range(LETTERS)]
    file = _filed(hall, [_delivered(hall, a_mail(f"Zaun {n}", "Neuer Zaun. " * 100)) for n in range(FILED)])
    lines = tuple(Line(f"Papier {n}", Decimal(1), Decimal(9)) for n in range(30))
    invoice = hall.scan(ubl(Made(number="RE-1", lines=lines)), "re.xml")["document"]
    attached = _delivered(hall, _attached())
    pile = scanned(hall, SHEETS + b"\f".join(b"Antrag %d" % n for n in range(20)))
    batch = scanned(hall, SHEETS + b"Eins\f[PATCHT]\fZwei")
    dead_letter(hall, letters[0])
    kept = keeping.save(hall.contexts["search"], caller, keeping.Wish(name="Bau", question="Bauantrag")).id
    plan = json.dumps(PLAN | {"version": "2", "positions": PLAN["positions"][:1]}).encode()
    version = drafts.keep(hall.contexts["filing"], caller, plan)
    hall.access.add_key("scanner-1", rights=("deliver",))
    link = hall.access.add_account("neu", rights=("search",), offices=("bauamt",))
    key = hall.access.everybody.keys[-1].id
    first, receipt = letters[0], hall.deliver(a_mail("Noch eines"))["receipt"]
    return [
        *("/posteingang", "/posteingang?amt=bauamt", f"/posteingang/{first}", f"/posteingang/{first}?akte=Zaun"),
        *(f"/posteingang/{attached}", f"/posteingang/{first}?ansicht=original", f"/posteingang/{batch}"),
        *(f"/posteingang/{pile}", f"/posteingang/{pile}/seiten"),
        *(f"/dokumente/{first}", f"/dokumente/{attached}", f"/dokumente/{pile}", f"/dokumente/{first}/titel"),
        f"/dokumente/{first}/eingaenge",
        *(f"/dokumente/{invoice}", f"/dokumente/{invoice}/rechnungen/0", f"/dokumente/{first}?treffer=Auskunft"),
        *("/suche", "/suche?q=Bauantrag", "/suche?q=Bauantrg", "/suche/gespeichert", f"/suche/gespeichert/{kept}"),
        *("/aktenplan", "/aktenplan?q=bau", f"/aktenplan?stelle=52.10&schreiben={first}", "/aktenplan/umstellung"),
        *("/planfassung", f"/planfassung/{version}", "/regeln", "/akten?stelle=52.10", f"/akten/{file}"),
        *(f"/akten/{file}?alle=1", "/probleme", "/eingang", f"/eingang?nummer={receipt}", "/hochladen", "/hilfe"),
        *("/status", "/liegengeblieben", "/konten", f"/konten/{account.id}", "/schluessel", f"/schluessel/{key}"),
        *("/konto", "/guete", "/wissen", "/berichte", "/buecher", "/versiegelt", "/einsichten"),
        *("/anmelden", f"/einmal/{link}"),
    ]


def pieces(places: list[str]) -> list[str]:
    """What scripts put into pages, and a mail in its frame, of the first letter among these addresses."""
    letter = next(place for place in places if place.startswith("/posteingang/")).rpartition("/")[2]
    return [
        f"/posteingang/neues?offen={letter}",
        f"/posteingang/gefunden?offen={letter}&akte=Zaun",
        f"/dokumente/{letter}/nachrichten/0",
    ]


def _delivered(hall: CityHall, mail: bytes) -> str:
    return str(hall.deliver(mail)["document"])


def _filed(hall: CityHall, letters: list[str]) -> str:
    """All of them in the file that the first one opens."""
    key, file = hall.key("search", "decide", all_offices=True), ""
    for letter in letters:
        headers = {"If-Match": f'"{key.get(f"{API}/documents/{letter}").json()["version"]}"'}
        wish = {"action": "file", "file": file} if file else {"action": "file", "position": "52.10"}
        answer = key.post(f"{API}/documents/{letter}/decisions", json=wish, headers=headers)
        assert answer.is_success, answer.text
        file = file or str(key.get(f"{API}/documents/{letter}").json()["filings"][0]["file"])
    return file


def _attached() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "anna@beispiel.test", "Bescheid"
    message.set_content("Anbei.")
    message.add_attachment(b"PICTURE\fA\fB", maintype="application", subtype="pdf", filename="bescheid.pdf")
    return message.as_bytes()


def _paths(router: Any) -> Iterator[str]:
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from _paths(route.original_router)
        elif "GET" in route.methods:
            yield route.path
