"""A correction over HTTP teaches the next letter; what a training changed is taken back over HTTP as well."""

import itertools
import re
import time
from typing import Any

from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.registry_office import PLAN, RegistryOffice
from tests.component.test_training import taught

HEDGE = (
    "Die Hecke am Spielplatz ragt auf den Gehweg, mit dem Kinderwagen kommt man nicht mehr vorbei. "
    "Bitte lassen Sie sie schneiden."
)
AGAIN = "Am Spielplatz ragt die Hecke schon wieder auf den Gehweg, kein Kinderwagen kommt vorbei. Bitte schneiden!"
WITHIN_S = 5.0


def shown(clerk: Browser, document: str) -> Any:
    """The document as the API tells it."""
    return clerk.get(f"{API}/documents/{document}").json()


def decide(clerk: Browser, document: str, **wish: str) -> None:
    """A clerk's decision about a document as it is."""
    path = f"{API}/documents/{document}"
    answer = clerk.post(f"{path}/decisions", json=wish, headers={"If-Match": clerk.get(path).headers["etag"]})
    assert answer.status_code == 202, answer.text


def test_the_letter_after_a_correction_goes_right_within_five_seconds(hall: CityHall) -> None:
    """A letter is filed, then corrected; one of its kind is proposed where it lies now, and names it as the reason."""
    clerk = hall.key("search", "decide", all_offices=True)
    first = str(hall.deliver(a_mail("Hecke", HEDGE))["document"])
    decide(clerk, first, action="file", position="52.10")
    decide(clerk, first, action="move", position="20.1")
    corrected = time.monotonic()
    numbers = itertools.count(1)  # each letter is one of its own: the same one again would keep its judgement
    while True:
        late = time.monotonic() - corrected > WITHIN_S  # when it came; how long a busy machine reads it is no promise
        letter = a_mail("Hecke", f"{AGAIN} Das ist mein {next(numbers)}. Brief.", sender="a@b.test")
        found = shown(clerk, str(hall.deliver(letter)["document"]))
        if found["candidates"] and found["candidates"][0]["position"] == "20.1":
            break
        assert not late
        time.sleep(0.3)
    reason = next(one for one in found["classification"]["evidence"] if one["kind"] == "neighbour")
    assert (reason["position"], reason["document"]) == ("20.1", first)


def test_a_reply_goes_to_the_file_of_its_mail(hall: CityHall) -> None:
    """By its In-Reply-To, through intake, reading and filing: it stands in the register behind the mail it answers."""
    clerk = hall.key("search", "decide", all_offices=True)
    asked = str(hall.deliver(a_mail("Frage", "Wann?", Message_ID="<frage@beispiel.test>"))["document"])
    decide(clerk, asked, action="file", position="52.10")
    answer = a_mail("AW: Frage", "Danke, noch etwas.", In_Reply_To="<frage@beispiel.test>")
    reply = str(hall.deliver(answer)["document"])
    files = [shown(clerk, one)["filings"][0]["file"] for one in (asked, reply)]
    assert files[0] == files[1]
    register = clerk.get(f"{API}/files/{files[0]}").json()["items"]
    assert [line["document"] for line in register] == [asked, reply]


def test_rollback_over_http_brings_the_old_answer(hall: CityHall) -> None:
    """A word that only a model knows is proposed after a training, and says nothing any more after the rollback."""
    assert hall.configuration.store("plan", PLAN.read_bytes(), base=1)
    office = RegistryOffice(hall.ports.blobs)
    office.configuration.refresh("plan")
    taught(office)
    administrator = hall.key("administer", "search", all_offices=True)

    def answer() -> list[str]:
        found = shown(administrator, str(hall.deliver(a_mail("Senke", f"{time.time()}"))["document"]))
        return [one["position"] for one in found["candidates"]]

    assert answer() == []
    outcome = administrator.post(f"{API}/classification/models").json()
    assert outcome["taken"]
    assert answer()[0] == "54.10.01"
    assert administrator.post(f"{API}/classification/models/rollback").status_code == 200
    assert answer() == []


def test_the_conversation_stands_beside_a_reply(hall: CityHall) -> None:
    """The filed mail that a reply answers, with its file, for those who may see it; beside the first mail nothing."""
    clerk = hall.clerk("berg", all_offices=True)
    first = hall.deliver(a_mail("Frage zum Carport", Message_ID="<eins@buerger.example>"))["document"]
    assert "Unterhaltung" not in clerk.get(f"/posteingang/{first}").text
    key = hall.key("search", "decide", all_offices=True)
    headers = {"If-Match": f'"{key.get(f"{API}/documents/{first}").json()["version"]}"'}
    opened = {"action": "file", "position": "52.10"}
    assert key.post(f"{API}/documents/{first}/decisions", json=opened, headers=headers).is_success
    reply = a_mail("Nachtrag", In_Reply_To="<eins@buerger.example>", References="<null@x> <eins@buerger.example>")
    second = hall.deliver(reply)["document"]
    page = clerk.get(f"/posteingang/{second}").text
    assert page.count(f'<a href="/dokumente/{first}">Frage zum Carport</a>') == 1
    assert re.search(r"Unterhaltung.*Frage zum Carport.*Akte <a href=\"/akten/52\.10/1-", page, re.DOTALL)
    version = key.get(f"{API}/documents/{second}").json()["version"]
    assert key.post(
        f"{API}/documents/{second}/decisions",
        json={"action": "assign", "office": "kasse"},
        headers={"If-Match": f'"{version}"'},
    ).is_success
    assert "Frage zum Carport" not in hall.clerk("see", offices=("kasse",)).get(f"/posteingang/{second}").text
