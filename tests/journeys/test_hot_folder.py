"""Fifty files are dropped on a share while the mail room is killed again and again: each is one document, whole."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.filing import settled
from tests.journeys.instance import eventually
from tests.journeys.letters import a_pdf
from tests.journeys.stacks import Stack, embedded

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.long]

SEED = 20261124
FILES, KILLS = 50, 5
SETTLE_S = 3
LONGEST_PAUSE_S = 0.6
"""Of a slow copy; far below the settling, also on a machine that has much to do."""
ALL_WITHIN_S = 180.0

WORDS = [f"hausnummer{number:03d}" for number in range(FILES)]
PAGES = {f"scan {number}.pdf": a_pdf(f"Es geht um {word}.") for number, word in enumerate(WORDS)}
SIDECAR = b'{"schema": "scan-sidecar:1", "batch": "b-1"}'


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty share with one scanner."""
    root = tmp_path_factory.mktemp("share")
    (root / "inbox" / "foyer").mkdir(parents=True)
    return root


@pytest.fixture(scope="module")
def aftermath(share: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The mail room when all is dropped, taken and settled; it was killed in between."""
    settings = {"scan_intake": {"folder": str(share), "settle": f"PT{SETTLE_S}S", "poll_every": "PT0.2S"}}
    with embedded(tmp_path_factory.mktemp("mail-room"), settings) as stack:
        stack.process.start()
        chance = random.Random(SEED)
        scanners = [threading.Thread(target=_scan, args=(share, place, chance.random())) for place in range(4)]
        for scanner in scanners:
            scanner.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.5, 3.0))
            stack.process.kill()
            stack.process.start()
        for scanner in scanners:
            scanner.join()
        eventually(lambda: len(_notes(share)) >= FILES, ALL_WITHIN_S, every_s=0.5)
        yield stack


def _scan(share: Path, place: int, seed: float) -> None:
    """One scanner of four: whole files, temporary names, and copies that halt half-way."""
    chance, inbox = random.Random(seed), share / "inbox" / "foyer"
    for number, (name, content) in enumerate(PAGES.items()):
        if number % 4 != place:
            continue
        if number % 5 == 0:
            (inbox / name).with_suffix(".json").write_bytes(SIDECAR)
        if chance.random() < 0.3:
            _pour(inbox / f"{name}.part", content, chance)
            (inbox / f"{name}.part").rename(inbox / name)
        elif chance.random() < 0.5:
            _pour(inbox / name, content, chance)
        else:
            (inbox / name).write_bytes(content)
        time.sleep(chance.uniform(0, 0.3))


def _pour(path: Path, content: bytes, chance: random.Random) -> None:
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(content), 400):
            file.write(content[start : start + 400])
            time.sleep(chance.uniform(0, LONGEST_PAUSE_S))


def _told(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _notes(share: Path) -> list[Path]:
    return list((share / "done" / "foyer").glob("*.receipt.json"))


def test_every_file_has_one_receipt_and_one_document(aftermath: Stack, share: Path) -> None:
    """What lies on the share, in the store and in the book agrees, file by file and byte by byte."""
    process = aftermath.process
    told = {path.name.removesuffix(".receipt.json"): _told(path) for path in _notes(share)}
    assert set(told) == set(PAGES)
    assert Counter(aftermath.receipts()) == Counter(note["receipt"] for note in told.values())
    for name, note in told.items():
        assert (share / "done/foyer" / name).read_bytes() == PAGES[name]
        assert process.http.get(f"/documents/{note['document']}/original").content == PAGES[name]
    assert len({note["document"] for note in told.values()}) == FILES


def test_every_scan_is_found(aftermath: Stack, share: Path) -> None:
    """By the word on its page, once, as a scan."""
    for path in _notes(share):
        settled(aftermath.process, _told(path)["receipt"], "held")
    for word in WORDS:
        (hit,) = aftermath.process.search(word)
        assert hit["channel"] == "scan"


def test_sidecars_went_along(aftermath: Stack, share: Path) -> None:
    """Each lies beside its scan; none was left behind by a kill."""
    beside = {path.name.removesuffix(".sidecar.json") for path in (share / "done/foyer").glob("*.sidecar.json")}
    assert beside == {name for number, name in enumerate(PAGES) if number % 5 == 0}


def test_nothing_is_left_on_the_way(aftermath: Stack, share: Path) -> None:
    """Inbox and hand are empty, nothing failed, and `poststelle check` says so."""
    assert not [path for place in ("inbox", "taken") for path in (share / place).rglob("*") if path.is_file()]
    [told] = [item for item in aftermath.process.get("/checks")["items"] if item["name"] == "scan_intake"]
    assert told == {"name": "scan_intake", "good": True, "text": "0 files wait, 0 in hand, 0 failed", "todo": ""}
    assert aftermath.dead_letters() == []
