"""A city on one machine: every service a process of its own, restarted one after another while post comes in."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.servers.server import free_port
from services.cli.client import Instance
from services.cli.demo.delivering import Round
from services.cli.demo.folder import claim
from services.cli.demo.trying import SEARCHES, finds
from tests.journeys.agreement import agree
from tests.journeys.filing import a_new_file, settled
from tests.journeys.gateway import Gateway
from tests.journeys.instance import ROOT, eventually
from tests.journeys.letters import a_mail, a_mail_in_a_mail, a_scan
from tests.journeys.metropolis import Metropolis, metropolis, processes_of

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

MAILS = 100
PASSWORD = "ein langes Kennwort"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metropolis]:
    """The city with two processes that read."""
    with metropolis(tmp_path_factory.mktemp("city"), {"extraction": 2, "mail_intake": 2}) as met:
        yield met


def test_the_command_leaves_no_process(tmp_path: Path) -> None:
    """Ctrl-C ends everything in order; SIGKILL of the command takes everything with it."""
    with _command(tmp_path) as command:
        command.send_signal(signal.SIGINT)
        assert command.wait(180) == 0
    assert processes_of(tmp_path) == []
    with _command(tmp_path) as command:
        assert len(processes_of(tmp_path)) > 10
        command.kill()
    eventually(lambda: processes_of(tmp_path) == [], 90)


def _command(folder: Path) -> subprocess.Popen[str]:
    """`make run-cluster`, once it said that it is there."""
    ports = ["--port", str(free_port()), "--smtp-port", str(free_port())]
    command = subprocess.Popen(
        [sys.executable, "-m", "deploy.cluster", "--folder", str(folder / "city"), *ports],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    for line in command.stdout:
        if "Ctrl-C stops" in line:
            return command
    raise AssertionError("it ended before it was there")


def test_a_mail_and_a_scan_are_found(process: Metropolis) -> None:
    """Through one address: post goes in at one process and is found at another."""
    receipt = process.send(a_mail_in_a_mail("Der Wiedehopf brütet im Stadtwald."))
    page = a_scan("Er heißt Waldemar\nund ist ein Rauhaardackel.")
    taken = process.http.put("/scans/Anmeldung.png", content=page)
    assert taken.status_code == 202, taken.text
    eventually(lambda: process.search("Wiedehopf") and process.search("Rauhaardackel"), 180)
    assert settled(process, receipt, "held")["document"] == process.search("Wiedehopf")[0]["document"]


def test_one_session_holds_at_every_process(process: Metropolis) -> None:
    """Who signs in at one process is known to the others, also right after the password was set."""
    with httpx.Client(base_url=process.url, trust_env=False, follow_redirects=True, timeout=60) as browser:
        assert process.city.link.startswith(f"{process.url}/einmal/")
        page = browser.get(process.city.link)
        token = re.search(r'name="form" value="([^"]+)"', page.text)
        assert token is not None, page.text
        fields = {"form": token[1], "password": PASSWORD, "again": PASSWORD}
        assert browser.post(process.city.link, data=fields).status_code == 200
        for path in ("/suche", "/posteingang", "/aktenplan", "/eingang", "/status", "/konten", "/liegengeblieben"):
            assert browser.get(path).url.path == path
        assert browser.get("/api/v1/procedures").status_code in {200, 403}  # known, whatever the rights


def test_a_rolling_restart_loses_and_doubles_nothing(process: Metropolis) -> None:
    """A hundred mails come in while every process is ended in order and started again, one after another."""
    file = a_new_file(process, "11.10.02")
    gateway = Gateway([process.smtp_port], [a_mail(_text(number, file)) for number in range(MAILS)])
    gateway.start()
    for number, member in enumerate(process.city.processes):
        gateway.wait_for(number * MAILS // (2 * len(process.city.processes)))
        process.city.restart(member)
    receipts = gateway.finish()
    for number, receipt in receipts.items():
        state = "filed" if number % 3 == 0 else "held"
        document = settled(process, receipt, state)["document"]
        assert [hit["document"] for hit in process.search(_word(number))] == [document], _word(number)
    agree(process.books, receipts.values())
    entries = [line["entry"] for line in process.pages(f"/files/{file}", limit="200")]
    assert entries == list(range(1, 2 + len(range(0, MAILS, 3))))


def _text(number: int, file: str) -> str:
    return f"{f'Ihr Zeichen: {file}' if number % 3 == 0 else ''}\n\nMein Anliegen hat die Nummer {_word(number)}."


def _word(number: int) -> str:
    return f"anliegen{number:04d}"


def test_nothing_was_given_up(process: Metropolis) -> None:
    """A restart makes no dead letters, and every process is well."""
    assert process.stored("dead") == []
    assert all(process.ready() for process in process.city.processes)


def test_a_process_that_ended_is_started_again(process: Metropolis) -> None:
    """Somebody looks after it; meanwhile the front says 503, and then all is as before."""
    (procedures,) = [process for process in process.city.processes if process.service == "procedures"]
    before = procedures.pid
    procedures.kill()
    assert process.http.get("/procedures").status_code == 503
    process.city.tend()
    eventually(procedures.ready)
    assert procedures.pid != before
    assert process.http.get("/procedures").status_code == 200


def test_the_post_of_the_demo_is_found(process: Metropolis, tmp_path: Path) -> None:
    """Sixty letters by SMTP and HTTP through the one address: each of the demo's searches finds its own."""
    instance = Instance(process.url, process.city.key, as_json=False, quiet=True)
    note = claim(tmp_path / "demo")
    Round(instance, process.smtp_port, tmp_path / "demo", note).deliver_all()
    assert [search.words for search in SEARCHES if not finds(search, instance, note)] == []
