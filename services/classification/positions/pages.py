"""The page that shows what proposals rest on: positions that know little, and whose decisions were bounded."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.classification.positions.told import LITTLE, knowledge
from services.classification.rules.pages import rule_pages
from services.runtime.access.credentials import Access
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import all_said
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import Overseer

TEMPLATES = Path(__file__).parents[1] / "templates"
MOST = 200
"""Positions on the page, those that know least; the API tells all."""
BY = {
    "title": _("gleiche Bezeichnung"),
    "service": _("LeiKa-Schlüssel"),
    "product": _("KGSt-Produkt"),
    "likeness": _("ähnliche Texte"),
}


def pages(context: Context) -> APIRouter:
    """All pages of classification: `/regeln` and `/wissen`."""
    router = APIRouter()
    router.include_router(rule_pages(context))
    router.include_router(knowledge_pages(context))
    return router


def knowledge_pages(context: Context) -> APIRouter:
    """`/wissen`."""
    router = APIRouter()
    desk = Desk(TEMPLATES)

    @router.get("/wissen")
    def page(request: Request, caller: Overseer) -> Response:
        found = knowledge(caller, context)
        poor = sorted((one for one in found.positions if one.little), key=lambda one: one.letters + one.decisions)
        access: Access = request.app.state.access
        return desk.page(
            request,
            "knowledge.html",
            knowledge=found,
            poor=poor[:MOST],
            offices=context.plan.offices,
            accounts=[(access.name_of(one.account) or one.account, one) for one in found.accounts],
            by=all_said(BY),
            enough=LITTLE,
        )

    return router
