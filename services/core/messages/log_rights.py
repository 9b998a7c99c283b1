"""Who may do what on the log: every service and every procedure exactly its part of the map in `topics`."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from services.core.messages import topics
from services.core.messages.events import DeliveryDead

EVERY_SERVICE = "poststelle"
"""The user of a process that runs all services: what each of them may do."""
FOLLOWER = "follower"
"""What those call themselves who follow a topic without a group: a broker wants to be given a name."""
EVERY_PROCEDURE = topics.PROCEDURE_INBOX.partition(topics.ANY_PROCEDURE)[0]
"""What the names of all procedures' topics begin with."""

Operation = Literal["read", "write", "look", "make"]
"""`look`: see that it is there, its partitions, how far it is read; no content."""


class TopicRight(NamedTuple):
    """One operation on one topic or group, or on all whose names begin so."""

    operation: Operation
    kind: Literal["topic", "group"]
    name: str
    beginning: bool = False


def users() -> tuple[str, ...]:
    """Every service that has a part, and the one that runs all."""
    writers = (name for written_by in topics.WRITTEN_BY.values() for name in written_by)
    services = {*topics.READ_BY, *writers, "search"} - {"configuration"}
    return (*sorted(services), EVERY_SERVICE)


def rights_of(user: str) -> frozenset[TopicRight]:
    """What a service may do, by its name; ValueError for one that has no part."""
    if user == EVERY_SERVICE:
        return rights_of_all(service for service in users() if service != EVERY_SERVICE)
    if user not in users():
        msg = "no service of this name"
        raise ValueError(msg)
    return frozenset({*_everybodys(), *_reading(user), *_writing(user)})


def rights_of_all(services: Iterable[str]) -> frozenset[TopicRight]:
    """What a process may do that runs these."""
    return frozenset[TopicRight]().union(*(rights_of(service) for service in services))


def rights_of_procedure(name: str) -> frozenset[TopicRight]:
    """What the specialist procedure itself may do: read what it is told and write what it says.

    Its groups are called `procedures.<name>`, or begin so and go on with a dot.
    """
    inbox, outbox, user = topics.inbox_of(name), topics.outbox_of(name), user_of_procedure(name)
    return frozenset(
        {
            TopicRight("look", "topic", inbox),
            TopicRight("read", "topic", inbox),
            TopicRight("look", "topic", outbox),
            TopicRight("write", "topic", outbox),
            TopicRight("read", "group", user),
            TopicRight("read", "group", f"{user}.", beginning=True),
        }
    )


def user_of_procedure(name: str) -> str:
    """The user that a procedure is on the log."""
    return f"{EVERY_PROCEDURE}{name}"


def _everybodys() -> Iterable[TopicRight]:
    """Look at everything (the page of flow, the check at start), and take part in the configuration.

    Any process may be the one whose desk changes it, or whose desk puts dead letters before their services again.
    """
    yield from (TopicRight("look", "topic", topic) for topic in topics.all_topics())
    yield TopicRight("look", "topic", EVERY_PROCEDURE, beginning=True)
    yield from (TopicRight("look", "group", group) for group in (*topics.READ_BY, FOLLOWER))
    yield TopicRight("read", "topic", topics.CONFIGURATION)
    yield TopicRight("write", "topic", topics.CONFIGURATION)
    yield from (TopicRight("write", "topic", topics.replay_topic(service)) for service in topics.DEAD_SERVICES)


def _reading(service: str) -> Iterable[TopicRight]:
    if service not in topics.READ_BY:
        return
    yield TopicRight("read", "group", service)
    for topic in (*topics.READ_BY[service], topics.replay_topic(service)):
        if topic == topics.PROCEDURE_OUTBOX:
            yield TopicRight("read", "topic", EVERY_PROCEDURE, beginning=True)
        else:
            yield TopicRight("read", "topic", topic)


def _writing(service: str) -> Iterable[TopicRight]:
    for event, writers in topics.WRITTEN_BY.items():
        if service not in writers:
            continue
        topic = topics.dead_topic(service) if event == DeliveryDead.NAME else topics.TOPIC_OF[event]
        if topics.ANY_PROCEDURE in topic:
            yield TopicRight("write", "topic", EVERY_PROCEDURE, beginning=True)
            yield TopicRight("make", "topic", EVERY_PROCEDURE, beginning=True)
        else:
            yield TopicRight("write", "topic", topic)
