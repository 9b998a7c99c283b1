"""Sends what comes in bulk, waits until it lies where it belongs, and says what the mail room counted."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from services.cli.client import Instance
from services.cli.demo import mails
from services.cli.demo.bulk.batch import NAME, batch
from services.cli.demo.bulk.journal import report
from services.cli.demo.bulk.standing import Standing, State
from services.cli.demo.folder import JOURNAL_MAILBOX, Note
from services.cli.demo.letters import TOWN, Letter, bulk, letters, people, with_numbers
from services.cli.importing.delivering import Deliver, Delivery, Numbers
from services.cli.importing.journal import Journal
from services.cli.importing.sources import items

MBOX = "altbestand.mbox"
REPEATED = "carport"
"""A mail that lies in the mbox as well: it is known already."""
TENANT = "main"


@dataclass(frozen=True, slots=True)
class BulkTour:
    """One way through the mail room for what comes in bulk."""

    instance: Instance
    folder: Path
    note: Note
    send: Callable[[bytes, str], str]
    """Delivers a mail to a mailbox by SMTP, and returns its receipt."""
    said: list[str] = field(default_factory=list)

    @property
    def _standing(self) -> Standing:
        return Standing(self.instance)

    def deliver(self) -> Sequence[str]:
        """The batch, the report and the import; a sentence about each."""
        ready = {letter.id: with_numbers(letter, self.note.files) for letter in bulk()}
        self._batch({name: letter for name, letter in ready.items() if name.startswith("stapel-")})
        self._report(ready["journal"])
        self._import([letter for name, letter in ready.items() if name.startswith("altbestand-")])
        return self.said

    def _batch(self, wanted: dict[str, Letter]) -> None:
        content = batch(wanted, self.note.files, tenant=TENANT, day=self.note.day)
        name = NAME.format(day=self.note.day)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/pdf"}
        receipt = self.note.bulk["batch"] = str(self.instance.upload("/scans", io.BytesIO(content), headers)["receipt"])
        document = self._standing.of_receipt(receipt, "no_record")
        sheets = document["sheets"]
        parts = [self._standing.of_document(part["document"], "filed") for part in sheets["documents"]]
        apart = sum(sheets[name] for name in ("separator_count", "cover_count", "blank_count"))
        pages = sum(part["parts"][0]["page_count"] for part in parts)
        if sheets["faults"] or len(parts) != len(wanted) or pages + apart != sheets["page_count"]:
            raise click.ClickException("the sheets of the batch do not balance")
        self.said.append(
            f"A batch of {sheets['page_count']} pages became {len(parts)} documents: {sheets['page_count']} = {pages} "
            f"of theirs + {sheets['separator_count']} separator + {sheets['cover_count']} cover sheets + "
            f"{sheets['blank_count']} blank."
        )

    def _report(self, letter: Letter) -> None:
        to = f"{letter.to}@{TOWN}"
        original = mails.mail(letter, day=self.note.day, minute=len(letters()))
        content = report(original, sender=people()[letter.sender].mail, to=to, subject=letter.subject)
        receipt = self.note.bulk["journal"] = self.send(content, JOURNAL_MAILBOX)
        self._standing.of_receipt(receipt, "filed")
        self.said.append("A journal report became the mail inside; who got a blind copy is known to that office alone.")

    def _import(self, wanted: Sequence[Letter]) -> None:
        source = self.folder / MBOX
        known = next(number for number, letter in enumerate(letters()) if letter.id == REPEATED)
        contents = [mails.mail(letters()[known], day=self.note.day, minute=known)]
        contents += [
            mails.mail(letter, day=self.note.day, minute=len(letters()) + number)
            for number, letter in enumerate(wanted, 1)
        ]
        source.write_bytes(b"".join(map(_in_mbox, contents)))
        numbers, documents = Numbers(counted=sum(1 for _ in items(source))), list[str]()
        journal = Journal(self.folder / f"{MBOX}.jsonl")
        try:
            with self.instance.deliveries() as deliver:
                delivery = Delivery(deliver=_noting(deliver, documents), journal=journal)
                for _ in delivery.all(items(source), numbers, workers=1):
                    pass
        finally:
            journal.close()
        if not numbers.balance or numbers.outcomes["refused"]:
            raise click.ClickException("the numbers of the import do not balance")
        taken, already = numbers.outcomes["taken"], numbers.outcomes["known"]
        self.said.append(
            f"An import of {numbers.counted} mails: {numbers.counted} = {taken} taken + {already} known already."
        )
        for document in documents:
            self._standing.of_document(document, "filed")


def _noting(deliver: Deliver, documents: list[str]) -> Deliver:
    """The same, and each document that came of it is noted."""

    def delivered(path: str, content: bytes, headers: dict[str, str]) -> State:
        answer = deliver(path, content, headers)
        documents.append(str(answer["document"]))
        return answer

    return delivered


def _in_mbox(content: bytes) -> bytes:
    """With the line before it that separates mails (mboxrd)."""
    lines = content.replace(b"\r\n", b"\n").split(b"\n")
    quoted = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
    return b"From MAILER-DAEMON Thu Jan  1 00:00:00 2026\n" + b"\n".join(quoted).rstrip(b"\n") + b"\n\n"
