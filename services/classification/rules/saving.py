"""Putting a clerk's rule into the plan: a version of its own, for a position of the clerk's office."""

import re

import msgspec
from msgspec.structs import replace

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.plan import plan_check
from services.core.plan.file_plan import FilePlan, PlanPosition, Rule
from services.runtime.context.configuration import announce
from services.runtime.context.service import Context

LONGEST = 200
"""Characters of one phrase or address."""
MOST_WORDS, MOST_RULES = 10, 100
_COUNTED = re.compile(r"(?P<own>.*)\+(?P<count>[0-9]{1,6})")


def position_of(code: str, caller: Caller, context: Context) -> PlanPosition:
    """The position of the plan as it is written; Rejected where it is unknown, no place for files, or another's."""
    position = context.written_plan.by_number.get(code.strip().upper())
    if position is None:
        raise Rejected("unknown_position")
    if position.code not in context.written_plan.open_codes:
        raise Rejected("closed_position" if position.closed else "no_files_here")
    if "administer" not in caller.rights and not caller.viewer.may_see((position.office,)):
        raise Rejected("forbidden")
    return position


def rule_of(words: str, address: str, confidence: float) -> Rule:
    """A rule from what a person typed: phrases parted by commas or lines; Rejected `bad_rule` where it says nothing."""
    phrases = tuple(dict.fromkeys(p.strip() for p in re.split(r"[,;\n]", words) if p.strip()))
    if len(phrases) > MOST_WORDS or any(len(text) > LONGEST for text in (*phrases, address)):
        raise Rejected("bad_rule")
    if not phrases and not address.strip():
        raise Rejected("bad_rule")
    return Rule(words=phrases, address=address.strip(), confidence=confidence)


def add(position: PlanPosition, rule: Rule, base: int, context: Context) -> int:
    """The plan's version with the rule; Rejected `plan_changed` where another plan came into force since `base`."""
    if rule in position.rules or len(position.rules) >= MOST_RULES:
        raise Rejected("bad_rule")
    return _store(position, (*position.rules, rule), base, context)


def remove(position: PlanPosition, rule: Rule, base: int, context: Context) -> int:
    """The plan's version without the rule; Rejected `bad_rule` where it has none such."""
    if rule not in position.rules:
        raise Rejected("bad_rule")
    return _store(position, tuple(one for one in position.rules if one != rule), base, context)


def _store(position: PlanPosition, rules: tuple[Rule, ...], base: int, context: Context) -> int:
    context.configuration.refresh("plan")
    if base != context.configuration.version("plan"):
        raise Rejected("plan_changed")
    plan = context.written_plan
    positions = tuple(replace(one, rules=rules) if one.code == position.code else one for one in plan.positions)
    content = msgspec.json.encode(replace(plan, version=_next(plan), positions=positions))
    faults = plan_check.faults_of(content.decode())
    if faults:  # words without a letter, say
        raise Rejected("plan_faulty", fault=faults[0].code, sentence=faults[0].sentence)
    version = context.configuration.store("plan", content, base=base)
    if version is None:
        raise Rejected("plan_changed")
    announce(context.configuration, "plan", log=context.ports.log, clock=context.ports.clock)
    context.log.info("rule_saved", version=version, position=position.code)
    return version


def _next(plan: FilePlan) -> str:
    """`2026.2` becomes `2026.2+1`, then `2026.2+2`: judgements name the version that they rest on."""
    found = _COUNTED.fullmatch(plan.version)
    own, count = (found["own"], int(found["count"])) if found else (plan.version, 0)
    return f"{own[:56]}+{count + 1}"
