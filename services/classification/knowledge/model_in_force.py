"""The model in force: one version of the configuration names it, every process reads it once."""

import threading
from datetime import datetime

import msgspec
from msgspec import Struct

from services.classification.knowledge.model import Model, decode
from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore
from services.runtime.context.configuration import Configuration


class Figures(Struct, frozen=True, kw_only=True):
    """What came of held-out texts."""

    texts: int
    first: float
    """Share whose position came first."""
    three: float
    """Share whose position was among three."""
    loss: float
    """Mean logarithmic loss of the probabilities: lower is better, and honest ones are lowest."""
    calibration_error: float | None = None
    """How far the probability of the first position is from the share that is right, on average; None for models of
    before."""


class Version(Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What came into force, and by what it is better."""

    model: str
    """Hash of the model; empty where classification goes on without one."""
    made_at: datetime
    plan_version: str = ""
    examples: int = 0
    decisions: int = 0
    """Texts that it was trained by."""
    without: Figures | None = None
    """Held-out texts without a model."""
    with_model: Figures | None = None
    """The same with this one."""
    bounded: dict[str, int] = {}
    """Accounts of whose decisions so many count less, for they were more than all else that is known of a position."""
    restores: int | None = None
    """The version that it brings back, 0 for classification without a model; None where it was trained."""


NONE = Version(model="", made_at=datetime.fromisoformat("1970-01-01T00:00:00+00:00"))


class InForce:
    """The model of one process, read once a version."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.fault = ""
        """Why there is none although one is in force: `missing` or `broken`."""
        self.name = ""
        self._version = 0
        self._lock = threading.Lock()

    def refresh(self, configuration: Configuration, blobs: BlobStore) -> bool:
        """Take in another version; whether there was one. TryLater while the store is away."""
        number = configuration.version("model")
        if number == self._version:
            return False
        with self._lock:
            name = version_in_force(configuration).model
            self.model, self.fault = read(name, configuration.tenant, blobs)
            self.name = name if self.model else ""
            self._version = number
        return True


def version_in_force(configuration: Configuration) -> Version:
    """The newest version; `NONE` where there is none, or nobody can read it."""
    try:
        found = configuration.parsed("model", decoded)
    except msgspec.MsgspecError:
        return msgspec.structs.replace(NONE, model="unreadable")
    return found if isinstance(found, Version) else NONE


def read(name: str, tenant: str, blobs: BlobStore) -> tuple[Model | None, str]:
    """The model of a name, or why it cannot be had: `missing` or `broken`; neither where none is named."""
    if not name:
        return None, ""
    try:
        return decode(blobs.read(Bucket.RECORDS, keys.model(tenant, name)), name), ""
    except BlobMissing:
        return None, "missing"
    except ValueError:
        return None, "broken"


def decoded(content: bytes) -> Version:
    """What a version of the configuration says; MsgspecError where it cannot be read."""
    return msgspec.json.decode(content, type=Version)
