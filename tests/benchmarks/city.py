"""Kafka and S3 beside their bare clients, on servers that both sides use: publishing, acknowledging, putting."""

import hashlib
import io
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from confluent_kafka import Consumer, Producer, TopicPartition
from minio import Minio
from msgspec import structs

from deploy.servers import S3, Kafka
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.adapters.event_log.kafka import KafkaEventLog, options
from services.core.keys import Bucket
from services.core.messages import envelope, topics
from services.core.messages.envelope import Event
from services.core.ports.event_log import Delivery
from tests.benchmarks.event_log import BATCH, events
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job
from tests.benchmarks.peers import absent

PARTITIONS = 4
SETTLED = 100
"""Deliveries that are acknowledged at one time."""
BLOB_BYTES = 60_000
PATIENCE = timedelta(seconds=20)

missing: Callable[[], str] = absent("java", "mvn", "go")
"""The servers are fetched and built with these."""


@contextmanager
def servers(job: Job) -> Iterator[Job]:
    """One broker and one store for all pairs; a job finds them in its endpoints."""
    with Kafka.start() as kafka, S3.start() as s3:
        ready = replace(job, endpoints=(kafka.bootstrap, s3.endpoint, s3.access_key, s3.secret_key))
        for warm in (bare_publish, bare_ack, bare_put):  # who comes first would pay for the servers' start
            warm(replace(ready, size=max(10, job.size // 4)))
        yield ready


def publish(job: Job) -> Cost:
    """As many events at a time as a worker acknowledges."""
    log, _ = _log(job)
    made = events(job.size * BATCH)
    log.publish(*made[:BATCH])
    costing = Costing(job)
    for start in range(0, len(made), BATCH):
        log.publish(*made[start : start + BATCH])
    cost = costing.over(job.size)
    log.close()
    return cost


def bare_publish(job: Job) -> Cost:
    """Records that are bytes already, produced and flushed, with the same settings."""
    log, topic = _log(job)
    log.close()
    records = [envelope.encode(event) for event in events(job.size * BATCH)]
    producer = Producer(options.publishing(options.shared(job.endpoints[0], {}), PATIENCE))
    _produce(producer, topic, records[:BATCH])
    costing = Costing(job)
    for start in range(0, len(records), BATCH):
        _produce(producer, topic, records[start : start + BATCH])
    return costing.over(job.size)


def ack(job: Job) -> Cost:
    """Publish what deliveries brought about, mark them as done; the reading before is left out."""
    log, _ = _log(job)
    made = events(job.size * SETTLED)
    told = _told(made)
    reader = log.reader("indexing", [topics.INDEXED])
    spent = 0.0
    for start in range(0, len(made), SETTLED):
        log.publish(*made[start : start + SETTLED])  # no more: fetching the next is no part of acknowledging these
        held: list[Delivery] = []
        while len(held) < SETTLED:
            held += reader.read(SETTLED - len(held), timedelta(seconds=1))
        began = time.perf_counter()
        reader.ack(held, told[start : start + SETTLED])
        spent += time.perf_counter() - began
    reader.close()
    log.close()
    return Cost(made=job.size, more={"per_settle": spent / job.size})


def bare_ack(job: Job) -> Cost:
    """The same records: produce, flush, commit the offsets behind what was read, and wait for the answer."""
    log, topic = _log(job)
    made = events(job.size * SETTLED)
    shared = options.shared(job.endpoints[0], {})
    producer, consumer = Producer(options.publishing(shared, PATIENCE)), Consumer(options.member(shared, topic))
    consumer.subscribe([topic])
    spent = 0.0
    told = [envelope.encode(event) for event in _told(made)]
    for start in range(0, len(made), SETTLED):
        log.publish(*made[start : start + SETTLED])
        places: dict[int, int] = {}
        read = 0
        while read < SETTLED:
            for record in consumer.consume(SETTLED - read, 1):
                places[record.partition() or 0] = (record.offset() or 0) + 1
                read += 1
        began = time.perf_counter()
        _produce(producer, topic.replace(topics.INDEXED, topics.FILED), told[start : start + SETTLED])
        consumer.commit(offsets=[TopicPartition(topic, *place) for place in places.items()], asynchronous=False)
        spent += time.perf_counter() - began
    consumer.close()
    log.close()
    return Cost(made=job.size, more={"per_settle": spent / job.size})


def put(job: Job) -> Cost:
    """Create-if-absent of blobs as large as a mail."""
    _, endpoint, access_key, secret_key = job.endpoints
    access = S3Access(endpoint=endpoint, access_key=access_key, secret_key=secret_key, secure=False)
    store = S3BlobStore(access, prefix=f"bench-{secrets.token_hex(4)}-")
    store.prepare()
    blobs = _blobs(job)
    costing = Costing(job)
    for number, blob in enumerate(blobs):
        store.create(Bucket.RECORDS, f"main/d{number}", blob)
    return costing.over(job.size)


def bare_put(job: Job) -> Cost:
    """`put_object` of the client that we use; it overwrites."""
    _, endpoint, access_key, secret_key = job.endpoints
    client = Minio(endpoint, access_key, secret_key, secure=False, region="us-east-1")
    bucket = f"bench-{secrets.token_hex(4)}"
    client.make_bucket(bucket)
    blobs = _blobs(job)
    costing = Costing(job)
    for number, blob in enumerate(blobs):
        client.put_object(bucket, f"main/d{number}", io.BytesIO(blob), len(blob))
    return costing.over(job.size)


def _log(job: Job) -> tuple[KafkaEventLog, str]:
    prefix = f"bench-{secrets.token_hex(4)}."
    log = KafkaEventLog(job.endpoints[0], prefix=prefix)
    log.ensure_topics([topics.INDEXED, topics.FILED], partitions=PARTITIONS)
    return log, prefix + topics.INDEXED


def _told(made: Sequence[Event]) -> list[Event]:
    """What the deliveries bring about, on a topic that the reader does not read."""
    return [structs.replace(event, topic=topics.FILED) for event in made]


def _produce(producer: Producer, topic: str, records: list[envelope.Message]) -> None:
    for record in records:
        producer.produce(topic, record.value, record.key, headers=[*record.headers])
    if producer.flush(PATIENCE.total_seconds()):
        raise RuntimeError("the broker took not all")


def _blobs(job: Job) -> list[bytes]:
    content = os.urandom(BLOB_BYTES - hashlib.sha256().digest_size)
    return [hashlib.sha256(str(number).encode()).digest() + content for number in range(job.size)]


COMPARISONS = (
    Comparison(
        name="kafka-publish",
        title="Publish 50 events at a time to Kafka",
        anchor="confluent-kafka, same settings, produce and flush",
        figure="wall",
        goal=1 / 0.5,
        mark="G20",
        ours=publish,
        bare=bare_publish,
        size=400,
        needs_city=True,
        missing=missing,
    ),
    Comparison(
        name="kafka-ack",
        title="Settle 100 deliveries on Kafka, with 100 events",
        anchor="confluent-kafka: produce, flush, commit",
        figure="per_settle",
        goal=1.5,
        mark="G20",
        ours=ack,
        bare=bare_ack,
        size=100,
        needs_city=True,
        missing=missing,
    ),
    Comparison(
        name="s3-put",
        title="Put a blob of 60 KB into S3, client's CPU",
        anchor="minio client",
        figure="cpu",
        goal=1.3,
        mark="G20",
        ours=put,
        bare=bare_put,
        size=400,
        needs_city=True,
        missing=missing,
    ),
)
