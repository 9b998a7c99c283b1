"""Why can I not find X: by receipt, Message-ID or SHA-256, and told only to those who may know."""

import hashlib
from typing import Any

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.messages import envelope
from services.core.messages.events import DocumentReceived
from services.core.model import record_files
from services.core.model.record_files import Erased
from services.runtime.worker.dead_letters import dead_letter
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.damage import file_of, flip, walk
from tests.unit.contexts import CAUSE

MESSAGE = "<brief-1@beispiel.test>"


@pytest.fixture
def everything(hall: CityHall) -> Browser:
    """The key of somebody who sees all offices."""
    return hall.key("search", "administer", all_offices=True)


def asked(client: Browser, of: str, **how: str) -> dict[str, Any]:
    """The answer of the API."""
    answer = client.get(f"{API}/traces", params={"of": of, **how})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def outcomes(client: Browser, of: str, **how: str) -> list[str]:
    """What was answered for each receipt, or that there is none."""
    told = asked(client, of, **how)
    return [item["outcome"] for item in told["items"]] or [told["outcome"]]


def test_a_mail_is_asked_after_by_three_names(hall: CityHall, everything: Browser) -> None:
    """Receipt number, Message-ID with or without angle brackets, and the SHA-256 of its bytes lead to the same."""
    mail = a_mail(Message_ID=MESSAGE)
    told = hall.deliver(mail)
    for name in (told["receipt"], told["receipt"].lower(), MESSAGE, MESSAGE[1:-1], hashlib.sha256(mail).hexdigest()):
        answer = asked(everything, name)
        assert [item["receipt"] for item in answer["items"]] == [told["receipt"]], name
        assert answer["outcome"] == "indexed"
        assert answer["items"][0]["findable"]


def test_what_never_came_is_told_so(everything: Browser) -> None:
    """A well-formed name of nothing is answered, and what is no name is refused."""
    assert outcomes(everything, "<nie@beispiel.test>") == ["not_received"]
    assert outcomes(everything, "0" * 64) == ["not_received"]
    for wrong, code in (("irgendwas", "bad_reference"), ("PE-261123-0000-0000-0", "bad_receipt")):
        answer = everything.get(f"{API}/traces", params={"of": wrong})
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_what_waits_names_the_service_and_the_time(hall: CityHall, everything: Browser) -> None:
    """Stored while nobody works: it waits to be read since it came, also where the book has not heard of it."""
    hall.log.prompt = False
    told = hall.deliver(a_mail(Message_ID=MESSAGE))
    item = asked(everything, told["receipt"])["items"][0]
    assert (item["outcome"], item["service"], item["findable"]) == ("waiting", "extraction", False)
    assert item["since"] == item["received_at"]
    hall.work()
    assert outcomes(everything, told["receipt"]) == ["indexed"]


def test_what_only_lacks_in_the_index_waits_there(hall: CityHall, everything: Browser) -> None:
    """A record that is newer than its entry waits to be indexed; meanwhile the earlier state is found."""
    told = hall.deliver(a_mail())
    hall.log.prompt = False
    again = hall.deliver(a_mail())
    assert again["document"] == told["document"]
    item = asked(everything, told["receipt"])["items"][0]
    assert (item["outcome"], item["service"], item["findable"]) == ("waiting", "indexing", True)


def test_what_a_service_gave_up_is_told_with_the_reason(hall: CityHall, everything: Browser) -> None:
    """A dead letter is not a queue: who asks hears that somebody has to act."""
    hall.log.prompt = False
    told = hall.deliver(a_mail())
    (event,) = hall.log.waiting
    assert isinstance(event.facts, DocumentReceived)
    message = envelope.encode(event)
    dead_letter(message, service="extraction", error_code="bug", tenant="main", ports=hall.ports)
    item = asked(everything, told["receipt"])["items"][0]
    assert (item["outcome"], item["service"], item["error_code"]) == ("stopped", "extraction", "bug")


def test_problem_set_aside_and_erased_are_told_apart(hall: CityHall, everything: Browser) -> None:
    """Each end of a document has its own answer."""
    harmed = hall.deliver(a_mail("Bauantrag"))
    flip(file_of(hall, harmed["document"]))
    walk(hall)
    item = asked(everything, harmed["receipt"])["items"][0]
    assert (item["outcome"], item["problems"]) == ("problem", ["damaged"])
    told = hall.deliver(a_mail("Werbung"))
    clerk = hall.clerk("berg", all_offices=True)
    version = everything.get(f"{API}/documents/{told['document']}").headers["etag"]
    path = f"{API}/documents/{told['document']}/decisions"
    key = hall.key("decide", "search", all_offices=True)
    assert key.post(path, json={"action": "no_record"}, headers={"If-Match": version}).status_code == 202
    assert outcomes(everything, told["receipt"]) == ["set_aside"]
    made = record_files.encode(Erased(incarnation=0, decision=CAUSE, erased_at=hall.ports.clock.now()))
    hall.ports.blobs.create(Bucket.RECORDS, keys.stage("main", told["document"], "erased", 1), made)
    assert outcomes(everything, told["receipt"]) == ["erased"]
    assert "wurde gelöscht" in clerk.get("/eingang", params={"nummer": told["receipt"]}).text


def test_no_right_is_told_only_to_those_who_may_know(tmp_path: Any) -> None:
    """Who sees all offices hears why a colleague finds nothing; the colleague is told what a stranger is told."""
    hall = CityHall(tmp_path, mail_intake={"offices": {"bau@musterstadt.test": "bauamt"}})
    told = hall.deliver(a_mail(Message_ID=MESSAGE), to="bau@musterstadt.test")
    hall.clerk("feld", offices=("kasse",))
    hall.clerk("stein", offices=("bauamt",))
    mail_room = hall.clerk("berg", all_offices=True)
    for name in (told["receipt"], MESSAGE):
        item = asked(mail_room, name, account="feld")["items"][0]
        assert (item["outcome"], item["offices"]) == ("no_right", ["bauamt"])
        assert outcomes(mail_room, name, account="stein") == ["indexed"]
        kasse = hall.key("search", offices=("kasse",))
        assert asked(kasse, name) == asked(kasse, "<nie@beispiel.test>")
        refused = kasse.get(f"{API}/traces", params={"of": name, "account": "feld"})
        assert refused.status_code == 403
    page = mail_room.get("/eingang", params={"nummer": MESSAGE, "konto": "feld"})
    assert "dieses Konto darf es nicht sehen" in page.text
    assert "bauamt" in page.text
    hall.close()


def test_a_blind_copy_is_not_told_to_the_other_office(tmp_path: Any) -> None:
    """Two offices got one mail: each hears of its own arrival alone, whatever it asks by."""
    boxes = {"bau@musterstadt.test": "bauamt", "kasse@musterstadt.test": "kasse"}
    hall = CityHall(tmp_path, mail_intake={"offices": boxes})
    mail = a_mail(Message_ID=MESSAGE)
    own = hall.deliver(mail, to="bau@musterstadt.test")
    other = hall.deliver(mail, to="kasse@musterstadt.test")
    assert own["document"] == other["document"]
    bauamt = hall.key("search", offices=("bauamt",))
    for name in (MESSAGE, hashlib.sha256(mail).hexdigest()):
        told = str(asked(bauamt, name))
        assert own["receipt"] in told
        assert other["receipt"] not in told
    hall.close()


def test_the_page_answers_before_the_book_has_heard(hall: CityHall) -> None:
    """The receipt is a minute old and the log is away: the page says that it is here and waits."""
    clerk = hall.clerk("berg", all_offices=True)
    hall.log.prompt = False
    told = hall.deliver(a_mail())
    page = clerk.get("/eingang", params={"nummer": told["receipt"]})
    assert page.status_code == 200
    assert "wartet darauf, gelesen zu werden" in page.text
    assert clerk.get("/eingang", params={"nummer": "<nie@beispiel.test>"}).status_code == 404
