"""Documents judged anew: what would change, the change as runs, and runs taken back."""

from collections.abc import Iterator
from typing import Any

import click

from services.cli.client import Instance, connect, instance_options

AT_ONCE = 100
_EFFECTS = {
    "files": "goes into {after[file]}",
    "moves": "moves to {after[file]}",
    "passes_on": "waits at {after[office]} instead of {before[office]}",
    "proposes": "is proposed {after[position]} instead of {before[position]}",
    "none": "stays where it is, though now {after[reason]}",
}
NOWHERE = "nothing"


@click.group("reclassify")
def reclassify() -> None:
    """Judge documents anew, after a new plan, rule or model."""


@reclassify.command("diff")
@click.argument("query")
@instance_options
def diff(query: str, **options: Any) -> None:
    """Print what judging the documents that QUERY finds (such as `status:held`) anew would change. Changes nothing."""
    instance = connect(**options)
    found = [_compared(instance, page) for page in _pages(instance, query)]
    _told(instance, found)


@reclassify.command("apply")
@click.argument("query")
@instance_options
def apply(query: str, **options: Any) -> None:
    """Judge them anew for good; prints each run, by which it can be taken back. Clerks' decisions stay."""
    instance = connect(**options)
    done = []
    for page in _pages(instance, query):
        compared = _compared(instance, page)
        seen = [{"document": d["document"], "version": d["version"]} for d in compared["differences"]]
        if seen:
            done.append(instance.post("/classification/runs", {"documents": seen}))
            instance.say(f"run {done[-1]['run']}")
    _told(instance, done)


@reclassify.command("undo")
@click.argument("run")
@instance_options
def undo(run: str, **options: Any) -> None:
    """Give every document of a run its judgement of before, unless a clerk decided since."""
    instance = connect(**options)
    _told(instance, [instance.post(f"/classification/runs/{run}/undo")])


def _pages(instance: Instance, query: str) -> Iterator[list[str]]:
    """The documents, all looked up before the first is changed: what a run changes may leave the query's hits."""
    found: list[str] = []
    cursor, first = "", True
    while cursor or first:
        answer = instance.get("/search", q=query, limit=str(AT_ONCE), cursor=cursor, sort="oldest")
        found += [hit["document"] for hit in answer["items"]]
        cursor, first = answer["next"], False
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def _compared(instance: Instance, documents: list[str]) -> dict[str, Any]:
    return instance.post("/classification/differences", {"documents": documents})


def _told(instance: Instance, answers: list[dict[str, Any]]) -> None:
    differences = [difference for answer in answers for difference in answer["differences"]]
    left: dict[str, int] = {}
    for answer in answers:
        for reason in answer["left"].values():
            left[reason] = left.get(reason, 0) + 1
    for difference in differences:
        facts = {
            side: {name: value or NOWHERE for name, value in difference[side].items()} for side in ("before", "after")
        }
        instance.say(f"{difference['document']} {_EFFECTS[difference['effect']].format(**facts)}")
    rest = ", ".join(f"{count} {reason}" for reason, count in sorted(left.items()))
    instance.say(f"{len(differences)} differ" + (f"; left: {rest}" if rest else ""))
    runs = [answer["run"] for answer in answers if answer["run"]]
    instance.show({"differences": differences, "left": left, "runs": runs})
