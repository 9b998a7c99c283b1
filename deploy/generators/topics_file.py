"""`deploy/topics.yaml`: every topic with partitions, cleanup, retention and copies, for who makes them otherwise."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from services.core.messages import topic_map, topics

ABOUT = """\
# Every topic of an installation, without its `prefix`. Written by `make docs` from services/core/messages/topic_map.py.
# `poststelle topics apply` makes them so, `poststelle topics check` compares; a service that finds another number of
# partitions or another cleanup refuses to start. replication 0: as many copies as the cluster makes by default, or
# what the setting kafka.replication says. <procedure>: one of each for every registered procedure, made by us.
"""


def topics_file(_: Path) -> Iterator[tuple[str, str]]:
    """`deploy/topics.yaml`."""
    names = (*topics.all_topics(), topics.PROCEDURE_INBOX, topics.PROCEDURE_OUTBOX)
    listed = {"topics": [_row(topic_map.layout(name)) for name in names]}
    yield "deploy/topics.yaml", ABOUT + yaml.safe_dump(listed, sort_keys=False)


def _row(layout: topic_map.Layout) -> dict[str, str | int]:
    return {
        "name": layout.name.replace(topics.ANY_PROCEDURE, "<procedure>"),
        "partitions": layout.partitions,
        "cleanup": layout.cleanup,
        "retention": f"{layout.kept.days} days" if layout.kept else "for good",
        "replication": layout.replicas,
    }
