"""A training: from examples and what clerks decided to a model, taken only where held-out texts say it is no worse."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

from services.classification.evidence import first_pages
from services.classification.fusion import PLAN_ALONE, STARTER, Scores, Weights
from services.classification.knowledge.known import Known, known, plan_texts
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model, encode, name_of
from services.classification.knowledge.model_in_force import Figures, Version, version_in_force
from services.classification.knowledge.words import features, unquoted
from services.classification.training.bounding import heard
from services.classification.training.comparing import Difference, is_taken
from services.classification.training.fitting import (
    Fit,
    Split,
    dealt,
    difference,
    fit,
    judged,
    measured,
    scored,
    trusted,
)
from services.classification.training.learning import trained
from services.classification.training.reading import Taught, decided, decisions_since
from services.classification.training.text_table import Chosen, Counted, TextTable
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
MOST_ASKED = 3_000
"""Texts of a part that are asked: their share of right ones is then known to a hundredth."""
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
    row: int
    """Of its words."""
    sender: str
    """Whose it is: a hash; for a letter whose sender nobody knows that of the document itself."""
    meaning: Scores | None = None
    """How near it lies to each position by its meaning; None where nobody asked."""


@dataclass(frozen=True, slots=True)
class Texts:
    """All that is known: one table of words, and which of its rows are what."""

    table: TextTable
    examples: Mapping[str, Sequence[Counted]]
    plan: Mapping[str, Sequence[Counted]]
    """The plan's own words of each position: always known, never asked."""
    rows: Mapping[str, Sequence[int]]
    """Of the examples."""
    decided: Sequence[Decided]
    """In the order of time."""
    fresh: int
    """How many of them are newer than the model in force."""
    documents: Mapping[int, str]
    """Of each decision's row."""
    bounded: Mapping[str, int]
    """Accounts of whose letters so many count less than those of others, see `bounding`."""

    def without(self, rows: Iterable[int]) -> Chosen:
        """Everything but these."""
        chosen = self.table.all
        chosen[list(rows)] = False
        return chosen


def train(context: Context, *, asked_for: bool = True) -> Outcome:
    """Train, measure, and put in force what is no worse, or of a night that nobody asked for, what is better.

    Rejected `training_now` while another training runs here.
    """
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
        if not found.trust or not is_taken(found.gain, in_force, asked_for=asked_for):
            return _outcome(found, texts, version=base)
        return _taken(found, texts, knowledge.likeness, base=base, context=context)
    finally:
        _TRAINING.release()


def train_nightly(context: Context) -> None:
    """Train where clerks decided enough since the last time; what is no better, or by chance, changes nothing."""
    if not context.settings.classification.train_nightly:
        return
    before = version_in_force(context.configuration).made_at
    if decisions_since(before, known(context)) < FEW:
        return
    outcome = train(context, asked_for=False)
    context.log.info("model_trained", version=outcome.version, count=outcome.decisions, taken=outcome.taken)


def splits(texts: Texts) -> list[Split]:
    """Parts by which trust is fitted: of decisions where there are enough, else of examples.

    All letters of a sender are in one part: a model knows the forms and names of those whose letters it has seen, and
    would be trusted for everybody as far as for them.
    """
    if len(texts.decided) >= FEW:
        likeness = Likeness.of_counted(together(texts.examples, texts.plan))
        parts = dealt(texts.decided, _SPLITS, lambda one: one.sender)
        return [_split(likeness, texts, held) for held in parts]
    found = []
    for turn in range(_SPLITS):
        kept = {code: [t for n, t in enumerate(mine) if n % _HELD != turn] for code, mine in texts.examples.items()}
        asked = [row for rows in texts.rows.values() for row in rows[turn::_HELD]]
        likeness = Likeness.of_counted(together(kept, texts.plan))
        found.append(Split(likeness, texts.table, texts.without(asked), _often(texts.decided), asked))
    return found


def newest_of(texts: Texts) -> Split | None:
    """The newest decisions against all before, by which a model is taken or not; None where there are too few."""
    if len(texts.decided) < FEW:
        return None
    count = len(texts.decided) // _HELD
    if _is_fresh(texts):
        count = min(count, texts.fresh)  # what the model in force has not seen either
    likeness = Likeness.of_counted(together(texts.examples, texts.plan))
    return _split(likeness, texts, texts.decided[-count:])


def _split(likeness: Likeness, texts: Texts, held: Sequence[Decided]) -> Split:
    """All of these are held back; of very many so many are asked, spread evenly over the time."""
    away = {one.row for one in held}
    often = _often(one for one in texts.decided if one.row not in away)
    asked = held[:: max(-(-len(held) // MOST_ASKED), 1)]
    senders, meanings = [one.sender for one in asked], [one.meaning for one in asked]
    return Split(likeness, texts.table, texts.without(away), often, [one.row for one in asked], senders, meanings)


def _often(decided: Iterable[Decided]) -> dict[str, int]:
    return dict(Counter(one.position for one in decided))


def _is_fresh(texts: Texts) -> bool:
    """Whether enough was decided that the model in force has not seen."""
    return len(texts.decided) >= FEW and texts.fresh >= _LEAST_FRESH


def _measured(found: Fit, newest: Split, weights: Weights, in_force: Model | None) -> tuple[Fit, Difference | None]:
    """The same fit with what it makes of the newest decisions, and how the model in force differs from that."""
    asked = scored(newest, weights)
    without, mine = asked.without(), judged(asked, found.trust, found.scale, found.by_words)
    gain = difference([mine], [without])
    told = msgspec.structs.replace(found, without=without.figures, with_model=mine.figures, gain=gain)
    return told, difference([mine], [measured(in_force, newest, asked)]) if in_force else None


def _taken(found: Fit, texts: Texts, likeness: Likeness, *, base: int, context: Context) -> Outcome:
    content = encode(trusted(trained(texts.table, texts.table.all, likeness), found))
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
        bounded=dict(texts.bounded),
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
    since = version_in_force(context.configuration).made_at
    examples, own = plan_texts(context.plan, context.settings.storage.cache.expanduser())
    texts = texts_of(
        {code: [features(text) for text in mine] for code, mine in examples.items()},
        {code: [features(text)] for code, text in own.items()},
        decided(knowledge, context),
        since,
    )
    told = texts.decided
    meant = [one._replace(meaning=_meaning(texts.documents[one.row], knowledge, context)) for one in told[-MEANT:]]
    return replace(texts, decided=[*told[:-MEANT], *meant])


def texts_of(
    examples: Mapping[str, Sequence[Counted]],
    plan: Mapping[str, Sequence[Counted]],
    taught: Iterable[tuple[Taught, Counted]],
    since: datetime,
) -> Texts:
    """One table of everything; a decision counts half as much for each year that it is older than the newest.

    Of one account it counts less where it would outweigh everything else that is known of a position.
    """
    table, rows = TextTable(), {}
    for code, mine in plan.items():
        for counted in mine:
            table.add(code, counted)
    for code, mine in examples.items():
        rows[code] = [table.add(code, counted) for counted in mine]
    facts = sorted((one.decided_at, one.document, one, table.add(one.position, words)) for one, words in taught)
    said = heard([one for _, _, one, _ in facts], {code: len(mine) for code, mine in together(examples, plan).items()})
    table.counts = np.ones(len(table))
    table.counts[[row for _, _, _, row in facts]] = said.weights
    return Texts(
        table=table,
        examples=examples,
        plan=plan,
        rows=rows,
        decided=[Decided(one.position, row, one.sender) for _, _, one, row in facts],
        fresh=sum(moment > since for moment, _, _, _ in facts),
        documents={row: document for _, document, _, row in facts},
        bounded=said.bounded,
    )


def _meaning(document: str, knowledge: Known, context: Context) -> Scores | None:
    """The newest letters are compared by meaning as each letter is that words leave in doubt."""
    try:
        extraction = record.load(context.ports.blobs, context.settings.tenant, document).extraction
    except Rejected:
        extraction = None  # nobody can read it any more
    if extraction is None:
        return None  # or it was erased meanwhile
    written = "\n".join(map(unquoted, first_pages(extraction)))
    return knowledge.meaning(extraction.title, written, knowledge.likeness.codes)


def together(
    examples: Mapping[str, Sequence[Counted]], plan: Mapping[str, Sequence[Counted]]
) -> dict[str, list[Counted]]:
    """What the likeness of held-out texts knows of each position."""
    return {code: [*plan.get(code, ()), *examples.get(code, ())] for code in dict.fromkeys((*plan, *examples))}
