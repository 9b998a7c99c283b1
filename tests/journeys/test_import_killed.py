"""An import is killed three times and its mail room once: the numbers balance, and each mail is there once.

`TEST_DELIVERIES` is the number of mails in the mbox, and of those in the Outlook archive.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.cli.importing.pst import found_in
from tests.journeys.agreement import agree
from tests.journeys.instance import MARK, eventually
from tests.journeys.stacks import Stack
from tests.outlook import written
from tests.outlook.written import Folder, Message, archive

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

MAILS = int(os.environ.get("TEST_DELIVERIES", "200"))
SEED = 20261130
KILLS = 3
WITHIN_S = 600 + MAILS / 2
IN_FOLDER = 150
"""So many mails one folder of an archive of our own writing can hold: its table is one block."""
EMPTY_EVERY, REPEATED_EVERY = 97, 41
LINE = b"From erika@example.org Mon Nov 23 08:00:00 2026\n"
WORDS = ("Antrag", "Straße", "Bescheid", "Gebühr", "Müllabfuhr", "Grundstück", "Nachbar", "Termin", "Frist")


@dataclass(kw_only=True)
class Source:
    """A file or folder that is brought in, and what is to come of it."""

    place: Path
    counted: int
    documents: int
    refused: int = 0
    seconds: float = 0.0
    """In which the command ran, over all its lives."""
    killed_at: list[int] = field(default_factory=list)
    """So many had their outcome when it was killed."""


def a_mail(number: int, chance: random.Random) -> bytes:
    """What a citizen writes, told apart by its number."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Erika Mustermann <erika@example.org>", "post@musterstadt.example"
    mail["Subject"], mail["Message-ID"] = f"Anliegen {number}", f"<{number}@example.org>"
    mail.set_content("\n".join(" ".join(chance.choices(WORDS, k=9)) for _ in range(chance.randrange(3, 40))))
    return mail.as_bytes()


def an_mbox(place: Path) -> Source:
    """All mails in one file; some lie there twice, some are nothing but their envelope, the last one is cut."""
    chance = random.Random(SEED)
    source, earlier = Source(place=place, counted=0, documents=0), b""
    with place.open("wb") as file:
        for number in range(MAILS):
            mail = a_mail(number, chance)
            if number % EMPTY_EVERY == EMPTY_EVERY - 1:
                mail, source.refused = b"", source.refused + 1
            elif number % REPEATED_EVERY == REPEATED_EVERY - 1:
                mail = earlier
            else:
                earlier, source.documents = mail, source.documents + 1
            source.counted += 1
            file.write(LINE + mail + (b"\n" if number < MAILS - 1 else b"ohne Ende"))
    return source


def an_archive(place: Path) -> Source:
    """One Outlook archive of many folders; of each folder one message is broken."""
    folders: list[Folder] = []
    broken: list[int] = []
    for first in range(0, MAILS, IN_FOLDER):
        numbers = range(first, min(first + IN_FOLDER, MAILS))
        folders.append(Folder(f"Ordner {len(folders)}", [_sent(number) for number in numbers]))
        broken.append(numbers[len(numbers) // 2])
    place.write_bytes(archive(*folders, broken=broken))
    return Source(place=place, counted=MAILS, documents=MAILS - len(broken), refused=len(broken))


def _sent(name: int) -> Message:
    headers = f"From: joerg@example.org\r\nTo: post@musterstadt.example\r\nMessage-ID: <pst-{name}@example.org>\r\n"
    return Message(
        {
            written.SUBJECT: f"Archiv {name}",
            written.CLASS: "IPM.Note",
            written.HEADERS: f"{headers}Subject: Archiv {name}\r\n",
            written.PLAIN: f"Guten Tag, hier ist Brief {name}.",
            written.SUBMITTED: datetime(2024, 3, 1, tzinfo=UTC),
        }
    )


class Command:
    """`poststelle import` as a process that can be killed."""

    def __init__(self, stack: Stack, source: Source) -> None:
        self.stack, self.source = stack, source
        self.journal = source.place.with_name(f"{source.place.name}.journal")
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0

    def start(self) -> None:
        """One more life."""
        line = [sys.executable, "-m", "services", "import", str(self.source.place), "--journal", str(self.journal)]
        process, self._begun = self.stack.process, time.monotonic()
        with self.journal.with_suffix(".err").open("ab") as errors:
            self._process = subprocess.Popen(
                [*line, "--json"],
                cwd=process.folder,
                env={name: value for name, value in process.environment().items() if name != MARK},
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def noted(self) -> int:
        """How many items have an outcome."""
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0

    def kill(self) -> None:
        """SIGKILL, in the middle of its work; whatever reads an archive for it ends by itself."""
        assert self._process is not None
        assert self._process.poll() is None, "it was through before it could be killed"
        self._process.kill()
        self._process.communicate()
        self.source.seconds += time.monotonic() - self._begun
        self.source.killed_at.append(self.noted())
        eventually(lambda: not list(_readers_of(self.source.place)))

    def finish(self) -> tuple[int, dict[str, Any]]:
        """Its exit code and its numbers, when it came to its end."""
        assert self._process is not None
        said, _ = self._process.communicate(timeout=WITHIN_S)
        self.source.seconds += time.monotonic() - self._begun
        numbers: dict[str, Any] = json.loads(said)
        return self._process.returncode, numbers


def _readers_of(place: Path) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if str(place) in words and "pst_child" in words:
            yield words


def brought_in(stack: Stack, source: Source) -> tuple[int, dict[str, Any]]:
    """The import to its end: killed three times where chance will have it, and once its mail room under it."""
    chance, command = random.Random(SEED), Command(stack, source)
    last = source.counted * 8 // 10
    moments = sorted(chance.sample(range(source.counted // 20, last), KILLS + 1))
    of_the_room = chance.randrange(len(moments))
    command.start()
    for number, moment in enumerate(moments):
        eventually(lambda least=moment: command.noted() >= least, WITHIN_S, every_s=0.005)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.01))
        if number == of_the_room:
            stack.process.kill()
            stack.process.start()
        else:
            command.kill()
            command.start()
    return command.finish()


def bare_loop(source: Path, folder: Path) -> float:
    """Mails a second of the least that takes over an archive: each into a file of its own that is durable."""
    folder.mkdir()
    begun, count = time.monotonic(), 0
    for mail in _bare_mails(source):
        with (folder / f"{count}.eml").open("wb") as out:
            out.write(mail)
            out.flush()
            os.fsync(out.fileno())
        count += 1
    return count / (time.monotonic() - begun)


def _bare_mails(source: Path) -> Iterator[bytes]:
    if source.suffix == ".pst":
        yield from (found.content for found in found_in(source, largest=1024 * 1024))
        return
    lines: list[bytes] = []
    with source.open("rb") as file:
        for line in [*file, LINE]:
            if line != LINE:
                lines.append(line)
            elif lines:
                yield b"".join(lines)
                lines = []


def receipts_by_document(stack: Stack) -> Counter[str]:
    """Of each document in the ledger, how often it came."""
    return Counter(line["document"] for line in stack.process.pages("/receipts", limit="200"))


@pytest.mark.parametrize(("made", "name"), [(an_mbox, "alt.mbox"), (an_archive, "alt.pst")], ids=["mbox", "pst"])
def test_an_import_killed_three_times(
    stack: Stack, made: Callable[[Path], Source], name: str, *, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Count = taken + known + refused; each mail has one document and one receipt; all services agree on them."""
    source = made(tmp_path / name)
    before = receipts_by_document(stack)
    code, numbers = brought_in(stack, source)
    assert numbers["balances"], numbers
    assert numbers["counted"] == source.counted
    assert numbers["counted"] == numbers["taken"] + numbers["known"] + numbers["refused"]
    assert (numbers["refused"], code) == (source.refused, 1), numbers
    assert set(numbers["reasons"]) <= {"empty", "broken", "cut"}
    assert len(stack.receipts()) == before.total() + source.documents
    _tell(source, tmp_path, capfd)
    agree(stack.books, within_s=2 * WITHIN_S)
    came = receipts_by_document(stack) - before
    assert (len(came), came.total()) == (source.documents, source.documents)
    assert not stack.dead_letters()


def _tell(source: Source, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = f"{source.place.name}: {source.counted} in {source.seconds:.1f} s, {source.counted / source.seconds:.0f}/s, "
    told += f"killed at {source.killed_at}"
    told += f"; a bare loop with fsync {bare_loop(source.place, folder / 'bare'):.0f}/s"
    with capfd.disabled():
        sys.stderr.write(f"\n{told}\n")
