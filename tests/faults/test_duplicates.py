"""Everything that was ever said is said again."""

from contextlib import closing

import pytest

from deploy.servers import Kafka
from services.adapters.event_log.kafka import KafkaEventLog
from services.core.messages import topics
from services.core.messages.envelope import message_id
from tests.faults.conftest import Delivering
from tests.journeys.agreement import on_topics
from tests.journeys.instance import eventually
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

CORRIDOR = {*topics.DOCUMENT_TOPICS, topics.FILINGS_REQUESTED, topics.OCR_REQUESTED, topics.OCR_COMPLETED}


def test_duplicate_deliveries_change_nothing(city: Metropolis, delivering: Delivering) -> None:
    """Every record of every topic of the pipeline is delivered once more, byte for byte: nothing new comes of it."""
    post = delivering()
    post.arrives()
    bootstrap = city.city.server(Kafka).bootstrap
    told = on_topics(bootstrap)
    before = city.stored("documents"), city.stored("files"), {message_id(message) for message in told}
    with closing(KafkaEventLog(bootstrap)) as log:
        log._outbox.publish([message for message in told if message.topic in CORRIDOR])
        eventually(lambda: not any(_backlog(log, service) for service in topics.READ_BY), 300)
    post.arrives()
    again = on_topics(bootstrap)
    assert len(again) > len(told)
    assert (city.stored("documents"), city.stored("files"), {message_id(message) for message in again}) == before


def _backlog(log: KafkaEventLog, service: str) -> int:
    read = [topic for topic in topics.READ_BY[service] if not topics.procedure_of(topic) and "{" not in topic]
    return sum(log.backlog(service, read).values())
