"""What the other processes of a city told of themselves last, as items of `poststelle check`."""

from collections.abc import Iterator
from datetime import datetime

from services.runtime.operations.heartbeat import Heartbeat
from services.runtime.operations.heartbeats import everyone
from services.runtime.operations.self_check import Check
from services.runtime.process import Process


def checks_of_others(process: Process) -> Iterator[Check]:
    """One for each other process, and what each found out that only it can; nothing where this one is alone."""
    now = process.ports.clock.now()
    told = everyone(process)
    at_work = {name for one in told if not one.is_silent(now) for name in one.services}
    for one in told:
        if one.process == process.name:
            continue
        name = f"{'+'.join(one.services)} at {one.process}"
        if one.is_silent(now):
            yield _silent(name, one, taken_over=at_work.issuperset(one.services))
        else:
            yield _talking(name, one, now)
            yield from (
                Check(name=found.name, good=found.good, text=found.text, todo=found.todo) for found in one.found
            )


def _silent(name: str, one: Heartbeat, *, taken_over: bool) -> Check:
    work = "another process does its work" if taken_over else "its work waits"
    text = f"silent since {one.at:%Y-%m-%d %H:%M:%S} UTC; {work}"
    return Check(name=name, good=False, text=text, todo="Look whether it runs; the end of its log says why it ended.")


def _talking(name: str, one: Heartbeat, now: datetime) -> Check:
    wrong = [f"{service} stopped ({code})" for service, code in sorted(one.red.items())]
    wrong += [f"{port} not ready" for port, good in one.ports.items() if not good]
    text = f"{', '.join(wrong) or 'ready'}; told {max(0.0, (now - one.at).total_seconds()):.0f} s ago"
    todo = "" if one.ready else "Look into its log; docs/operations.md says what to do about each thing that is red."
    return Check(name=name, good=one.ready, text=text, todo=todo)
