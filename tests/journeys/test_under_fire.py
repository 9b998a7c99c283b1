"""Processes die at any moment, and a letter that was acknowledged is there: read, in its file and found, once."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from deploy.servers import Server
from tests.journeys.agreement import agree
from tests.journeys.filing import a_new_file, settled
from tests.journeys.gateway import Gateway, moments
from tests.journeys.instance import Instance
from tests.journeys.letters import a_mail
from tests.journeys.stacks import STACKS, Stack

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
    settles_within_s: float = 180.0


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
    """The mail room when all is delivered and acknowledged, and what was promised."""

    stack: Stack
    files: Sequence[str]
    receipts: dict[int, str]
    documents: dict[int, str]
    """The document of each mail, by its place in the pile."""

    @property
    def process(self) -> Instance:
        """The mail room."""
        return self.stack.process


@pytest.fixture(scope="module", params=FIRES)
def aftermath(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """The fire itself: mails come in by four sessions, every third for a known file, and processes are killed."""
    fire: Fire = request.param
    with STACKS[fire.stack](tmp_path_factory.mktemp("fire")) as stack:
        process = stack.process.start()
        files = [a_new_file(process, position) for position in POSITIONS]
        gateway = Gateway([process.smtp_port], [a_mail(_text(number, files)) for number in range(fire.mails)])
        gateway.start()
        _burn(fire, stack, gateway)
        receipts = gateway.finish()
        agree(stack.books, receipts.values(), fire.settles_within_s)
        documents = {number: process.get(f"/receipts/{receipt}")["document"] for number, receipt in receipts.items()}
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
            stack.process.kill()
            stack.process.start()
        else:
            struck.kill()
            struck.restart()


def test_every_acknowledged_mail_is_found_once(aftermath: Aftermath) -> None:
    """By a word of its own each mail is found, once, in the version that its record has."""
    for number, document in aftermath.documents.items():
        state = "filed" if number % 3 == 0 else "held"
        settled(aftermath.process, aftermath.receipts[number], state)
        hits = aftermath.process.search(_word(number))
        assert [(hit["document"], hit["state"]) for hit in hits] == [(document, state)], _word(number)


def test_registers_hold_every_mail_that_named_them(aftermath: Aftermath) -> None:
    """Each stands there once, behind the one that began the file."""
    for place, file in enumerate(aftermath.files):
        lines = list(aftermath.process.pages(f"/files/{file}", limit="200"))
        named = {d for n, d in aftermath.documents.items() if n % 3 == 0 and n % len(aftermath.files) == place}
        assert Counter(line["document"] for line in lines[1:]) == Counter(named)


def test_no_service_stopped(aftermath: Aftermath) -> None:
    """Killed processes are no fault of ours."""
    assert aftermath.process.ready()["red"] == {}
