"""How this process is: whether it lives, whether it is ready, whether post is accepted."""

from typing import Protocol

from pydantic import BaseModel

from services.core.ports.malware_scanner import NoMalwareScanner
from services.runtime.context.service import Need
from services.runtime.process import Process


class Readiness(BaseModel):
    """Which ports would answer now, and which services gave up."""

    ports: dict[str, bool]
    red: dict[str, str]


class Answers(Protocol):
    """A port that can tell whether it would answer now."""

    def ready(self) -> bool:
        """See the ports."""


def readiness(process: Process) -> Readiness:
    """Every port that is open here is asked."""
    ports = process.ports
    here: dict[str, Answers] = {"log": ports.log, "blobs": ports.blobs}
    others: dict[Need, Answers] = {"extractor": ports.extractor, "ocr": ports.ocr, "index": ports.index}
    if "extractor" in process.needs and not isinstance(ports.scanner, NoMalwareScanner):
        here["malware"] = ports.scanner
    here |= {name: port for name, port in others.items() if name in process.needs}
    return Readiness(ports={name: port.ready() for name, port in here.items()}, red=dict(process.red))


def is_ready(process: Process, found: Readiness) -> bool:
    """Whether all is well. A process that does nothing but take post in is ready while it accepts it.

    Without the log post is stored and answered, and told of later: a balancer must not turn it away.
    """
    if all(service.intake for service in process.services):
        return found.ports["blobs"] and not found.red
    return not found.red and all(found.ports.values())


def accepts(process: Process) -> bool:
    """Whether post that comes in here now would be taken: the store is what it needs, and nothing else."""
    return process.ports.blobs.ready()
