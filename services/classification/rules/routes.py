"""Rules over HTTP: tried on the last letters, saved and removed by clerks of the position's office."""

from typing import Annotated

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.classification.rules.saving import add, position_of, remove, rule_of
from services.classification.rules.trial import try_rule
from services.core.plan.file_plan import Rule
from services.runtime.context.service import Context
from services.runtime.web.http import Decider
from services.runtime.web.problems import documented

Text = Annotated[str, Field(max_length=200)]


class RuleIn(BaseModel):
    """A rule at a position: all of its words, or the address it came to."""

    model_config = ConfigDict(extra="forbid")
    position: str = Field(min_length=1, max_length=40)
    words: list[Text] = Field(default_factory=list, max_length=10)
    address: Text = ""
    confidence: float = Field(0.9, ge=0, le=1)


class RuleChange(RuleIn):
    """A rule to save or remove in the plan of version `base`, as the trial told it."""

    base: int = Field(ge=1)


class LedOut(BaseModel):
    """A letter that the rule leads to its position, and where it lies."""

    document: str
    title: str
    state: str
    position: str


class TrialOut(BaseModel):
    """What the rule would have done to the last letters that the caller may see, and the plan's version in force."""

    base: int
    tried: int
    led: int
    right: int
    elsewhere: int
    open: int
    letters: list[LedOut]
    complete: bool


class PlanVersion(BaseModel):
    """The version of the plan that is in force now."""

    version: int


def rule_routes(context: Context) -> APIRouter:
    """`POST /classification/rules/trials`, `POST /classification/rules`, `POST /classification/rules/removals`."""
    router = APIRouter()
    refusals = documented(400, 401, 403, 412, 422, 429, 503)

    @router.post("/classification/rules/trials", responses=refusals, summary="Try a rule on the last letters")
    def trial(caller: Decider, asked: RuleIn) -> TrialOut:
        """Up to a thousand letters that the caller may see; nothing changes."""
        base = context.configuration.version("plan")
        position = position_of(asked.position, caller, context)
        found = try_rule(position, _rule(asked), caller.viewer, context)
        return TrialOut.model_validate(msgspec.to_builtins(found) | {"base": base})

    @router.post("/classification/rules", responses=refusals, summary="Save a rule")
    def save(caller: Decider, asked: RuleChange) -> PlanVersion:
        """Puts the plan with the rule in force as its next version."""
        position = position_of(asked.position, caller, context)
        return PlanVersion(version=add(position, _rule(asked), asked.base, context))

    @router.post("/classification/rules/removals", responses=refusals, summary="Remove a rule")
    def removal(caller: Decider, asked: RuleChange) -> PlanVersion:
        """Puts the plan without exactly this rule in force as its next version."""
        position = position_of(asked.position, caller, context)
        return PlanVersion(version=remove(position, _rule(asked), asked.base, context))

    return router


def _rule(asked: RuleIn) -> Rule:
    return rule_of("\n".join(asked.words), asked.address, asked.confidence)
