"""Who is given what is filed at a place, among all procedures that are registered."""

import random

from services.core.messages.procedures import Procedure, Procedures
from services.core.plan.file_plan import FilePlan, PlanPosition

OFFICES = ("bauamt", "kasse", "hauptamt")


def a_plan() -> FilePlan:
    """Three levels: 1, 1.2, 1.2.3."""
    codes = [f"{a}" for a in range(4)]
    codes += [f"{a}.{b}" for a in range(4) for b in range(4)]
    codes += [f"{a}.{b}.{c}" for a in range(4) for b in range(4) for c in range(3)]
    positions = (
        PlanPosition(code=code, title=code, parent=code.rpartition(".")[0] or None, office=OFFICES[number % 3])
        for number, code in enumerate(codes)
    )
    return FilePlan(name="plan", version="1", positions=tuple(positions))


def test_the_takers_are_those_that_each_would_name_by_itself() -> None:
    """For every position, also an unknown one: whoever is given it or one above, or everything of its office."""
    plan, chance = a_plan(), random.Random(7)
    codes = [position.code for position in plan.positions]
    known = Procedures(
        procedures=tuple(
            Procedure(
                name=f"verfahren-{number}",
                positions=tuple(chance.sample(codes, chance.randint(0, 3))),
                offices=tuple(chance.sample(OFFICES, chance.randint(0, 1))),
            )
            for number in range(40)
        )
    )
    for code in [*codes, "9.9", ""]:
        asked = {one.name for one in known.procedures if one.gets(code, plan)}
        assert [one.name for one in known.takers(code, plan)] == sorted(asked), code


def test_more_that_do_not_take_part_cost_a_filing_nothing() -> None:
    """The plan is asked as often with two hundred registered elsewhere as with none."""
    few, plan = Procedures(procedures=(Procedure(name="eins", positions=("1",)),)), a_plan()
    others = (Procedure(name=f"anderes-{number}", positions=("2.1.1",)) for number in range(200))
    many = Procedures(procedures=(*few.procedures, *others))
    asked: list[str] = []

    class Counted(dict[str, PlanPosition]):
        """The positions, and how often one was looked up."""

        def get(self, code: str, default: PlanPosition | None = None) -> PlanPosition | None:  # type: ignore[override]
            """As a dictionary."""
            asked.append(code)
            return super().get(code, default)

    plan.__dict__["by_code"] = Counted(plan.by_code)
    assert [one.name for one in few.takers("1.2.2", plan)] == ["eins"]
    alone = len(asked)
    assert [one.name for one in many.takers("1.2.2", plan)] == ["eins"]
    assert len(asked) == 2 * alone
