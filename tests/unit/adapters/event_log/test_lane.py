"""A lane hands out messages so that no key is overtaken and nothing is lost or given twice."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.adapters.event_log.sqlite.lane import Lane, Lease
from services.adapters.event_log.sqlite.store import Placed
from services.core.messages.envelope import Message

MEMBERS = ("one", "two", "three")
member_names = st.sampled_from(MEMBERS)


class LaneMachine(RuleBasedStateMachine):
    """Members come, take, settle, deferred and leave in any order; a plain model watches."""

    def __init__(self) -> None:
        super().__init__()
        self.lane = Lane("topic")
        self.now = 0.0
        self.keys: dict[int, str] = {}
        self.open: set[int] = set()
        self.leases: dict[int, Lease] = {}
        self.due: dict[int, float] = {}

    @rule(key=st.sampled_from("abcd"))
    def add(self, key: str) -> None:
        """The next message."""
        place = len(self.keys) + 1
        self.keys[place] = key
        self.open.add(place)
        self.lane.add(Placed(place, Message(topic="topic", key=key, headers=(), value=b"")))

    @rule(member=member_names, limit=st.integers(min_value=1, max_value=4))
    def take(self, member: str, limit: int) -> None:
        """What comes is exactly what the promise allows, the oldest first."""
        expected = self._allowed(member)[:limit]
        taken = self.lane.take(member, limit, self.now)
        assert [lease.place for lease in taken] == expected
        self.leases.update({lease.place: lease for lease in taken})

    @rule(member=member_names, chance=st.randoms(use_true_random=False))
    def ack(self, member: str, chance: Random) -> None:
        """One of this member's, in any order; a second time changes nothing."""
        if lease := self._one_of(member, chance):
            self.lane.ack(lease)
            self.lane.ack(lease)
            self.open.discard(lease.place)
            del self.leases[lease.place]

    @rule(member=member_names, chance=st.randoms(use_true_random=False), pause=st.integers(min_value=0, max_value=3))
    def retry_later(self, member: str, chance: Random, pause: int) -> None:
        """One of this member's, for a while."""
        if lease := self._one_of(member, chance):
            self.lane.retry_later(lease, self.now + pause)
            self.due[lease.place] = self.now + pause
            del self.leases[lease.place]

    @rule(member=member_names)
    def leave(self, member: str) -> None:
        """All of this member's."""
        self.lane.leave(member)
        self.leases = {place: lease for place, lease in self.leases.items() if lease.member != member}

    @rule()
    def pass_time(self) -> None:
        """Pauses end."""
        self.now += 1

    @invariant()
    def holds_what_is_open(self) -> None:
        """Nothing is lost."""
        assert len(self.lane) == len(self.open)

    def _one_of(self, member: str, chance: Random) -> Lease | None:
        mine = [lease for lease in self.leases.values() if lease.member == member]
        return chance.choice(mine) if mine else None

    def _allowed(self, member: str) -> list[int]:
        allowed: list[int] = []
        for place in sorted(self.open - set(self.leases)):
            same = [other for other in self.open if self.keys[other] == self.keys[place]]
            held = any(self.leases[other].member != member for other in same if other in self.leases)
            earlier = [other for other in same if other < place and other not in self.leases]
            if not held and self.due.get(place, 0) <= self.now and all(other in allowed for other in earlier):
                allowed.append(place)
        return allowed


LaneMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestLane = LaneMachine.TestCase


def test_an_old_offer_gives_nothing_that_another_has_in_hand() -> None:
    """What a member was once offered is not given to it while a later one of the key is in another's hands."""
    lane = Lane("topic")
    for place in (1, 2, 3):
        lane.add(Placed(place, Message(topic="topic", key="a", headers=(), value=b"")))
    lane.ack(*lane.take("one", 1, 0))
    second, third = lane.take("two", 2, 0)
    lane.retry_later(second, 0)
    assert lane.take("one", 3, 0) == []
    lane.ack(third)
    assert [lease.place for lease in lane.take("one", 3, 0)] == [2]
