"""The disk of the S3 store is full: nothing is accepted, nothing is lost, and all goes on when there is space again."""

import smtplib
from collections.abc import Iterator

import pytest

from tests.faults.narrow_store import NarrowS3
from tests.journeys.agreement import agree
from tests.journeys.filing import a_new_file
from tests.journeys.gateway import Gateway
from tests.journeys.instance import deliver, eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import Stack, kafka

pytestmark = pytest.mark.fault

POSITION = "11.10.02"
MAILS = 20
FULL = "452"
MAIL = {"Content-Type": "message/rfc822"}


@pytest.fixture(scope="module")
def store() -> Iterator[NarrowS3]:
    """On a small disk."""
    with NarrowS3.start() as narrow:
        yield narrow


@pytest.fixture(scope="module")
def stack(store: NarrowS3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A mail room over it, all services in one process."""
    with kafka(tmp_path_factory.mktemp("narrow"), own_store=store) as stack:
        stack.process.start()
        yield stack


def test_a_full_store_takes_nothing_and_loses_nothing(stack: Stack, store: NarrowS3) -> None:
    """SMTP answers 452, HTTP 503 and the health page is red; afterwards everything that was acknowledged arrives."""
    process = stack.process
    file = a_new_file(process, POSITION)
    gateway = Gateway(
        [process.smtp_port], [a_mail(f"Ihr Zeichen: {file}\n\nBrief {number}.") for number in range(MAILS)]
    )
    gateway.start()
    gateway.wait_for(MAILS // 3)
    with store.full():
        eventually(lambda: _smtp_answer(stack).startswith(FULL))
        refused = process.http.post("/mails", content=bytes(a_mail("Passt das noch?")), headers=MAIL)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert not process.ready()["ports"]["blobs"], process.ready()
    agree(stack.books, gateway.finish().values())
    assert process.ready()["red"] == {}


def _smtp_answer(stack: Stack) -> str:
    """What the listener says to one more mail."""
    with smtplib.SMTP("127.0.0.1", stack.process.smtp_port, timeout=60) as session:
        try:
            return deliver(session, a_mail("Passt das noch?"))
        except smtplib.SMTPResponseException as refusal:
            return f"{refusal.smtp_code} {refusal.smtp_error!r}"
