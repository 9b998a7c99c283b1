"""A clerk files a letter elsewhere than the mail room proposed, and the next letter of its kind is proposed there."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from services.cli.client import Instance
from services.cli.demo import mails
from services.cli.demo.bulk.standing import Standing, State
from services.cli.demo.folder import Note
from services.cli.demo.letters import TOWN, Letter, lesson, letters

LEARNED_AFTER_S = 3.0
"""Every process looks each second for what clerks decided; a letter that came sooner would be judged without it."""
_MINUTES_AFTER = 20
"""Behind the post and what came in bulk."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Two letters about one matter, and a clerk between them."""

    instance: Instance
    note: Note
    send: Callable[[bytes, str], str]
    """Delivers a mail to a mailbox by SMTP, and returns its receipt."""

    @property
    def _standing(self) -> Standing:
        return Standing(self.instance)

    def teach(self) -> str:
        """Deliver, decide, deliver again, and put the second letter into the file of the first; says what it showed."""
        first, second = lesson()
        taught = self._delivered(first)
        proposed = self._first(taught)
        self._decide(taught, {"action": "file", "position": first.opens})
        (filing,) = self._standing.of_document(taught["document"], "filed")["filings"]
        time.sleep(LEARNED_AFTER_S)
        asked = self._delivered(second)
        named = {(one["position"], one["document"]) for one in asked["classification"]["evidence"]}
        if self._first(asked) != first.opens or (first.opens, taught["document"]) not in named:
            raise click.ClickException("the next letter was not proposed where the clerk filed the first")
        self._decide(asked, {"action": "file", "file": filing["file"]})
        self._standing.of_document(asked["document"], "filed")
        return (
            f'A clerk filed "{first.subject}" under {first.opens}, where {proposed or "nothing"} was proposed; '
            f"the next letter about it was proposed there, and names the first as the reason."
        )

    def _delivered(self, letter: Letter) -> State:
        minute = len(letters()) + _MINUTES_AFTER + lesson().index(letter)
        content = mails.mail(letter, day=self.note.day, minute=minute)
        receipt = self.note.lesson[letter.id] = self.send(content, f"{letter.to}@{TOWN}")
        return self._standing.of_receipt(receipt, "held", "filed")

    def _decide(self, document: State, wish: State) -> None:
        if document["state"] != "held":
            return  # decided in an earlier try
        path = f"/documents/{document['document']}/decisions"
        self.instance.post(path, wish, {"If-Match": f'"{document["version"]}"'})

    def _first(self, document: State) -> str:
        return next((str(one["position"]) for one in document["candidates"]), "")
