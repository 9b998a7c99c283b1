"""A training: from examples and what clerks decided to a model, taken only where held-out texts say it is no worse."""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgspec import Struct

from services.classification.fusion import PLAN_ALONE, STARTER, Weights
from services.classification.knowledge.known import Known, known, plan_texts
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import encode, name_of, trained
from services.classification.knowledge.model_in_force import Figures, Version, version_in_force
from services.classification.knowledge.words import features
from services.classification.training.fitting import Counted, Fit, Split, fit, measured, weighed_of
from services.classification.training.versions import activate
from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.runtime.context.service import Context

EVERY = timedelta(days=1)
FEW = 50
"""Decisions from which they are held out, the newest; with fewer the examples are, and no night trains."""
_LEAST_FRESH = 10
"""Decisions newer than the model in force from which it is compared with; it knows all others."""
_HELD = 5
"""One text of so many is held out."""
_SPLITS = 3
"""Ways of holding examples out that are measured."""
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


@dataclass(frozen=True, slots=True)
class Texts:
    """All that is known, by position."""

    examples: Mapping[str, Sequence[Counted]]
    plan: Mapping[str, Sequence[Counted]]
    """The plan's own words of each position: always known, never asked."""
    decided: Sequence[tuple[str, Counted]]
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
        parted = splits(texts)
        found = fit(parted, weights)
        if not _is_better(found, _of_model_in_force(knowledge, parted, texts, weights)):
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
    """The newest decisions against all before, where there are enough; else each fifth example against the others."""
    if len(texts.decided) >= FEW:
        count = len(texts.decided) // _HELD
        if texts.fresh >= _LEAST_FRESH:
            count = min(count, texts.fresh)  # what the model in force has not seen either
        before, held = texts.decided[:-count], texts.decided[-count:]
        words = _together(texts.examples, texts.plan, ())
        return [Split(words, _together(texts.examples, texts.plan, before), _often(before), held)]
    found = []
    for turn in range(_SPLITS):
        kept = {code: [t for n, t in enumerate(mine) if n % _HELD != turn] for code, mine in texts.examples.items()}
        asked = [(code, t) for code, mine in texts.examples.items() for t in mine[turn::_HELD]]
        words = _together(kept, texts.plan, ())
        found.append(Split(words, _together(kept, texts.plan, texts.decided), _often(texts.decided), asked))
    return found


def _often(decided: Sequence[tuple[str, Counted]]) -> dict[str, int]:
    return dict(Counter(code for code, _ in decided))


def _is_better(found: Fit, in_force: Figures | None) -> bool:
    """Whether the model tells held-out texts better than none does, and no worse than the one in force."""
    mine = found.with_model
    if not mine.texts or not found.trust or mine.loss >= found.without.loss or mine.first < found.without.first:
        return False
    return in_force is None or (mine.loss <= in_force.loss and mine.first >= in_force.first)


def _of_model_in_force(knowledge: Known, parted: list[Split], texts: Texts, weights: Weights) -> Figures | None:
    """None where there is none, or it has seen what is held out."""
    model = knowledge.trained.model
    if model is None or len(texts.decided) < FEW or texts.fresh < _LEAST_FRESH:
        return None
    return measured(model, parted[0], weights)


def _taken(found: Fit, texts: Texts, likeness: Likeness, *, base: int, context: Context) -> Outcome:
    weighed = weighed_of(_together(texts.examples, texts.plan, texts.decided), likeness)
    content = encode(trained(weighed, trust=found.trust, scale=found.scale))
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
        decided=[(code, one.words or {}) for code, one in open_ones],
        fresh=sum(one.decided_at > since for _, one in open_ones),
    )


def _together(
    examples: Mapping[str, Sequence[Counted]],
    plan: Mapping[str, Sequence[Counted]],
    decided: Sequence[tuple[str, Counted]],
) -> dict[str, list[Counted]]:
    together: dict[str, list[Counted]] = defaultdict(list)
    for mine in (plan, examples):
        for code, several in mine.items():
            together[code] += several
    for code, words in decided:
        together[code].append(words)
    return dict(together)
