"""`/einsichten`: the audit log, for whoever has the right to read it."""

from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from services.core.model.side_files import Viewing
from services.core.protocol import viewings
from services.ledger.viewings.reading import Wanted, entries
from services.runtime.access.credentials import Access
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import gettext
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import Auditor

ON_PAGE = 50
VERIFIED_ON_PAGE = 5_000
FAULTS = {
    "missing": _("fehlt"),
    "changed": _("wurde geändert"),
    "unreadable": _("ist unlesbar"),
    "foreign": _("gehört nicht dazu"),
}


def viewing_pages(context: Context, templates: Path) -> APIRouter:
    """The page of the audit log."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/einsichten")
    def read(request: Request, _: Auditor, *, vor: int = 0) -> Response:
        asked = {name: request.query_params.get(name, "").strip()[:100] for name in ("wer", "dokument", "seit", "bis")}
        access: Access = request.app.state.access
        fault, following = "", 0
        found: list[Viewing] = []
        try:
            found, following = entries(context, _wanted(asked, access, context), before=max(vor, 0), limit=ON_PAGE)
        except ValueError:
            fault = gettext("Ein Tag wird als Jahr-Monat-Tag angegeben, etwa 2026-11-29.")
        verdict = viewings.verify(context.ports.blobs, context.settings.tenant, limit=VERIFIED_ON_PAGE)
        return desk.page(
            request,
            "viewings.html",
            status=400 if fault else 200,
            asked=asked,
            fault=fault,
            items=[(one, access.name_of(one.actor) or _source(access, one.actor)) for one in found],
            following=f"/einsichten?{urlencode(asked | {'vor': following})}" if following else "",
            later=vor > 0,
            verdict=verdict,
            faults=[(one.number, gettext(FAULTS[one.fault])) for one in verdict.faults[:ON_PAGE]],
        )

    return router


def _wanted(asked: dict[str, str], access: Access, context: Context) -> Wanted:
    everybody = access.everybody
    names = {one.name: one.id for one in everybody.accounts} | {one.source: one.id for one in everybody.keys}
    zone = ZoneInfo(context.settings.filing.time_zone)
    since = _midnight(asked["seit"], zone) if asked["seit"] else None
    until = _midnight(asked["bis"], zone) + timedelta(days=1) if asked["bis"] else None
    actor = names.get(asked["wer"], asked["wer"])
    return Wanted(actor=actor, document=asked["dokument"], since=since, until=until)


def _midnight(day: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), zone)


def _source(access: Access, key_id: str) -> str:
    return next((one.source for one in access.everybody.keys if one.id == key_id), "")
