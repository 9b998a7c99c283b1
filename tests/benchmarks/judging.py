"""Letters judged by the plan that is shipped, with the encoder of sentences and without."""

from services.classification.service import SERVICE as CLASSIFICATION
from services.core.plan import file_plan
from tests.benchmarks.measuring import Cost, Costing, Job
from tests.component.registry_office import RegistryOffice
from tests.evaluation.letters import FILE_PLANS, examples

_PLAN = FILE_PLANS / "musterstadt.json"


def with_meaning(job: Job) -> Cost:
    """As shipped: letters in doubt are compared by meaning."""
    return _judged(job, meaning=True)


def by_words(job: Job) -> Cost:
    """With `classification.meaning` off."""
    return _judged(job, meaning=False)


def _judged(job: Job, *, meaning: bool) -> Cost:
    """Every tenth example letter, without its title: in doubt, like most of a day's post."""
    office = RegistryOffice(classification={"meaning": meaning}, storage={"cache": job.folder})
    office.configuration.force("plan", file_plan.decode(_PLAN.read_bytes()))
    events = [office.read(letter.text) for letter in examples()[::10][: job.size + 1]]
    context = office.contexts[CLASSIFICATION.name]
    office.handle(events[0], context)  # what is read once is not a letter's cost
    costing = Costing(job)
    for event in events[1:]:
        office.handle(event, context)
    return costing.over(len(events) - 1)
