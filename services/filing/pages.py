"""The Posteingang: what waits for a clerk, and the page on which a person decides."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.core import catalogue, vocabulary
from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.ports.entries import Filters, Query
from services.filing.decisions import Wish, decide
from services.filing.existing import files_at
from services.filing.file_pages import file_pages
from services.filing.plan.pages import plan_pages
from services.runtime.access.visibility import occurrence_of, sheets_of, stops_of, title_for, visible
from services.runtime.context.service import Context
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.web.http import Decider
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.worker.publishing import Announcer

TEMPLATES = Path(__file__).parent / "templates"
ON_PAGE = 20
PLACES, FILES_OFFERED = 3, 10
"""Of so many proposed places so many files are offered to choose from."""
LOOKED_THROUGH = 10
"""Documents that are looked at for the next one: the index may not know yet that some were decided."""
BEGINNING = 1_500
"""Characters of the text that the page of decision shows."""
PATIENCE = timedelta(seconds=2)
"""How long a clerk waits for the register's entry; after that the page says that it is coming."""
LOOK_EVERY = 0.05
REASONS = ("unsure", "unknown_number", "conflicting", "no_text", "closed_position", "system_notice", "reopened")
ACTIONS: dict[str, vocabulary.Action] = {
    "file": "file",
    "open": "file",
    "no_record": "no_record",
    "assign": "assign",
    "reopen": "reopen",
}
"""What the forms are called, and what each asks for."""


def pages(context: Context) -> APIRouter:
    """`/posteingang`, `/posteingang/{id}`, `/aktenplan`, `/akten` and `/akten/{file}`."""
    router = APIRouter()
    router.include_router(_held_pages(context), prefix="/posteingang")
    router.include_router(plan_pages(context, TEMPLATES))
    router.include_router(file_pages(context, TEMPLATES))
    return router


def _held_pages(context: Context) -> APIRouter:
    router = APIRouter()
    desk = Desk(TEMPLATES)
    announcer = Announcer(context.ports.log, log=context.log)

    @router.get("")
    def held(request: Request, caller: Decider, amt: str = "", grund: str = "", *, ab: str = "") -> Response:
        return desk.page(request, "held.html", **_list(context, caller, {"amt": amt, "grund": grund}, ab=ab))

    @router.get("/{document}")
    def one(request: Request, document: str, caller: Decider) -> Response:
        found = visible(context, caller.viewer, document)
        return desk.page(request, "decide.html", **_facts(context, found, caller), fault="", typed={})

    @router.post("/{document}")
    def decided(request: Request, document: str, caller: Decider, fields: Fields) -> Response:
        visible(context, caller.viewer, document)
        try:
            decide(_wish(fields), document, caller, context=context, announcer=announcer)
        except Rejected as error:
            found = visible(context, caller.viewer, document)
            facts = _facts(context, found, caller) | {"fault": catalogue.refusal(error.code), "typed": fields}
            return desk.page(request, "decide.html", status=STATUS.get(error.code, UNPROCESSABLE), **facts)
        note = f"decided_{ACTIONS[fields['action']]}"
        return see_other(request, _after(context, caller, document), note=note)

    return router


def _wish(fields: dict[str, str]) -> Wish:
    action, version = fields.get("action", ""), fields.get("version", "")
    if action not in ACTIONS or not (version.isascii() and version.isdigit() and len(version) < 16):  # noqa: PLR2004  # exact as a double
        raise Rejected("bad_request")
    chosen = {"file": "file", "open": "position", "assign": "office"}.get(action)
    value = fields.get(chosen, "").strip()[:100] if chosen else ""
    if chosen and not value:
        raise Rejected({"file": "unknown_file", "position": "unknown_position", "office": "unknown_office"}[chosen])
    places: dict[str, str] = {chosen: value} if chosen else {}
    return Wish(action=ACTIONS[action], base_version=int(version), **places)


def _after(context: Context, caller: Caller, document: str) -> str:
    """Where to go on: the document's page once it stands where it shall, the list where it is no longer theirs."""
    until = time.monotonic() + PATIENCE.total_seconds()
    while True:
        try:
            found = visible(context, caller.viewer, document)
        except Rejected:
            return "/posteingang"
        if record.standing(found).state != "filing" or time.monotonic() >= until:
            return f"/posteingang/{document}"
        time.sleep(LOOK_EVERY)


def _list(context: Context, caller: Caller, chosen: dict[str, str], *, ab: str) -> dict[str, Any]:
    filters = Filters(
        states=("held",),
        offices=(chosen["amt"],) if chosen["amt"] else (),
        reasons=(chosen["grund"],) if chosen["grund"] else (),
    )
    hits = context.ports.index.search(Query(filters=filters, sort="oldest", cursor=ab, limit=ON_PAGE), caller.viewer)
    # The index lags behind: what somebody just decided, or is another office's by a new plan, is not shown as waiting.
    found = [record.load(context.ports.blobs, context.settings.tenant, hit.document) for hit in hits.items]
    waiting = [_card(context, one, caller) for one in found if _waits(context, caller, one)]
    following = f"/posteingang?{urlencode(chosen | {'ab': hits.next})}" if hits.next else ""
    return {
        "held": waiting,
        "total": max(hits.total - len(found) + len(waiting), len(waiting)),
        "chosen": chosen,
        "offices": _offices(context),
        "reasons": REASONS,
        "following": following,
        "later": bool(ab),
    }


def _card(context: Context, found: Record, caller: Caller) -> dict[str, Any]:
    """What a list shows of a waiting document."""
    now, extraction, classification = record.standing(found), found.extraction, found.classification
    mail = extraction.mail if extraction else None
    own = occurrence_of(found, caller.viewer)
    sender_on_page = extraction.sender_on_page if extraction else ""
    plan = context.plan.by_code
    candidates = classification.candidates if classification else ()
    return {
        "document": found.document,
        "title": title_for(found, caller.viewer),
        "sender": mail.sender if mail else sender_on_page,
        "channel": own.channel if own else "",
        "received_at": own.received_at if own else record.since(found),
        "state": now.state,
        "reason": now.reason,
        "office": now.in_charge(context.plan.office_of),
        "problems": now.problems,
        "candidates": [(c, plan[c.position].title) for c in candidates if c.position in plan],
        "file": (classification.file or "") if classification else "",
    }


def _facts(context: Context, found: Record, caller: Caller) -> dict[str, Any]:
    """What the page of decision shows."""
    extraction = found.extraction
    text = "\n\n".join(part.text for part in extraction.parts if part.text) if extraction else ""
    card = _card(context, found, caller)
    return {
        "card": card,
        "following": _following(context, caller, found.document),
        "files": [
            file
            for candidate, _ in card["candidates"][:PLACES]
            for file in files_at(context, caller.viewer, candidate.position, limit=FILES_OFFERED)
        ],
        "version": found.version,
        "filings": record.standing(found).filings,
        "beginning": text[:BEGINNING],
        "more": len(text) > BEGINNING,
        "pages": sheets_of(found),
        "positions": context.plan.open_leaves,
        "offices": _offices(context),
        "stops": stops_of(found, caller.viewer),
    }


def _following(context: Context, caller: Caller, document: str) -> str:
    """The document that waits longest, of all but this one; empty where none does."""
    waiting = Query(filters=Filters(states=("held",)), sort="oldest", limit=LOOKED_THROUGH)
    for hit in context.ports.index.search(waiting, caller.viewer).items:
        if hit.document != document:
            found = record.load(context.ports.blobs, context.settings.tenant, hit.document)
            if _waits(context, caller, found):
                return hit.document
    return ""


def _waits(context: Context, caller: Caller, found: Record) -> bool:
    """Whether it waits for a clerk and is theirs to see, by the record."""
    theirs = caller.viewer.may_see(record.offices_of(found, context.plan.office_of))
    return theirs and record.standing(found).state == "held"


def _offices(context: Context) -> dict[str, str]:
    return {context.settings.filing.office: "Poststelle"} | dict(context.plan.offices)
