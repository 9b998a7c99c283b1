"""Topics as the brokers have them: found, made, and set to what the map says."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, wait
from datetime import timedelta
from time import monotonic, sleep

from confluent_kafka import KafkaException
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import KafkaError, NewTopic

from services.adapters.event_log.kafka import library, options
from services.adapters.event_log.kafka.entrance import forbids
from services.adapters.event_log.kafka.options import Options
from services.adapters.event_log.kafka.outbox import SLICE
from services.core.errors import Misconfigured, NotPermitted, TryLater
from services.core.messages.topic_map import Layout, differences, layout, refusals

_NEVER_MS = -1


class Admin:
    """What is done to topics, for many threads; names are ours, without the prefix."""

    def __init__(self, settings: Options, prefix: str, patience: float) -> None:
        self._prefix = prefix
        self._patience = patience
        self._client = library.administrator(settings)

    def ensure(self, wanted: Sequence[Layout]) -> list[str]:
        """Make what is missing and tell it by name; NotPermitted where that is not ours to do.

        Misconfigured where one that is there must not be worked on.
        """
        deadline = monotonic() + self._patience
        made: set[str] = set()
        while missing := self._missing(wanted):
            if monotonic() > deadline:
                raise TryLater
            made |= {one.name for one in missing}
            new = [self._new(one) for one in missing]
            answered, _ = wait(self._client.create_topics(new).values(), timeout=self._patience)
            if any(forbids(failure.args[0]) for each in answered if (failure := each.exception())):
                raise NotPermitted
            sleep(SLICE)  # somebody else may have been faster: not the answers decide but the next look
        return sorted(made)

    def apply(self, wanted: Sequence[Layout]) -> list[str]:
        """Make and set what differs, as far as that can be done; a line for each thing done."""
        found = self.found([one.name for one in wanted])
        for one in wanted:
            if one.name in found and found[one.name].partitions != one.partitions:
                raise Misconfigured("\n".join(refusals(one, found[one.name])))
        made = self.ensure([one for one in wanted if one.name not in found])
        apart = [one for one in wanted if one.name in found and _set_apart(one, found[one.name])]
        for one in apart:
            self._set(one)
        self._await_set(apart)
        return [*(f"topic {name}: made" for name in made), *(f"topic {one.name}: set" for one in apart)]

    def differences(self, wanted: Sequence[Layout]) -> list[str]:
        """A sentence for everything that is not as wanted."""
        found = self.found([one.name for one in wanted])
        return [sentence for one in wanted for sentence in differences(one, found.get(one.name))]

    def refusals(self, wanted: Sequence[Layout]) -> list[str]:
        """A sentence for everything on which nobody may work."""
        found = self.found([one.name for one in wanted])
        return [sentence for one in wanted for sentence in refusals(one, found.get(one.name))]

    def found(self, names: Iterable[str]) -> dict[str, Layout]:
        """The topics as the brokers have them; a missing one is left out."""
        library.hush(self._client)
        try:
            known = self._client.list_topics(timeout=self._patience).topics
        except KafkaException:
            raise TryLater from None
        there = {name: known[self._prefix + name] for name in names if self._prefix + name in known}
        counted = {name: topic for name, topic in there.items() if topic.partitions}
        told = self._configured(list(counted))
        return {
            name: Layout(
                name=name,
                partitions=len(topic.partitions),
                replicas=len(topic.partitions[0].replicas) if 0 in topic.partitions else 0,
                cleanup=told[name].get("cleanup.policy", ""),
                kept=_kept(told[name]),
            )
            for name, topic in counted.items()
        }

    def _await_set(self, apart: Sequence[Layout]) -> None:
        """Brokers tell each other a little later; whoever looks after us shall see it."""
        deadline = monotonic() + self._patience
        names = [one.name for one in apart]
        while found := self.found(names):
            if not any(one.name in found and _set_apart(one, found[one.name]) for one in apart):
                return
            if monotonic() > deadline:
                raise TryLater
            sleep(SLICE)

    def _new(self, one: Layout) -> NewTopic:
        copies = one.replicas or options.CLUSTERS_OWN
        return NewTopic(self._prefix + one.name, one.partitions, copies, config=options.topic(one))

    def _missing(self, wanted: Sequence[Layout]) -> list[Layout]:
        found = self.found([one.name for one in wanted])
        wrong = [sentence for one in wanted if one.name in found for sentence in refusals(one, found[one.name])]
        if wrong:
            raise Misconfigured("\n".join(wrong))
        return [one for one in wanted if one.name not in found]

    def _configured(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """The settings of topics; none where we may not ask for them."""
        told: dict[str, dict[str, str]] = {name: {} for name in names}
        if not names:
            return told
        asked = [ConfigResource(ResourceType.TOPIC, self._prefix + name) for name in names]
        answers = self._client.describe_configs(asked, request_timeout=self._patience)
        for name, answer in zip(names, (answers[one] for one in asked), strict=True):
            told[name] = self._read(answer)
        return told

    def _read(self, answer: "Future[dict[str, ConfigEntry]]") -> dict[str, str]:
        try:
            return {name: str(entry.value) for name, entry in answer.result(self._patience).items()}
        except KafkaException as error:
            if error.args[0].code() in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART}:
                return {}
            raise TryLater from None

    def _set(self, one: Layout) -> None:
        entries = [
            ConfigEntry(
                name, value, source=ConfigSource.DYNAMIC_TOPIC_CONFIG, incremental_operation=AlterConfigOpType.SET
            )
            for name, value in options.topic(one).items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, self._prefix + one.name, incremental_configs=entries)
        try:
            self._client.incremental_alter_configs([resource])[resource].result(self._patience)
        except KafkaException as error:
            raise (NotPermitted() if forbids(error.args[0]) else TryLater()) from None


def layouts(names: Iterable[str], *, partitions: int, replicas: int) -> list[Layout]:
    """What the map says of these topics."""
    return [layout(name, partitions=partitions, replicas=replicas) for name in names]


def _set_apart(wanted: Layout, found: Layout) -> bool:
    return found.cleanup != wanted.cleanup or (wanted.kept is not None and found.kept != wanted.kept)


def _kept(told: dict[str, str]) -> timedelta | None:
    milliseconds = int(told.get("retention.ms", _NEVER_MS))
    return timedelta(milliseconds=milliseconds) if milliseconds >= 0 else None
