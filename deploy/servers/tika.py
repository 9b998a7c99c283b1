"""Tika: the server that the embedded stack starts for itself, here with forks that it watches, loopback only."""

import re
import subprocess
from pathlib import Path
from typing import Self

import requests

from deploy.servers.fetching import FetchFailed, cache, fingerprint, made_once, say
from deploy.servers.processes import Command
from deploy.servers.server import LOOPBACK, Server, ServerFailed, free_port
from services.adapters.text_extractor.tika import programs
from services.adapters.text_extractor.tika.configuration import ServerOptions, configuration, forks, java_options
from services.core.errors import Misconfigured, TryLater

FORKS = 2
HEAP_MIB = 384
TASK_SECONDS = 125
"""A little more than the default of `extraction.timeout`."""
_EVERYDAY = (
    (b"Sehr geehrte Damen und Herren", "text/plain"),
    (b"<html><head><title>Bescheid</title></head><body><p>Sehr geehrte</p></body></html>", "text/html"),
)


class Tika(Server):
    """A watching process and its forks; each fork reads one file at a time behind a port of its own."""

    name = "tika"

    @classmethod
    def start(
        cls, folder: Path | None = None, *, forks: int = FORKS, heap_mib: int = HEAP_MIB, until_down: bool = False
    ) -> Self:
        """Start the server and wait until every fork answers."""
        cls.fetch()
        return cls(folder, forks=forks, heap_mib=heap_mib, until_down=until_down).begin()

    def __init__(
        self,
        folder: Path | None = None,
        *,
        forks: int = FORKS,
        heap_mib: int = HEAP_MIB,
        until_down: bool = False,
    ) -> None:
        super().__init__(folder, until_down=until_down)
        self._forks = forks
        self._heap_mib = heap_mib
        self._class_data = f"-XX:SharedArchiveFile={archive()}"

    @classmethod
    def fetch(cls) -> None:
        """Fetch the jar once, and train the class-data archive once per Java."""
        _programs()
        made_once(archive(), _train)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """What the setting `tika.endpoints` takes."""
        return tuple(f"http://{LOOPBACK}:{port}" for port in self.settings["ports"].split(","))

    def address(self) -> str:
        """Where the forks listen."""
        return ",".join(endpoint.removeprefix("http://") for endpoint in self.endpoints)

    def fresh_settings(self) -> dict[str, str]:
        """A port for each fork."""
        return {"ports": ",".join(str(free_port()) for _ in range(self._forks))}

    def prepare(self) -> None:
        """The configuration, and where the forks spool."""
        (self.folder / "spool").mkdir(exist_ok=True)
        java, _ = _programs()
        arguments = [self._class_data, *java_options(self.folder / "spool", ServerOptions(heap=self._heap_mib))]
        served = configuration(forks(java, arguments, seconds=TASK_SECONDS))
        self._configuration.write_text(served, encoding="utf-8")

    def command(self) -> Command:
        """The watching process; its forks inherit its environment, which is empty."""
        java, jar = _programs()
        watching = [str(java), self._class_data, "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        words = ["-jar", str(jar), "-h", LOOPBACK, "-p", self.settings["ports"], "-c", str(self._configuration)]
        temporary = f"-Djava.io.tmpdir={self.folder / 'spool'}"
        return Command([*watching, temporary, *words], {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"})

    def answers(self) -> bool:
        """Whether every fork says what it is."""
        return all(_is_tika(endpoint) for endpoint in self.endpoints)

    @property
    def _configuration(self) -> Path:
        return self.folder / "tika.xml"


def archive() -> Path:
    """Where the class-data archive for this Java and this jar belongs; it halves the time of a start."""
    java = programs.find_java()
    told = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=True)
    return cache() / f"tika-{programs.VERSION}" / f"classes-{fingerprint(told.stderr)}.jsa"


def _programs() -> tuple[Path, Path]:
    """Java and the jar, the same ones that the text extractor takes for a server of its own."""
    try:
        return programs.prepare(cache().parent, say)
    except (Misconfigured, TryLater) as error:
        raise FetchFailed(f"tika: {error}") from error


def _train(target: Path) -> None:
    """Let one server read a little and write down the classes it loaded as it ends."""
    say("tika: training the class-data archive …")
    with _Trainee(target) as trainee:
        trainee.begin()
        with _session() as session:
            for content, kind in _EVERYDAY:
                session.put(
                    f"{trainee.endpoint}/rmeta/body", data=content, headers={"Content-Type": kind}, timeout=60
                ).raise_for_status()
        trainee.stop(patience_s=60)
    if not target.exists():
        raise ServerFailed("tika: the training run left no archive")
    say(f"tika: archive of {target.stat().st_size >> 20} MB written")


class _Trainee(Server):
    """A server without forks, which writes its classes down as it ends."""

    name = "tika-training"

    def __init__(self, target: Path) -> None:
        super().__init__(None)
        self._target = target

    @classmethod
    def fetch(cls) -> None:
        """It is there: `Tika.fetch` asks for the training."""

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://{self.address()}"

    def address(self) -> str:
        return f"{LOOPBACK}:{self.settings['port']}"

    def fresh_settings(self) -> dict[str, str]:
        return {"port": str(free_port())}

    def prepare(self) -> None:
        (self.folder / "tika.xml").write_text(configuration(), encoding="utf-8")

    def command(self) -> Command:
        java, jar = _programs()
        options = java_options(self.folder, ServerOptions(heap=HEAP_MIB))
        server = ["-noFork", "-h", LOOPBACK, "-p", self.settings["port"], "-c", str(self.folder / "tika.xml")]
        words = [str(java), f"-XX:ArchiveClassesAtExit={self._target}", *options, "-jar", str(jar), *server]
        return Command(words, {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"})

    def answers(self) -> bool:
        return _is_tika(self.endpoint)


def _is_tika(endpoint: str) -> bool:
    try:
        with _session() as session:
            answer = session.get(f"{endpoint}/version", timeout=2)
    except requests.RequestException:
        return False
    return answer.ok and re.search(r"Apache Tika \d", answer.text) is not None


def _session() -> requests.Session:
    """Without the proxies of the environment, which do not know our loopback."""
    session = requests.Session()
    session.trust_env = False
    return session
