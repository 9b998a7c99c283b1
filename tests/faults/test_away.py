"""Each server stops in order, stays away for a while and comes back: what waits meanwhile, and what goes on."""

import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.faults.conftest import Delivering
from tests.faults.post import Post
from tests.journeys.instance import eventually
from tests.journeys.letters import a_mail
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

AWAY_S = 60.0
"""How long each server stays away."""
BACK_WITHIN_S = 180.0
MAIL = {"Content-Type": "message/rfc822"}


@contextmanager
def _away(city: Metropolis, server: str) -> Iterator[Callable[[], None]]:
    """Without this server; call what is given to wait until the time is over. All processes live and are well after."""
    pids = [process.pid for process in city.city.processes]
    over = time.monotonic() + AWAY_S
    city.server(server).stop()
    try:
        yield lambda: time.sleep(max(0.0, over - time.monotonic()))
    finally:
        city.server(server).restart()
    eventually(city.well, BACK_WITHIN_S)
    assert [process.pid for process in city.city.processes if process.running] == pids


def _begun(delivering: Delivering) -> Post:
    """Post that is under way."""
    post = delivering()
    post.gateway.wait_for(post.mails // 4)
    return post


def test_with_kafka_away_post_is_accepted_and_told_of_later(city: Metropolis, delivering: Delivering) -> None:
    """Both listeners take in; when Kafka is back the sweeper publishes what nobody told of, and all arrives."""
    post = _begun(delivering)
    with _away(city, "kafka") as wait:
        receipts = post.gateway.finish()
        taken = city.http.post("/mails", content=bytes(a_mail(f"Ein Brief ohne Kafka, {post.mark}.")), headers=MAIL)
        assert taken.status_code == 202, taken.text
        assert set(receipts.values()) <= {
            key.rpartition("/")[2].removesuffix(".json") for key in city.stored("documents")
        }
        wait()
    post.arrives()
    assert city.search(post.mark)


def test_with_the_store_away_nothing_is_accepted_and_nothing_lost(city: Metropolis, delivering: Delivering) -> None:
    """SMTP answers 451, HTTP 503 with a time to come again; what was accepted before arrives, and so does the rest."""
    post = _begun(delivering)
    with _away(city, "s3") as wait:
        assert _smtp_answer(city) == 451
        refused = _posted(city)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        wait()
    post.arrives()


def test_with_opensearch_away_post_goes_on_and_searches_say_so(city: Metropolis, delivering: Delivering) -> None:
    """Post is accepted and filed, a search answers 503; then everything is found."""
    post = _begun(delivering)
    with _away(city, "opensearch") as wait:
        receipts = set(post.gateway.finish().values())
        assert city.http.post("/search", json={"q": post.word(0)}).status_code == 503
        eventually(lambda: receipts <= city.settled(), 180)
        wait()
    post.arrives()


def test_with_tika_away_only_what_needs_it_waits(city: Metropolis, delivering: Delivering) -> None:
    """Mails of plain text are read, filed and found meanwhile; those with a file are read when Tika is back."""
    post = _begun(delivering)
    with _away(city, "tika") as wait:
        post.gateway.finish()
        plain = next(number for number in range(post.mails - 1, 0, -1) if number % 3 == 0)
        eventually(lambda: city.search(post.word(plain)), 180)
        wait()
    post.arrives()


def _smtp_answer(city: Metropolis) -> int:
    with smtplib.SMTP("127.0.0.1", city.smtp_port, timeout=60) as session:
        session.ehlo()
        session.mail("erika@example.org")
        session.rcpt("post@musterstadt.example")
        return session.data(bytes(a_mail("Nimmt das jemand?")))[0]


def _posted(city: Metropolis) -> httpx.Response:
    """What the first intake says to a mail by HTTP."""
    return city.http.post("/mails", content=bytes(a_mail("Nimmt das jemand?")), headers=MAIL)
