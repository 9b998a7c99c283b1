"""How every topic has to be laid out on a broker, and what is wrong with one that is laid out otherwise.

`deploy/topics.yaml` is generated from this page; `poststelle topics apply` makes a cluster so.
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from services.core.messages import topics

KEPT = timedelta(days=30)
"""How long a topic keeps what everybody may have read; the blob store is the truth, not the log."""


class Layout(Struct, frozen=True, kw_only=True):
    """A topic as it should be, or as it was found."""

    name: str
    partitions: int = topics.PARTITIONS
    cleanup: str = "delete"
    """`delete` by age, or `compact`; empty where the broker does not tell us."""
    kept: timedelta | None = KEPT
    """None: for good, or not told."""
    replicas: int = 0
    """0: as many as the cluster gives of itself."""


def layout(name: str, *, partitions: int = topics.PARTITIONS, replicas: int = 0) -> Layout:
    """What the map says of a topic (its name without the prefix)."""
    if name in topics.COMPACTED:
        return Layout(name=name, partitions=partitions, cleanup="compact", kept=None, replicas=replicas)
    return Layout(name=name, partitions=partitions, replicas=replicas)


def used_by(services: Iterable[str]) -> tuple[str, ...]:
    """The topics without which these services cannot work, sorted; those of procedures are made when they register."""
    used = {*topics.COMPACTED}
    for service in services:
        written = {
            topics.TOPIC_OF[name] for name, by in topics.WRITTEN_BY.items() if service in by and name in topics.TOPIC_OF
        }
        used |= {topic for topic in written if topics.ANY_PROCEDURE not in topic}
        if service in topics.READ_BY:
            used |= {*topics.worked_on(service), topics.dead_topic(service)}
    return tuple(sorted(used))


def refusals(wanted: Layout, found: Layout | None) -> list[str]:
    """Why nobody may work on this topic, in sentences that say what is, what should be and what to do."""
    if found is None:
        return [f"topic {wanted.name} is missing: `poststelle topics apply` makes it"]
    said = []
    if found.partitions != wanted.partitions:
        said.append(
            f"topic {wanted.name} has {found.partitions} partitions, but must have {wanted.partitions}, for good: "
            "set another `prefix`, or delete the topic while nothing lies on it, then `poststelle topics apply`"
        )
    if found.cleanup not in {"", wanted.cleanup}:
        said.append(
            f"topic {wanted.name} has cleanup.policy {found.cleanup}, but must have {wanted.cleanup}: "
            "`poststelle topics apply` sets it"
        )
    return said


def differences(wanted: Layout, found: Layout | None) -> list[str]:
    """The refusals, and what one can live with but did not ask for."""
    said = refusals(wanted, found)
    if found is None:
        return said
    if wanted.kept and found.kept != wanted.kept:
        said.append(
            f"topic {wanted.name} keeps records {_days(found.kept)}, the map says {_days(wanted.kept)}: "
            "`poststelle topics apply` sets it"
        )
    if wanted.replicas and found.replicas and found.replicas != wanted.replicas:
        said.append(
            f"topic {wanted.name} has {found.replicas} replicas, kafka.replication says {wanted.replicas}: "
            "move it with Kafka's own kafka-reassign-partitions.sh"
        )
    return said


def _days(kept: timedelta | None) -> str:
    return f"for {kept.total_seconds() / 86_400:g} days" if kept else "for good"
