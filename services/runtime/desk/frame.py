"""The frame of the clerk's desk: layout, navigation, notes, banner and error pages, around their pages."""

import hashlib
import re
import threading
import time
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.datastructures import URL

from services.core import catalogue
from services.core.plan.file_numbers import entry_label
from services.core.ports.bundle import Ports
from services.core.ports.entries import Snippet
from services.runtime.access.credentials import Access
from services.runtime.access.own_account import keys_are_off
from services.runtime.context.service import Need
from services.runtime.desk import forms
from services.runtime.desk.formatting import found_in, kind_shown, name_shown, person_shown
from services.runtime.desk.invoices import amount_shown, outcome_shown
from services.runtime.desk.kept_forms import kept_of
from services.runtime.operations.readiness import Answers
from services.runtime.web.http import LATER, identify
from services.runtime.web.local_time import day_shown, shortly, shown

OURS = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
SIGN_IN = "/anmelden"
LOOK_AGAIN_SECONDS = 2.0
PATIENCE_SECONDS = 0.25
"""How long the page waits that looks; all others tell what was known before."""
SEE_OTHER = 303

NAVIGATION = (
    ("/posteingang", "Posteingang", {"decide"}),
    ("/suche", "Suche", {"search"}),
    ("/aktenplan", "Aktenplan", {"search"}),
    ("/hochladen", "Hochladen", {"deliver"}),
    ("/probleme", "Nicht lesbar", {"search"}),
    ("/eingang", "Eingang verfolgen", {"search", "deliver", "administer"}),
)
"""Path, label, and the rights of which one is needed. The first one allowed is where somebody starts."""
ADMINISTRATION = (
    ("/status", "Status", {"administer"}),
    ("/liegengeblieben", "Verarbeitungsfehler", {"administer"}),
    ("/konten", "Konten", {"administer"}),
    ("/schluessel", "Schlüssel", {"administer"}),
    ("/planfassung", "Planfassung", {"administer"}),
    ("/einsichten", "Einsichten", {"audit"}),
    ("/buecher", "Bücher", {"administer"}),
    ("/versiegelt", "Versiegelt", {"administer"}),
    ("/guete", "Güte", {"decide", "administer"}),
    ("/berichte", "Berichte", {"decide", "administer"}),
)
"""The same of what lies in one menu for those who administer; whoever may only see few of them has them in the row."""
MENU_FROM = 3
"""Pages from which there is a menu."""

NOTES = {
    "signed_out": "Sie sind abgemeldet.",
    "password_set": "Das Kennwort ist gesetzt. Willkommen.",
    "document_unsealed": "Das Dokument ist freigegeben und wird jetzt gelesen.",
    "account_changed": "Das Konto ist geändert.",
    "key_revoked": "Der Schlüssel ist zurückgezogen.",
    "decided_file": "Die Entscheidung ist gespeichert.",
    "decided_no_record": "Das Dokument ist als nicht aktenrelevant vermerkt.",
    "decided_several": "Die Entscheidungen sind gespeichert.",
    "decided_assign": "Das Dokument ist dem Amt zugewiesen.",
    "postponed_file": "Das Dokument wird gleich abgelegt.",
    "postponed_no_record": "Das Dokument wird gleich als nicht aktenrelevant vermerkt.",
    "postponed_assign": "Das Dokument wird gleich dem Amt zugewiesen.",
    "postponed_several": "Die Entscheidungen werden gleich ausgeführt.",
    "taken_back": "Rückgängig gemacht: Das Dokument liegt wieder im Posteingang.",
    "taken_back_several": "Rückgängig gemacht: Die Dokumente liegen wieder im Posteingang.",
    "too_late": "Die Entscheidung ist schon ausgeführt. Das Dokument lässt sich zurück in den Posteingang holen.",
    "own_password": "Ihr Kennwort ist geändert. Alle anderen Sitzungen sind beendet.",
    "own_keys": "Gespeichert.",
    "signed_out_elsewhere": "Sie sind überall sonst abgemeldet.",
    "search_mail": "Gespeichert. Gemeldet wird höchstens stündlich, ohne Inhalte; eine leere Adresse schaltet es ab.",
    "search_saved": "Die Suche ist gespeichert. Was sie von jetzt an findet, steht hier als neu.",
    "search_seen": "Als gesehen vermerkt.",
    "search_removed": "Die Suche ist entfernt.",
    "handled_note": "Die Notiz ist gespeichert.",
    "handled_due": "Die Wiedervorlage ist vermerkt.",
    "handled_due_done": "Die Wiedervorlage ist erledigt.",
    "handled_clerk": "Das Dokument ist zugewiesen.",
    "handled_clerk_done": "Das Dokument ist niemandem mehr zugewiesen.",
    "title_changed": "Der Betreff ist geändert.",
    "replayed": "Wird erneut bearbeitet. Was gelingt, verschwindet aus der Liste; was wieder scheitert, bleibt darin.",
    "rule_changed": "Die Regeln sind geändert und gelten ab jetzt.",
    "plan_activated": "Die neue Fassung des Aktenplans gilt ab jetzt.",
    "plan_followed": "Die neue Fassung des Aktenplans gilt ab jetzt. Die Suche zieht von selbst nach.",
    "plan_dropped": "Die hochgeladene Fassung ist verworfen. Nichts ist geändert.",
    "pages_arranged": "Die Seiten werden neu geordnet. Die Schriftstücke erscheinen gleich im Posteingang.",
    "decided_reopen": "Das Dokument liegt wieder im Posteingang.",
}
_WAITING = {
    "extractor": "Dokumente werden gelesen, sobald das Leseprogramm (Tika) bereit ist.",
    "ocr": "Gescannte Seiten werden gelesen, sobald die Texterkennung bereit ist.",
}
_BUNDLE = re.compile(r"[0-9a-f-]{36}")


class Desk:
    """Renders pages out of a service's own templates inside the layout."""

    def __init__(self, folder: Path = OURS) -> None:
        loader = FileSystemLoader([folder, OURS])
        self._pages = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._pages.globals |= {
            "text_of": catalogue.text,
            "reason_of": catalogue.reason,
            "death_of": catalogue.death,
            "advice_of": catalogue.advice,
            "stage_of": catalogue.stage,
            "action_of": catalogue.action,
            "label_of": entry_label,
            "amount_of": amount_shown,
            "outcome_of": outcome_shown,
            "style": _style_stamp(),
        }
        self._pages.filters |= {
            "shown": shown,
            "marked": marked,
            "found_in": found_in,
            "bytes": size_shown,
            "kind": kind_shown,
            "person": person_shown,
            "name": name_shown,
            "short": shortly,
            "day": day_shown,
        }

    def page(self, request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """A page for whoever asks; it is never kept by a cache."""
        html = self._pages.get_template(template).render(_frame(request) | facts)
        response = HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
        forms.remember(request, response)
        return response

    def fragment(self, request: Request, template: str, **facts: Any) -> str:
        """A piece of a page for a script; the note that the next page shows stays for it."""
        return self._pages.get_template(template).render(_frame(request) | facts)


def see_other(request: Request, path: str, *, note: str = "", about: str = "", undo: str = "") -> Response:
    """Go on at another page after a form, with a sentence that it shows once, and the document that it is about.

    `undo` names decisions that can still be taken back.
    """
    response = RedirectResponse(path, status_code=SEE_OTHER)
    if note:
        forms.set_cookie(request, response, forms.NOTE_COOKIE, f"{note}.{about}.{undo}")
    return response


def error_page(request: Request, code: str, status: int) -> Response:
    """What a browser is shown of a refused request; strangers are asked to sign in."""
    if code == "unauthorised" and (kept := kept_of(request)):
        facts = {"weiter": _asked_for(request), "typed": "", "fault": "", "kept": kept}
        return _errors().page(request, "sign_in.html", status=status, **facts)
    if code == "unauthorised":
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'weiter': _asked_for(request)})}", SEE_OTHER)
    again = _asked_for(request) if status in LATER else ""
    facts = {"sentence": catalogue.refusal(code), "number": status, "again": again}
    return _errors().page(request, "error.html", status=status, **facts)


def _asked_for(request: Request) -> str:
    """The page to go on at once somebody has signed in: the one that was asked for, or that of the form."""
    address = request.url
    if request.method != "GET":
        # The policy for referrers makes our own pages tell the whole address; of another site's we take no word.
        came_from = URL(request.headers.get("referer", ""))
        address = came_from if came_from.netloc == request.headers.get("host") else URL("/")
    return f"{address.path}?{address.query}" if address.query else address.path


def open_desk(app: FastAPI) -> None:
    """What all pages of the app share."""
    process = app.state.process
    app.state.waiting = _Waiting(process.ports, process.needs)


def marked(snippet: Snippet) -> Markup:
    """A snippet with its found words marked, everything else escaped."""
    pieces, place = [], 0
    for start, end in snippet.marks:
        pieces += [escape(snippet.text[place:start]), Markup("<mark>"), escape(snippet.text[start:end])]
        pieces.append(Markup("</mark>"))
        place = end
    return Markup("").join([*pieces, escape(snippet.text[place:])])


def size_shown(size_bytes: int) -> str:
    """A size as people read it, with a decimal comma."""
    for unit, factor in (("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}".replace(".", ",")
    return f"{size_bytes} Byte"


class _Waiting:
    """What is not ready yet, asked at most every two seconds, by one thread for all pages.

    A reader that hangs takes seconds to answer: no page waits for it longer than a person notices, and tells what was
    known before.
    """

    def __init__(self, ports: Ports, needs: frozenset[Need]) -> None:
        readers: dict[Need, Answers] = {"extractor": ports.extractor, "ocr": ports.ocr}
        self._readers = {name: reader for name, reader in readers.items() if name in needs}
        self._looking = threading.Lock()
        self._known: list[str] = []
        self._until = 0.0

    def sentences(self) -> list[str]:
        if time.monotonic() >= self._until and self._looking.acquire(blocking=False):
            looked = threading.Event()
            threading.Thread(target=self._look, args=(looked,), name="readers", daemon=True).start()
            looked.wait(PATIENCE_SECONDS)
        return self._known

    def _look(self, looked: threading.Event) -> None:
        try:
            self._known = [_WAITING[name] for name, reader in self._readers.items() if not reader.ready()]
        finally:
            self._until = time.monotonic() + LOOK_AGAIN_SECONDS
            self._looking.release()
            looked.set()


def _frame(request: Request) -> dict[str, Any]:
    """What the layout shows around every page."""
    access: Access = request.app.state.access
    caller = identify(request)
    note, about, undo, *_ = [*request.cookies.get(forms.NOTE_COOKIE, "").split("."), "", ""]
    rights = caller.rights if caller else frozenset()
    return {
        "name": access.name_of(caller.id) if caller else "",
        "signed_in": caller is not None,
        "person_of": access.name_of,
        "keys_off": caller is not None and keys_are_off(access, caller.id),
        **_navigation(rights),
        "path": request.url.path,
        "query": request.url.query,
        "form": access.form_token(forms.begin_visit(request)),
        "note": NOTES.get(note, ""),
        "note_about": about if about.isalnum() else "",
        "note_undo": undo if _BUNDLE.fullmatch(undo) else "",
        "waiting": request.app.state.waiting.sentences(),
    }


def first_page(rights: Collection[str]) -> str:
    """Where somebody with these rights starts."""
    return next((path for path, _ in _allowed(rights, (*NAVIGATION, *ADMINISTRATION))), "/hilfe")


def _navigation(rights: Collection[str]) -> dict[str, Any]:
    row, menu = _allowed(rights, NAVIGATION), _allowed(rights, ADMINISTRATION)
    return {"navigation": row, "menu": menu} if len(menu) >= MENU_FROM else {"navigation": row + menu, "menu": []}


def _allowed(rights: Collection[str], pages: Sequence[tuple[str, str, set[str]]]) -> list[tuple[str, str]]:
    return [(path, label) for path, label, any_of in pages if not any_of.isdisjoint(rights)]


@cache
def _errors() -> Desk:
    return Desk()


@cache
def _style_stamp() -> str:
    """Changes with every file that a page brings along, so that a browser may keep them."""
    together = b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))
    return hashlib.sha256(together).hexdigest()[:12]
