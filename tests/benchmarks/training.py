"""What a training costs against what it may, what a large plan costs a letter, and how soon classification begins."""

import resource
import time
from functools import partial
from unittest.mock import patch

from services.classification.knowledge.known import known
from services.classification.knowledge.remembering import remember
from services.classification.remembered.lessons import MOST
from services.classification.service import SERVICE as CLASSIFICATION
from services.classification.training.runs import train
from services.core.plan.file_plan import FilePlan
from services.runtime.context.service import Context
from tests.benchmarks.archive import Archive, Words, code_of
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job
from tests.component.registry_office import RegistryOffice
from tests.evaluation.judging import shipped_plan

_SECONDS, _LETTERS = 600.0, 100_000
"""A training of so many letters may take so long."""
_AT_LEAST = 120.0
"""Counting the examples and comparing the thousand newest by meaning takes the same however many letters there are."""
_MEBIBYTES = 2_048.0
_START = 1.0
"""Seconds until the first letter can be judged, from a stored model."""
_FEW, _MANY = 100, 1_000
"""Positions of a small plan and of a large one."""
_REMEMBERED = 2_000
"""Decisions that both know."""


def trained(job: Job) -> Cost:
    """A training by so many letters of the positions of the shipped plan, with its examples."""
    _, context = _office(job, job.size, shipped_plan())
    costing = Costing(job)
    outcome = train(context)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if outcome.decisions != job.size or not outcome.taken:
        raise RuntimeError(f"{outcome}")
    return costing.over(job.size, mebibytes=peak)


def may_train(job: Job) -> Cost:
    """Ten minutes for a hundred thousand letters, of fewer a share, but not less than `_AT_LEAST`; two gigabytes."""
    seconds = max(_SECONDS * job.size / _LETTERS, _AT_LEAST)
    return Cost(cpu=2 * seconds, wall=seconds, made=job.size, more={"mebibytes": _MEBIBYTES})


def started(job: Job, *, remembered: int) -> Cost:
    """Classification of a process that begins: plan, examples and a model of so many letters, each read as it is kept.

    Another process was here before it, so that the words of the plan lie in the cache folder, and what it knew of the
    `remembered` newest decisions in the store.
    """
    before, context = _office(job, job.size, shipped_plan())
    model = train(context)
    remember(_beginning(before, remembered, job))
    beginning = _beginning(before, remembered, job)
    costing = Costing(job)
    knowledge = known(beginning)
    if knowledge.trained.name != model.model or len(knowledge.lessons) != min(remembered, MOST):
        raise RuntimeError("the model is not in force, or what was decided is not known")
    return costing.over(1)


def _beginning(before: RegistryOffice, remembered: int, job: Job) -> Context:
    office = RegistryOffice(before.blobs.with_newest(remembered), storage={"cache": job.folder})
    office.configuration.force("plan", shipped_plan())
    office.configuration.refresh("model")
    return office.contexts[CLASSIFICATION.name]


def may_start(job: Job) -> Cost:
    """A second."""
    return Cost(cpu=_START, wall=_START, made=1)


def judged(job: Job, *, positions: int) -> Cost:
    """Letters judged by the plan, a model and what clerks decided; the encoder costs the same for all."""
    words = Words(positions, job.seed)
    examples = {code_of(place): [words.letter(place, -place)] for place in range(positions)}
    with patch("services.classification.knowledge.known.examples_for", lambda *_: examples):
        return _judged(job, words, positions)


def _judged(job: Job, words: Words, positions: int) -> Cost:
    office, context = _office(job, _REMEMBERED, words.plan(), words=words)
    train(context)
    events = [office.read(words.letter(number % positions, -number)) for number in range(job.size + 1)]
    office.handle(events[0], context)
    costing, began = Costing(job), time.thread_time()
    for event in events[1:]:
        office.handle(event, context)
    return costing.over(job.size, thread=time.thread_time() - began)


def _office(job: Job, letters: int, plan: FilePlan, *, words: Words | None = None) -> tuple[RegistryOffice, Context]:
    codes = [position.code for position in plan.open_leaves]
    archive = Archive(letters, words or Words(len(codes), job.seed), codes)
    settings = {"storage": {"cache": job.folder}, "classification": {"meaning": words is None}}
    office = RegistryOffice(archive, **settings)
    office.configuration.force("plan", plan)
    return office, office.contexts[CLASSIFICATION.name]


_TRAININGS = tuple(
    Comparison(
        name=f"training{name}",
        title=f"Train a model by 10,000 letters and 323 positions, {said}",
        anchor=allowed,
        figure=figure,
        goal=1.0,
        mark="G22",
        ours=trained,
        bare=may_train,
        size=10_000,
    )
    for name, figure, said, allowed in (
        ("", "wall", "wall", "ten minutes for 100,000"),
        ("-memory", "mebibytes", "peak of the process", "2 GiB"),
    )
)
COMPARISONS = (
    *_TRAININGS,
    Comparison(
        name="large-plan",
        title=f"Judge a letter by words, model and decisions, {_MANY:,} positions",
        anchor=f"{_FEW} positions",
        figure="thread",
        goal=1.5,
        mark="G22",
        ours=partial(judged, positions=_MANY),
        bare=partial(judged, positions=_FEW),
        size=300,
    ),
    *(
        Comparison(
            name=name,
            title=f"Begin to classify, from a stored model of 10,000 letters, beside {remembered:,} decisions",
            anchor="a second",
            figure="wall",
            goal=1.0,
            mark="G22",
            ours=partial(started, remembered=remembered),
            bare=may_start,
            size=10_000,
        )
        for name, remembered in (("classifier-start", 0), ("classifier-start-decisions", 10_000))
    ),
)
