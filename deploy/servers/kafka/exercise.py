"""The everyday work of a broker, done once so that the class-data archive knows the classes it takes."""

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

TOPIC = "exercise"
ENOUGH_S = 30.0


def exercise(bootstrap: str) -> None:
    """Make a topic, write one record, read it in a group and commit. Raises KafkaException or TimeoutError."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for made in client.create_topics([NewTopic(TOPIC, 1, 1)]).values():
        made.result(ENOUGH_S)
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "log_level": 0})
    producer.produce(TOPIC, b"value", key=b"key")
    if producer.flush(ENOUGH_S):
        raise TimeoutError("the broker took no record")
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": TOPIC,
            "group.protocol": "consumer",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([TOPIC])
    try:
        record = consumer.poll(ENOUGH_S)
        if record is None:
            raise TimeoutError("the broker gave no record")
        if problem := record.error():
            raise KafkaException(problem)
        consumer.commit(message=record, asynchronous=False)
    finally:
        consumer.close()
