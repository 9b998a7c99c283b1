"""Images that registries have, made here of Debian and of the server binaries of `deploy/servers`."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy.servers.fetching import cache, say
from deploy.servers.kafka import class_path as kafka
from deploy.servers.opensearch import class_path as opensearch
from deploy.servers.s3 import store
from services.adapters.text_extractor.tika import programs
from tests.compose import packages
from tests.compose.engine import Engine

PROJECT = Path(__file__).parents[2]
FOLDERS = Path(__file__).parent / "stand_in"
DEBIAN = "stand-in-debian"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PIP = Path("/etc/pip.conf")
OWN_PIP = f"[global]\ncert = {CERTIFICATES}\n"


@dataclass(frozen=True, slots=True)
class StandIn:
    """An image by the name that the project gives it, and what it is made of here."""

    image: str
    folder: str
    """Below `stand_in`, with its Dockerfile."""
    made_of: str
    contexts: Mapping[str, Path]
    """Folders of this machine that it copies from, by the names that the Dockerfile gives them."""


def make(engine: Engine) -> list[StandIn]:
    """All of them, quickly where the engine still has what they are built of.

    The project's own image is built beside them, so that Compose finds its layers: one fetches while the other works.
    """
    with tempfile.TemporaryDirectory() as folder:
        machine = _machine(Path(folder))
        _import_debian(engine)
        python = StandIn(_base(), "python", "Debian's own Python and pip", {"machine": machine})
        _build(engine, python, also="stand-in-python")
    ours = ("build", "--quiet", "--file", str(PROJECT / "deploy/Dockerfile"), str(PROJECT))
    listed = list(_servers())
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(engine.docker, *ours)
        for one in (StandIn("stand-in-java", "java", "", {"jdk": opensearch.jdk()}), *listed):
            _build(engine, one)
        beside.result()
    return [python, *listed]


def _servers() -> Iterator[StandIn]:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    broker, node = _folder_of(kafka.class_path()), Path(opensearch.class_path().partition(":")[0]).parent
    jar = programs.prepare(cache().parent, say)[1]
    built_from: dict[str, tuple[str, Mapping[str, Path]]] = {
        "kafka": ("Debian and the broker's jars", {"jars": broker, "configuration": kafka.HERE}),
        "store": ("Debian and MinIO, of which Silo is the continuation", {"binary": store.binary().parent}),
        "opensearch": ("Debian and the node's jars, without the security plugin", {"node": node}),
        "tika": ("Debian and the same jar", {"jar": jar.parent}),
        "proxy": ("Debian and its Caddy, which is older", {}),
    }
    for service, (made_of, contexts) in built_from.items():
        yield StandIn(services[service]["image"], service, made_of, contexts)


def _folder_of(class_path: str) -> Path:
    return Path(class_path.partition(":")[0]).parent


def _base() -> str:
    """What the project's Dockerfile begins with."""
    text = (PROJECT / "deploy/Dockerfile").read_text(encoding="utf-8")
    (name,) = {str(found) for found in re.findall(r"^FROM (\S+)", text, re.MULTILINE)}
    return name


def _machine(folder: Path) -> Path:
    """How this machine fetches packages."""
    shutil.copy(CERTIFICATES, folder)
    (folder / "pip.conf").write_text(PIP.read_text() if PIP.exists() else OWN_PIP, encoding="utf-8")
    return folder


def _import_debian(engine: Engine) -> None:
    tar = packages.debian()
    stamp = f"{DEBIAN}:{int(tar.stat().st_mtime)}"
    if engine.call("image", "inspect", stamp).returncode:
        engine.docker("import", str(tar), stamp)
    engine.docker("tag", stamp, DEBIAN)


def _build(engine: Engine, image: StandIn, *, also: str = "") -> None:
    words = [f"--build-context={name}={folder}" for name, folder in image.contexts.items()]
    words += [f"--tag={name}" for name in (image.image, also) if name]
    engine.docker("build", "--quiet", *words, str(FOLDERS / image.folder))
