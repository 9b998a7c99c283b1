"""With clamd itself: what it seals is read when newer signatures find nothing in it, whoever dies meanwhile."""

from collections.abc import Iterator

import pytest

from tests.component.clamd_daemon import Daemon, real_clamd
from tests.component.clamd_stand_in import MARK
from tests.journeys.instance import eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import STACKS, Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("clamd")]

WITHIN_S = 300.0
FALSE, TRUE = "Wiedehopf", "Rauhaardackel"


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    """Debian's."""
    with real_clamd() as made:
        yield made


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def stack(request: pytest.FixtureRequest, daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A mail room that asks it, and looks every second whether it has another database."""
    settings = {"malware": {"clamd": daemon.address, "rescan_every": "PT1S"}}
    with STACKS[request.param](tmp_path_factory.mktemp("mail-room"), settings) as made:
        made.process.start()
        yield made


def sealed(stack: Stack) -> dict[str, str]:
    """Receipts of what is sealed now, and the database with which it was looked at last."""
    return {one["receipts"][0]: one["signatures"] for one in stack.process.pages("/sealed")}


def test_a_false_alarm_is_healed_and_a_true_one_stays(stack: Stack, daemon: Daemon) -> None:
    """Killed right behind the new signatures, and with clamd away for a while: the round goes on where it was."""
    process = stack.process
    honest, virus = (process.send(a_mail(f"{word}{MARK.decode()}", f"Zum {word}")) for word in (FALSE, TRUE))
    eventually(lambda: set(sealed(stack)) == {honest, virus}, WITHIN_S)
    eventually(lambda: all("/101/" in told for told in sealed(stack).values()), WITHIN_S)
    assert process.search(FALSE) == []
    daemon.stop()
    waiting = process.send(a_mail("Nachtigall"))
    daemon.write(102, TRUE.encode() + MARK)
    daemon.start()
    process.kill()
    process.start()
    eventually(lambda: process.search(FALSE), WITHIN_S)
    eventually(lambda: process.search("Nachtigall"), WITHIN_S)
    eventually(lambda: "/102/" in sealed(stack).get(virus, ""), WITHIN_S)
    assert set(sealed(stack)) == {virus}
    assert process.get(f"/receipts/{waiting}")["receipt"] == waiting
    assert process.logged.count('"document_unsealed"') == 1
    assert process.search(TRUE) == []
    assert not stack.dead_letters()
    daemon.know(101, MARK)
