"""`/buecher`: whether the books agree, for whoever runs the mail room."""

from collections import Counter
from pathlib import Path

import msgspec
from fastapi import APIRouter, Request, Response

from services.core.bookkeeping import Balance
from services.ledger.books.balancing import balance_of, chain
from services.ledger.books.nightly import last_report
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import all_said, gettext
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import Administrator

DAYS = 31
FAULTS = {"missing": _("fehlt"), "changed": _("wurde nachträglich geändert"), "unreadable": _("ist unlesbar")}
FOUND = {
    "ledger_row": _("fehlten im Eingangsbuch und wurden nachgetragen"),
    "ledger_state": _("standen im Eingangsbuch anders und wurden berichtigt"),
    "index_entry": _("fehlten im Suchverzeichnis und werden nachgetragen"),
    "event_skipped": _("standen still und werden weiterbearbeitet"),
    "original_damaged": _("haben ein fehlendes oder beschädigtes Original"),
    "receipt_lost": _("haben Eingänge, die in der Ablage nicht mehr da sind"),
    "record_lost": _("haben einen Teil ihres Datensatzes verloren"),
    "record_unreadable": _("haben einen unlesbaren Datensatz"),
    "given_up": _("hält ein Verarbeitungsfehler auf"),
}


def book_pages(context: Context, templates: Path) -> APIRouter:
    """The page of the books."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/buecher")
    def books(request: Request, _: Administrator) -> Response:
        found = chain(context)
        today = balance_of(context, context.ports.clock.now().date())
        days = [today, *reversed(found.balances[-DAYS:])]
        return desk.page(
            request,
            "books.html",
            days=[(one, _sums(one)) for one in days],
            today=today.day,
            faults=[(fault.day, gettext(FAULTS[fault.fault])) for fault in found.faults],
            head=found.head_sha256,
            report=last_report(context),
            found_texts=all_said(FOUND),
        )

    return router


def _sums(balance: Balance) -> Counter[str]:
    sums: Counter[str] = Counter()
    for line in balance.lines:
        sums.update({name: value for name, value in msgspec.structs.asdict(line).items() if isinstance(value, int)})
    return sums
