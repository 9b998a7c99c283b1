"""Many specialist procedures, each a process of its own, over Kafka or called by webhook, and what they were told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.servers.processes import Command, Identity, run_supervised
from deploy.servers.server import free_port
from services.core.messages import topics
from tests.journeys.instance import eventually
from tests.journeys.small_town import BROKER_WITHIN_S, Town

PARKED, KILLING = 0, 1
"""By number: the procedure whose webhook is parked at first, and the one that lets the service die."""


class Offices:
    """All procedures at once, each a process of its own that acknowledges what comes into its inbox."""

    def __init__(self, town: Town, folder: Path) -> None:
        folder.mkdir()
        self._town, self._folder = town, folder
        self._ends: list[tuple[subprocess.Popen[str], Identity | None]] = []

    def start(self) -> None:
        """They die with us, however we die."""
        for name in self._town.names:
            words = [self._town.broker.bootstrap, topics.inbox_of(name), topics.outbox_of(name)]
            self._begin(name, "taking_part.py", *words, str(self._folder / name))

    def in_trouble(self) -> None:
        """Whatever goes wrong with them before anything is killed: nothing."""

    def _begin(self, name: str, program: str, *words: str) -> None:
        command = Command([sys.executable, str(Path(__file__).with_name(program)), *words], os.environ)
        self._ends.append(run_supervised(command, log=self._folder / f"{name}.log", parent=os.getpid()))

    def stop(self) -> None:
        """End them all."""
        for supervisor, process in self._ends:
            if process:
                process.kill()
            supervisor.wait(timeout=60)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What one was told, in the order of coming."""
        known = self._folder / name
        told = known.read_bytes() if known.exists() else b""
        return [json.loads(line) for line in told.splitlines(keepends=True) if line.endswith(b"\n")]

    def told(self, name: str) -> list[dict[str, Any]]:
        """The same, each delivery once."""
        return [line for line in self.lines(name) if not line["repeat"]]

    def count(self) -> int:
        """So many deliveries came, repeats aside."""
        return sum(len(self.told(name)) for name in self._town.names)

    def repeats(self) -> int:
        """So many came once more."""
        return sum(len(self.lines(name)) for name in self._town.names) - self.count()


class CalledOffices(Offices):
    """The same procedures, each called by its webhook, and answering by HTTP; many of them badly at first."""

    def start(self) -> None:
        """One says that it wants no more, one lets the service die between its answer and the note of it."""
        for number, name in enumerate(self._town.names):
            port = free_port()
            secret = self._secret(name, port)
            said = {"port": port, "told": str(self._folder / name), "url": self._town.service.address, "name": name}
            said |= {"key": self._town.keys[name], "secret": secret}
            gone = str(self._heard) if number == PARKED else ""
            special = {"gone": gone, "kills": str(self._victim) if number == KILLING else ""}
            self._begin(name, "being_called.py", json.dumps({**said, **special}))
        self._victim.write_text(str(self._town.service.pid), encoding="ascii")

    def in_trouble(self) -> None:
        """The service dies and comes again; who was parked is sent again by hand."""
        eventually(lambda: not self._town.service.running, BROKER_WITHIN_S)
        self._town.comes_up()
        hook = f"/procedures/{self._town.names[PARKED]}/webhook"
        eventually(lambda: self._town.ask("GET", hook).json()["parked_at"], BROKER_WITHIN_S)
        self._heard.touch()
        assert self._town.ask("POST", f"{hook}/resends", {}).json()["code"] == ""
        eventually(lambda: [line["repeat"] for line in self.lines(self._town.names[KILLING])][:2] == [False, True], 600)

    def _secret(self, name: str, port: int) -> str:
        """It is told once: where that answer was lost, another is asked for."""
        hook = f"/procedures/{name}/webhook"
        told = self._town.ask("PUT", hook, {"url": f"http://127.0.0.1:{port}/"}).json()["secret"]
        return str(told or self._town.ask("POST", f"{hook}/secrets", {"keep_old": False}).json()["secret"])

    @property
    def _victim(self) -> Path:
        return self._folder / "service.pid"

    @property
    def _heard(self) -> Path:
        """It is there once the service noted who wants no more: it may die between that answer and its note."""
        return self._folder / "heard"
