"""A training: from examples and what clerks decided to a model, taken only where held-out texts say it is no worse."""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct

from services.classification.evidence import first_pages
from services.classification.fusion import PLAN_ALONE, STARTER, Scores, Weights
from services.classification.knowledge.known import Known, known, plan_texts
from services.classification.knowledge.lessons import Lesson
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model, encode, name_of, trained
from services.classification.knowledge.model_in_force import Figures, Version, version_in_force
from services.classification.knowledge.words import features, unquoted
from services.classification.training.fitting import (
    Counted,
    Fit,
    Split,
    dealt,
    figures,
    fit,
    judged,
    measured,
    scored,
    trusted,
    weighed_of,
)
from services.classification.training.versions import activate
from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.model import record
from services.runtime.context.service import Context

EVERY = timedelta(days=1)
FEW = 50
"""Decisions from which they are held out, the newest; with fewer the examples are, and no night trains."""
_LEAST_FRESH = 10
"""Decisions newer than the model in force from which it is compared with; it knows all others."""
_HELD = 5
"""One text of so many is held out."""
_SPLITS = 3
"""Ways of holding texts out by which a model's trust is fitted."""
MEANT = 1_000
"""Decisions whose letters are compared by meaning in a training, the newest: 10 to 18 ms each."""
_TRAINING = threading.Lock()


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a training."""

    taken: bool
    version: int
    """In force now; 0 for none."""
    model: str
    examples: int
    decisions: int
    without: Figures
    with_model: Figures


class Decided(NamedTuple):
    """A document that clerks decided about."""

    position: str
    words: Counted
    sender: str
    """Whose it is: a hash; for a letter whose sender nobody knows that of the document itself."""
    meaning: Scores | None = None
    """How near it lies to each position by its meaning; None where nobody asked."""


@dataclass(frozen=True, slots=True)
class Texts:
    """All that is known, by position."""

    examples: Mapping[str, Sequence[Counted]]
    plan: Mapping[str, Sequence[Counted]]
    """The plan's own words of each position: always known, never asked."""
    decided: Sequence[Decided]
    """In the order of time."""
    fresh: int
    """How many of them are newer than the model in force."""


def train(context: Context) -> Outcome:
    """Train, measure, and put in force what is no worse; Rejected `training_now` while another training runs here."""
    if not _TRAINING.acquire(blocking=False):
        raise Rejected("training_now")
    try:
        base = context.configuration.refresh("model")
        knowledge = known(context)
        texts = _texts(knowledge, context)
        weights = STARTER if knowledge.with_examples else PLAN_ALONE
        found = fit(splits(texts), weights)
        newest, in_force = newest_of(texts), None
        if newest:
            found, in_force = _measured(found, newest, weights, knowledge.trained.model if _is_fresh(texts) else None)
        if not _is_better(found, in_force):
            return _outcome(found, texts, version=base)
        return _taken(found, texts, knowledge.likeness, base=base, context=context)
    finally:
        _TRAINING.release()


def train_nightly(context: Context) -> None:
    """Train where clerks decided enough since the last time; a training that is no better changes nothing."""
    if not context.settings.classification.train_nightly:
        return
    before = version_in_force(context.configuration).decisions
    if len(known(context).lessons) < before + FEW:
        return
    outcome = train(context)
    context.log.info("model_trained", version=outcome.version, count=outcome.decisions, taken=outcome.taken)


def splits(texts: Texts) -> list[Split]:
    """Parts by which trust is fitted: of decisions where there are enough, else of examples.

    All letters of a sender are in one part: a model knows the forms and names of those whose letters it has seen, and
    would be trusted for everybody as far as for them.
    """
    found = []
    if len(texts.decided) >= FEW:
        likeness = Likeness.of_counted(_together(texts.examples, texts.plan, ()))
        for held in dealt(texts.decided, _SPLITS, lambda one: one.sender):
            asked = {id(one) for one in held}
            others = [one for one in texts.decided if id(one) not in asked]
            found.append(_split(likeness, texts, others, held))
        return found
    for turn in range(_SPLITS):
        kept = {code: [t for n, t in enumerate(mine) if n % _HELD != turn] for code, mine in texts.examples.items()}
        asked_of = [(code, t) for code, mine in texts.examples.items() for t in mine[turn::_HELD]]
        likeness = Likeness.of_counted(_together(kept, texts.plan, ()))
        known = _together(kept, texts.plan, texts.decided)
        found.append(Split(likeness, known, _often(texts.decided), asked_of))
    return found


def newest_of(texts: Texts) -> Split | None:
    """The newest decisions against all before, by which a model is taken or not; None where there are too few."""
    if len(texts.decided) < FEW:
        return None
    count = len(texts.decided) // _HELD
    if _is_fresh(texts):
        count = min(count, texts.fresh)  # what the model in force has not seen either
    likeness = Likeness.of_counted(_together(texts.examples, texts.plan, ()))
    return _split(likeness, texts, texts.decided[:-count], texts.decided[-count:])


def _split(likeness: Likeness, texts: Texts, others: Sequence[Decided], held: Sequence[Decided]) -> Split:
    known = _together(texts.examples, texts.plan, others)
    asked = [(one.position, one.words) for one in held]
    senders, meanings = [one.sender for one in held], [one.meaning for one in held]
    return Split(likeness, known, _often(others), asked, senders, meanings)


def _often(decided: Sequence[Decided]) -> dict[str, int]:
    return dict(Counter(one.position for one in decided))


def _is_fresh(texts: Texts) -> bool:
    """Whether enough was decided that the model in force has not seen."""
    return len(texts.decided) >= FEW and texts.fresh >= _LEAST_FRESH


def _measured(found: Fit, newest: Split, weights: Weights, in_force: Model | None) -> tuple[Fit, Figures | None]:
    """The same fit with what it makes of the newest decisions, and what the model in force makes of them."""
    asked = scored(newest, weights)
    told = msgspec.structs.replace(
        found,
        without=figures(asked.words + asked.prior, asked.right),
        with_model=judged(asked, found.trust, found.scale, found.by_words),
    )
    return told, measured(in_force, newest, weights) if in_force else None


def _is_better(found: Fit, in_force: Figures | None) -> bool:
    """Whether the model tells held-out texts better than none does, and no worse than the one in force."""
    mine = found.with_model
    if not mine.texts or not found.trust or mine.loss >= found.without.loss or mine.first < found.without.first:
        return False
    return in_force is None or (mine.loss <= in_force.loss and mine.first >= in_force.first)


def _taken(found: Fit, texts: Texts, likeness: Likeness, *, base: int, context: Context) -> Outcome:
    weighed = weighed_of(_together(texts.examples, texts.plan, texts.decided), likeness)
    content = encode(trusted(trained(weighed), found))
    name = name_of(content)
    context.ports.blobs.create(Bucket.RECORDS, keys.model(context.settings.tenant, name), content)
    version = Version(
        model=name,
        made_at=context.ports.clock.now(),
        plan_version=context.plan.version,
        examples=sum(map(len, texts.examples.values())),
        decisions=len(texts.decided),
        without=found.without,
        with_model=found.with_model,
    )
    return _outcome(found, texts, version=activate(version, base, context), model=name)


def _outcome(found: Fit, texts: Texts, *, version: int, model: str = "") -> Outcome:
    return Outcome(
        taken=bool(model),
        version=version,
        model=model,
        examples=sum(map(len, texts.examples.values())),
        decisions=len(texts.decided),
        without=found.without,
        with_model=found.with_model,
    )


def _texts(knowledge: Known, context: Context) -> Texts:
    plan, since = context.plan, version_in_force(context.configuration).made_at
    lessons = sorted(knowledge.lessons.all(), key=lambda one: (one.decided_at, one.document))
    placed = [(plan.place_of(one.position), one) for one in lessons if one.position]
    open_ones = [(code, one) for code, one in placed if code in plan.open_codes]
    examples, own = plan_texts(plan)
    return Texts(
        examples={code: [features(text) for text in mine] for code, mine in examples.items()},
        plan={code: [features(text)] for code, text in own.items()},
        decided=_decided(open_ones, knowledge, context),
        fresh=sum(one.decided_at > since for _, one in open_ones),
    )


def _decided(open_ones: Sequence[tuple[str, Lesson]], knowledge: Known, context: Context) -> list[Decided]:
    """The newest are compared by meaning as a letter is: that is what a probability is told of, where words doubt."""
    meant = {lesson.document for _, lesson in open_ones[-MEANT:]}
    return [
        Decided(
            code,
            one.words or {},
            one.sender or one.document,
            _meaning(one.document, knowledge, context) if one.document in meant else None,
        )
        for code, one in open_ones
    ]


def _meaning(document: str, knowledge: Known, context: Context) -> Scores | None:
    extraction = record.load(context.ports.blobs, context.settings.tenant, document).extraction
    if extraction is None:
        return None  # erased meanwhile
    written = "\n".join(map(unquoted, first_pages(extraction)))
    return knowledge.meaning(extraction.title, written, knowledge.likeness.codes)


def _together(
    examples: Mapping[str, Sequence[Counted]],
    plan: Mapping[str, Sequence[Counted]],
    decided: Sequence[Decided],
) -> dict[str, list[Counted]]:
    together: dict[str, list[Counted]] = defaultdict(list)
    for mine in (plan, examples):
        for code, several in mine.items():
            together[code] += several
    for one in decided:
        together[one.position].append(one.words)
    return dict(together)
