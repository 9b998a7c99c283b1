"""The bare clients of Kafka, S3 and OpenSearch, asked for as much as the services of a city asked for."""

import http.client
import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice
from typing import TypeVar

from confluent_kafka import Consumer, Producer, TopicPartition
from minio import Minio

from deploy.servers import S3, Kafka
from services.adapters.event_log.kafka import KafkaEventLog, options
from services.core.messages import topics
from services.core.messages.envelope import Message
from tests.benchmarks import bulk
from tests.benchmarks.calls import Calls
from tests.benchmarks.event_log import BATCH
from tests.benchmarks.measuring import Costing, Job

_PATIENCE = timedelta(seconds=20)
_BUCKET = "bench"
_PREFIX = "bench."
_Thing = TypeVar("_Thing")


def store(calls: Calls, job: Job) -> float:
    """CPU of as many puts, gets, looks and listings with the minio client, one after another."""
    wanted = calls.counts.requests
    with S3.start() as server:
        client = Minio(server.endpoint, server.access_key, server.secret_key, secure=False, region="us-east-1")
        client.make_bucket(_BUCKET)
        costing = Costing(job)
        for key in _times(calls.blobs, wanted["PutObject"]):
            client.put_object(_BUCKET, key, io.BytesIO(calls.blobs[key]), len(calls.blobs[key]))
        for key in _times(calls.blobs, wanted["GetObject"]):
            with closing(client.get_object(_BUCKET, key)) as answer:
                answer.read()
        for key in _times(calls.blobs, wanted.get("HeadObject", 0)):
            client.stat_object(_BUCKET, key)
        for folder in _times(_folders(calls), wanted.get("ListObjectsV2", 0)):
            list(client.list_objects(_BUCKET, folder, recursive=True))
        return costing.over(0).cpu


def _times(keys: "dict[str, bytes] | list[str]", count: int) -> Iterator[str]:
    return islice(cycle(keys), count)


def _folders(calls: Calls) -> list[str]:
    """Of the records, as a service lists them."""
    split = (key.split("/") for key in calls.blobs if key.startswith("records/main/documents/"))
    return sorted({"/".join([*parts[:4], ""]) for parts in split})


def index(calls: Calls, job: Job) -> float:
    """CPU of as many lines of bulks, with orjson and one HTTP connection."""
    there = replace(job, inputs=job.folder)
    bulk.start_node(there)
    bulk.fresh_index(there).close()
    connection = http.client.HTTPConnection(bulk.address(there))
    entries = [(entry["document"], entry) for entry in calls.entries]
    costing = Costing(job)
    for lines in _groups(islice(cycle(entries), calls.counts.lines)):
        bulk.post(connection, lines)
    return costing.over(0).cpu


def log(calls: Calls, job: Job) -> float:
    """CPU of as many records, produced and flushed, and read by every group that reads their topic, with commits."""
    with Kafka.start() as broker:
        with closing(KafkaEventLog(broker.bootstrap, prefix=_PREFIX)) as made:
            made.ensure_topics(topics.all_topics())
        return _passed_on(calls.records, options.shared(broker.bootstrap, {}), job)


def _passed_on(records: list[Message], shared: options.Options, job: Job) -> float:
    producer = Producer(options.publishing(shared, _PATIENCE))
    with ExitStack() as leaving:
        groups = {service: Consumer(options.member(shared, _PREFIX + service)) for service in topics.READ_BY}
        for service, consumer in groups.items():
            leaving.callback(consumer.close)
            _join(consumer, [_PREFIX + topic for topic in topics.worked_on(service)])
        costing = Costing(job)
        for some in _groups(records):
            _produce(producer, some)
        for service, consumer in groups.items():
            _consume(consumer, sum(record.topic in topics.worked_on(service) for record in records))
        return costing.over(0).cpu


def _join(consumer: Consumer, names: list[str]) -> None:
    """Membership is no part of the way of a mail; nothing lies on the topics yet."""
    consumer.subscribe(names)
    while not consumer.assignment():
        consumer.poll(0.1)


def _produce(producer: Producer, records: list[Message]) -> None:
    for record in records:
        producer.produce(_PREFIX + record.topic, record.value, record.key, headers=[*record.headers])
    if producer.flush(_PATIENCE.total_seconds()):
        raise RuntimeError("the broker took not all")


def _consume(consumer: Consumer, count: int) -> None:
    while count:
        read = consumer.consume(min(BATCH, count), 1)
        places = {(record.topic() or "", record.partition() or 0): (record.offset() or 0) + 1 for record in read}
        if places:
            consumer.commit(offsets=[TopicPartition(*of, place) for of, place in places.items()], asynchronous=False)
        count -= len(read)


def _groups(things: Iterable[_Thing]) -> Iterator[list[_Thing]]:
    """As many at a time as a worker acknowledges."""
    left = iter(things)
    while group := list(islice(left, BATCH)):
        yield group
