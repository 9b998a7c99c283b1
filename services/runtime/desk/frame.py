"""The frame of the clerk's desk: layout, navigation, notes, banner and error pages, around their pages."""

import hashlib
import json
import re
import threading
import time
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.datastructures import URL

from services.core import catalogue
from services.core.plan.file_numbers import case_sign, entry_label
from services.core.ports.bundle import Ports
from services.core.ports.entries import Snippet
from services.runtime.access.credentials import Access
from services.runtime.access.own_account import keys_are_off
from services.runtime.context.service import Need
from services.runtime.desk import forms
from services.runtime.desk.formatting import found_in, kind_shown, name_shown, person_shown
from services.runtime.desk.invoices import amount_shown, outcome_shown
from services.runtime.desk.kept_forms import kept_of
from services.runtime.desk.layout.navigation import navigation
from services.runtime.desk.layout.notes import NOTES
from services.runtime.operations.readiness import Answers
from services.runtime.translation.catalogue import english
from services.runtime.translation.speaking import gettext, gettext_noop, language, ngettext, refusal, speaking
from services.runtime.translation.spoken import day_in_year, day_shown, number_shown, shortly, shown
from services.runtime.web.http import LATER, identify, wanted_language

OURS = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
SIGN_IN = "/anmelden"
LOOK_AGAIN_SECONDS = 2.0
PATIENCE_SECONDS = 0.25
"""How long the page waits that looks; all others tell what was known before."""
SEE_OTHER = 303

_WAITING = {
    "extractor": gettext_noop("Dokumente werden gelesen, sobald das Leseprogramm (Tika) bereit ist."),
    "ocr": gettext_noop("Gescannte Seiten werden gelesen, sobald die Texterkennung bereit ist."),
}
_BUNDLE = re.compile(r"[0-9a-f-]{36}")


class Desk:
    """Renders pages out of a service's own templates inside the layout."""

    def __init__(self, folder: Path = OURS) -> None:
        loader = FileSystemLoader([folder, OURS])
        self._pages = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._pages.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        self._pages.globals |= {
            "_": _said,
            "text_of": lambda code: catalogue.text(code, language()),
            "reason_of": lambda code: catalogue.reason(code, language()),
            "death_of": lambda code: catalogue.death(code, language()),
            "advice_of": lambda code: catalogue.advice(code, language()),
            "stage_of": lambda code: catalogue.stage(code, language()),
            "action_of": lambda code: catalogue.action(code, language()),
            "label_of": entry_label,
            "sign_of": case_sign,
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
            "day_in_year": day_in_year,
            "number": number_shown,
            "translated": gettext,
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


def _said(sentence: str, /, **values: object) -> Markup:
    """A sentence of a template, what is put into it escaped; a third of the time that the extension's own takes."""
    said = Markup(gettext(sentence))  # noqa: S704  # sentences are ours, those in the catalogue as well
    return said % values if "%" in said else said


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
    with speaking(partial(wanted_language, request)):  # a fault of ours is answered outside of every middleware
        return _error_page(request, code, status)


def _error_page(request: Request, code: str, status: int) -> Response:
    if code == "unauthorised" and (kept := kept_of(request)):
        facts = {"weiter": _asked_for(request), "typed": "", "fault": "", "kept": kept}
        return _errors().page(request, "sign_in.html", status=status, **facts)
    if code == "unauthorised":
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'weiter': _asked_for(request)})}", SEE_OTHER)
    again = _asked_for(request) if status in LATER else ""
    facts = {"sentence": refusal(code), "number": status, "again": again}
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
    """A size as people read it."""
    for unit, factor in (("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= factor:
            return f"{number_shown(f'{size_bytes / factor:.1f}')} {unit}"
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
    caller, spoken = identify(request), language()
    note, about, undo, *_ = [*request.cookies.get(forms.NOTE_COOKIE, "").split("."), "", ""]
    rights = caller.rights if caller else frozenset()
    return {
        "name": access.name_of(caller.id) if caller else "",
        "signed_in": caller is not None,
        "person_of": access.name_of,
        "keys_off": caller is not None and keys_are_off(access, caller.id),
        **navigation(rights),
        "path": request.url.path,
        "query": request.url.query,
        "form": access.form_token(forms.begin_visit(request)),
        "note": gettext(NOTES.get(note, "")),
        "note_about": about if about.isalnum() else "",
        "note_undo": undo if _BUNDLE.fullmatch(undo) else "",
        "waiting": [gettext(sentence) for sentence in request.app.state.waiting.sentences()],
        "language": spoken,
        "script_words": "" if spoken == "de" else json.dumps(english().scripts, ensure_ascii=False),
    }


@cache
def _errors() -> Desk:
    return Desk()


@cache
def _style_stamp() -> str:
    """Changes with every file that a page brings along, so that a browser may keep them."""
    together = b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))
    return hashlib.sha256(together).hexdigest()[:12]
