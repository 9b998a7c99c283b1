"""Index and ledger are derived: deleted or built anew they tell the same as before, and no search fails meanwhile."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.agreement import agree
from tests.journeys.filing import a_new_file
from tests.journeys.gateway import Gateway
from tests.journeys.instance import Instance
from tests.journeys.letters import a_mail
from tests.journeys.stacks import Stack

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

MAILS = 30
POSITION = "11.10.02"


@dataclass(frozen=True)
class Told:
    """Everything that people can ask: hits by a word and as a list, states of receipts, the register."""

    hits: dict[str, Any]
    listed: dict[str, Any]
    receipts: dict[str, Any]
    register: list[Any]

    def stands_in(self, later: "Told") -> None:
        """All of it is still told so, and nothing is left out."""
        for name in ("hits", "listed", "receipts"):
            ours, theirs = getattr(self, name), getattr(later, name)
            assert {key: theirs.get(key) for key in ours} == ours, name
        assert later.register[: len(self.register)] == self.register


@pytest.fixture(scope="module")
def file(stack: Stack) -> str:
    """A file with every third of thirty mails in it; the others wait."""
    file = a_new_file(stack.process, POSITION)
    _deliver(stack.process, file, range(MAILS)).finish()
    agree(stack.books)
    return file


def _deliver(process: Instance, file: str, numbers: range) -> Gateway:
    signs = {number: f"Ihr Zeichen: {file}\n" if number % 3 == 0 else "" for number in numbers}
    gateway = Gateway([process.smtp_port], [a_mail(f"{signs[n]}\nEs geht um {_word(n)}.") for n in numbers], sessions=2)
    gateway.start()
    return gateway


def _word(number: int) -> str:
    return f"vorgang{number:04d}"


def _told(process: Instance, file: str) -> Told:
    words = (_word(number) for number in range(MAILS))
    lines = [process.get(f"/receipts/{line['receipt']}") for line in process.pages("/receipts", limit="200")]
    return Told(
        hits={word: [(hit["document"], hit["state"], hit["files"]) for hit in process.search(word)] for word in words},
        listed={hit["document"]: hit["version"] for hit in process.pages("/search", sort="newest", limit="100")},
        receipts={line["receipt"]: line for line in lines},
        register=list(process.pages(f"/files/{file}", limit="200")),
    )


def test_a_rebuild_while_mails_arrive(stack: Stack, file: str) -> None:
    """`poststelle rebuild` tells the same as before and the new mails too; no search fails meanwhile."""
    before = _told(stack.process, file)
    with _searching(stack.process) as seen:
        gateway = _deliver(stack.process, file, range(MAILS, 2 * MAILS))
        said = stack.process.command("rebuild")
        gateway.finish()
    assert said.splitlines()[-1].startswith("index: ")
    assert set(seen) == {1}
    agree(stack.books)
    after = _told(stack.process, file)
    before.stands_in(after)
    assert len(after.listed) == len(before.listed) + MAILS
    assert [line["entry"] for line in after.register] == list(range(1, 2 * MAILS // 3 + 2))
    for number in range(MAILS, 2 * MAILS):
        assert len(stack.process.search(_word(number))) == 1


class _searching:  # noqa: N801  # read as a word of the sentence
    """Someone searches for the first mail all the time; `as` is how many hits each search had."""

    def __init__(self, process: Instance) -> None:
        self._process = process
        self._over = threading.Event()
        self._seen: list[int] = []
        self._thread = threading.Thread(target=self._search, daemon=True)

    def _search(self) -> None:
        while not self._over.wait(0.02):
            answer = self._process.http.post("/search", json={"q": _word(0)})
            self._seen.append(answer.json()["total"] if answer.is_success else -answer.status_code)

    def __enter__(self) -> list[int]:
        self._thread.start()
        return self._seen

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_deleted_index_and_ledger_come_back_by_themselves(stack: Stack, file: str) -> None:
    """After a stop, a deletion and a start the mail room tells what it told before, though mails arrive at once."""
    process = stack.process
    before = _told(process, file)
    process.stop()
    stack.delete_index()
    for path in process.data.glob("ledger.sqlite*"):
        path.unlink()
    process.start()
    gateway = _deliver(process, file, range(2 * MAILS, 3 * MAILS))
    gateway.finish()
    agree(stack.books)
    after = _told(process, file)
    before.stands_in(after)
    assert len(after.listed) == len(before.listed) + MAILS
    assert [line["entry"] for line in after.register] == list(range(1, 3 * MAILS // 3 + 2))
    assert stack.dead_letters() == []
