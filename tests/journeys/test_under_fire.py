"""Processes die at any moment, and a letter that was acknowledged is there: read, in its file and found, once."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from deploy.servers import Server
from tests.journeys.filing import a_new_file, settled
from tests.journeys.gateway import Gateway, moments
from tests.journeys.instance import Instance, eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import STACKS, Stack, all_settled

pytestmark = pytest.mark.xdist_group("journeys")

SEED = 20261123
POSITIONS = ("11.10.02", "11.10.03")

Strike = tuple[tuple[int, float], Server | None]


@dataclass(frozen=True, kw_only=True)
class Fire:
    """How much is delivered, and how often the mail room and each of its servers are killed meanwhile."""

    stack: str
    mails: int
    kills: int
    server_kills: int = 0
    settles_within_s: float = 60.0


FIRES = (
    pytest.param(Fire(stack="embedded", mails=200, kills=3), id="embedded"),
    pytest.param(
        Fire(stack="kafka", mails=1000, kills=10, server_kills=2, settles_within_s=600),
        id="kafka",
        marks=pytest.mark.stack,
    ),
)


@dataclass(kw_only=True)
class Aftermath:
    """The house when all is delivered and settled, and what was promised."""

    stack: Stack
    files: Sequence[str]
    receipts: dict[int, str]
    documents: dict[int, str]
    """The document of each mail, by its place in the pile."""

    @property
    def house(self) -> Instance:
        """The mail room."""
        return self.stack.house


@pytest.fixture(scope="module", params=FIRES)
def aftermath(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """The fire itself: mails come in by four sessions, every third for a known file, and processes are killed."""
    fire: Fire = request.param
    with STACKS[fire.stack](tmp_path_factory.mktemp("fire")) as stack:
        house = stack.house.start()
        files = [a_new_file(house, position) for position in POSITIONS]
        gateway = Gateway(house.smtp_port, [a_mail(_text(number, files)) for number in range(fire.mails)])
        gateway.start()
        _burn(fire, stack, gateway)
        receipts = gateway.finish()
        eventually(lambda: all_settled(stack), fire.settles_within_s, every_s=0.5)
        documents = {number: house.get(f"/receipts/{receipt}")["document"] for number, receipt in receipts.items()}
        yield Aftermath(stack=stack, files=files, receipts=receipts, documents=documents)


def _text(number: int, files: Sequence[str]) -> str:
    sign = f"Ihr Zeichen: {files[number % len(files)]}\n" if number % 3 == 0 else ""
    return f"{sign}\nMein Anliegen hat die Nummer {_word(number)}."


def _word(number: int) -> str:
    return f"anliegen{number:04d}"


def _burn(fire: Fire, stack: Stack, gateway: Gateway) -> None:
    """Strike at random moments, each time the same; what was killed is started again at once."""
    strikes: list[Strike] = [(moment, None) for moment in moments(SEED, count=fire.kills, mails=fire.mails)]
    for number, server in enumerate(stack.servers, 1):
        strikes += [(m, server) for m in moments(SEED + number, count=fire.server_kills, mails=fire.mails)]
    for (acknowledged, pause), struck in sorted(strikes, key=lambda strike: strike[0]):
        gateway.wait_for(acknowledged)
        time.sleep(pause)
        if struck is None:
            stack.house.kill()
            stack.house.start()
        else:
            struck.kill()
            struck.restart()


def test_every_acknowledged_mail_is_found_once(aftermath: Aftermath) -> None:
    """By a word of its own each mail is found, once, in the version that its record has."""
    for number, document in aftermath.documents.items():
        state = "filed" if number % 3 == 0 else "held"
        settled(aftermath.house, aftermath.receipts[number], state)
        hits = aftermath.house.search(_word(number))
        assert [(hit["document"], hit["state"]) for hit in hits] == [(document, state)], _word(number)


def test_nothing_is_doubled_in_the_index(aftermath: Aftermath) -> None:
    """The list of all documents holds each of them once, and nothing else."""
    listed = [hit["document"] for hit in aftermath.house.pages("/search", sort="newest", limit="100")]
    expected = {*aftermath.documents.values(), *(line["document"] for line in _founders(aftermath))}
    assert Counter(listed) == Counter(expected)
    assert len(expected) == len(aftermath.documents) + len(POSITIONS)


def test_the_ledger_has_every_receipt_once(aftermath: Aftermath) -> None:
    """What the store knows, the ledger knows; among it is every number that a sender was told."""
    lines = [line["receipt"] for line in aftermath.house.pages("/receipts", limit="200")]
    assert Counter(lines) == Counter(aftermath.stack.receipts())
    assert set(aftermath.receipts.values()) <= set(lines)


def test_registers_have_no_gaps_and_no_doubles(aftermath: Aftermath) -> None:
    """Every mail that named a file stands in its register once; entries count from 1 without a gap."""
    for place, file in enumerate(aftermath.files):
        lines = list(aftermath.house.pages(f"/files/{file}", limit="200"))
        named = {d for n, d in aftermath.documents.items() if n % 3 == 0 and n % len(aftermath.files) == place}
        assert [line["entry"] for line in lines] == list(range(1, len(lines) + 1))
        assert Counter(line["document"] for line in lines[1:]) == Counter(named)


def test_nothing_was_given_up(aftermath: Aftermath) -> None:
    """A killed process makes no dead letters, and no service stopped."""
    assert aftermath.stack.dead_letters() == []
    assert aftermath.house.ready()["red"] == {}


def _founders(aftermath: Aftermath) -> Iterator[dict[str, str]]:
    for file in aftermath.files:
        yield aftermath.house.get(f"/files/{file}", limit="1")["items"][0]
