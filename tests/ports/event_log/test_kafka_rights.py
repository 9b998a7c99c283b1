"""The Kafka log as a city runs it: over TLS, with a user for each service who may do exactly its part."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Producer

from deploy.servers.kafka.certificates import Authority
from deploy.servers.kafka.secured import SecuredKafka
from services.adapters.event_log.kafka import KafkaEventLog, entrance
from services.adapters.event_log.kafka.entrance import knock
from services.adapters.event_log.kafka.grants import Grants
from services.core.errors import Misconfigured, NotPermitted, TryLater
from services.core.messages import log_rights, topics
from services.core.messages.log_rights import rights_of, rights_of_procedure, user_of_procedure
from tests.ports.event_log.readers import a_key, an_event, eventually, gather, ids

pytestmark = pytest.mark.stack

PREFIX = "stadt-"
PROCEDURES = ("bau", "kfz")
SOON = timedelta(seconds=3)
Enter = Callable[[str], KafkaEventLog]


@pytest.fixture(scope="module")
def broker() -> Iterator[SecuredKafka]:
    """A secured broker with our topics; every user has a password, its own name backwards."""
    with SecuredKafka.start() as kafka:
        log = KafkaEventLog(kafka.bootstrap, prefix=PREFIX, client=kafka.client())
        log.ensure_topics(topics.all_topics(), partitions=2)
        own = [of(name) for name in PROCEDURES for of in (topics.inbox_of, topics.outbox_of)]
        log.ensure_topics(own, partitions=2)
        log.close()
        grants = Grants(kafka.bootstrap, kafka.client(), prefix=PREFIX)
        for user in log_rights.users():
            grants.set_password(user, _password(user))
            grants.apply(user, rights_of(user))
        for name in PROCEDURES:
            grants.set_password(user_of_procedure(name), _password(user_of_procedure(name)))
            grants.apply(user_of_procedure(name), rights_of_procedure(name))
        yield kafka


@pytest.fixture
def enter(broker: SecuredKafka) -> Iterator[Enter]:
    """Opens the log as this service."""
    opened: list[KafkaEventLog] = []

    def enter(user: str) -> KafkaEventLog:
        opened.append(
            KafkaEventLog(broker.bootstrap, prefix=PREFIX, client=_client(broker, user), patience=timedelta(seconds=8))
        )
        return opened[-1]

    yield enter
    for log in opened:
        log.close()


def _password(user: str) -> str:
    return f"-{user[::-1]}-"


def _client(broker: SecuredKafka, user: str) -> dict[str, str]:
    return broker.client(PREFIX + user, _password(user))


def test_a_letter_goes_its_way_between_users(enter: Enter) -> None:
    """One service writes, another reads and acks, and what is acked does not come again to its successor."""
    indexing, ledger = enter("indexing"), enter("ledger")
    first, second = an_event(a_key(), 1), an_event(a_key(), 2)
    indexing.publish(first)
    reader = ledger.reader("ledger", [topics.INDEXED])
    [delivery] = gather(reader, {first.key}, 1)
    reader.ack([delivery])
    reader.close()
    indexing.publish(second)
    heir = ledger.reader("ledger", [topics.INDEXED])
    assert ids(gather(heir, {first.key, second.key}, 1)) == [second.id]
    heir.close()
    assert ledger.backlog("ledger", [topics.INDEXED])[topics.INDEXED] >= 1


def test_every_process_follows_the_configuration(enter: Enter) -> None:
    """Also a service that reads nothing else, and without a group."""
    follower = enter("mail_intake").follow(topics.COMPACTED)
    assert follower.read(timedelta(0)) == []
    follower.close()


def test_a_foreign_topic_is_not_written(enter: Enter) -> None:
    """What is not its part a service is refused, again and again, as a missing right and not as a log that is away."""
    intake = enter("mail_intake")
    for _ in range(2):
        with pytest.raises(NotPermitted):
            intake.publish(an_event(a_key(), 1))
    assert intake.ready()


def test_a_foreign_topic_is_not_read(enter: Enter) -> None:
    """Neither in the service's own group nor without a group."""
    ocr = enter("ocr")
    reader = ocr.reader("ocr", [topics.RECEIVED])
    with pytest.raises(NotPermitted):
        reader.read(1, SOON)
    reader.close()
    with pytest.raises(NotPermitted):
        ocr.follow([topics.RECEIVED]).read(SOON)


def test_a_foreign_group_is_not_joined(enter: Enter) -> None:
    """Nobody takes another service's deliveries away: it is told so each time, while it tries at a modest pace."""
    ocr = enter("ocr")
    reader = ocr.reader("extraction", [topics.OCR_REQUESTED])
    for _ in range(2):
        with pytest.raises(NotPermitted):
            reader.read(1, SOON)
    reader.close()


def test_a_right_that_is_granted_takes_effect_while_the_reader_waits(broker: SecuredKafka, enter: Enter) -> None:
    """A member that was sent away for want of a right joins by itself when the right is there."""
    grants = Grants(broker.bootstrap, broker.client(), prefix=PREFIX)
    grants.apply("ocr", {right for right in rights_of("ocr") if right.kind != "group"})
    reader = enter("ocr").reader("ocr", [topics.OCR_REQUESTED])
    with pytest.raises(NotPermitted):
        reader.read(1, SOON)
    assert grants.differences("ocr", rights_of("ocr"))[0] > 0
    grants.apply("ocr", rights_of("ocr"))

    def joined() -> bool:
        try:
            reader.read(1, SOON)
        except TryLater:
            return False
        return True

    eventually(joined)
    reader.close()


def test_no_service_makes_topics(enter: Enter) -> None:
    """Only the service of procedures does, for those that are registered."""
    name = f"neu-{uuid.uuid4().hex[:6]}"
    with pytest.raises(NotPermitted):
        enter("filing").ensure_topics([topics.inbox_of(name)])
    enter("procedures").ensure_topics([topics.inbox_of(name)], partitions=2)


def test_a_procedure_reads_its_inbox_and_writes_its_outbox(broker: SecuredKafka) -> None:
    """By any client of Kafka; its outbox it cannot read, its inbox not write, and of others' it does not even know."""
    client = _client(broker, user_of_procedure("bau"))
    inbox, outbox = (PREFIX + topic for topic in (topics.inbox_of("bau"), topics.outbox_of("bau")))
    assert _write(client, outbox) is None
    assert _write(client, inbox) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert _write(client, PREFIX + topics.outbox_of("kfz")) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert _read(client, inbox) in {None, KafkaError._PARTITION_EOF}
    assert _read(client, outbox) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert _read(client, PREFIX + topics.inbox_of("kfz")) == KafkaError.TOPIC_AUTHORIZATION_FAILED


def _write(client: dict[str, str], topic: str) -> int | None:
    failures: list[KafkaError] = []
    producer = Producer({**client, "log_level": 0})
    producer.produce(topic, b"{}", on_delivery=lambda error, _: failures.append(error) if error else None)
    assert producer.flush(60) == 0
    return failures[0].code() if failures else None


def _read(client: dict[str, str], topic: str) -> int | None:
    group = {
        "group.id": PREFIX + user_of_procedure("bau"),
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
    }
    consumer = Consumer({**client, **group, "log_level": 0})
    consumer.subscribe([topic])
    until = time.monotonic() + 60
    try:
        while time.monotonic() < until:
            record = consumer.poll(1)
            if record is not None:
                error = record.error()
                return error.code() if error else None
    finally:
        consumer.close()
    raise AssertionError("the broker says nothing")


def test_rights_are_applied_once_and_taken_back(broker: SecuredKafka) -> None:
    """Applying again changes nothing; what somebody granted beside is taken away."""
    grants = Grants(broker.bootstrap, broker.client(), prefix=PREFIX)
    assert grants.apply("ledger", rights_of("ledger")) == (0, 0)
    assert grants.apply("ledger", rights_of("ledger") | rights_of("ocr"))[0] > 0
    missing, spare = grants.differences("ledger", rights_of("ledger"))
    assert (missing, spare > 0) == (0, True)
    assert grants.apply("ledger", rights_of("ledger"))[1] == spare
    assert grants.differences("ledger", rights_of("ledger")) == (0, 0)


def test_who_takes_part_no_more_is_let_in_no_more(broker: SecuredKafka) -> None:
    """All rights go, and the password; to take them from one that has none is no fault."""
    grants = Grants(broker.bootstrap, broker.client(), prefix=PREFIX)
    user = user_of_procedure("gegangen")
    grants.set_password(user, "geheim")
    grants.apply(user, rights_of_procedure("gegangen"))
    assert grants.remove(user) == len(rights_of_procedure("gegangen"))
    assert grants.remove(user) == 0
    with pytest.raises(Misconfigured):
        knock(broker.client(PREFIX + user, "geheim"), 90)


def test_a_wrong_password_and_a_wrong_authority_are_named(broker: SecuredKafka, tmp_path: Path) -> None:
    """At start they are a sentence with the setting's name, within seconds, that holds no secret."""
    right = broker.client(PREFIX + "ocr", _password("ocr"))
    knock(right, 60)
    stranger = str(Authority.make(tmp_path / "other").certificate)
    for wrong, setting in (
        ({"sasl.password": "hidden"}, r"kafka\.password_file"),
        ({"sasl.username": "nobody"}, r"kafka\.username"),
        ({"ssl.ca.location": stranger}, r"kafka\.ca_file"),
    ):
        began = time.monotonic()
        with pytest.raises(Misconfigured, match=setting) as raised:
            knock({**right, **wrong}, 300)
        assert time.monotonic() - began < 60
        assert "hidden" not in str(raised.value)


def test_a_broker_that_is_not_there_lets_nobody_in(broker: SecuredKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody at the address, or one that wants TLS: TryLater, and whoever starts names the setting."""
    monkeypatch.setattr(entrance, "PATIENCE", timedelta(seconds=2))
    for address in ("127.0.0.1:9", broker.bootstrap):
        with pytest.raises(TryLater):
            entrance.check(address, {})


def test_a_password_changed_while_we_run_is_a_matter_of_patience(broker: SecuredKafka, enter: Enter) -> None:
    """After the start a refused user is the world's problem: TryLater, and all goes on when the password is right."""
    grants = Grants(broker.bootstrap, broker.client(), prefix=PREFIX)
    indexing = enter("indexing")
    indexing.publish(an_event(a_key(), 1))
    grants.set_password("indexing", "another one")
    broker.restart()
    with pytest.raises(TryLater):
        indexing.publish(an_event(a_key(), 1))
    grants.set_password("indexing", _password("indexing"))
    later = an_event(a_key(), 1)

    def published() -> bool:
        try:
            indexing.publish(later)
        except TryLater:
            return False
        return True

    eventually(published)
