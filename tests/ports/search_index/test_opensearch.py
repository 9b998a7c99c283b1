"""What only the OpenSearch adapter promises: several processes, a node that is killed, and one German on both sides."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.servers import OpenSearch
from services.adapters.search_index.opensearch import OpenSearchAccess, OpenSearchIndex, analysis, generations
from services.adapters.search_index.opensearch.generations import Generations
from services.core.errors import Misconfigured, TryLater
from services.core.language import german
from services.core.ports.entries import Query
from tests.ports.event_log.readers import eventually
from tests.ports.search_index.entries import CLERK, MAIL_ROOM, a_query, an_entry, committed, found, letters
from tests.ports.search_index.opensearch_nodes import made_ready, node, opened

pytestmark = pytest.mark.stack

_WRITTEN = 100
"""So many are acknowledged when the node dies, however long that takes."""
_TEXTS = (
    "Die Häuser der Hauptstr. 5, Größe & Maß: 17-2026 in 52.10.02",
    "Müller Mueller MÜLLER Mu\u0308ller muller, Quelle, Feuer, neue Bauern, Statue, Aerzte, Oel",
    "Café René Łódź Øresund Æble Straße STRASSE ẞ str. Strom",
    "Bau\u00adgenehmigung h.mueller@beispiel.test rechnung_2026.pdf x\u200by \u202eTXET\u202c 📮 שלום",
    "abänderungen aufgeregtheit bekanntmachungen beschwerdeführerinnen eigentümer freundlichkeit genehmigungen",
    "hundesteuerbescheides kindergärten mitteilungen nachbarschaftliche ordnungswidrigkeiten straßen umzüge",
    "Dokumentenmanagementsystem Systeme Ehejubilaeen Abenteuer Boeing individuell Frauen bauen Königinnen Ampeln",
    "verfassungswidrigkeiten widersprüche zahlungserinnerungen zuständigkeiten überweisungen " + "x" * 70,
)


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Callable[[], OpenSearchIndex]]:
    """Opens the index of this test as one more process has it."""
    made_ready(tmp_path)
    processes: list[OpenSearchIndex] = []

    def one_more() -> OpenSearchIndex:
        processes.append(opened(tmp_path))
        return processes[-1]

    yield one_more
    for index in processes:
        index.close()


def test_both_sides_cut_the_same_words(opening: Callable[[], OpenSearchIndex]) -> None:
    """What the node makes of a text is what we make of a question, word by word, stemmed and plain."""
    opening()
    (index,) = node().ask("GET", "/t*-documents-v*/_alias")
    written = (*_TEXTS, *(entry.body for entry in letters(20)))
    for text in written:
        for analyzer, ours in (("german_text", analysis.stems), ("plain_text", analysis.words)):
            told = node().ask("POST", f"/{index}/_analyze", {"analyzer": analyzer, "text": text}, patience_s=20)
            theirs = [token["token"] for token in told["tokens"]]
            assert theirs == [word for _, word in ours(german.fold(german.clean(text)))], text


def test_processes_see_each_others_commits(opening: Callable[[], OpenSearchIndex]) -> None:
    """What one process committed another one finds, and the higher version wins whoever wrote it."""
    first, second = opening(), opening()
    committed(first, an_entry(1, version=2, body="Zaun"))
    committed(second, an_entry(1, version=1, body="Mauer"), an_entry(2, body="Zaun"))
    for index in (first, second):
        assert (found(index, "Zaun"), found(index, "Mauer")) == ([1, 2], [])
        assert index.version_of(an_entry(1).document) == 2


def test_a_rebuild_of_one_process_takes_what_others_write(opening: Callable[[], OpenSearchIndex]) -> None:
    """Live events go into both indices from every process, searches of all move at the switch, two never rebuild."""
    first, second = opening(), opening()
    assert first.fresh
    committed(second, an_entry(1, body="Zaun"))
    rebuild = first.rebuild()
    with pytest.raises(TryLater, match="busy"):
        second.rebuild()
    committed(second, an_entry(2, body="Zaun"))
    rebuild.write([an_entry(3, body="Zaun")])
    assert [found(index, "Zaun") for index in (first, second)] == [[1, 2], [1, 2]]
    rebuild.switch()
    assert [found(index, "Zaun") for index in (first, second)] == [[2, 3], [2, 3]]
    assert not second.fresh


def test_a_rebuild_whose_process_died_does_not_block_the_next(
    opening: Callable[[], OpenSearchIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When its lease has run out its index goes, and what it still wants to write is refused."""
    monkeypatch.setattr(generations, "LEASE_S", -1.0)
    monkeypatch.setattr(Generations, "renew", lambda *_: True)  # as if it said nothing any more
    first, second = opening(), opening()
    committed(first, an_entry(1, body="Zaun"))
    dead = first.rebuild()
    alive = second.rebuild()
    with pytest.raises(TryLater):
        dead.write([an_entry(2, body="Zaun")])
    alive.write([an_entry(3, body="Zaun")])
    alive.switch()
    with pytest.raises(TryLater):
        dead.switch()
    dead.abandon()
    assert found(first, "Zaun") == [3]


def test_a_deleted_index_comes_back_empty_and_waits_to_be_filled(opening: Callable[[], OpenSearchIndex]) -> None:
    """Whoever deletes it under a running mail room gets a fresh one, which says so until a rebuild filled it."""
    index = committed(opening(), an_entry(1, body="Zaun"))
    index.rebuild().switch()
    waits = [index.fresh]
    node().ask("DELETE", "/t*-documents-v*", patience_s=20)
    waits.append(index.fresh)
    assert waits == [False, True]
    committed(index, an_entry(2, body="Zaun"))
    assert found(index, "Zaun") == [2]


def test_words_behind_what_a_list_shows_are_found(opening: Callable[[], OpenSearchIndex]) -> None:
    """A text of a million characters is searched to its end, and a list does not fetch it."""
    text = "Seite " * 170_000 + "Regenwasser"
    index = committed(opening(), an_entry(1, body=text, attachments=text, title=text, sender=text))
    for field in ("body", "attachments", "title", "sender"):
        assert found(index, "Regenwasser", field=field) == [1]
    (hit,) = index.search(a_query("Regenwasser"), CLERK).items
    assert (hit.snippets, len(hit.title) <= 1_000) == ((), True)


def test_an_index_with_another_mapping_is_named_at_start(
    opening: Callable[[], OpenSearchIndex], tmp_path: Path
) -> None:
    """A sentence with the index and the setting, instead of hits that are wrong."""
    opening().close()
    (index,) = node().ask("GET", "/t*-documents-v*/_alias")
    alias = index.rpartition("-")[0]
    node().ask("DELETE", f"/{index}", patience_s=20)
    node().ask("DELETE", f"/_index_template/{alias}", patience_s=20)
    node().ask("PUT", f"/{index}", {"aliases": {alias: {}}}, patience_s=20)
    with pytest.raises(Misconfigured, match=rf"(?s){index}.*opensearch.endpoints.*prefix"):
        opened(tmp_path)


def test_a_killed_node_loses_nothing(tmp_path: Path) -> None:
    """Under SIGKILL writers see TryLater and nothing else; after the restart every committed entry is found once."""
    with OpenSearch.start(tmp_path / "node") as server:
        index = OpenSearchIndex(OpenSearchAccess(endpoints=(server.endpoint,)))
        index.prepare()

        acknowledged: list[int] = []

        def write(writer: int) -> None:
            for number in range(writer * 100_000, (writer + 1) * 100_000, 5):
                try:
                    committed(index, *(an_entry(number + each, body="Zaun") for each in range(5)))
                except TryLater:
                    return
                acknowledged.extend(range(number, number + 5))
            raise AssertionError

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, writer) for writer in range(4)]
            eventually(lambda: len(acknowledged) >= _WRITTEN)
            server.kill()
            for writer in writers:
                writer.result(120)
        _while_it_is_away(index)
        server.restart()
        for number in acknowledged:
            assert index.version_of(an_entry(number).document) == 1
        index.commit()  # what was written and not committed goes now
        listed = _all(index)
        assert len(listed) == len(set(listed))
        assert set(listed) >= {an_entry(number).document for number in acknowledged}
        assert index.ready()
        index.close()


def _while_it_is_away(index: OpenSearchIndex) -> None:
    """Every call says TryLater, soon; none takes silence for absence."""
    started = time.monotonic()
    assert not index.ready()
    index.write([an_entry(1, body="Zaun")])
    calls = (index.commit, lambda: index.search(Query(), MAIL_ROOM), lambda: index.version_of("d1"), index.rebuild)
    for call in (*calls, lambda: index.fresh):
        with pytest.raises(TryLater):
            call()
    assert time.monotonic() - started < 60
    with pytest.raises(Misconfigured, match=r"opensearch\.endpoints"):
        index.prepare()


def _all(index: OpenSearchIndex) -> list[str]:
    documents, cursor = [], ""
    while True:
        page = index.search(Query(sort="oldest", limit=500, cursor=cursor), MAIL_ROOM)
        documents += [hit.document for hit in page.items]
        cursor = page.next
        if not cursor:
            return documents


def test_commits_wait_for_each_other(opening: Callable[[], OpenSearchIndex]) -> None:
    """Who commits while another thread's commit is under way finds his own entries afterwards."""
    index = opening()
    missed: list[int] = []

    def write(number: int) -> None:
        committed(index, an_entry(number, body="Zaun"))
        if index.version_of(an_entry(number).document) is None:
            missed.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missed == []
