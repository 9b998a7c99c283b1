"""One specialist procedure as a process of its own: notes what it is told, and acknowledges it, a repeat not again.

`python taking_part.py BOOTSTRAP INBOX OUTBOX FILE`: each line of the file is what one message said, with `repeat`.
"""

import json
import sys
import time
import uuid
from pathlib import Path

from confluent_kafka import Consumer, Producer

BOOTSTRAP, INBOX, OUTBOX = sys.argv[1:4]
TOLD = Path(sys.argv[4])
OWN = {"bootstrap.servers": BOOTSTRAP, "metadata.recovery.strategy": "none"}
SILENCE_S = 60.0
"""After so long without a message it joins anew: of twenty clients two were seen to fetch nothing for good after the
broker was away for longer than their session, with 430 messages waiting (librdkafka 2.16)."""


def main() -> None:
    """Until it is ended; the library waits for a broker that is away."""
    consumer, heard_at = join(), time.monotonic()
    producer = Producer({**OWN, "enable.idempotence": True, "message.timeout.ms": 600_000})
    known: set[str] = set()
    with TOLD.open("w", encoding="utf-8", buffering=1) as told:
        while True:
            message = consumer.poll(0.5)
            if message is None and time.monotonic() - heard_at > SILENCE_S:
                consumer.close()
                consumer, heard_at = join(), time.monotonic()
            elif message is not None and message.error() is None:
                heard_at = time.monotonic()
                facts = json.loads(message.value() or b"{}")
                said = {name: facts[name] for name in ("delivery", "position", "entry")}
                told.write(json.dumps({**said, "repeat": facts["delivery"] in known}) + "\n")
                if facts["delivery"] not in known:
                    known.add(facts["delivery"])
                    acknowledge(producer, facts["delivery"])
            producer.poll(0)


def join() -> Consumer:
    """A member of the group that is its own."""
    consumer = Consumer({**OWN, "group.id": INBOX, "auto.offset.reset": "earliest"})
    consumer.subscribe([INBOX])
    return consumer


def acknowledge(producer: Producer, delivery: str) -> None:
    """Hand the answer to the library, which sends it until the broker has it."""
    event = str(uuid.uuid5(uuid.NAMESPACE_OID, delivery))
    headers = {"ce_specversion": "1.0", "ce_id": event, "ce_source": f"/{INBOX}"}
    headers["ce_type"] = "poststelle.procedure.acknowledged.v1"
    value = json.dumps({"delivery": delivery}).encode()
    producer.produce(OUTBOX, value, key=event, headers=list(headers.items()))


if __name__ == "__main__":
    main()
