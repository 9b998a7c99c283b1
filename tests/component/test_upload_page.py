"""Files come in by a form of the desk: each a delivery with its receipt; what is no form of ours brings nothing in."""

import re
from pathlib import Path

import httpx
import pytest

from services.runtime.streams.sent_form import MOST_FILES
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A clerk who may bring post in."""
    return hall.clerk(rights=("deliver", "search"), all_offices=True)


def words(browser: Browser) -> dict[str, str]:
    """What the page puts into its form: the proof that it is ours, and the name of this sending."""
    page = browser.get("/hochladen").text
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("form", "sendung")}  # type: ignore[index]


def send(browser: Browser, fields: dict[str, str], *files: tuple[str, bytes, str]) -> httpx.Response:
    """Send the form as a browser does."""
    return browser.post("/hochladen", data=fields, files=[("file", one) for one in files])


def receipts(answer: httpx.Response) -> list[str]:
    """The numbers that the page tells."""
    return re.findall(r'nummer=([^"]+)"', answer.text)


def test_each_file_of_the_form_is_a_delivery(hall: CityHall, clerk: Browser) -> None:
    """Two files with names as people write them: two receipts, found by what they say; sent again, the same two."""
    fields = words(clerk)
    files = ("Antrag Müller.txt", b"Antrag auf Fernwaerme", "text/plain"), ("b.txt", b"Zweites Blatt", "text/plain")
    answer = send(clerk, fields, *files)
    assert answer.status_code == 200, answer.text
    assert "2 von 2 Dateien angenommen" in answer.text
    assert "Antrag Müller.txt" in answer.text
    first = receipts(answer)
    assert len(set(first)) == 2
    found = hall.key("search", all_offices=True).get(f"{API}/search?q=Fernwaerme").json()
    assert found["total"] == 1
    assert receipts(send(clerk, fields, *files)) == first


def test_what_is_wrong_is_said_and_the_rest_is_taken(hall: CityHall, clerk: Browser) -> None:
    """An empty file is named beside one that is taken; a form without any file asks for one."""
    answer = send(clerk, words(clerk), ("leer.pdf", b"", "application/pdf"), ("a.txt", b"Da ist was", "text/plain"))
    assert "1 von 2 Dateien angenommen" in answer.text
    assert len(receipts(answer)) == 1
    nothing = send(clerk, words(clerk), ("", b"", "application/octet-stream"))
    assert nothing.status_code == 422
    assert "Es ist keine Datei ausgewählt." in nothing.text


def test_only_forms_of_ours_bring_something_in(hall: CityHall, clerk: Browser) -> None:
    """Another site's form, a stranger's, that of somebody who may not deliver, and what is no form at all."""
    file = ("a.txt", b"Untergeschoben", "text/plain")
    forged = send(clerk, {"form": "falsch", "sendung": "x"}, file)
    assert forged.status_code == 403
    reader = hall.clerk("leser", rights=("search",), all_offices=True)
    assert reader.get("/hochladen").status_code == 403
    assert send(reader, {"form": "x"}, file).status_code == 403
    assert send(hall.stranger(), {"form": "x"}, file).status_code == 303
    for kind, body in (("text/plain", b"x"), ("multipart/form-data", b"x"), ("multipart/form-data; boundary=a", b"x")):
        assert clerk.post("/hochladen", content=body, headers={"Content-Type": kind}).status_code == 400
    assert hall.key("search", all_offices=True).get(f"{API}/search?q=Untergeschoben").json()["total"] == 0


def test_a_form_has_limits(tmp_path: Path) -> None:
    """More files, larger fields, longer heads or more bytes than a form may have: nothing of it is taken in."""
    hall = CityHall(tmp_path, scan_intake={"max_size": 20_000})
    try:
        clerk = hall.clerk(rights=("deliver", "search"), all_offices=True)
        small = ("a.txt", b"Inhalt", "text/plain")
        assert send(clerk, words(clerk), *[small] * (MOST_FILES + 1)).status_code == 400
        assert send(clerk, words(clerk) | {"feld": "x" * 1_000}, small).status_code == 400
        assert send(clerk, words(clerk), ("n" * 9_000, b"Inhalt", "text/plain")).status_code == 400
        assert send(clerk, words(clerk), ("a.txt", b"x" * 30_000, "text/plain")).status_code == 413
        assert hall.key("search", all_offices=True).get(f"{API}/search?q=Inhalt").json()["total"] == 0
    finally:
        hall.close()
