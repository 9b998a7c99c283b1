"""Servers, processes and the front, started and stopped together; everything lies in one folder."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

from deploy.cluster.front import Front
from deploy.cluster.service_process import ServiceProcess, run
from deploy.servers import S3, Kafka, OpenSearch, Tika
from deploy.servers.server import LOOPBACK, free_port
from services import stack

Tell = Callable[[str], None]
Thing = TypeVar("Thing")
Served = TypeVar("Served", Kafka, S3, OpenSearch, Tika)
Kind: TypeAlias = type[Kafka] | type[S3] | type[OpenSearch] | type[Tika]
KINDS: tuple[Kind, ...] = (Kafka, S3, OpenSearch, Tika)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How large, and where; 0 takes a free port."""

    port: int = 0
    smtp_port: int = 0
    copies: Mapping[str, int] = field(default_factory=dict)
    """Processes of a service, 1 where it is not named."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More settings of all processes, named as in the environment, without the prefix."""


class City:
    """A whole installation on this machine, which dies with the process that started it."""

    def __init__(self, folder: Path, wanted: "Wanted | None" = None, *, tell: Tell = print) -> None:
        self._wanted = wanted or Wanted()
        self._tell = tell
        self.folder = folder.absolute()
        self.port = self._wanted.port or free_port()
        self.smtp_port = self._wanted.smtp_port or free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.link = ""
        """Of the first account, where it was made by this start."""
        self.servers: list[Kafka | S3 | OpenSearch | Tika] = []
        self.processes: list[ServiceProcess] = []
        self._coming: set[str] = set()
        """Servers that were started again and do not answer yet."""
        self._settings: dict[str, str] = {}
        self._front = Front(self._addresses, self._everyone, port=self.port)

    @property
    def key(self) -> str:
        """The key of the command line."""
        return (self._desk / "command-line.key").read_text(encoding="ascii").strip()

    def start(self) -> Self:
        """Return when everything is ready; what failed is told by ServerFailed, FetchFailed or ServiceFailed."""
        try:
            self._settings = self._serve()
            self.link = run(["prepare"], {**self._settings, "STORAGE__FOLDER": str(self._desk)}).strip()
            self._tell("topics, buckets and plan: there")
            self.processes = list(self._planned())
            for process in self.processes:
                process.start()
            _together(self._await, self.processes)
            self._front.start()
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def smtp_ports(self) -> list[int]:
        """Of all mail intakes, the first one's first."""
        return [process.smtp_port for process in self.processes if process.service == "mail_intake"]

    def stop(self) -> None:
        """In order: those who take in and work, then the front, then the servers. Nothing stays behind."""
        _together(ServiceProcess.stop, self.processes)
        self._front.stop()
        _together(lambda server: server.stop(), self.servers)

    def restart(self, process: ServiceProcess) -> None:
        """An orderly end and a new start; returns when it is ready."""
        process.stop()
        process.start()
        process.wait_ready()

    def add(self, service: str) -> ServiceProcess:
        """One more copy of a service; returns when it is ready."""
        process = self._copy(service, 1 + sum(process.service == service for process in self.processes))
        self.processes.append(process)
        process.start()
        process.wait_ready()
        return process

    def dismiss(self, process: ServiceProcess) -> None:
        """An orderly end, for good."""
        self.processes.remove(process)
        process.stop()

    def tend(self) -> None:
        """Start again what ended without being asked to, servers first, and tell when those answer.

        It waits for nobody. What runs is left alone, however slow it is, and never told to have ended.
        """
        for server in self.servers:
            if not server.running:
                self._tell(f"{server.name}: ended, is started again; see {server.log}")
                server.relaunch()
                self._coming.add(server.name)
            elif server.name in self._coming and server.answers():
                self._tell(f"{server.name}: ready at {server.address()}")
                self._coming.discard(server.name)
        for process in self.processes:
            if not process.running:
                self._tell(f"{process.name}: ended, is started again; see {process.log}")
                process.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _desk(self) -> Path:
        return self.folder / "desk"

    def _serve(self) -> dict[str, str]:
        """Start the servers, and say how they are found."""
        for kind in KINDS:
            kind.fetch()
        _together(self._begin, KINDS)
        kafka, s3, tika = self.server(Kafka), self.server(S3), self.server(Tika)
        self._desk.mkdir(parents=True, exist_ok=True)
        return {
            "STACK": "kafka",
            "HTTP__PUBLIC_URL": self.url,
            "HTTP__PROXIES": json.dumps([f"{LOOPBACK}/32"]),
            "HTTP__SESSION_SECRET_FILE": self._secret("session", secrets.token_hex(32)),
            "KAFKA__BOOTSTRAP": kafka.bootstrap,
            "S3__ENDPOINT": s3.endpoint,
            "S3__SECURE": "false",
            "S3__ACCESS_KEY_FILE": self._secret("s3-access-key", s3.access_key),
            "S3__SECRET_KEY_FILE": self._secret("s3-secret-key", s3.secret_key),
            "OPENSEARCH__ENDPOINTS": json.dumps([self.server(OpenSearch).endpoint]),
            "TIKA__ENDPOINTS": json.dumps(tika.endpoints),
            **self._wanted.settings,
        }

    def server(self, kind: type[Served]) -> Served:
        """The server of this kind."""
        return next(server for server in self.servers if isinstance(server, kind))

    def _begin(self, kind: Kind) -> None:
        server = kind.start(self.folder / "servers" / kind.name)
        self.servers.append(server)
        self._tell(f"{server.name}: ready at {server.address()}")

    def _secret(self, name: str, fresh: str) -> str:
        file = self.folder / "secrets" / name
        if not file.exists():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(fresh, encoding="ascii")
        return str(file)

    def _planned(self) -> Iterator[ServiceProcess]:
        for service in stack.load_services():
            copies = 1 if stack.lives_once(service) else self._wanted.copies.get(service.name, 1)
            for number in range(1, copies + 1):
                yield self._copy(service.name, number)

    def _copy(self, service: str, number: int) -> ServiceProcess:
        smtp = self.smtp_port if number == 1 else free_port()
        own = {**self._settings, "MAIL_INTAKE__PORT": str(smtp)}
        return ServiceProcess(service, number, folder=self.folder / "services", settings=own)

    def _await(self, process: ServiceProcess) -> None:
        process.wait_ready()
        self._tell(f"{process.name}: ready at {process.address}")

    def _everyone(self) -> Mapping[str, str]:
        return {process.name: process.address for process in self.processes}

    def _addresses(self, service: str) -> Sequence[str]:
        return [process.address for process in self.processes if process.service == service and process.running]


def _together(act: Callable[[Thing], None], things: Sequence[Thing]) -> None:
    """Do it to all at the same time; the first failure is raised when all are done."""
    with ThreadPoolExecutor(max(1, len(things))) as pool:
        for done in [pool.submit(act, thing) for thing in things]:
            done.result()
