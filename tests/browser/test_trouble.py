"""What clerks see when something is wrong: two on one letter, a session that is over, stores and pictures away."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys

from services.core.errors import TryLater
from tests.browser.keyboard import Keyboard
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall, a_mail

pytestmark = pytest.mark.browser


@pytest.fixture
def keep(keyboard: Keyboard, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Where pictures go: the folder of the option, or one that is thrown away."""
    folder = Path(request.config.getoption("--screenshots") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_two_clerks_on_one_letter(hall: CityHall, address: str, clerk: Keyboard, *, keep: Path) -> None:
    """Whoever comes second is told that somebody decided, and sees where the letter is now."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")
    colleague = hall.clerk("s.weiß", all_offices=True)
    version = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()["version"]
    decision = {"action": "open", "position": "52.10", "version": str(version)}
    assert colleague.submit(f"/posteingang/{document}", **decision).status_code == 303
    clerk.press("x")
    clerk.wait_for(lambda: "Abgelegt unter" in clerk.text, "where it is")
    clerk.picture(keep / "zwei-an-einem-schreiben.png")
    assert "Inzwischen hat s.weiß „Gartenhaus“ um" in clerk.text
    assert "in Akte 52.10/1-" in clerk.text


def test_a_session_that_is_over(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, keep: Path) -> None:
    """The password is asked for in place, then the decision is offered again; one more key carries it out."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")
    chromium.delete_cookie("poststelle_session")
    clerk.press("x")
    clerk.wait_for(lambda: "Kennwort" in clerk.text, "the sign-in")
    clerk.picture(keep / "sitzung-abgelaufen.png")
    clerk.write_here("berg")
    clerk.write("Kennwort", PASSWORD)
    clerk.enter("Anmelden", "noch nicht ausgeführt: nicht aktenrelevant")
    key = hall.key("search", all_offices=True)
    assert key.get(f"{API}/documents/{document}").json()["state"] == "held"
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "nicht aktenrelevant vermerkt" in clerk.text, "the note")
    assert key.get(f"{API}/documents/{document}").json()["state"] == "no_record"


def test_the_store_is_away(
    hall: CityHall, address: str, clerk: Keyboard, *, keep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence in German that says to come again, and no trace; when the store is back so is the letter."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")

    def away(*_: object, **__: object) -> None:
        raise TryLater

    with monkeypatch.context() as broken:
        for name in ("read", "create", "keys", "size"):
            broken.setattr(hall.ports.blobs, name, away)
        clerk.press("x")
        clerk.wait_for(lambda: "Fehler 503" in clerk.text, "the page of errors")
        clerk.picture(keep / "ablage-weg.png")
        assert "Traceback" not in clerk.text
    clerk.enter("Noch einmal versuchen", "1 Dokument wartet")
    assert document in clerk.address


def test_the_log_is_away(hall: CityHall, address: str, clerk: Keyboard, *, keep: Path) -> None:
    """A decision counts and is kept; that its entry is still to come is said."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")
    hall.log.away = True
    clerk.press("n")
    clerk.press("52.10", Keys.ENTER)
    clerk.wait_for(lambda: "Die Entscheidung ist gespeichert." in clerk.text, "the note")
    clerk.picture(keep / "protokoll-weg.png")
    clerk.open(f"{address}/posteingang/{document}")
    assert "der Eintrag in die Akte folgt" in clerk.text


def test_a_picture_that_fails(hall: CityHall, address: str, clerk: Keyboard, *, keep: Path) -> None:
    """The page says which one it would be, the text is there, and the decision can be made."""
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=b"%PDF\fSEITE 1", headers=headers)
    clerk.open(f"{address}/posteingang/{answer.json()['document']}")
    clerk.wait_for(lambda: "Das Bild dieser Seite ist gerade nicht zu sehen." in clerk.text, "the sentence")
    clerk.picture(keep / "bild-fehlt.png")
    assert "SEITE 1" in clerk.text
    assert "Entscheidung" in clerk.text
