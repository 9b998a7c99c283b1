"""What people may change meanwhile: plans, accounts, rules. Versions lie in the store, news on a topic."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

from services.core import keys, vocabulary
from services.core.errors import BlobMissing, EventBroken, EventNewer, TryLater
from services.core.keys import Bucket
from services.core.messages import envelope, topics
from services.core.messages.envelope import Cause, event_id
from services.core.messages.events import ConfigurationChanged
from services.core.ports.blob_store import BlobStore
from services.core.ports.clock import Clock
from services.core.ports.event_log import EventLog, Follower
from services.runtime.context.observing import logger

KINDS: tuple[vocabulary.ConfigurationKind, ...] = get_args(vocabulary.ConfigurationKind)
Parse = Callable[[bytes], object]


class Configuration:
    """The newest version of every kind that this process knows of. Reading never waits."""

    def __init__(self, blobs: BlobStore, *, tenant: str) -> None:
        self.blobs = blobs
        self.tenant = tenant
        self._lock = threading.Lock()
        self._newest: dict[str, tuple[int, bytes]] = {}
        self._parsed: dict[str, tuple[int, object]] = {}

    def refresh(self, kind: vocabulary.ConfigurationKind) -> int:
        """Look into the store for the newest version and return its number, 0 where there is none."""
        folder = keys.configurations(self.tenant, kind)
        numbers = [keys.number_in(key) for key in self.blobs.keys(Bucket.RECORDS, folder)]
        if not numbers:
            return 0
        version = max(numbers)
        if version > self.version(kind):
            self._take(kind, version, self.blobs.read(Bucket.RECORDS, keys.configuration(self.tenant, kind, version)))
        return version

    def version(self, kind: vocabulary.ConfigurationKind) -> int:
        """The version that is in force here, 0 for none."""
        return self._newest.get(kind, (0, b""))[0]

    def content(self, kind: vocabulary.ConfigurationKind) -> bytes | None:
        """The bytes in force here."""
        found = self._newest.get(kind)
        return found[1] if found else None

    def parsed(self, kind: vocabulary.ConfigurationKind, parse: Parse) -> object | None:
        """The content as `parse` understands it, parsed once a version."""
        version, content = self._newest.get(kind, (0, b""))
        if version == 0:
            return None
        known = self._parsed.get(kind)
        if known is None or known[0] != version:
            known = (version, parse(content))
            self._parsed[kind] = known
        return known[1]

    def look(self) -> None:
        """Take in what nobody told us of: whether a next version exists is one question to the store for each kind."""
        for kind in KINDS:
            if (
                self.blobs.size(Bucket.RECORDS, keys.configuration(self.tenant, kind, self.version(kind) + 1))
                is not None
            ):
                _refresh(self, kind)

    def force(self, kind: vocabulary.ConfigurationKind, parsed: object) -> None:
        """Put something in force here alone, without the store: for tests and tools."""
        self._newest[kind] = (1, b"")
        self._parsed[kind] = (1, parsed)

    def store(self, kind: vocabulary.ConfigurationKind, content: bytes, *, base: int) -> int | None:
        """Store the version after `base`; None when somebody else was first, and nothing changed."""
        version = base + 1
        if not self.blobs.create(Bucket.RECORDS, keys.configuration(self.tenant, kind, version), content):
            self.refresh(kind)
            return None
        self._take(kind, version, content)
        return version

    def _take(self, kind: str, version: int, content: bytes) -> None:
        with self._lock:
            if version > self._newest.get(kind, (0, b""))[0]:
                self._newest[kind] = (version, content)


def announce(configuration: Configuration, kind: vocabulary.ConfigurationKind, *, log: EventLog, clock: Clock) -> None:
    """Tell every process that the version in force here is the newest; with the log away they find it when they look.

    The version is stored by now: to answer that the change failed would be wrong, and whoever repeats it is told that
    the name is taken, while the key or link that was shown once is lost.
    """
    version, content = configuration.version(kind), configuration.content(kind) or b""
    tenant = configuration.tenant
    facts = ConfigurationChanged(
        kind=kind,
        version=version,
        key=keys.configuration(tenant, kind, version),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    cause = Cause(tenant, event_id(f"{tenant}/{kind}/{version}", "configuration"))
    event = topics.emit(facts, cause=cause, service="configuration", now=clock.now(), key=f"{tenant}/{kind}")
    try:
        log.publish(event)
    except TryLater as error:
        logger("configuration").warning("version_not_announced", kind=kind, version=version, code=error.code)


def hear(configuration: Configuration, follower: Follower, timeout: timedelta) -> int:
    """Take in what the configuration topic says, and how many messages that were; others' tenants are not ours."""
    messages = follower.read(timeout)
    for message in messages:
        try:
            event = envelope.decode(message)
        except (EventBroken, EventNewer):
            continue  # a stranger's record, or one for our successors: the news behind it is still for us
        facts = event.facts
        if isinstance(facts, ConfigurationChanged) and event.tenant == configuration.tenant:
            _refresh(configuration, facts.kind)
    return len(messages)


def _refresh(configuration: Configuration, kind: vocabulary.ConfigurationKind) -> None:
    try:
        configuration.refresh(kind)
    except BlobMissing:
        return  # listed, then replaced by a restore: the next news brings it
