"""A plan that changes: what is valid on a day, and where the matters of a position go on in a later version."""

from datetime import date

from services.core.plan.file_plan import FilePlan, PlanPosition

NEW_YEAR, NEW_YEARS_EVE = date(2027, 1, 1), date(2026, 12, 31)


def plan(*positions: PlanPosition) -> FilePlan:
    """A plan of these positions."""
    return FilePlan(name="Plan", version="2", positions=positions)


def test_position_is_closed_outside_of_its_days() -> None:
    """The first and the last day count; below what is not valid nothing is opened; the plan as written stays."""
    given = plan(
        PlanPosition(code="1", title="alt", valid_until=NEW_YEARS_EVE),
        PlanPosition(code="1.1", title="darunter", parent="1"),
        PlanPosition(code="2", title="neu", valid_from=NEW_YEAR),
        PlanPosition(code="3", title="immer"),
    )
    assert given.as_of(NEW_YEARS_EVE).open_codes == {"1.1", "3"}
    assert given.as_of(NEW_YEAR).open_codes == {"2", "3"}
    assert given.open_codes == {"1.1", "2", "3"}
    assert given.as_of(NEW_YEAR) is given.as_of(NEW_YEAR)


def test_plan_without_days_is_the_same_every_day() -> None:
    """No copy is made of a plan in which nothing depends on the day."""
    given = plan(PlanPosition(code="1", title="immer"))
    assert given.as_of(NEW_YEAR) is given


SUCCESSION = plan(
    PlanPosition(code="1", title="umbenannt", closed=True, office="alt"),
    PlanPosition(code="2", title="geteilt", closed=True, office="alt"),
    PlanPosition(code="3", title="abgespalten", office="alt"),
    PlanPosition(code="4", title="zu", closed=True, office="alt"),
    PlanPosition(code="11", title="einmal umnummeriert", closed=True, office="mitte", replaces=("1",)),
    PlanPosition(code="12", title="zweimal umnummeriert", office="neu", replaces=("11", "gone")),
    PlanPosition(code="21", title="Teil 1", office="neu", replaces=("2", "3")),
    PlanPosition(code="22", title="Teil 2", office="neu", replaces=("2",)),
)


def test_matters_go_on_at_a_single_successor() -> None:
    """Behind each renumbering, also of a position that is gone; split ones stay until a person decides."""
    places = {code: SUCCESSION.place_of(code) for code in ("1", "11", "gone", "2", "3", "4", "12", "unheard")}
    assert places == {
        "1": "12", "11": "12", "gone": "12", "2": "2", "3": "3", "4": "4", "12": "12", "unheard": "unheard",
    }  # fmt: skip
    assert SUCCESSION.successors["2"] == ("21", "22")
    assert SUCCESSION.successors["3"] == ("3", "21")


def test_office_in_charge_is_that_of_the_place() -> None:
    """Who takes matters over looks after the files before; where several share them, the office stays."""
    offices = {code: SUCCESSION.office_of[code] for code in ("1", "11", "2", "3", "4")}
    assert offices == {"1": "neu", "11": "neu", "2": "alt", "3": "alt", "4": "alt"}


def test_circle_of_successors_ends() -> None:
    """A plan that was never checked does not hang a process."""
    circle = plan(
        PlanPosition(code="1", title="a", closed=True, replaces=("2",)),
        PlanPosition(code="2", title="b", closed=True, replaces=("1",)),
    )
    assert circle.place_of("1") in {"1", "2"}
