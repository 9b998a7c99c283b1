"""Sends the post of the demo through the intakes, plays the clerk who opens the first files, and waits."""

import io
import smtplib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from services.cli.client import Instance
from services.cli.demo import folder, mails, procedure, scans
from services.cli.demo.bulk.tour import BulkTour
from services.cli.demo.folder import Note
from services.cli.demo.learning.lesson import Lesson
from services.cli.demo.letters import TOWN, Letter, letters, with_numbers

PATIENCE = timedelta(minutes=5)
"""Without any step forward. Reading begins when Tika is there, which may first have to be fetched."""
LOOK_EVERY_S = 0.5
FINAL = frozenset({"held", "filed", "no_record"})
_PAGE = 200

State = dict[str, Any]


@dataclass(slots=True)
class Round:
    """One way through the mail room with its two intakes."""

    instance: Instance
    smtp_port: int
    folder: Path
    note: Note
    sent: int = field(default=0)

    def deliver_all(self) -> None:
        """First what names no file of ours, then what answers it; what was delivered before is not sent again."""
        if self.note.delivered:
            click.echo(f"The post of {self.note.day:%d.%m.%Y} lies here already; nothing is sent again.")
            return
        procedure.register(self.instance)
        first = [letter for letter in letters() if not (letter.needs or letter.later)]
        answers = [letter for letter in letters() if letter.needs or letter.later]
        self._send("Letters of the first delivery", first)
        self._wait("Read and laid before a clerk", first, lambda _, line: line["state"] in FINAL)
        self._decide([letter for letter in first if (letter.opens or letter.set_aside) and not letter.again])
        self._send("Letters that name a file", answers)
        self._wait("Read, filed and found", letters(), lambda letter, line: line["state"] == letter.state)
        self._let_answer()
        counted = BulkTour(self.instance, self.folder, self.note, self._sent).deliver()
        self.note.said = (*counted, Lesson(self.instance, self.note, self._sent).teach())
        self.note.delivered = True
        folder.write(self.folder, self.note)

    def _let_answer(self) -> None:
        """The procedure takes what was filed with it, and its answer stands in the file."""
        self.note.answer = procedure.answer(self.instance, self.note)
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while self.lines().get(self.note.answer, {}).get("state") != "filed":
            if time.monotonic() > deadline:
                raise click.ClickException("the answer of the procedure was not filed")
            time.sleep(LOOK_EVERY_S)
        click.echo(
            f"The procedure {procedure.NAME} answered; its letter stands in {self.note.files[procedure.ANSWERED]}."
        )

    def _send(self, label: str, wanted: Sequence[Letter]) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as session, _bar(label, wanted) as bar:
            for letter in bar:
                self.sent += 1
                ready = with_numbers(letter, self.note.files)
                self.note.receipts[letter.id] = self._scan(ready) if letter.form else self._mail(ready, session)

    def _mail(self, letter: Letter, session: smtplib.SMTP) -> str:
        minute = next(number for number, one in enumerate(letters()) if one.id == (letter.again or letter.id))
        content = mails.mail(letter, day=self.note.day, minute=minute)
        return _by_smtp(session, content, to=f"{letter.to}@{TOWN}", what=letter.id)

    def _sent(self, content: bytes, to: str) -> str:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as session:
            return _by_smtp(session, content, to=to, what=f"a mail to {to}")

    def _scan(self, letter: Letter) -> str:
        name, content = scans.scan(letter, day=self.note.day, number=self.sent)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/octet-stream"}
        return str(self.instance.upload("/scans", io.BytesIO(content), headers)["receipt"])

    def _wait(self, label: str, wanted: Sequence[Letter], arrived: Callable[[Letter, State], bool]) -> None:
        deadline, missing = time.monotonic() + PATIENCE.total_seconds(), list(wanted)
        with _bar(label, wanted) as bar:
            while missing:
                lines = self.lines()
                left = [one for one in missing if not self._is_there(one, lines, arrived)]
                if len(left) < len(missing):
                    deadline = time.monotonic() + PATIENCE.total_seconds()
                    bar.update(len(missing) - len(left))
                elif time.monotonic() > deadline:
                    raise click.ClickException(f"{label}: still waiting for {', '.join(one.id for one in left)}")
                missing = left
                if missing:
                    time.sleep(LOOK_EVERY_S)

    def _is_there(self, letter: Letter, lines: dict[str, State], arrived: Callable[[Letter, State], bool]) -> bool:
        line = lines.get(self.note.receipts[letter.id])
        return line is not None and line["indexed"] and arrived(letter, line)

    def lines(self) -> dict[str, State]:
        """What the ledger tells of every receipt."""
        found: dict[str, State] = {}
        cursor = ""
        while True:
            page = self.instance.get("/receipts", limit=str(_PAGE), cursor=cursor)
            found |= {line["receipt"]: line for line in page["items"]}
            cursor = page["next"]
            if not cursor:
                return found

    def _decide(self, wanted: Iterable[Letter]) -> None:
        lines, pending = self.lines(), list(wanted)
        for letter in pending:
            self._judge(letter, lines[self.note.receipts[letter.id]]["document"])
        self._wait("Decided by a clerk", pending, lambda letter, line: line["state"] == letter.state)
        for letter in pending:
            if letter.opens:
                told = self.instance.get(f"/receipts/{self.note.receipts[letter.id]}")
                self.note.files[letter.id] = next(stop["file"] for stop in reversed(told["history"]) if stop["file"])
        folder.write(self.folder, self.note)

    def _judge(self, letter: Letter, document: str) -> None:
        told = self.instance.get(f"/documents/{document}")
        if told["state"] != "held":
            return  # decided in an earlier try
        wish = {"action": "file", "position": letter.opens} if letter.opens else {"action": "no_record"}
        self.instance.post(f"/documents/{document}/decisions", wish, {"If-Match": f'"{told["version"]}"'})


def _by_smtp(session: smtplib.SMTP, content: bytes, *, to: str, what: str) -> str:
    """The receipt number, which stands in the answer to the mail."""
    session.ehlo_or_helo_if_needed()
    for command in (f"MAIL FROM:<bote@{TOWN}>", f"RCPT TO:<{to}>"):
        code, said = session.docmd(command)
        if code != 250:  # noqa: PLR2004  # RFC 5321: done
            raise click.ClickException(f"the SMTP listener refused {what}: {code} {said.decode()}")
    code, said = session.data(content)
    if code != 250:  # noqa: PLR2004  # RFC 5321: done
        raise click.ClickException(f"the SMTP listener refused {what}: {code} {said.decode()}")
    return said.decode().split()[-1]


def _bar(label: str, wanted: Sequence[Letter]) -> Any:
    return click.progressbar(wanted, label=f"{label:<30}", show_pos=True, show_eta=False, width=30)
