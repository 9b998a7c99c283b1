"""Kills, many threads and hostile input do not harm the index or its neighbours."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

import pytest

from services.core.errors import Rejected, TryLater
from services.core.ports.entries import Filters, Query, Term
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import CLERK, a_query, an_entry, asking, committed, found, letters, numbers

_CHILD = """
import sys
from pathlib import Path
from tests.ports.search_index.adapters import ADAPTERS
from tests.ports.search_index.entries import an_entry, committed

index = ADAPTERS[sys.argv[1]](Path(sys.argv[2]))
for number in range(1, 41):
    committed(index, an_entry(number, body="Zaun"))
index.write([an_entry(number, version=2, body="Mauer") for number in range(20, 61)])
if sys.argv[3] == "rebuild":
    index.rebuild().write([an_entry(99, body="Zaun")])
print("written", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("moment", ["write", "rebuild"])
def test_after_a_kill_the_committed_is_there_and_the_rest_is_not(
    adapter: str, opening: Callable[[], SearchIndex], tmp_path: Path, project: Path, moment: str
) -> None:
    """SIGKILL between write and commit: the index opens, whole, with what was committed; then it goes on."""
    command = [sys.executable, "-c", _CHILD, adapter, str(tmp_path), moment]
    with subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"written\n"
        child.send_signal(signal.SIGKILL)
    index = opening()
    everything = index.search(a_query("Zaun", limit=100), CLERK)
    assert sorted(numbers(everything)) == list(range(1, 41))
    assert [index.version_of(an_entry(number).document) for number in (1, 40, 41)] == [1, 1, None]
    committed(index, an_entry(41, body="Mauer"))
    assert found(index, "Mauer") == [41]


def test_searches_run_beside_writes(index: SearchIndex) -> None:
    """Four writers and two readers: no search fails or sees less than was committed before; in the end all is there."""
    durable: list[int] = []
    missed: list[tuple[int, int]] = []
    done = threading.Event()

    def write(first: int) -> None:
        for number in range(first, first + 10):
            committed(index, an_entry(number, body="Zaun"))
            durable.append(number)

    def search() -> None:
        while not done.is_set():
            known = len(durable)
            missed.extend(
                (known, total) for total in [index.search(a_query("Zaun", limit=1), CLERK).total] if total < known
            )

    with ThreadPoolExecutor(6) as threads:
        readers = [threads.submit(search) for _ in range(2)]
        writers = [threads.submit(write, first) for first in (100, 200, 300, 400)]
        wait(writers)
        done.set()
    assert [each.exception() for each in (*readers, *writers)] == [None] * 6
    assert missed == []
    assert index.search(a_query("Zaun"), CLERK).total == 40


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "a\x00b\x01c",
        "📮 Post 👩‍👩‍👧 im Amt",
        "\u202eTXET\u202c שלום مرحبا",
        "kaputt \ud800 halb \udfff",
        "\U0010ffff\ufffe",
        " ".join(map(str, range(50_000))),
        "ß" * 100_000,
        "a\u0300" * 100_000,
        "(a AND [b TO *]^~ \"' \\ /.*/",
    ],
)
def test_hostile_text_is_taken_and_disturbs_nothing(index: SearchIndex, text: str) -> None:
    """Any text is indexed in every field, its plain words are found, and its neighbour too."""
    hostile = an_entry(
        1, title=text, sender=text, names=(text, text), recipients=(text,), attachments=f"Wiese {text}", body=text
    )
    committed(index, hostile, an_entry(2, body="Wiese"))
    assert found(index, "Wiese") == [1, 2]
    hit = index.search(a_query("Wiese", sort="oldest"), CLERK).items[0]
    assert [len(each.text) <= 160 and each.marks for each in hit.snippets] == [((0, 5),)]
    assert len(hit.title) <= 1_000


@pytest.mark.parametrize(
    "query",
    [
        a_query("x" * 1_000_000),
        a_query(*(["Zaun"] * 10_000)),
        Query(groups=((Term(text="Zaun"),) * 10_000,)),
        a_query(" ".join(["ab"] * 5_000)),
        asking(Term(text="a" + " b" * 200, phrase=True)),
        asking(Term(text="a", prefix=True)),
        Query(filters=Filters(documents=("d1",) * 10_000)),
        Query(limit=0),
        Query(limit=-1),
    ],
)
def test_a_query_that_asks_too_much_is_refused(index: SearchIndex, query: Query) -> None:
    """The sender's problem, named so."""
    with pytest.raises(Rejected, match="bad_query"):
        index.search(query, CLERK)


@pytest.mark.parametrize(
    "text",
    ["\x00", "📮", "\u202e", "\ud800", "a\u0300", ".*", "[", "body:Zaun", "NOT Zaun", "*", "\\", '"', "x" * 500, ""],
)
@pytest.mark.parametrize("shape", [{}, {"phrase": True}, {"prefix": True}, {"negated": True}, {"field": "position"}])
def test_a_strange_word_is_only_a_word(index: SearchIndex, text: str, shape: dict[str, bool]) -> None:
    """There is no query language below: signs have no power, and the answer is an answer."""
    committed(index, an_entry(1, body="Wiese"))
    query = Query(groups=((Term(text=text, **shape),),))  # type: ignore[arg-type]
    if "prefix" in shape and len(text) <= 2:  # too short a beginning
        with suppress(Rejected):
            index.search(query, CLERK)
    else:
        assert numbers(index.search(query, CLERK)) in ([], [1] if "negated" in shape else [])


def test_a_page_is_bounded(index: SearchIndex) -> None:
    """However many are asked for, a page has its end, and the next one goes on."""
    committed(index, *letters(510, words=1))
    hits = index.search(Query(limit=1_000_000), CLERK)
    assert (len(hits.items), hits.total, hits.next != "") == (500, 510, True)


def test_a_closed_index_answers_later(index: SearchIndex) -> None:
    """After closing nothing is taken and nothing answered."""
    assert index.ready()
    index.close()
    index.close()
    assert not index.ready()
    for call in (lambda: index.write([an_entry()]), index.commit, lambda: index.search(Query(), CLERK)):
        with pytest.raises(TryLater):
            call()
