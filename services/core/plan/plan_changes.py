"""What one file plan changes of another: what `poststelle plan diff` prints and an activation answers."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from services.core.plan.file_plan import FilePlan, PlanPosition, Retention, Rule, level_of

Kind = Literal[
    "office_added", "office_removed", "office_renamed",
    "added", "removed", "renamed", "moved", "closed", "opened",
    "office", "retention", "disposal", "protection", "rules", "described",
    "validity", "see_also", "codes", "replaces",
    "filing", "cases", "invoices", "leitweg",
]  # fmt: skip
FOR_GOOD = "for good"
TOP = "top"


class Change(Struct, frozen=True, kw_only=True):
    """One change: what kind, of which position or office, from what to what."""

    kind: Kind
    code: str
    old: str = ""
    new: str = ""


def elsewhere(old: FilePlan, new: FilePlan) -> list[str]:
    """Positions whose files other people see by the new plan: those of another office, or with another level."""
    moved = {code for code, office in old.office_of.items() if new.office_of.get(code, office) != office}
    known = dict.fromkeys((*old.protection_of, *new.protection_of))
    return [code for code in known if code in moved or level_of(code, old) != level_of(code, new)]


def changes(old: FilePlan, new: FilePlan) -> list[Change]:
    """Everything that the new plan changes: offices first, then what goes, then the new plan in its own order."""
    gone = (p for p in old.positions if p.code not in new.by_code)
    found = [
        *_offices(old.offices, new.offices),
        *_invoices(old, new),
        *(Change(kind="removed", code=p.code, old=p.title) for p in gone),
    ]
    for position in new.positions:
        before = old.by_code.get(position.code)
        found += _of(before, position) if before else [Change(kind="added", code=position.code, new=position.title)]
        was, replaced = ", ".join(before.replaces) if before else "", ", ".join(position.replaces)
        if was != replaced:
            found.append(Change(kind="replaces", code=position.code, old=was, new=replaced))
    return found


def _offices(old: dict[str, str], new: dict[str, str]) -> Iterator[Change]:
    for office, name in new.items():
        if office not in old:
            yield Change(kind="office_added", code=office, new=name)
        elif old[office] != name:
            yield Change(kind="office_renamed", code=office, old=old[office], new=name)
    for office in old.keys() - new.keys():
        yield Change(kind="office_removed", code=office, old=old[office])


def _invoices(old: FilePlan, new: FilePlan) -> Iterator[Change]:
    """Where invoices are filed, and which office each Leitweg-ID names."""
    if old.invoices != new.invoices:
        yield Change(
            kind="invoices", code=new.invoices or old.invoices or "", old=old.invoices or "", new=new.invoices or ""
        )
    for one in dict.fromkeys((*old.leitweg_ids, *new.leitweg_ids)):
        before, after = old.leitweg_ids.get(one, ""), new.leitweg_ids.get(one, "")
        if before != after:
            yield Change(kind="leitweg", code=one, old=before, new=after)


def _of(old: PlanPosition, new: PlanPosition) -> Iterator[Change]:
    if old.closed != new.closed:
        yield Change(kind="closed" if new.closed else "opened", code=new.code)
    if (old.description, old.keywords) != (new.description, new.keywords):
        yield Change(kind="described", code=new.code)
    compared: tuple[tuple[Kind, str, str], ...] = (
        ("renamed", old.title, new.title),
        ("moved", old.parent or TOP, new.parent or TOP),
        ("office", old.office, new.office),
        ("retention", _years(old.retention), _years(new.retention)),
        ("disposal", old.disposal, new.disposal),
        ("protection", str(old.protection), str(new.protection)),
        ("filing", old.filing, new.filing),
        ("cases", old.cases, new.cases),
        ("rules", _rules(old.rules), _rules(new.rules)),
        ("validity", _validity(old), _validity(new)),
        ("see_also", ", ".join(old.see_also), ", ".join(new.see_also)),
        ("codes", ", ".join((*old.kgst, *old.leika)), ", ".join((*new.kgst, *new.leika))),
    )
    for kind, before, after in compared:
        if before != after:
            yield Change(kind=kind, code=new.code, old=before, new=after)


def _years(retention: Retention) -> str:
    return FOR_GOOD if retention.years is None else f"{retention.years} years"


def _validity(position: PlanPosition) -> str:
    """Such as `2027-01-01 to 2030-12-31`; an open end is left out."""
    if not position.valid_from and not position.valid_until:
        return ""
    return f"{position.valid_from or ''} to {position.valid_until or ''}".strip()


def _rules(rules: tuple[Rule, ...]) -> str:
    return "; ".join(
        f"{' + '.join((*rule.words, rule.address) if rule.address else rule.words)} ({rule.confidence:g})"
        for rule in rules
    )
