"""What is known of each position and who taught how much: which positions know little, whose word was bounded."""

from weakref import WeakKeyDictionary

from msgspec import Struct

from services.classification.knowledge.known import Known, known
from services.classification.knowledge.model_in_force import version_in_force
from services.classification.knowledge.starter import Source, letters_of, sources_of
from services.core.model.accounts import Caller
from services.core.plan.file_plan import FilePlan
from services.runtime.context.service import Context

LITTLE = 10
"""Letters and decisions together, below which a position knows little: so many examples each of ours has at least."""
_SOURCES: WeakKeyDictionary[Known, tuple[FilePlan, dict[str, Source]]] = WeakKeyDictionary()
"""Of the plan that was asked about last: another plan's positions are compared with thousands of letters."""


class KnownPosition(Struct, frozen=True, kw_only=True):
    """What is known of one open position besides the words of the plan."""

    code: str
    title: str
    office: str
    letters: int
    """Examples that are shipped."""
    source: str
    """The position of the shipped plan that they were written for; empty where there are none."""
    by: str
    """Why they were taken over: `title`, `service`, `product`, `likeness`; empty where there are none."""
    decisions: int
    """Letters that clerks put here, as far as they are remembered."""
    little: bool


class Teacher(Struct, frozen=True, kw_only=True):
    """How much one account taught."""

    account: str
    decisions: int
    """As far as they are remembered."""
    bounded: int
    """Of all, those that make nothing surer any more: too many of one account at one position, or beyond its share."""
    overruled: int
    """Documents that somebody else put elsewhere afterwards."""
    in_training: int
    """Decisions that count less in the model in force, for they outweighed all else that is known of a position."""


class Knowledge(Struct, frozen=True, kw_only=True):
    """All of it, as far as the caller may see it."""

    positions: tuple[KnownPosition, ...]
    """Of the caller's offices."""
    little: int
    """How many of them know little."""
    bounded_accounts: int
    """Accounts whose decisions outweighed all else at a position, so that the model in force counts them less."""
    accounts: tuple[Teacher, ...]
    """Whom it is about; for administrators alone."""


def knowledge(caller: Caller, context: Context) -> Knowledge:
    """What is known, of every position that the caller's offices look after. TryLater while the store is away."""
    mine = known(context)
    positions = _positions(mine, caller, context)
    in_training = version_in_force(context.configuration).bounded
    return Knowledge(
        positions=positions,
        little=sum(one.little for one in positions),
        bounded_accounts=len(in_training),
        accounts=_teachers(mine, in_training) if "administer" in caller.rights else (),
    )


def _positions(mine: Known, caller: Caller, context: Context) -> tuple[KnownPosition, ...]:
    plan, viewer, decided = context.plan, caller.viewer, mine.lessons.at()
    sources, found = _sources(mine, plan, context), []
    for position in plan.open_leaves:
        if not viewer.all_offices and position.office not in viewer.offices:
            continue
        source = sources.get(position.code)
        letters, decisions = letters_of(source.code) if source else 0, decided.get(position.code, 0)
        found.append(
            KnownPosition(
                code=position.code,
                title=position.title,
                office=position.office,
                letters=letters,
                source=source.code if source else "",
                by=source.by if source else "",
                decisions=decisions,
                little=letters + decisions < LITTLE,
            )
        )
    return tuple(found)


def _sources(mine: Known, plan: FilePlan, context: Context) -> dict[str, Source]:
    plan_of, sources = _SOURCES.get(mine, (None, {}))
    if plan_of is not plan:
        sources = sources_of(plan, context.settings.storage.cache.expanduser())
        _SOURCES[mine] = plan, sources
    return sources


def _teachers(mine: Known, in_training: dict[str, int]) -> tuple[Teacher, ...]:
    return tuple(
        Teacher(
            account=one.actor,
            decisions=one.lessons,
            bounded=one.bounded,
            overruled=one.overruled,
            in_training=in_training.get(one.actor, 0),
        )
        for one in mine.lessons.influences()
    )
