"""`poststelle sealed`: what is sealed is listed, looked at once more, unsealed for a reason, and told by an event."""

from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import poststelle
from services.core.messages import envelope, topics
from services.core.messages.events import OriginalUnsealed
from tests.component.city_hall import CityHall, a_mail
from tests.component.clamd_stand_in import MARK, StandIn


@pytest.fixture
def hall(scanned: CityHall) -> CityHall:
    """A hall whose documents are scanned."""
    return scanned


def run(options: list[str], *words: str) -> Any:
    """The command as an administrator gives it."""
    return CliRunner().invoke(poststelle, ["sealed", *words, *options])


def test_commands_list_rescan_and_release(hall: CityHall, daemon: StandIn, options: list[str]) -> None:
    """The second look fails while the scanner finds something, a reason is asked for; each unsealing is told."""
    first, second = (str(hall.deliver(a_mail(f"Antrag {number}") + MARK)["document"]) for number in ("eins", "zwei"))
    hall.work()
    listed = run(options, "list").output.splitlines()
    assert [line.split()[0] for line in listed] == [second, first]
    assert run(options, "rescan", first).exit_code != 0
    assert run(options, "release", second, "--reason", " ").exit_code != 0
    assert run(options, "release", second).exit_code != 0
    assert len(run(options, "list").output.splitlines()) == 2
    assert run(options, "release", second, "--reason", "Muster des Herstellers").exit_code == 0
    daemon.signature = b"something else"
    assert run(options, "rescan", first).exit_code == 0
    hall.work()
    assert run(options, "list").output == "nothing is sealed\n"
    told = [(event, event.facts) for event in hall.log.published if isinstance(event.facts, OriginalUnsealed)]
    assert [(facts.document, facts.ground) for _, facts in told] == [(second, "reason"), (first, "rescan")]
    for event, facts in told:
        message = envelope.encode(event)
        assert (message.topic, message.key) == (topics.CHECKED, facts.document)
        assert b"Muster" not in message.value
        assert envelope.decode(message).facts == facts
