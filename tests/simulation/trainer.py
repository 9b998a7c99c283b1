"""Somebody who trains models, takes them back, and changes the plan, whoever works meanwhile."""

from dataclasses import replace

from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import encode, name_of
from services.classification.knowledge.model_in_force import Version, version_in_force
from services.classification.training.learning import trained
from services.classification.training.text_table import TextTable
from services.classification.training.versions import activate, rollback
from services.core import keys
from services.core.errors import Rejected, TryLater
from services.core.keys import Bucket
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.runtime.context.service import Context
from tests.simulation.city import PLAN, POSITION, City

NEXT_PLAN = FilePlan(
    name="Simulation",
    version="2",
    offices=PLAN.offices,
    positions=(*PLAN.positions, PlanPosition(code="52.10.03", title="Anfragen", parent="52.10", office="bauamt")),
)
TURNS = 4


def train(city: City) -> None:
    """A few times: the end of a training, the way back, or another plan; each may die between any two of its steps."""
    context = _context(city)
    for turn in range(TURNS):
        try:
            city.world.chance.choice((_trained, _trained, _taken_back, _planned))(city, context, turn)
        except (TryLater, Rejected):
            city.world.trace.append("trainer put off")
        city.world.sleep(0.5)


def _context(city: City) -> Context:
    """Classification of a process of its own: nobody waits for what another one is in the middle of."""
    context = city.contexts["classification"]
    return replace(context, ports=replace(context.ports, blobs=city.blobs))


def _trained(city: City, context: Context, turn: int) -> None:
    words = {"geheimrat": 2, "anfra": 2, f"word{turn}": 1}
    trust = city.world.chance.choice((0.5, 4.0))
    table = TextTable.of({POSITION: [words], "52.10.03": [{"antwor": 1}]})
    content = encode(trained(table, table.all, Likeness({}), trust=trust))
    name = name_of(content)
    base = context.configuration.refresh("model")
    context.ports.blobs.create(Bucket.RECORDS, keys.model("main", name), content)
    activate(Version(model=name, made_at=context.ports.clock.now()), base, context)
    assert version_in_force(context.configuration).model == name


def _taken_back(city: City, context: Context, _: int) -> None:
    rollback(context)


def _planned(city: City, context: Context, turn: int) -> None:
    context.configuration.force("plan", NEXT_PLAN if turn % 2 else PLAN)
