"""An import that is killed or meets a busy mail room: its numbers balance, and each mail is there once."""

import hashlib
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from services.cli.errors import Away, Refused
from services.cli.importing.command import progress
from services.cli.importing.delivering import Delivery, Numbers
from services.cli.importing.journal import Journal
from services.cli.importing.sources import items
from tests.unit.cli.test_import_sources import a_mail, an_mbox


class Killed(BaseException):
    """The process is gone."""


class MailRoom:
    """Takes mails as the intake does; dies of its caller, or is busy, when it is told to."""

    def __init__(self) -> None:
        self.receipts: dict[str, str] = {}
        self.documents: dict[str, str] = {}
        self.folders: dict[str, str] = {}
        self.calls = 0
        self.kill_at: set[int] = set()
        self.caller_is_dead = False
        self.busy = 0
        self._one_at_a_time = threading.Lock()

    def deliver(self, path: str, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Accept a mail; a repeated key gets the receipt that it got before. A caller that died asks nothing more."""
        del path
        with self._one_at_a_time:
            if self.caller_is_dead:
                raise Killed
            return self._take(content, headers)

    def _take(self, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
        self.calls += 1
        if self.busy:
            self.busy -= 1
            raise Refused("later", status=429) if self.busy % 2 else Away("http://hier")
        if b"zu gross" in content:
            raise Refused("no", status=413, code="too_large")
        document = hashlib.sha256(content).hexdigest()[:8]
        receipt = self.receipts.setdefault(headers["Idempotency-Key"], f"PE-{len(self.receipts)}")
        known = document in self.documents
        self.documents.setdefault(document, receipt)
        self.folders[receipt] = headers["Folder"]
        if self.calls in self.kill_at:
            self.caller_is_dead = True
            raise Killed
        return {"receipt": receipt, "document": document, "duplicate": known}


def run(room: MailRoom, source: Path, file: Path, *, workers: int = 1) -> Numbers:
    """One run of the import, to its end or to its death."""
    numbers = Numbers(counted=sum(1 for _ in items(source)))
    journal = Journal(file)
    room.caller_is_dead = False
    try:
        delivery = Delivery(deliver=room.deliver, journal=journal, sleep=lambda _: None)
        for _ in delivery.all(items(source), numbers, workers=workers):
            pass
    finally:
        journal.close()
    return numbers


@pytest.mark.parametrize("seed", range(5))
def test_killed_three_times_each_mail_is_there_once(tmp_path: Path, seed: int) -> None:
    """Also where it died between the acceptance and its note of it, and with half a line in the journal."""
    source, file, room = tmp_path / "alt.mbox", tmp_path / "journal", MailRoom()
    sent = [a_mail(number) for number in range(60)]
    source.write_bytes(an_mbox(*sent))
    chance = random.Random(seed)  # a test
    room.kill_at = set(chance.sample(range(1, 55), 3))
    for _ in room.kill_at:
        with pytest.raises(Killed):
            run(room, source, file, workers=chance.randint(1, 3))
        with file.open("ab") as torn:
            torn.write(b'{"place":"alt.mb')
    numbers = run(room, source, file, workers=2)
    assert numbers.balance
    assert numbers.outcomes.total() == numbers.counted == 60
    assert len(room.documents) == len(room.receipts) == 60
    assert numbers.resumed > 0
    again = run(room, source, file)
    assert (again.resumed, again.outcomes, room.calls) == (60, numbers.outcomes, room.calls)


def test_copies_are_known_and_sent_once_for_each_folder(tmp_path: Path) -> None:
    """3,000 copies of one mail are one delivery; the same in another folder is one more, for the folder's sake."""
    room = MailRoom()
    (tmp_path / "post").mkdir()
    (tmp_path / "post" / "a.mbox").write_bytes(an_mbox(*[a_mail(1)] * 3000))
    (tmp_path / "post" / "Größe.mbox").write_bytes(an_mbox(a_mail(1)))
    numbers = run(room, tmp_path / "post", tmp_path / "journal")
    assert (numbers.outcomes, room.calls) == ({"taken": 1, "known": 3000}, 2)
    assert sorted(room.folders.values()) == ["Gr%C3%B6%C3%9Fe", "a"]


def test_refusals_have_reasons_and_a_busy_mail_room_is_waited_for(tmp_path: Path) -> None:
    """What it does not want is refused with its code; away or busy it is asked again; what is no mail is not sent."""
    room = MailRoom()
    room.busy = 5
    for name, content in {"a.eml": a_mail(1), "b.eml": a_mail(2, "zu gross"), "c.txt": b"x", "d.pst": b"x"}.items():
        file = tmp_path / "post" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    numbers = run(room, tmp_path / "post", tmp_path / "journal")
    assert numbers.outcomes == {"taken": 1, "refused": 3}
    assert numbers.reasons == {"too_large": 1, "no_mail": 1, "broken": 1}
    assert numbers.balance


def test_a_source_that_changed_meanwhile_does_not_balance(tmp_path: Path) -> None:
    """One more than was counted is no rounding."""
    source, room = tmp_path / "alt.mbox", MailRoom()
    source.write_bytes(an_mbox(a_mail(1), a_mail(2)))
    numbers = Numbers(counted=1)
    journal = Journal(tmp_path / "journal")
    list(Delivery(deliver=room.deliver, journal=journal).all(items(source), numbers, workers=1))
    journal.close()
    assert not numbers.balance


def test_progress_tells_rate_and_remaining_time() -> None:
    """Of this run: what an earlier one did makes it look no faster."""
    numbers = Numbers(counted=1000, resumed=400)
    numbers.outcomes["taken"] = 600
    assert progress(numbers, 100) == "600 of 1000 (60 %), 2 a second, 3 min left"
    assert "no mail yet" in progress(Numbers(counted=3), 1)
