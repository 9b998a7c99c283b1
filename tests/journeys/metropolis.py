"""A city on this machine as the tests meet it: through its front, and past it through its store and its topics."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.cluster.city import City, Wanted
from deploy.cluster.service_process import ServiceProcess
from deploy.servers import S3, Kafka, Server
from deploy.servers.processes import Identity, identify
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.core.keys import Bucket
from services.core.ports.ledger_store import SETTLED
from tests.journeys.agreement import Books, on_topics
from tests.journeys.instance import Api, eventually

SETTINGS = {
    "HTTP__REQUESTS_PER_MINUTE": "1000000",
    "STORAGE__RESERVE": "0",
    "LEDGER__SWEEP_EVERY": "PT5S",
    "LEDGER__GRACE": "PT20S",
}


class Metropolis(Api):
    """The city, met by its front."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.url, self.smtp_port = city.url, city.smtp_port
        self.procedures: dict[str, str] = {}
        """The position of each, by name."""
        self.enter(city.key)
        store = city.server(S3)
        self.blobs = S3BlobStore(
            S3Access(endpoint=store.endpoint, access_key=store.access_key, secret_key=store.secret_key, secure=False)
        )

    def stored(self, folder: str) -> list[str]:
        """What lies below a folder of the records, past the city."""
        return list(self.blobs.keys(Bucket.RECORDS, f"main/{folder}/"))

    @property
    def books(self) -> Books:
        """Everything in it that has to agree."""
        bootstrap, own = self.city.server(Kafka).bootstrap, self.procedures
        return Books(process=self, blobs=self.blobs, told=lambda: on_topics(bootstrap, procedures=own), procedures=own)

    def register(self, name: str, position: str) -> None:
        """A specialist procedure takes part from now on."""
        wanted = {"positions": [position]}
        eventually(lambda: self.http.put(f"/procedures/{name}", json=wanted).is_success, 180)
        self.procedures[name] = position

    def server(self, name: str) -> Server:
        """The server of this name."""
        return next(server for server in self.city.servers if server.name == name)

    def processes(self, service: str) -> list[ServiceProcess]:
        """The copies of a service."""
        return [process for process in self.city.processes if process.service == service]

    def settled(self) -> set[str]:
        """Receipts that stand where they stay, whether or not the index knows."""
        return {line["receipt"] for line in self.pages("/receipts", limit="200") if line["state"] in SETTLED}

    def hindered(self, service: str) -> int:
        """How often its copies have said that the world keeps them from their work, or does so no longer."""
        logs = (process.log.read_text(encoding="utf-8", errors="replace") for process in self.processes(service))
        return sum(log.count('"event": "outage_') for log in logs)

    def well(self) -> bool:
        """Whether every process says that it is ready."""
        return all(process.ready() for process in self.city.processes)


@contextmanager
def metropolis(
    folder: Path, copies: Mapping[str, int], settings: Mapping[str, str] | None = None
) -> Iterator[Metropolis]:
    """A running city; when it has ended, nothing of it is left."""
    with City(folder, Wanted(copies=copies, settings={**SETTINGS, **(settings or {})})) as city:
        met = Metropolis(city)
        yield met
        met.leave()
    assert processes_of(folder) == []


def processes_of(folder: Path) -> list[Identity]:
    """What runs with this folder in its command line or its environment."""
    found = (identify(int(path.name)) for path in Path("/proc").glob("[0-9]*") if _names(path, folder))
    return [process for process in found if process and process.pid != os.getpid()]


def _names(process: Path, folder: Path) -> bool:
    try:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return False  # it ended between the look at the list and this one, or is another user's
    return str(folder).encode() in told
