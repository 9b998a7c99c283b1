"""Depths of the Kafka log are looked at while its broker dies and comes back."""

import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from deploy.servers import Kafka
from services.adapters.event_log.kafka import KafkaEventLog
from tests.ports.event_log.readers import TOPIC

pytestmark = pytest.mark.stack

ASK_FOR_DEPTHS = """
import itertools, sys, threading
from services.adapters.event_log.kafka import KafkaEventLog
from services.core.errors import TryLater
from tests.ports.event_log.readers import TOPIC

log = KafkaEventLog(sys.argv[1], prefix=sys.argv[2])
stopping, answers = threading.Event(), []

def ask(name):
    for number in itertools.count():
        if stopping.is_set():
            return
        try:
            answers.append(log.backlog(f"{name}-{number % 40}", [TOPIC]))
        except TryLater:
            pass

asking = [threading.Thread(target=ask, args=(name,)) for name in ("a", "b", "c")]
for each in asking:
    each.start()
sys.stdin.read()
answers.clear()
while not answers:
    stopping.wait(0.1)
stopping.set()
for each in asking:
    each.join()
log.close()
"""


def test_who_asks_for_depths_survives_the_broker(project: Path) -> None:
    """Groups move to a broker that has just come back while somebody asks what they have acknowledged."""
    prefix = f"depths-{uuid.uuid4().hex[:12]}."
    with Kafka.start() as broker:
        log = KafkaEventLog(broker.bootstrap, prefix=prefix)
        log.ensure_topics([TOPIC])
        log.close()
        command = [sys.executable, "-c", ASK_FOR_DEPTHS, broker.bootstrap, prefix]
        with subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE) as asking:
            for _ in range(4):
                time.sleep(2)
                broker.kill()
                broker.restart()
            asking.communicate(timeout=300)
    assert asking.returncode == 0
