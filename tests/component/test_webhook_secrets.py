"""What signs a webhook and who may set one: secrets are told once and lie nowhere."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from services.core.keys import Bucket
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from services.procedures.webhooks import signing
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.hooked import HOOK, NAME, courier, hook, sent
from tests.component.surroundings import Shifted
from tests.component.test_procedures import filed, speaker
from tests.component.webhook_receiver import Receiver


@pytest.fixture
def admin(hall: CityHall) -> Browser:
    """Who administers the mail room."""
    return hall.key("administer")


def test_signature_is_that_of_the_standard() -> None:
    """The example of the specification of Standard Webhooks comes out to the letter."""
    secret = b"1\xf2\x90\xf6\xbf\x06)\x8a\xabO\x08\xd4<?\x08,\xf6H\xa3b\xda-\xa4\xb0"
    assert signing.as_told(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = Shifted().now().fromtimestamp(1614265330, tz=Shifted().now().tzinfo)
    made = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at=at, secrets=[secret])
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secret_is_changed_while_both_sign(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver, clock: Shifted
) -> None:
    """For a day the former one signs too, unless it is ended at once; then only the new one."""
    old = hook(admin, receiver.url)
    new = admin.ask("POST", f"{HOOK}/secrets", json={}).json()["secret"]
    filed(hall, "52.10", "Erstes")
    sent(courier(outgoing))
    assert receiver.posts[0].is_signed_by(old)
    assert receiver.posts[0].is_signed_by(new)
    clock.ahead += timedelta(days=1)
    filed(hall, "52.10", "Zweites")
    sent(courier(outgoing))
    assert not receiver.posts[1].is_signed_by(old)
    assert receiver.posts[1].is_signed_by(new)
    last = admin.ask("POST", f"{HOOK}/secrets", json={"keep_old": False}).json()["secret"]
    filed(hall, "52.10", "Drittes")
    sent(courier(outgoing))
    assert receiver.posts[2].is_signed_by(last)
    assert not receiver.posts[2].is_signed_by(new)


def test_secret_lies_nowhere(hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver) -> None:
    """It is told once: no record, no answer and no list holds it."""
    secret = hook(admin, receiver.url)
    filed(hall, "52.10")
    sent(courier(outgoing))
    blobs = outgoing.ports.blobs
    stored = [blobs.read(Bucket.RECORDS, key) for key in blobs.keys(Bucket.RECORDS, "main/") if key.endswith(".json")]
    words = (secret.encode(), secret.removeprefix("whsec_").encode())
    assert len(stored) > 5
    assert not any(word in content for content in stored for word in words)
    answers = [admin.get(HOOK), admin.get(f"{API}/procedures"), admin.get(f"{API}/procedures/{NAME}")]
    assert not any(secret in answer.text for answer in answers)
    assert hook(admin, receiver.url) == ""


def test_a_changed_secret_of_the_installation_is_found_out(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """Nothing is sent with a signature that the receiver cannot know; another secret sets it going again."""
    hook(admin, receiver.url)
    file: Path = outgoing.settings.storage.folder / "session.secret"
    file.write_text("another one", encoding="utf-8")
    filed(hall, "52.10")
    sent(courier(outgoing))
    shown = admin.get(HOOK).json()
    assert (receiver.posts, shown["code"], bool(shown["parked_at"])) == ([], "webhook_secret", True)
    secret = admin.ask("POST", f"{HOOK}/secrets", json={"keep_old": False}).json()["secret"]
    sent(courier(outgoing))
    assert receiver.posts[0].is_signed_by(secret)


def test_only_who_administers_sets_webhooks(hall: CityHall, outgoing: Context, receiver: Receiver) -> None:
    """Neither the procedure itself nor a clerk may say where we speak to; unknown procedures are 404."""
    for client in (speaker(hall, NAME), hall.key("search", "decide")):
        assert client.ask("PUT", HOOK, json={"url": receiver.url}).status_code == 403
        assert client.ask("POST", f"{HOOK}/resends", json={}).status_code == 403
    admin = hall.key("administer")
    assert admin.ask("PUT", f"{API}/procedures/niemand/webhook", json={"url": receiver.url}).status_code == 404


@pytest.mark.parametrize("url", ["https://webhook.example/x", "http://10.1.2.3/"])
def test_where_no_target_is_named_there_are_no_webhooks(hall: CityHall, url: str) -> None:
    """As installed, nothing goes out."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    answer = hall.key("administer").ask("PUT", HOOK, json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_target")


def test_nothing_of_a_webhook_is_in_what_others_see(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """The body holds what the inbox holds: ids and codes, no name of the sender and no subject."""
    hook(admin, receiver.url)
    filed(hall, "52.10", "Vertraulicher Betreff")
    sent(courier(outgoing))
    assert "Vertraulich" not in json.dumps(receiver.posts[0].event)
