"""How the clients of a Kafka log are set up: one table each for publishing, for a member of a group and for a view."""

from collections.abc import Mapping
from datetime import timedelta

from services.core.messages.topic_map import Layout

Options = dict[str, str | int | float | bool]

CLUSTERS_OWN = -1
"""As many replicas, in the log and in sync, as whoever runs the cluster has set for new topics (KIP-464)."""


def shared(bootstrap: str, client: Mapping[str, str]) -> Options:
    """What every client needs; `client` (certificates, passwords) outranks ours."""
    return {
        "bootstrap.servers": bootstrap,
        # A broker that its controller has fenced (it was frozen for longer than its session) answers with an empty list
        # of brokers. A client that then knows nobody asks the bootstrap servers anew, which is the library's default;
        # with "none" it stayed lost for good, and what it was to publish with it.
        "metadata.recovery.strategy": "rebootstrap",
        "reconnect.backoff.max.ms": 1000,
        "socket.keepalive.enable": True,
        **client,
    }


def publishing(options: Options, patience: timedelta) -> Options:
    """Idempotent, acknowledged by all replicas, given up after the patience.

    Java's partitioner, so that a procedure written in any language puts a key where we put it.
    """
    return options | {
        "acks": "all",
        "enable.idempotence": True,
        # What outsiders read has to be readable by any client, and kafkajs knows gzip alone; events are small, come one
        # by one, and gain nothing by it.
        "compression.type": "none",
        # Whoever publishes waits: a batch comes at once, and a single event gains nothing by waiting for others.
        "linger.ms": 0,
        "delivery.timeout.ms": int(patience.total_seconds() * 1000),
        "partitioner": "murmur2_random",
        "queue.buffering.max.kbytes": 65_536,
    }


def _consuming(options: Options, group: str) -> Options:
    return options | {
        "group.id": group,
        "allow.auto.create.topics": False,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        # Little is fetched ahead (the default is 100,000 messages a partition), and it is looked for again at once.
        "queued.min.messages": 1000,
        "queued.max.messages.kbytes": 16_384,
        "fetch.queue.backoff.ms": 20,
        # One fetch at a time is under way to a broker: a partition that is resumed waits for the end of an idle one.
        "fetch.wait.max.ms": 100,
    }


def member(options: Options, group: str) -> Options:
    """A member of a group; sessions and heartbeats are the broker's business (KIP-848)."""
    return _consuming(options, group) | {"group.protocol": "consumer"}


def view(options: Options, group: str) -> Options:
    """A reader of everything that joins no group (the name is required but never used); told where partitions end."""
    return _consuming(options, group) | {"enable.partition.eof": True}


def onlooker(options: Options, group: str) -> Options:
    """Who asks what a group has kept and never joins it; by the older protocol, where that takes no membership.

    It says nothing of outages: nobody would read it, and the members of the group do.
    """
    return _consuming(options, group) | {"log_level": 0}


def topic(layout: Layout) -> dict[str, str]:
    """The settings of one topic. The broker's clock counts, so that a wrong one of ours cannot age a message."""
    settings = {"message.timestamp.type": "LogAppendTime", "cleanup.policy": layout.cleanup}
    if layout.replicas:
        settings["min.insync.replicas"] = str(max(1, layout.replicas - 1))
    if layout.kept:
        settings["retention.ms"] = str(int(layout.kept.total_seconds() * 1000))
    return settings
