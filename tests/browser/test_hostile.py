"""Hostile post in Chromium: nothing of it runs, and nothing leaves for a port that listens."""

import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from selenium.webdriver import Chrome

from services.extraction.mail import html_shown
from tests.browser.keyboard import Keyboard
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall

pytestmark = pytest.mark.browser


class Listener:
    """A server of the attacker's, who would like to hear of anybody."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.page = b""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.heard.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(listener.page if self.path == "/page" else b"")

            do_POST = do_GET  # noqa: N815  # the name that the library wants

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Hears every request, wherever in a page it comes from."""
    listener = Listener()
    yield listener
    listener.close()


def attacks(url: str) -> str:
    """What would tell the listener if a page took it for more than words."""
    return "".join(
        (
            f"<script>window.ran=1;fetch('{url}/script')</script>",
            f"<img src=x onerror=\"window.ran=1;fetch('{url}/onerror')\"><img src='{url}/img.png'>",
            f"<svg onload=\"window.ran=1\"><image href='{url}/svg.png'/><use href='{url}/u.svg#a'/></svg>",
            f"<style>@import '{url}/import.css'; body{{background:url({url}/css.png)}}</style>",
            f"<link rel=stylesheet href='{url}/link.css'><link rel=prefetch href='{url}/prefetch'>",
            f"<meta http-equiv=refresh content='0;url={url}/refresh'><base href='{url}/'>",
            f"<form action='{url}/form'><input name=a autofocus onfocus='window.ran=1;this.form.submit()'></form>",
            f"<iframe src='{url}/frame'></iframe><object data='{url}/object'></object><embed src='{url}/embed'>",
            "<a href=\"javascript:window.ran=1\">hier</a><details open ontoggle='window.ran=1'>",
            "{{7*7}}${7*7}\"'><b id=planted>fett</b>",
        )
    )


def mail(url: str) -> bytes:
    """Everything that a sender can fill in is an attack."""
    said = attacks(url)
    short = f'"><script src={url}/s.js></script><b id=planted>javascript:alert(1)'
    message = EmailMessage()
    message["From"] = f'"{short.replace(chr(34), chr(39))}" <boese@beispiel.test>'
    message["To"] = f'"{short.replace(chr(34), chr(39))}" <post@musterstadt.test>'
    message["Subject"] = f"Angriff {short}"
    message.set_content(f"Angriff {said}")
    message.add_alternative(f"<html><body>Angriff {said}</body></html>", subtype="html")
    message.add_attachment(f"Angriff {said}", filename=f"{short.replace('/', '_')}.txt")
    message.add_attachment(said.encode(), maintype="image", subtype="svg+xml", filename="bild.svg")
    message.add_attachment(said.encode(), maintype="text", subtype="html", filename="javascript:alert(1).html")
    return message.as_bytes()


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody who may everything, signed in; the plan leads the attack to a proposal."""
    token = hall.access.add_account("berg", rights=("search", "decide", "administer"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    return keyboard


POINT = "document.querySelector('.sheets')?.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))"
"""What lays the words of a page over its picture."""


def _filed(hall: CityHall, url: str) -> str:
    """The file that another such letter opened: its subject is the file's."""
    document = hall.deliver(mail(f"{url}/filed"))["document"]
    key = hall.key("search", "decide", all_offices=True)
    headers = {"If-Match": f'"{key.get(f"{API}/documents/{document}").json()["version"]}"'}
    decision = {"action": "file", "position": "52.10"}
    assert key.post(f"{API}/documents/{document}/decisions", json=decision, headers=headers).is_success
    return str(key.get(f"{API}/documents/{document}").json()["filings"][0]["file"])


def test_words_over_a_page_are_words(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, listener: Listener
) -> None:
    """Text of a page that is laid over its picture by a script stays text."""
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    page = b"%PDF\fAngriff " + attacks(listener.url).encode()
    scan = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=page, headers=headers).json()["document"]
    clerk.open(f"{address}/dokumente/{scan}?teil=0")
    chromium.execute_script(POINT)
    there = (
        "return document.querySelectorAll('.words text').length > 0"  # also where the picture fails, as it does here
    )
    clerk.wait_for(lambda: bool(chromium.execute_script(there)), "the words")
    assert "<script>" in chromium.execute_script("return document.querySelector('.words').textContent")
    inside = "return [window.ran ?? 0, document.querySelectorAll('.words :not(g, text, tspan)').length]"
    assert chromium.execute_script(inside) == [0, 0]
    assert listener.heard == []


def test_nothing_of_a_letter_runs_and_nothing_leaves(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, listener: Listener
) -> None:
    """Subject, sender, names, HTML, a scanned page's text, snippets and queries: on every page they are words."""
    document = hall.deliver(mail(listener.url))["document"]
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    page = b"%PDF\fAngriff " + attacks(listener.url).encode()
    scan = Browser(hall.app).ask("PUT", f"{API}/scans/a%3Cb%20id=planted%3E.pdf", content=page, headers=headers)
    said = "%22%3E%3Cscript%3Ewindow.ran=1%3C/script%3E%3Cb%20id=planted%3E"
    documents = [document, scan.json()["document"]]
    places = [f"{start}/{one}" for one in documents for start in ("/dokumente", "/posteingang")]
    places += ["/suche?q=Angriff", f"/suche?q={said}", "/posteingang", f"/posteingang?amt={said}", "/probleme"]
    places += [f"/eingang?nummer={said}", f"/aktenplan?q={said}", f"/{said}", "/liegengeblieben", "/status"]
    places += [f"/posteingang/{document}?akte=Angriff", f"/posteingang/{document}?akte={said}", "/hilfe"]
    places += [f"/aktenplan?stelle={said}&schreiben={document}", f"/dokumente/{documents[1]}?treffer=Angriff&teil=0"]
    places += [f"/dokumente/{document}/titel", f"/posteingang/neues?offen={document}", f"/posteingang?folge={said}"]
    places += ["/akten?stelle=52.10", "/aktenplan?stelle=52.10", f"/akten/{_filed(hall, listener.url)}"]
    for place in places:
        clerk.open(f"{address}{place}")
        assert clerk.address.startswith(address), place
        chromium.execute_script(POINT)
        planted = "return [window.ran ?? 0, document.querySelectorAll('#planted, main iframe, main style').length]"
        assert chromium.execute_script(planted) == [0, 0], place
        told = "return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)"
        assert set(chromium.execute_script(told)) <= {address}, place
    assert listener.heard == []


def test_the_original_of_a_mail_acts_in_no_way(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, listener: Listener
) -> None:
    """In its frame, on both pages, and opened by itself: it is shown, runs nothing and asks nobody for anything."""
    document = hall.deliver(mail(listener.url))["document"]
    frame = f"/dokumente/{document}/nachrichten/0"
    for place in (f"/posteingang/{document}?ansicht=original", f"/dokumente/{document}?ansicht=original", frame):
        clerk.open(f"{address}{place}")
        if place != frame:
            chromium.switch_to.frame(chromium.find_element("css selector", "iframe.written"))
        clerk.wait_for(lambda: "aus dem Netz nicht geladen" in clerk.text, "the letter in its frame")
        assert (
            chromium.execute_script("return document.querySelectorAll('script, form, iframe, svg, base').length") == 0
        )
        assert chromium.execute_script("return document.querySelectorAll('[href], [onclick], #planted').length") == 0
        assert "Angriff" in clerk.text
        chromium.switch_to.default_content()
        assert clerk.address.startswith(address), place
        assert not chromium.execute_script("return window.ran ?? 0"), place
    assert listener.heard == []


def test_the_frame_holds_without_the_sanitiser(
    hall: CityHall,
    address: str,
    chromium: Chrome,
    clerk: Keyboard,
    *,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second wall stands by itself: the letter as the attacker wrote it, in the sandbox and under its policy."""
    monkeypatch.setattr(html_shown, "shown", lambda source, _: html_shown.Shown(source))
    document = hall.deliver(mail(listener.url))["document"]
    clerk.open(f"{address}/posteingang/{document}?ansicht=original")
    chromium.switch_to.frame(chromium.find_element("css selector", "iframe.written"))
    clerk.wait_for(lambda: "Angriff" in clerk.text, "the letter in its frame")
    time.sleep(1)  # what would be fetched is fetched by now
    chromium.switch_to.default_content()
    assert clerk.address.startswith(address)
    assert listener.heard == []


def test_what_is_opened_by_itself_is_harmless(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, listener: Listener
) -> None:
    """Text, parts, original and page picture, opened in a tab of their own: words or a download, never a page."""
    document = hall.deliver(mail(listener.url))["document"]
    told = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()
    below = [f"parts/{part['part']}/{kind}" for part in told["parts"] for kind in ("text", "content")]
    for path in (*below, "original", "pages/1.png", ""):
        clerk.open(f"{address}{API}/documents/{document}/{path}".rstrip("/"))
        assert not chromium.execute_script("return window.ran ?? 0"), path
    assert listener.heard == []


def test_the_listener_would_hear(chromium: Chrome, *, listener: Listener) -> None:
    """The same words in a page of the attacker's own run and are heard: the tests above can fail."""
    listener.page = attacks(listener.url).encode()
    chromium.get(f"{listener.url}/page")
    Keyboard(chromium).wait_for(lambda: len(set(listener.heard)) > 2, "requests")  # the page and more
