"""The webhook of a procedure: what is sent, how it is signed, and what becomes of it where it is not taken."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.adapters.webhook_client.pinned.client import HttpWebhookClient
from services.adapters.webhook_client.pinned.targets import Targets
from services.core.keys import Bucket
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from services.procedures.webhooks import signing
from services.procedures.webhooks.couriers import Couriers
from services.procedures.webhooks.progress import HELD_FOR
from services.procedures.webhooks.sending import FIRST_PAUSE, LONGEST_PAUSE, Courier
from services.procedures.webhooks.standing import condition
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.surroundings import Shifted
from tests.component.test_procedures import filed, inbox, speaker
from tests.component.webhook_receiver import Receiver, receiving
from tests.journeys.instance import eventually

NAME, OTHER = "bauverfahren", "kassenverfahren"
HOOK = f"{API}/procedures/{NAME}/webhook"
WITHIN = timedelta(seconds=0.4)


@pytest.fixture
def context(hall: CityHall) -> Context:
    """The service, which may speak to this machine; two procedures are registered."""
    made = hall.contexts["procedures"]
    client = HttpWebhookClient(Targets(["127.0.0.0/8", "::1/128"]), timeout=WITHIN)
    object.__setattr__(made.ports, "webhooks", client)
    register(Procedure(name=NAME, positions=("52",)), made)
    register(Procedure(name=OTHER, positions=("20",)), made)
    return made


@pytest.fixture
def admin(hall: CityHall) -> Browser:
    """Who administers the mail room."""
    return hall.key("administer")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The procedure listens."""
    with receiving() as made:
        yield made


def hook(admin: Browser, url: str, name: str = NAME) -> str:
    """Set it; its secret."""
    answer = admin.ask("PUT", f"{API}/procedures/{name}/webhook", json={"url": url})
    assert answer.status_code in (200, 201), answer.text
    secret: str = answer.json()["secret"]
    return secret


def courier(context: Context) -> Courier:
    """That of this process, as it is after a new start."""
    return Courier(NAME, context, holder="00000000-0000-4000-8000-000000000000")


def sent(sender: Courier) -> timedelta:
    """Send until nothing is due; the pause after that."""
    pause = sender.step()
    while not pause:
        pause = sender.step()
    return pause


def test_signature_is_that_of_the_standard() -> None:
    """The example of the specification of Standard Webhooks comes out to the letter."""
    secret = b"1\xf2\x90\xf6\xbf\x06)\x8a\xabO\x08\xd4<?\x08,\xf6H\xa3b\xda-\xa4\xb0"
    assert signing.as_told(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = Shifted().now().fromtimestamp(1614265330, tz=Shifted().now().tzinfo)
    made = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at=at, secrets=[secret])
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_comes_into_the_inbox_is_sent_signed_and_in_order(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver
) -> None:
    """From the next line on, the same events as by long poll; nothing of what was there before."""
    filed(hall, "52.10", "Davor")
    secret = hook(admin, receiver.url)
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites", "Drittes")]
    sent(courier(context))
    assert [post.event["data"]["document"] for post in receiver.posts] == documents
    assert [post.event for post in receiver.posts] == inbox(speaker(hall, NAME))[1:]
    first = receiver.posts[0]
    assert all(post.is_signed_by(secret) for post in receiver.posts)
    assert first.headers["webhook-id"] == first.event["id"]
    assert (first.path, first.headers["content-type"]) == ("/eingang?amt=1", "application/cloudevents+json")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (500, "webhook_failed"),
        (503, "webhook_failed"),
        (301, "webhook_redirected"),
        (307, "webhook_redirected"),
        (400, "webhook_refused"),
        (401, "webhook_refused"),
        (None, "webhook_silent"),
        ("drip", "webhook_silent"),
    ],
)
def test_what_is_not_taken_is_sent_again_after_a_longer_pause(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver, answer: int | str | None, code: str
) -> None:
    """Whatever it answers: the reason is shown, nothing goes past the line, and no redirect is followed."""
    with receiving() as elsewhere:
        receiver.answer, receiver.location = answer, elsewhere.url
        hook(admin, receiver.url)
        documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites")]
        ours = courier(context)
        pauses = [ours.step() for _ in range(3)]
        assert FIRST_PAUSE * 0.8 <= pauses[0] < pauses[1] < pauses[2] < LONGEST_PAUSE
        assert len(set(receiver.taken())) == 1
        shown = admin.get(HOOK).json()
        assert (shown["code"], shown["waiting"], shown["parked_at"]) == (code, 2, None)
        assert elsewhere.posts == []
    receiver.answer, receiver.location = 200, ""
    receiver.closing.set()
    receiver.posts.clear()
    sent(ours)
    assert [post.event["data"]["document"] for post in receiver.posts] == documents
    assert admin.get(HOOK).json()["code"] == ""


def test_pause_has_a_longest(context: Context, hall: CityHall, admin: Browser, receiver: Receiver) -> None:
    """However long it is away, it is asked four times an hour."""
    receiver.answer = 500
    hook(admin, receiver.url)
    filed(hall, "52.10")
    ours = courier(context)
    pauses = [ours.step() for _ in range(14)]
    assert pauses[-1] <= LONGEST_PAUSE * 1.2
    assert pauses[-1] >= LONGEST_PAUSE * 0.8


def test_one_that_never_answers_disturbs_nobody(hall: CityHall, context: Context, admin: Browser) -> None:
    """While one procedure's webhook hangs and another's fails, a third has everything, and post goes on."""
    register(Procedure(name="dritte", positions=("52", "20")), context)
    with receiving(answer=None) as silent, receiving(answer=500) as failing, receiving() as good:
        for name, receiver in ((NAME, silent), (OTHER, failing), ("dritte", good)):
            hook(admin, receiver.url, name)
        couriers = Couriers(context)
        couriers.start()
        try:
            documents = [filed(hall, position, str(number)) for number in range(3) for position in ("52.10", "20.1")]
            eventually(lambda: len(good.posts) == len(documents), 20)
            assert [post.event["data"]["document"] for post in good.posts] == documents
            eventually(lambda: silent.posts and failing.posts, 20)
        finally:
            couriers.stop()
        assert len(inbox(speaker(hall, NAME))) == 3


def test_after_its_patience_a_webhook_is_parked_and_sent_again_by_hand(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver, clock: Shifted
) -> None:
    """Then nothing is tried any more, the check names it, and a person begins at the line that was not taken."""
    receiver.answer = 500
    hook(admin, receiver.url)
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites")]
    sent(courier(context))
    clock.ahead += context.settings.procedures.webhook_patience
    sent(courier(context))
    asked, parked = len(receiver.posts), admin.get(HOOK).json()
    assert parked["parked_at"]
    assert parked["trouble_since"] < parked["parked_at"]
    found = condition(context)
    assert found
    assert (found[0], NAME in found[1]) == (False, True)
    receiver.answer = 204
    sent(courier(context))
    assert len(receiver.posts) == asked
    assert admin.ask("POST", f"{HOOK}/resends", json={}).json()["code"] == ""
    sent(courier(context))
    assert [post.event["data"]["document"] for post in receiver.posts[asked:]] == documents
    found = condition(context)
    assert found
    assert found[0]


def test_a_line_is_passed_over_or_sent_once_more_by_hand(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver
) -> None:
    """One that the receiver cannot take is left out, and stays in the inbox; any line can be sent again."""
    hook(admin, receiver.url)
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites", "Drittes")]
    receiver.answer = 400
    sent(courier(context))
    receiver.posts.clear()
    receiver.answer = 204
    assert admin.ask("POST", f"{HOOK}/resends", json={"pass_over": True}).json()["last_line"] == 1
    sent(courier(context))
    assert [post.event["data"]["document"] for post in receiver.posts] == documents[1:]
    assert admin.ask("POST", f"{HOOK}/resends", json={"line": 1}).json()["waiting"] == 3
    sent(courier(context))
    assert [post.event["data"]["document"] for post in receiver.posts[2:]] == documents
    assert admin.ask("POST", f"{HOOK}/resends", json={"line": 9}).json()["code"] == "beyond_window"


def test_gone_is_believed_at_once(hall: CityHall, context: Context, admin: Browser, receiver: Receiver) -> None:
    """410 parks: whoever took the receiver down wants no more tries."""
    receiver.answer = 410
    hook(admin, receiver.url)
    filed(hall, "52.10")
    ours = courier(context)
    for _ in range(3):
        sent(ours)
    assert len(receiver.posts) == 1
    assert admin.get(HOOK).json()["parked_at"]


def test_secret_is_changed_while_both_sign(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver, clock: Shifted
) -> None:
    """For a day the former one signs too, unless it is ended at once; then only the new one."""
    old = hook(admin, receiver.url)
    new = admin.ask("POST", f"{HOOK}/secrets", json={}).json()["secret"]
    filed(hall, "52.10", "Erstes")
    sent(courier(context))
    assert receiver.posts[0].is_signed_by(old)
    assert receiver.posts[0].is_signed_by(new)
    clock.ahead += timedelta(days=1)
    filed(hall, "52.10", "Zweites")
    sent(courier(context))
    assert not receiver.posts[1].is_signed_by(old)
    assert receiver.posts[1].is_signed_by(new)
    last = admin.ask("POST", f"{HOOK}/secrets", json={"keep_old": False}).json()["secret"]
    filed(hall, "52.10", "Drittes")
    sent(courier(context))
    assert receiver.posts[2].is_signed_by(last)
    assert not receiver.posts[2].is_signed_by(new)


def test_secret_lies_nowhere(hall: CityHall, context: Context, admin: Browser, receiver: Receiver) -> None:
    """It is told once: no record, no answer and no list holds it."""
    secret = hook(admin, receiver.url)
    filed(hall, "52.10")
    sent(courier(context))
    blobs = context.ports.blobs
    stored = [blobs.read(Bucket.RECORDS, key) for key in blobs.keys(Bucket.RECORDS, "main/") if key.endswith(".json")]
    words = (secret.encode(), secret.removeprefix("whsec_").encode())
    assert len(stored) > 5
    assert not any(word in content for content in stored for word in words)
    answers = [admin.get(HOOK), admin.get(f"{API}/procedures"), admin.get(f"{API}/procedures/{NAME}")]
    assert not any(secret in answer.text for answer in answers)
    assert hook(admin, receiver.url) == ""


def test_a_changed_secret_of_the_installation_is_found_out(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver
) -> None:
    """Nothing is sent with a signature that the receiver cannot know; another secret sets it going again."""
    hook(admin, receiver.url)
    file: Path = context.settings.storage.folder / "session.secret"
    file.write_text("another one", encoding="utf-8")
    filed(hall, "52.10")
    sent(courier(context))
    shown = admin.get(HOOK).json()
    assert (receiver.posts, shown["code"], bool(shown["parked_at"])) == ([], "webhook_secret", True)
    secret = admin.ask("POST", f"{HOOK}/secrets", json={"keep_old": False}).json()["secret"]
    sent(courier(context))
    assert receiver.posts[0].is_signed_by(secret)


def test_of_two_processes_one_sends(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver, clock: Shifted
) -> None:
    """The other one waits, and takes over where the first has said nothing for a while."""
    hook(admin, receiver.url)
    one, other = courier(context), Courier(NAME, context)
    filed(hall, "52.10", "Erstes")
    sent(one)
    filed(hall, "52.10", "Zweites")
    sent(other)
    assert len(receiver.posts) == 1
    clock.ahead += HELD_FOR
    sent(other)
    sent(one)
    assert len(receiver.posts) == 2
    assert len(set(receiver.taken())) == 2


def test_whoever_dies_after_sending_tells_it_again_under_the_same_id(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the receiver's answer and our mark lies a repeat, never a loss."""
    hook(admin, receiver.url)
    filed(hall, "52.10", "Erstes")
    with monkeypatch.context() as dying:
        dying.setattr("services.procedures.webhooks.progress.Progress.took", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            courier(context).step()
    sent(courier(context))
    assert len(receiver.posts) == 2
    assert len(set(receiver.taken())) == 1


def test_a_paused_procedure_is_sent_nothing(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver
) -> None:
    """Resumed, it is sent what came meanwhile; registered anew, it keeps its webhook."""
    hook(admin, receiver.url)
    admin.ask("POST", f"{API}/procedures/{NAME}/pause")
    filed(hall, "52.10", "Erstes")
    sent(courier(context))
    assert receiver.posts == []
    admin.ask("POST", f"{API}/procedures/{NAME}/resume")
    assert admin.ask("PUT", f"{API}/procedures/{NAME}", json={"positions": ["52.10"]}).json()["webhook"] == receiver.url
    sent(courier(context))
    assert len(receiver.posts) == 1


def test_a_removed_webhook_leaves_the_inbox(
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver
) -> None:
    """Nothing is sent any more, all is there to be asked for, and what was stored of sending is gone."""
    hook(admin, receiver.url)
    filed(hall, "52.10", "Erstes")
    sent(courier(context))
    assert admin.ask("DELETE", HOOK).status_code == 200
    filed(hall, "52.10", "Zweites")
    sent(courier(context))
    assert len(receiver.posts) == 1
    assert len(inbox(speaker(hall, NAME))) == 2
    assert not list(context.ports.blobs.keys(Bucket.RECORDS, f"main/procedures/{NAME}/webhook/"))
    assert admin.get(HOOK).status_code == 404


def test_only_who_administers_sets_webhooks(hall: CityHall, context: Context, receiver: Receiver) -> None:
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
    hall: CityHall, context: Context, admin: Browser, receiver: Receiver
) -> None:
    """The body holds what the inbox holds: ids and codes, no name of the sender and no subject."""
    hook(admin, receiver.url)
    filed(hall, "52.10", "Vertraulicher Betreff")
    sent(courier(context))
    assert "Vertraulich" not in json.dumps(receiver.posts[0].event)
