"""A specialist procedure over Kafka that answers each delivery; may be killed at any moment (docs/procedures.md)."""

import json
import sys
import uuid
from pathlib import Path
from urllib.request import Request, urlopen

from confluent_kafka import Consumer, KafkaException, Producer

SAID = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))  # its fields: docs/procedures.md
NAME, INBOX, TOPICS = SAID["name"], Path(SAID["folder"], "in"), f"{SAID.get('prefix', '')}procedures.{SAID['name']}."
KEY, PASSWORD = (Path(SAID[name]).read_text(encoding="ascii").strip() for name in ("key_file", "password_file"))
OWN = {"bootstrap.servers": ",".join(SAID["brokers"]), "ssl.ca.location": SAID["ca_file"], "sasl.password": PASSWORD}
OWN |= {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": SAID["username"]}
GROUP = {"group.id": SAID["username"], "enable.auto.commit": False, "auto.offset.reset": "earliest"}
producer, consumer = Producer({**OWN, "enable.idempotence": True}), Consumer({**OWN, **GROUP})


def keep(name: str, content: bytes) -> None:  # whole or not at all
    INBOX.mkdir(parents=True, exist_ok=True)
    (INBOX / f".{name}.new").write_bytes(content)
    (INBOX / f".{name}.new").rename(INBOX / name)


def ask(path: str, body: bytes | None = None) -> bytes:  # POST where it has a body
    head = {"Authorization": f"Bearer {KEY}", "Content-Type": "text/plain"}
    return bytes(urlopen(Request(SAID["url"] + path, body, head)).read())  # noqa: S310  # the operator's address


def tell(kind: str, event: str, **data: str) -> None:
    head = {"ce_specversion": "1.0", "ce_id": event, "ce_source": NAME, "ce_type": f"poststelle.procedure.{kind}.v1"}
    producer.produce(f"{TOPICS}outbox", json.dumps(data).encode(), event, headers=list(head.items()))
    producer.flush()


def deliver(delivery: str, file: str, content_path: str, **_: object) -> None:
    case, told, answer = (str(uuid.uuid5(uuid.UUID(delivery), what)) for what in ("case", "told", "answer"))
    number, uploaded, original = f"PV-2026-{case[:8]}", INBOX / f"{delivery}.upload.json", ask(content_path)
    tell("acknowledged", told, delivery=delivery, reference_key=number)  # a repeat says the same under the same ids
    if not uploaded.exists():  # else a repeat would submit another upload under the same id
        keep(uploaded.name, ask(f"/api/v1/procedures/{NAME}/uploads", f"Bescheid\n\nUnser Zeichen: {number}".encode()))
    same = {name: json.loads(uploaded.read_bytes())[name] for name in ("upload", "sha256")}
    tell("submitted", answer, submission=answer, file=file, reference_key=number, **same)
    keep(delivery, original)  # last: what lies here was answered


consumer.subscribe([f"{TOPICS}inbox"])
while True:
    for message in consumer.consume(1, 60):
        if message.error():
            raise KafkaException(message.error())  # a missing right does not mend itself
        facts, kind = json.loads(message.value() or b""), dict(message.headers() or ())["ce_type"]
        if kind == b"poststelle.procedure.delivered.v1" and not (INBOX / facts["delivery"]).exists():
            deliver(**facts)
        elif kind == b"poststelle.procedure.tested.v1":
            tell("acknowledged", str(uuid.uuid5(uuid.UUID(facts["delivery"]), "told")), **facts)
        elif "submission" in facts:
            keep(f"{facts['submission']}.json", message.value() or b"")
        consumer.commit(message, asynchronous=False)
