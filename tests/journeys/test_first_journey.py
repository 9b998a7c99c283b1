"""One mail, one scan, one clerk: from the listeners to a hit, to a register, and the next mail goes there by itself."""

import http.client
import shutil
import subprocess
import time
import urllib.parse
from pathlib import Path

import httpx
import pytest

from tests.journeys.filing import file_into, settled
from tests.journeys.instance import Instance, eventually
from tests.journeys.letters import a_mail, a_mail_in_a_mail, a_scan
from tests.journeys.stacks import Stack

pytestmark = pytest.mark.xdist_group("journeys")

SCANNED = """Sehr geehrte Damen und Herren,

hiermit melde ich meinen Hund an.
Er heißt Waldemar und ist ein Rauhaardackel.

Mit freundlichen Grüßen
Erika Mustermann"""
FOUND_WITHIN_S = 10.0
RECOGNISED_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def process(stack: Stack) -> Instance:
    """The mail room, once Tika has started."""
    eventually(lambda: stack.process.ready()["ports"]["extractor"])
    return stack.process


def test_a_word_of_the_innermost_attachment_finds_the_mail(process: Instance) -> None:
    """A PDF in a mail in a mail is found within ten seconds, and the receipt tells the whole journey."""
    receipt = process.send(a_mail_in_a_mail("Der Wiedehopf brütet im Stadtwald."))
    eventually(lambda: process.search("Wiedehopf"), FOUND_WITHIN_S)
    eventually(lambda: process.get(f"/receipts/{receipt}")["indexed"])
    (hit,) = process.search("Wiedehopf")
    (snippet,) = hit["snippets"]
    assert (hit["title"], snippet["field"]) == ("WG: Unser Schreiben", "attachments")
    _tells_all(process, receipt, hit["document"])
    parts = process.get(f"/documents/{hit['document']}")["parts"]
    (pdf,) = [part for part in parts if part["name"] == "Schreiben.pdf"]
    assert "Wiedehopf" in process.http.get(f"/documents/{hit['document']}/parts/{pdf['part']}/text").text


def test_a_word_on_the_page_finds_the_scan(process: Instance, tmp_path: Path) -> None:
    """A page sent by `curl -T` is recognised and found, and the receipt tells the whole journey."""
    page = tmp_path / "Anmeldung.png"
    page.write_bytes(a_scan(SCANNED))
    receipt = _curl(process, page)
    eventually(lambda: process.search("Rauhaardackel"), FOUND_WITHIN_S + RECOGNISED_WITHIN_S)
    eventually(lambda: process.get(f"/receipts/{receipt}")["indexed"])
    (hit,) = process.search("Rauhaardackel heißt")
    assert (hit["channel"], hit["complete"], hit["problems"]) == ("scan", True, [])
    _tells_all(process, receipt, hit["document"])


def _curl(process: Instance, page: Path) -> str:
    """The receipt of a delivery by the real curl, or by PUT where there is none."""
    address = f"{process.url}/api/v1/scans/{page.name}"
    key = process.http.headers["Authorization"]
    curl = shutil.which("curl")
    if curl is None:
        return str(httpx.put(address, content=page.read_bytes(), headers={"Authorization": key}).json()["receipt"])
    words = [curl, "-sS", "--noproxy", "*", "-T", str(page), "-H", f"Authorization: {key}", address]
    answer = subprocess.run(words, check=True, capture_output=True, timeout=60).stdout
    return str(httpx.Response(202, content=answer).json()["receipt"])


def _tells_all(process: Instance, receipt: str, document: str) -> None:
    """API and command line tell every stop of a document that waits for a clerk."""
    told = settled(process, receipt, "held")
    stages = [stop["stage"] for stop in told["history"]]
    assert (told["document"], told["state"], told["problem"]) == (document, "held", "")
    assert list(dict.fromkeys(stages)) == ["received", "extracted", "classified", "held"]
    said = process.command("status", receipt.lower().replace("-", ""))
    assert said.startswith(f"{receipt}: held")
    assert all(stage in said for stage in stages)
    assert "in the index" in said.splitlines()[-1]


def test_what_a_clerk_files_draws_the_next_mail_after_it(process: Instance) -> None:
    """A held mail is filed into a new file; register, history and hit show it, and the next one follows by itself."""
    held = settled(process, process.send(a_mail("Bitte um Auskunft über den Kiebitzweg.")), "held")
    file_into(process, held["document"], "11.10.03")
    filed = settled(process, held["receipt"], "filed")
    place = filed["history"][-1]
    assert (place["stage"], place["entry"], place["position"]) == ("filed", 1, "11.10.03")
    file = place["file"]
    assert [line["document"] for line in process.get(f"/files/{file}")["items"]] == [held["document"]]
    (hit,) = process.search("Kiebitzweg")
    assert (hit["state"], hit["files"]) == ("filed", [file])

    follows = settled(process, process.send(a_mail(f"Ihr Zeichen: {file}\n\nNachtrag zum Brachvogelweg.")), "filed")
    assert [line["document"] for line in process.get(f"/files/{file}")["items"]] == [
        held["document"],
        follows["document"],
    ]
    assert (follows["history"][-1]["entry"], follows["history"][-1]["actor"]) == (2, "automation")
    (hit,) = process.search(f'akte:"{file}" Brachvogelweg')
    assert (hit["document"], hit["state"]) == (follows["document"], "filed")


@pytest.mark.long
def test_a_silent_connection_is_kept(process: Instance) -> None:
    """A proxy that keeps its connections meets no reset: after ten seconds of silence the same one still answers."""
    address = urllib.parse.urlsplit(process.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    connection.connect()
    sockets = []
    for silence in (0, 10):
        time.sleep(silence)
        connection.request("GET", "/health/live")
        with connection.getresponse() as answer:
            assert (answer.status, answer.read()) == (200, b'{"status":"live"}')
        sockets.append(connection.sock)
    assert sockets[0] is sockets[1]
    connection.close()


def test_nothing_was_given_up(process: Instance, stack: Stack) -> None:
    """Good post makes no dead letters."""
    assert stack.dead_letters() == []
    assert process.ready()["red"] == {}
