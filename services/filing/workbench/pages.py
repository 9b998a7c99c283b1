"""`/posteingang`: three panes from 1,200 px on, two from 800, one by one on a phone; nothing needs scripts."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from services.core import vocabulary
from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.side_files import Postponed
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.core.protocol.arranging import page_count_of
from services.filing.cases.choosing import LONGEST_PLACE, case_of, choice_of, place_of, with_first_case
from services.filing.decisions import Wish, decide
from services.filing.postponing import bundle_of, open_ones, postpone, refused_to, undo
from services.filing.workbench.handling.handling_pages import handling_of, handling_pages
from services.filing.workbench.letter import conversation_of, pieces_of
from services.filing.workbench.news_pages import Narrowed, list_facts, news_pages
from services.filing.workbench.picker_pages import MOST_TYPED, picked, picker_pages
from services.filing.workbench.picking import is_number, last_file_of_sender
from services.filing.workbench.presence import look_in
from services.filing.workbench.proposals import proposals_of, words_of
from services.filing.workbench.refusals import Refusals
from services.filing.workbench.waiting import Card, Narrowing, card_of, waiting
from services.runtime.access.visibility import stops_on_page, title_for, visible
from services.runtime.context.service import Context
from services.runtime.desk.batches import sheets_of
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.desk.viewer import look_at
from services.runtime.translation.speaking import gettext, refusal
from services.runtime.web.http import Decider
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.worker.publishing import Announcer

MOST_POSITIONS = 500
"""Positions that the field for a new file offers by itself; in a larger plan those that are proposed, and the plan."""
PATIENCE = timedelta(seconds=2)
"""How long a clerk waits for the register's entry; after that the page says that it is coming."""
LOOK_EVERY = 0.05
ACTIONS: dict[str, vocabulary.Action] = {
    "file": "file",
    "open": "file",
    "no_record": "no_record",
    "assign": "assign",
    "reopen": "reopen",
}
"""What the forms are called, and what each asks for."""
_CHOSEN = re.compile(r"wahl_(d[0-9a-hjkmnp-tv-z]{26})")
"""A letter that is ticked in the list; its value is the version that the clerk saw."""


def workbench_pages(context: Context, templates: Path) -> APIRouter:
    """The list with its first letter, each letter, and the decisions about one or several."""
    router = APIRouter(prefix="/posteingang")
    bench = _Workbench(context, templates)

    @router.get("")
    def first(request: Request, caller: Decider, narrowed: Narrowed) -> Response:
        return bench.page(request, caller, narrowed)

    @router.post("")
    def decided_several(request: Request, caller: Decider, narrowed: Narrowed, fields: Fields) -> Response:
        return bench.decide_several(request, caller, narrowed, fields=fields)

    @router.post("/rueckgaengig")
    def taken_back(request: Request, caller: Decider, narrowed: Narrowed, fields: Fields) -> Response:
        return bench.take_back(request, caller, narrowed, fields=fields)

    router.include_router(news_pages(context, templates))
    router.include_router(picker_pages(context, templates))
    router.include_router(handling_pages(context, bench.page))

    @router.get("/{document}")
    def one(request: Request, document: str, caller: Decider, narrowed: Narrowed) -> Response:
        return bench.page(request, caller, narrowed, found=visible(context, caller.viewer, document))

    @router.post("/{document}")
    def decided(request: Request, document: str, caller: Decider, narrowed: Narrowed, *, fields: Fields) -> Response:
        return bench.decide(request, caller, narrowed, document=document, fields=fields)

    return router


class _Workbench:
    def __init__(self, context: Context, templates: Path) -> None:
        self._context = context
        self._desk = Desk(templates)
        self._announcer = Announcer(context.ports.log, log=context.log)

    def page(
        self, request: Request, caller: Caller, narrowed: Narrowing, *, found: Record | None = None, **more: Any
    ) -> Response:
        """The list, and beside it the letter that is asked for, or the first that waits."""
        context, listed = self._context, waiting(self._context, caller, narrowed)
        asked = found is not None
        if found is None and listed.cards:
            with suppress(Rejected):  # it was taken away since the list was made
                found = visible(context, caller.viewer, listed.cards[0].document)
        facts: dict[str, Any] = {"letter": None}
        if found is not None:
            look_in(context, caller, found.document)
            handling = handling_of(found, caller, context, request.app.state.access)
            words = [*words_of(found), *(one.words for one in handling["days"])]
            viewer = look_at(found, request.query_params, narrowed.address(found.document), words)
            pieces = [one for one in pieces_of(found, words) if viewer.part in {"", one.part.part}]
            facts = self._letter(found, caller) | {"viewer": viewer, "handling": handling, "pieces": pieces}
            facts |= picked(context, caller, request.query_params.get("akte", ""))
            facts["choice"] = choice_of(request.query_params.get("wohin", "")[:LONGEST_PLACE], caller.viewer, context)
        frame: dict[str, Any] = list_facts(context, caller, narrowed, listed=listed, found=found) | {
            "asked": asked,
            "faults": (),
            "wrote": {},
            "troubles": list(self._not_carried_out(self._refusals(request, caller))),
        }
        return self._desk.page(request, "workbench.html", **(frame | facts | more))

    def decide(
        self, request: Request, caller: Caller, narrowed: Narrowing, *, document: str, fields: dict[str, str]
    ) -> Response:
        """Carry it out and go on to the letter that follows in the list; where none does, show what became of it."""
        found = visible(self._context, caller.viewer, document)
        if words := self._words(fields):
            return see_other(request, narrowed.address(document, akte=words))
        fields, place = with_first_case(fields, self._context), place_of(fields)
        if "case" not in fields and choice_of(place, caller.viewer, self._context):
            return see_other(request, narrowed.address(document, wohin=place))
        following = waiting(self._context, caller, narrowed).after(document)
        try:
            made = self._wanted(_wish(fields), document, caller)
        except Rejected as error:
            found = visible(self._context, caller.viewer, document)
            refusals = self._refusals(request, caller)
            fault = refusals.of_letter(error, found, _number(fields.get("version", "")))
            status = STATUS.get(error.code, UNPROCESSABLE)
            said = {"faults": (fault,), "typed": fields, "choice": choice_of(place, caller.viewer, self._context)}
            return self.page(request, caller, narrowed, found=found, status=status, **said)
        action = ACTIONS[fields["action"]]
        if made:
            path = narrowed.address(following)
            return see_other(request, path, note=f"postponed_{action}", about=document, undo=made.bundle)
        note = f"decided_{action}"
        if following and fields["action"] != "reopen":
            return see_other(request, narrowed.address(following), note=note, about=document)
        return see_other(request, self._outcome(caller, document, narrowed), note=note)

    def decide_several(
        self, request: Request, caller: Caller, narrowed: Narrowing, *, fields: dict[str, str]
    ) -> Response:
        """The same for every letter that was ticked; what cannot be carried out is named, the rest is done."""
        if fields.get("into"):
            fields = fields | {"action": "file", "file": fields["into"]}
        if words := self._words(fields):
            return self.page(request, caller, narrowed, several=picked(self._context, caller, words), typed=fields)
        bundle = bundle_of(caller, self._context)
        refused = list(self._refused(self._refusals(request, caller), fields, bundle=bundle))
        if refused:
            return self.page(request, caller, narrowed, status=UNPROCESSABLE, troubles=refused, typed=fields)
        if self._waits:
            return see_other(request, narrowed.address(), note="postponed_several", undo=bundle)
        return see_other(request, narrowed.address(), note="decided_several")

    def take_back(self, request: Request, caller: Caller, narrowed: Narrowing, *, fields: dict[str, str]) -> Response:
        """What was decided a moment ago is in the Posteingang again; where it is too late, the way back is shown."""
        taken_back, late = undo(fields.get("bundle", ""), caller, self._context)
        if taken_back and not late:
            several = len(taken_back) > 1
            path = narrowed.address("" if several else taken_back[0])
            return see_other(request, path, note="taken_back_several" if several else "taken_back")
        about = next(iter(late), fields.get("about", ""))
        known = bool(_CHOSEN.fullmatch(f"wahl_{about}"))
        return see_other(request, narrowed.address(about if known else ""), note="too_late")

    def _refusals(self, request: Request, caller: Caller) -> Refusals:
        return Refusals(access=request.app.state.access, caller=caller, context=self._context)

    @property
    def _waits(self) -> bool:
        """Whether a decision can be taken back for a while."""
        return bool(self._context.settings.filing.undo_within)

    def _words(self, fields: dict[str, str]) -> str:
        """What was typed instead of a file number: it is looked for. Empty where a number was typed, or nothing."""
        typed = fields.get("file", "").strip()[:MOST_TYPED] if fields.get("action") == "file" else ""
        return "" if is_number(typed, self._context) else typed

    def _wanted(self, wish: Wish, document: str, caller: Caller, *, bundle: str = "") -> Postponed | None:
        """Postpone what is wanted; what brings a letter back is carried out at once, and nothing is returned."""
        if self._waits and wish.action != "reopen":
            return postpone(wish, document, caller, context=self._context, bundle=bundle)
        decide(wish, document, caller, context=self._context, announcer=self._announcer)
        return None

    def _not_carried_out(self, refusals: Refusals) -> Iterator[str]:
        caller = refusals.caller
        for one in refused_to(caller, self._context):
            title, why = gettext("ein Dokument"), ""
            with suppress(Rejected):
                found = visible(self._context, caller.viewer, one.document)
                title = gettext("„{title}“").format(title=title_for(found, caller.viewer) or gettext("Ohne Titel"))
                why = refusals.overtaken(found, one.base_revision)
            why = why or refusal(one.refused or "stale")
            yield gettext("Die Entscheidung über {title} wurde nicht ausgeführt. {why}").format(title=title, why=why)

    def _refused(self, refusals: Refusals, fields: dict[str, str], *, bundle: str) -> Iterator[str]:
        caller = refusals.caller
        chosen = [(ticked[1], version) for name, version in fields.items() if (ticked := _CHOSEN.fullmatch(name))]
        if not chosen:
            yield gettext("Es ist kein Dokument ausgewählt.")
        for document, version in chosen:
            found = visible(self._context, caller.viewer, document)
            try:
                wish = _wish(fields | {"version": version})
                self._wanted(wish, document, caller, bundle=bundle)
            except Rejected as error:
                title = title_for(found, caller.viewer) or gettext("Ohne Titel")
                why = refusals.of_letter(error, found, _number(version))
                yield why if gettext("„{title}“").format(title=title) in why else f"{title}: {why}"

    def _outcome(self, caller: Caller, document: str, narrowed: Narrowing) -> str:
        """The document's page once it stands where it shall, the list where it is no longer theirs."""
        until = time.monotonic() + PATIENCE.total_seconds()
        while True:
            try:
                found = visible(self._context, caller.viewer, document)
            except Rejected:
                return narrowed.address()
            if record.standing(found).state != "filing" or time.monotonic() >= until:
                return narrowed.address(document)
            time.sleep(LOOK_EVERY)

    def _letter(self, found: Record, caller: Caller) -> dict[str, Any]:
        """What the panes of letter and decision show."""
        context, letter = self._context, card_of(self._context, found, caller)
        postponed = next((one for one in open_ones(context) if one.document == found.document), None)
        held = letter.state == "held"
        sender_file = last_file_of_sender(found, caller.viewer, context) if held else None
        stops, left_out = stops_on_page(found, caller.viewer)
        return {
            "letter": letter,
            "postponed": postponed,
            "own_postponed": postponed is not None and postponed.actor == caller.id,
            "mail": found.extraction.mail if found.extraction else None,
            "proposals": proposals_of(letter, found) if held else (),
            "sender_file": sender_file if sender_file and sender_file.file != letter.file else None,
            "filings": record.standing(found).filings,
            "conversation": conversation_of(found, caller.viewer, context),
            "positions": _offered(letter, context.plan),
            "stops": stops,
            "left_out": left_out,
            "arrangeable": page_count_of(found) > 0,
            "arranged": bool(found.decisions) and found.decisions[-1].action == "arrange",
            "documents": told.documents if (told := sheets_of(found.extraction)) else (),
        }


def _offered(letter: Card, plan: FilePlan) -> Sequence[PlanPosition]:
    if len(plan.open_leaves) <= MOST_POSITIONS:
        return plan.open_leaves
    return [position for _, position in letter.candidates if position.code in plan.open_codes]


def _number(version: str) -> int:
    """A version as a form names it; 0 for what is none."""
    # Below 16 digits a number is exact as a double, which is what JSON has.
    return int(version) if version.isascii() and version.isdigit() and len(version) < 16 else 0  # noqa: PLR2004


def _wish(fields: dict[str, str]) -> Wish:
    action, version = fields.get("action", ""), _number(fields.get("version", ""))
    if action not in ACTIONS or not version:
        raise Rejected("bad_request")
    chosen = {"file": "file", "open": "position", "assign": "office"}.get(action)
    value = fields.get(chosen, "").strip()[:100] if chosen else ""
    if chosen and not value:
        raise Rejected({"file": "unknown_file", "position": "unknown_position", "office": "unknown_office"}[chosen])
    places: dict[str, Any] = {chosen: value} if chosen else {}
    return Wish(action=ACTIONS[action], base_version=version, case=case_of(fields), **places)
