"""Listeners for every test that knocks."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from services.adapters.webhook_client.pinned.client import HttpWebhookClient
from services.adapters.webhook_client.pinned.targets import Targets
from services.core.messages.procedures import Procedure
from services.mail_intake.listener import SmtpListener
from services.procedures.registering.registration import register
from services.runtime.context.service import Context
from tests.component.city_hall import CityHall
from tests.component.clamd_stand_in import StandIn, clamd
from tests.component.hooked import NAME, OTHER, WITHIN
from tests.component.scanned_hall import a_hall
from tests.component.session import soon
from tests.component.surroundings import Intakes, Shifted
from tests.component.webhook_receiver import Receiver, receiving


@pytest.fixture
def intakes(tmp_path: Path) -> Intakes:
    """Both services with the default settings, but small limits: mails up to 100 KB, scans up to 300 KB."""
    return Intakes(
        tmp_path,
        mail_intake={"max_size": 100_000, "spool_above": 20_000, "byte_budget": 250_000},
        scan_intake={"max_size": 300_000, "byte_budget": 500_000},
    )


@pytest.fixture
def smtp(intakes: Intakes) -> Iterator[SmtpListener]:
    """The SMTP listener of these listeners, open."""
    listener = intakes.open_smtp()
    yield listener
    listener.stop()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """Every service of the pipeline over real stores, with a small plan."""
    hall = CityHall(tmp_path)
    yield hall
    hall.close()


@pytest.fixture
def daemon() -> Iterator[StandIn]:
    """A stand-in for clamd in good health."""
    with clamd() as made:
        yield made


@pytest.fixture
def scanned(tmp_path: Path, daemon: StandIn) -> Iterator[CityHall]:
    """A hall whose documents it scans."""
    made = a_hall(tmp_path, daemon)
    yield made
    made.close()


@pytest.fixture
def clock(hall: CityHall) -> Shifted:
    """The hall's clock from now on."""
    made = Shifted()
    for ports in (hall.ports, *(context.ports for context in hall.contexts.values())):
        object.__setattr__(ports, "clock", made)
    return made


@pytest.fixture
def outgoing(hall: CityHall) -> Context:
    """The service, which may speak to this machine; two procedures are registered."""
    made = hall.contexts["procedures"]
    client = HttpWebhookClient(Targets(["127.0.0.0/8", "::1/128"]), timeout=WITHIN)
    object.__setattr__(made.ports, "webhooks", client)
    register(Procedure(name=NAME, positions=("52",)), made)
    register(Procedure(name=OTHER, positions=("20",)), made)
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The procedure listens."""
    with receiving() as made:
        yield made


@pytest.fixture
def options(hall: CityHall, tmp_path: Path) -> Iterator[list[str]]:
    """How a command finds the hall, which listens as long as the test runs."""
    server = uvicorn.Server(uvicorn.Config(hall.app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert soon(lambda: server.started)
    key = tmp_path / "key"
    key.touch(mode=0o600)
    token = hall.access.add_key("command-line", rights=("administer", "search"), all_offices=True)
    key.write_text(token, encoding="utf-8")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield ["--url", f"http://127.0.0.1:{port}", "--key-file", str(key)]
    server.should_exit = True
    thread.join(10)
