"""A backup while mails arrive, a restore elsewhere: what was acknowledged before it began is there as it was."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.runtime.operations.backups import backup
from tests.journeys.agreement import agree
from tests.journeys.filing import a_new_file, file_into, settled
from tests.journeys.gateway import Gateway
from tests.journeys.instance import Json, eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import Stack, embedded

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

MAILS = 60
BEFORE = 20
"""Mails that are acknowledged when the backup begins; most of them are still on their way."""
POSITION = "11.10.02"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The mail room in which mails went on arriving, and the one that came out of the backup."""

    old: Stack
    new: Stack
    file: str
    receipts: dict[int, str]
    """Those acknowledged before the backup began."""
    decided: str
    """The receipt of a document that a clerk filed a moment before."""
    backups: Path


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    """Half of the mails name a file; a clerk decides; then the backup, the rest of the mails, and the restore."""
    with embedded(tmp_path_factory.mktemp("old")) as old, embedded(tmp_path_factory.mktemp("new")) as new:
        process, backups = old.process.start(), tmp_path_factory.mktemp("backups")
        file = a_new_file(process, POSITION)
        decided = process.send(a_mail("Ein Schreiben, das ein Mensch ablegt."))
        waiting = settled(process, decided, "held")
        gateway = Gateway([process.smtp_port], [a_mail(_text(number, file)) for number in range(MAILS)], sessions=2)
        gateway.start()
        gateway.wait_for(BEFORE)
        file_into(process, waiting["document"], POSITION)
        receipts = dict(gateway.receipts)
        # Of every fourth file it waits for one more mail, so that it is under load from the first to the last.
        backup.back_up(
            process.data,
            backups,
            open_log=Snapshot,
            tell=lambda tally: gateway.wait_for(min(MAILS, len(receipts) + tally.files // 4)),
        )
        assert len(gateway.receipts) > len(receipts)
        gateway.finish()
        agree(old.books)
        shutil.rmtree(new.process.data)  # the test's own look at the store has made a folder in it
        new.process.command("restore", str(backups))
        new.process.start()
        agree(new.books)
        yield Restored(old=old, new=new, file=file, receipts=receipts, decided=decided, backups=backups)


def _text(number: int, file: str) -> str:
    sign = f"Ihr Zeichen: {file}\n" if number % 2 == 0 else ""
    return f"{sign}\nEs geht um {_word(number)}."


def _word(number: int) -> str:
    return f"vorgang{number:04d}"


def test_every_receipt_leads_to_the_same_document_and_bytes(restored: Restored) -> None:
    """Also what was only on its way when the backup was made; the originals are those that came in."""
    for number, receipt in restored.receipts.items():
        before = restored.old.process.get(f"/receipts/{receipt}")
        after = restored.new.process.get(f"/receipts/{receipt}")
        assert (before["document"], before["state"]) == (after["document"], after["state"])
        path = f"/documents/{after['document']}/original"
        assert restored.old.process.http.get(path).content == restored.new.process.http.get(path).content
        assert [hit["document"] for hit in restored.new.process.search(_word(number))] == [after["document"]]


def test_a_decision_made_before_has_its_effect(restored: Restored) -> None:
    """The clerk's file is there, and the document stands in it."""
    place = restored.new.process.get(f"/receipts/{restored.decided}")
    assert place["state"] == "filed"
    assert [line["document"] for line in _register(restored.new, place["history"][-1]["file"])] == [place["document"]]


def test_the_register_is_gapless_and_begins_as_it_was(restored: Restored) -> None:
    """Entries that were made before keep their number; each one's document is there."""
    before, after = _register(restored.old, restored.file), _register(restored.new, restored.file)
    assert [line["entry"] for line in after] == list(range(1, len(after) + 1))
    listed = {hit["document"] for hit in restored.new.process.pages("/search", sort="newest", limit="100")}
    assert {line["document"] for line in after} <= listed
    assert max(Counter(line["document"] for line in after).values()) == 1
    kept = _kept(restored)
    assert 0 < len(kept) < len(before)
    assert [line["document"] for line in before[: len(kept)]] == kept
    assert [line["document"] for line in after[: len(kept)]] == kept
    filed = {
        restored.new.process.get(f"/receipts/{receipt}")["document"]
        for number, receipt in restored.receipts.items()
        if number % 2 == 0
    }
    assert filed <= {line["document"] for line in after}


def test_nothing_was_given_up_and_the_check_is_good(restored: Restored) -> None:
    """`poststelle check` says so too."""
    assert restored.new.dead_letters() == []
    eventually(lambda: restored.new.process.ready()["status"] == "ready")  # Tika takes its time
    said = restored.new.process.command("check").splitlines()
    assert [line for line in said if not line.startswith("ok")] == []


def test_a_killed_backup_does_no_harm(restored: Restored) -> None:
    """What it left is no backup; the next one is whole, and links what the first one has."""
    process, words = restored.old.process, ["backup", str(restored.backups)]
    killed = subprocess.Popen(
        [sys.executable, "-m", "services", *words],
        cwd=process.folder,
        env=process.environment(),
        stderr=subprocess.DEVNULL,
    )
    eventually(
        lambda: list(restored.backups.glob("*.unfinished/content/blobs")) or killed.poll() is not None, every_s=0
    )
    time.sleep(0.01)
    killed.kill()
    killed.wait()
    said = process.command(*words)
    assert "new)" in said
    assert not list(restored.backups.glob("*.unfinished"))
    assert "as written" in process.command("restore", "--verify", str(restored.backups))


def _kept(restored: Restored) -> list[str]:
    """The documents of the register as it lies in the backup, in the order of their entries."""
    folder = min(restored.backups.iterdir()) / "content/blobs/records/main/files" / restored.file
    entries = [json.loads(path.read_bytes()) for path in folder.glob("*.json")]
    return [entry["document"] for entry in sorted(entries, key=lambda entry: int(entry["entry"]))]


def _register(stack: Stack, file: str) -> list[Json]:
    return list(stack.process.pages(f"/files/{file}", limit="200"))
