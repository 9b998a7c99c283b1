"""The webhook of a procedure: what is sent, how it is signed, and what becomes of it where it is not taken."""

import pytest

from services.core.keys import Bucket
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from services.procedures.webhooks.couriers import Couriers
from services.procedures.webhooks.progress import held_for
from services.procedures.webhooks.sending import FIRST_PAUSE, LONGEST_PAUSE, Courier
from services.procedures.webhooks.standing import condition
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.hooked import HOOK, NAME, OTHER, courier, hook, sent
from tests.component.surroundings import Shifted
from tests.component.test_procedures import filed, inbox, speaker
from tests.component.webhook_receiver import Receiver, receiving
from tests.journeys.instance import eventually


@pytest.fixture
def admin(hall: CityHall) -> Browser:
    """Who administers the mail room."""
    return hall.key("administer")


def test_what_comes_into_the_inbox_is_sent_signed_and_in_order(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """From the next line on, the same events as by long poll; nothing of what was there before."""
    filed(hall, "52.10", "Davor")
    secret = hook(admin, receiver.url)
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites", "Drittes")]
    sent(courier(outgoing))
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
        ("slow", "webhook_silent"),
    ],
)
def test_what_is_not_taken_is_sent_again_after_a_longer_pause(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver, answer: int | str | None, code: str
) -> None:
    """Whatever it answers: the reason is shown, nothing goes past the line, and no redirect is followed."""
    with receiving() as elsewhere:
        receiver.answer, receiver.location = answer, elsewhere.url
        hook(admin, receiver.url)
        documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites")]
        ours = courier(outgoing)
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


def test_of_a_huge_answer_the_status_counts(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """Its body is not read to the end: each event is taken, once."""
    receiver.answer = "huge"
    hook(admin, receiver.url)
    for subject in ("Erstes", "Zweites"):
        filed(hall, "52.10", subject)
    sent(courier(outgoing))
    assert len(receiver.posts) == len(set(receiver.taken())) == 2
    assert admin.get(HOOK).json()["code"] == ""


def test_pause_has_a_longest(outgoing: Context, hall: CityHall, admin: Browser, receiver: Receiver) -> None:
    """However long it is away, it is asked four times an hour."""
    receiver.answer = 500
    hook(admin, receiver.url)
    filed(hall, "52.10")
    ours = courier(outgoing)
    pauses = [ours.step() for _ in range(14)]
    assert pauses[-1] <= LONGEST_PAUSE * 1.2
    assert pauses[-1] >= LONGEST_PAUSE * 0.8


def test_one_that_never_answers_disturbs_nobody(hall: CityHall, outgoing: Context, admin: Browser) -> None:
    """While one procedure's webhook hangs and another's fails, a third has everything, and post goes on.

    The next process sends to it at once: the one that ended gave its turn back.
    """
    register(Procedure(name="dritte", positions=("52", "20")), outgoing)
    with receiving(answer=None) as silent, receiving(answer=500) as failing, receiving() as good:
        for name, receiver in ((NAME, silent), (OTHER, failing), ("dritte", good)):
            hook(admin, receiver.url, name)
        couriers = Couriers(outgoing)
        couriers.start()
        try:
            documents = [filed(hall, position, str(number)) for number in range(3) for position in ("52.10", "20.1")]
            eventually(lambda: len(good.posts) == len(documents), 120)
            assert [post.event["data"]["document"] for post in good.posts] == documents
            eventually(lambda: silent.posts and failing.posts, 120)
        finally:
            couriers.stop()
        assert len(inbox(speaker(hall, NAME))) == 3
        filed(hall, "52.10", "nach einem neuen Start")
        sent(Courier("dritte", outgoing))
        assert len(good.posts) == len(documents) + 1


def test_after_its_patience_a_webhook_is_parked_and_sent_again_by_hand(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver, clock: Shifted
) -> None:
    """Then nothing is tried any more, the check names it, and a person begins at the line that was not taken."""
    receiver.answer = 500
    hook(admin, receiver.url)
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites")]
    sent(courier(outgoing))
    clock.ahead += outgoing.settings.procedures.webhook_patience
    sent(courier(outgoing))
    asked, parked = len(receiver.posts), admin.get(HOOK).json()
    assert parked["parked_at"]
    assert parked["trouble_since"] < parked["parked_at"]
    found = condition(outgoing)
    assert found
    assert (found[0], NAME in found[1]) == (False, True)
    receiver.answer = 204
    sent(courier(outgoing))
    assert len(receiver.posts) == asked
    assert admin.ask("POST", f"{HOOK}/resends", json={}).json()["code"] == ""
    sent(courier(outgoing))
    assert [post.event["data"]["document"] for post in receiver.posts[asked:]] == documents
    found = condition(outgoing)
    assert found
    assert found[0]


def test_a_line_is_passed_over_or_sent_once_more_by_hand(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """One that the receiver cannot take is left out, and stays in the inbox; any line can be sent again."""
    hook(admin, receiver.url)
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites", "Drittes")]
    receiver.answer = 400
    sent(courier(outgoing))
    receiver.posts.clear()
    receiver.answer = 204
    assert admin.ask("POST", f"{HOOK}/resends", json={"pass_over": True}).json()["last_line"] == 1
    sent(courier(outgoing))
    assert [post.event["data"]["document"] for post in receiver.posts] == documents[1:]
    assert admin.ask("POST", f"{HOOK}/resends", json={"line": 1}).json()["waiting"] == 3
    sent(courier(outgoing))
    assert [post.event["data"]["document"] for post in receiver.posts[2:]] == documents
    assert admin.ask("POST", f"{HOOK}/resends", json={"line": 9}).json()["code"] == "beyond_window"


def test_gone_is_believed_at_once(hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver) -> None:
    """410 parks: whoever took the receiver down wants no more tries."""
    receiver.answer = 410
    hook(admin, receiver.url)
    filed(hall, "52.10")
    ours = courier(outgoing)
    for _ in range(3):
        sent(ours)
    assert len(receiver.posts) == 1
    assert admin.get(HOOK).json()["parked_at"]


def test_of_two_processes_one_sends(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver, clock: Shifted
) -> None:
    """The other one waits, and takes over where the first has said nothing for a while."""
    hook(admin, receiver.url)
    one, other = courier(outgoing), Courier(NAME, outgoing)
    filed(hall, "52.10", "Erstes")
    sent(one)
    filed(hall, "52.10", "Zweites")
    sent(other)
    assert len(receiver.posts) == 1
    clock.ahead += held_for(outgoing)
    sent(other)
    sent(one)
    assert len(receiver.posts) == 2
    assert len(set(receiver.taken())) == 2


def test_a_process_that_ends_holds_up_nobody(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """It gives its turn back; who had none takes nobody's."""
    hook(admin, receiver.url)
    one, other, third = courier(outgoing), Courier(NAME, outgoing), Courier(NAME, outgoing)
    filed(hall, "52.10", "Erstes")
    sent(one)
    filed(hall, "52.10", "Zweites")
    third.give_back()
    sent(other)
    assert len(receiver.posts) == 1
    one.give_back()
    sent(other)
    assert len(receiver.posts) == 2
    filed(hall, "52.10", "Drittes")
    one.give_back()
    sent(third)
    assert len(receiver.posts) == 2


def test_whoever_dies_after_sending_tells_it_again_under_the_same_id(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the receiver's answer and our mark lies a repeat, never a loss."""
    hook(admin, receiver.url)
    filed(hall, "52.10", "Erstes")
    with monkeypatch.context() as dying:
        dying.setattr("services.procedures.webhooks.progress.Progress.took", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            courier(outgoing).step()
    sent(courier(outgoing))
    assert len(receiver.posts) == 2
    assert len(set(receiver.taken())) == 1


def test_a_paused_procedure_is_sent_nothing(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """Resumed, it is sent what came meanwhile; registered anew, it keeps its webhook."""
    hook(admin, receiver.url)
    admin.ask("POST", f"{API}/procedures/{NAME}/pause")
    filed(hall, "52.10", "Erstes")
    sent(courier(outgoing))
    assert receiver.posts == []
    admin.ask("POST", f"{API}/procedures/{NAME}/resume")
    assert admin.ask("PUT", f"{API}/procedures/{NAME}", json={"positions": ["52.10"]}).json()["webhook"] == receiver.url
    sent(courier(outgoing))
    assert len(receiver.posts) == 1


def test_a_removed_webhook_leaves_the_inbox(
    hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver
) -> None:
    """Nothing is sent any more, all is there to be asked for, and what was stored of sending is gone."""
    hook(admin, receiver.url)
    filed(hall, "52.10", "Erstes")
    sent(courier(outgoing))
    assert admin.ask("DELETE", HOOK).status_code == 200
    filed(hall, "52.10", "Zweites")
    sent(courier(outgoing))
    assert len(receiver.posts) == 1
    assert len(inbox(speaker(hall, NAME))) == 2
    assert not list(outgoing.ports.blobs.keys(Bucket.RECORDS, f"main/procedures/{NAME}/webhook/"))
    assert admin.get(HOOK).status_code == 404
