"""The page on which a clerk writes a rule, sees what it would have done, and saves it."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from services.classification.rules.saving import add, position_of, remove, rule_of
from services.classification.rules.trial import Trial, try_rule
from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.plan.file_plan import PlanPosition, Rule
from services.runtime.context.service import Context
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.translation.speaking import all_said, refusal
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import Decider
from services.runtime.web.problems import STATUS, UNPROCESSABLE

TEMPLATES = Path(__file__).parents[1] / "templates"
SURE = {"0.9": _("sicher (90 %)"), "0.7": _("wahrscheinlich (70 %)"), "0.5": _("möglich (50 %)")}
"""What a clerk may say of a rule; it ranks proposals and files nothing by itself."""


def rule_pages(context: Context) -> APIRouter:
    """`/regeln?stelle=`."""
    router = APIRouter()
    desk = Desk(TEMPLATES)

    @router.get("/regeln")
    def page(request: Request, caller: Decider, stelle: str = "") -> Response:
        position, fault = _asked(stelle, caller, context)
        facts = _facts(context, caller, position=position, typed={"stelle": stelle[:40]})
        return desk.page(request, "rules.html", status=_status(fault), fault=_sentence(fault), **facts)

    @router.post("/regeln")
    def act(request: Request, caller: Decider, fields: Fields) -> Response:
        position, fault = _asked(fields.get("stelle", ""), caller, context)
        trial = None
        try:
            if position and fields.get("action") == "try":
                trial = try_rule(position, _rule(fields), caller.viewer, context)
            elif position:
                _change(position, fields, context)
                return see_other(request, f"/regeln?stelle={position.code}", note="rule_changed")
        except Rejected as error:
            fault = error.code
        facts = _facts(context, caller, position=position, typed=fields, trial=trial)
        return desk.page(request, "rules.html", status=_status(fault), fault=_sentence(fault), **facts)

    return router


def _asked(code: str, caller: Caller, context: Context) -> tuple[PlanPosition | None, str]:
    """The position, or the code of what is wrong with it; neither where none was asked for."""
    if not code.strip():
        return None, ""
    try:
        return position_of(code[:40], caller, context), ""
    except Rejected as error:
        return None, error.code


def _change(position: PlanPosition, fields: dict[str, str], context: Context) -> None:
    base = fields.get("base", "")
    if not (base.isascii() and base.isdigit() and len(base) < 10):  # noqa: PLR2004  # versions count from 1
        raise Rejected("bad_request")
    acts = {"save": add, "remove": remove}
    act = acts.get(fields.get("action", ""))
    if act is None:
        raise Rejected("bad_request")
    act(position, _rule(fields), int(base), context)


def _rule(fields: dict[str, str]) -> Rule:
    try:
        confidence = float(fields.get("confidence", "0.9"))
    except ValueError as error:
        raise Rejected("bad_rule") from error
    if not 0 <= confidence <= 1:
        raise Rejected("bad_rule")
    return rule_of(fields.get("words", "")[:2_500], fields.get("address", ""), confidence)


def _facts(
    context: Context,
    caller: Caller,
    *,
    position: PlanPosition | None,
    typed: dict[str, str],
    trial: Trial | None = None,
) -> dict[str, Any]:
    plan = context.written_plan
    every = "administer" in caller.rights
    mine = [p for p in plan.open_leaves if every or caller.viewer.may_see((p.office,))]
    return {
        "position": position,
        "positions": mine,
        "titles": {p.code: p.title for p in plan.positions},
        "typed": typed,
        "trial": trial,
        "base": context.configuration.version("plan"),
        "sure": all_said(SURE),
    }


def _status(fault: str) -> int:
    return STATUS.get(fault, UNPROCESSABLE) if fault else 200


def _sentence(fault: str) -> str:
    return refusal(fault) if fault else ""
