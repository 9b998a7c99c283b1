"""What people change while the mail room works: versions in the store, news on a topic."""

import json
from typing import Any, cast

import msgspec
import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Message, decode
from services.core.messages.events import ConfigurationChanged
from services.core.messages.topics import COMPACTED, CONFIGURATION
from services.runtime.context.configuration import Configuration, announce, hear
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.event_log import MemoryEventLog
from tests.unit.runtime.loop import NO_TIME, Clock


class Two:
    """A process that changes, another that hears of it."""

    def __init__(self) -> None:
        self.blobs, self.log = MemoryBlobStore(), MemoryEventLog()
        self.here, self.there = (Configuration(self.blobs, tenant="main") for _ in range(2))
        self.follower = self.log.follow(COMPACTED)

    def change(self, content: bytes, base: int) -> None:
        """Store a version of the rules and tell."""
        assert self.here.store("rules", content, base=base) == base + 1
        announce(self.here, "rules", log=self.log, clock=Clock())

    def hear(self) -> int:
        """The other listens."""
        return hear(self.there, self.follower, NO_TIME)


def test_nothing_is_in_force_before_the_first_version() -> None:
    """Version 0, no content, nothing parsed."""
    configuration = Two().here
    assert configuration.refresh("plan") == 0
    assert (configuration.version("plan"), configuration.content("plan")) == (0, None)
    assert configuration.parsed("plan", json.loads) is None


def test_others_hear_of_a_version() -> None:
    """What one process stored is in force in another when it has heard the news."""
    two = Two()
    two.change(b"[1]", base=0)
    assert two.there.version("rules") == 0
    assert two.hear() == 1
    assert (two.there.version("rules"), two.there.content("rules")) == (1, b"[1]")


def test_news_name_the_version_and_hold_nothing_of_it() -> None:
    """Kind, number, key and hash; every version of a kind has one key on the topic, and its own id."""
    two = Two()
    two.change(b'["secret"]', base=0)
    two.change(b'["other"]', base=1)
    first, second = two.log.topics[CONFIGURATION]
    facts = decode(first).facts
    assert isinstance(facts, ConfigurationChanged)
    assert facts.key == keys.configuration("main", "rules", 1)
    assert b"secret" not in first.value
    assert (first.key, decode(first).id) != (second.key, decode(second).id)
    assert first.key == second.key == "main/rules"


def test_second_to_store_learns_that_it_came_second() -> None:
    """Nothing is overwritten; the loser has the winner's version in force afterwards."""
    two = Two()
    two.change(b"[1]", base=0)
    assert two.there.store("rules", b"[2]", base=0) is None
    assert two.there.content("rules") == b"[1]"


def test_old_news_do_not_bring_an_old_version_back() -> None:
    """Versions only grow, in whatever order the news come; the tenth is newer than the ninth."""
    two = Two()
    for base in range(10):
        two.change(f"[{base + 1}]".encode(), base=base)
    two.log.topics[CONFIGURATION].reverse()
    two.hear()
    assert two.there.content("rules") == b"[10]"


def test_a_version_is_parsed_once() -> None:
    """Reading is cheap, until the next version."""
    two, parsed = Two(), []

    def parse(content: bytes) -> Any:
        parsed.append(content)
        return json.loads(content)

    two.change(b"[1]", base=0)
    assert two.here.parsed("rules", parse) == two.here.parsed("rules", parse) == [1]
    two.change(b"[2]", base=1)
    assert two.here.parsed("rules", parse) == [2]
    assert parsed == [b"[1]", b"[2]"]


@pytest.mark.parametrize("kind", ["stranger", "newer", "other tenant"])
def test_news_that_are_not_for_us_hide_none_that_are(kind: str) -> None:
    """A stranger's record, one for our successors, another tenant's: what lies behind is heard all the same."""
    two = Two()
    two.change(b"[1]", base=0)
    own = two.log.topics[CONFIGURATION][0]
    two.log.topics[CONFIGURATION].insert(0, not_for_us(own, kind))
    assert two.hear() == 2
    assert two.there.version("rules") == 1


def not_for_us(own: Message, kind: str) -> Message:
    """A record that this process must pass over."""
    if kind == "stranger":
        return msgspec.structs.replace(own, headers=(), value=b"?")
    name, value = {"newer": ("ce_type", b".v1"), "other tenant": ("ce_source", b"/main/")}[kind]
    changed = {b".v1": b".v2", b"/main/": b"/else/"}[value]
    headers = tuple((k, v.replace(value, changed) if k == name else v) for k, v in own.headers)
    return msgspec.structs.replace(own, headers=headers)


def test_version_that_was_restored_away_is_passed_over() -> None:
    """Listed, then gone: the news that follow bring the truth."""
    two = Two()
    two.change(b"[1]", base=0)
    read = two.blobs.read
    cast("Any", two.blobs).read = lambda bucket, key: read(bucket, key + "?")
    assert two.hear() == 1
    assert two.there.version("rules") == 0


def test_store_that_is_away_is_told() -> None:
    """Whoever listens learns that it could not look, and must listen again from the beginning."""
    two = Two()
    two.change(b"[1]", base=0)

    def away(bucket: Bucket, prefix: str, after: str = "") -> Any:
        raise TryLater

    cast("Any", two.blobs).keys = away
    with pytest.raises(TryLater):
        two.hear()


def test_a_version_that_could_not_be_announced_is_in_force_and_found() -> None:
    """With the log away the change is made all the same; a process that looks finds it, also several versions later."""
    two = Two()
    cast("Any", two.log).publish = _away
    two.change(b"[1]", base=0)
    two.change(b"[2]", base=1)
    assert two.here.content("rules") == b"[2]"
    assert two.hear() == 0
    two.there.look()
    assert (two.there.version("rules"), two.there.content("rules")) == (2, b"[2]")


def _away(*_: object) -> None:
    raise TryLater


def test_looking_takes_nothing_in_where_nothing_is_new() -> None:
    """The content is not read again: what was parsed of it stays."""
    two = Two()
    two.change(b"[1]", base=0)
    parsed = two.here.parsed("rules", json.loads)
    two.here.look()
    assert two.here.parsed("rules", json.loads) is parsed
