"""Who may do what on the log, as it follows from the map of topics."""

import pytest

from services.core.messages import log_rights, topics
from services.core.messages.log_rights import EVERY_PROCEDURE, EVERY_SERVICE, TopicRight, rights_of, rights_of_procedure


def allowed(user: str, operation: str, topic: str) -> bool:
    """Whether this user may do this with this topic."""
    return any(
        right.operation == operation
        and right.kind == "topic"
        and (topic.startswith(right.name) if right.beginning else topic == right.name)
        for right in rights_of(user)
    )


@pytest.mark.parametrize("service", sorted(set(log_rights.users()) - {EVERY_SERVICE}))
def test_every_part_of_the_map_is_granted_and_nothing_else(service: str) -> None:
    """A service reads what the map says it reads, writes what the map says it writes, and no other topic."""
    of_all = {topics.CONFIGURATION, *map(topics.replay_topic, topics.DEAD_SERVICES)}
    dead = {topics.dead_topic(service)} if service in topics.DEAD_SERVICES else set()
    reads = {topic for topic in topics.all_topics() if allowed(service, "read", topic)} - dead
    own = {*topics.READ_BY[service], topics.replay_topic(service)} if service in topics.READ_BY else set()
    assert reads == own - {topics.PROCEDURE_OUTBOX} | {topics.CONFIGURATION}
    writes = {topic for topic in topics.all_topics() if allowed(service, "write", topic)} - of_all
    told = {topic for name, topic in topics.TOPIC_OF.items() if service in topics.WRITTEN_BY[name]}
    assert writes == told - {topics.PROCEDURE_INBOX, topics.PROCEDURE_OUTBOX} | dead


def test_a_group_is_its_services_alone() -> None:
    """Nobody reads in the name of another service, and a service that reads nothing has no group."""
    for service in set(log_rights.users()) - {EVERY_SERVICE}:
        groups = {right.name for right in rights_of(service) if right.kind == "group" and right.operation == "read"}
        assert groups == ({service} if service in topics.READ_BY else set())


def test_one_process_may_do_what_its_services_may() -> None:
    """One process that runs all services needs one user, and nothing beyond theirs."""
    assert rights_of(EVERY_SERVICE) == frozenset().union(
        *(rights_of(user) for user in log_rights.users() if user != EVERY_SERVICE)
    )


def test_only_the_context_of_procedures_makes_topics() -> None:
    """A registered procedure gets its two topics from that service; all others are made before any service starts."""
    makers = {user for user in log_rights.users() if any(right.operation == "make" for right in rights_of(user))}
    assert makers == {"procedures", EVERY_SERVICE}
    assert {right for right in rights_of("procedures") if right.operation == "make"} == {
        TopicRight("make", "topic", EVERY_PROCEDURE, beginning=True)
    }


def test_a_procedure_has_its_two_topics() -> None:
    """The inbox is read, the outbox is written, never the other way round, and no other name begins like its own."""
    rights = rights_of_procedure("bau")
    assert {(right.operation, right.name) for right in rights if right.kind == "topic"} == {
        ("look", "procedures.bau.inbox"),
        ("read", "procedures.bau.inbox"),
        ("look", "procedures.bau.outbox"),
        ("write", "procedures.bau.outbox"),
    }
    beginnings = {right.name for right in rights if right.beginning}
    assert beginnings == {"procedures.bau."}


def test_a_stranger_has_no_rights() -> None:
    """A name that is no service is refused, not given nothing."""
    with pytest.raises(ValueError, match="no service"):
        rights_of("bureau")
