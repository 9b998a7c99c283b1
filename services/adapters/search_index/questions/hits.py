"""What a list shows of a found document: its facts and the pieces of text around the sought words."""

from msgspec import Struct

from services.adapters.search_index.questions.entry_forms import subject_of
from services.adapters.search_index.questions.occurrences import shown_to
from services.adapters.search_index.questions.question import Question
from services.adapters.search_index.questions.snippets import Marking
from services.adapters.search_index.questions.wording import READ
from services.core.ports.entries import Hit, Occurrence

READ_CHARACTERS = 200_000
"""Words behind this are found, but not shown in a snippet."""
LINE_CHARACTERS = 1_000
PAGE_AT_MOST = 500


class Card(Struct, frozen=True, array_like=True):
    """The facts of a hit and the text that snippets are cut from."""

    document: str
    version: int
    state: str
    complete: bool
    title: str
    sender: str
    occurrences: tuple[Occurrence, ...]
    problems: tuple[str, ...]
    reason: str
    files: tuple[str, ...]
    offices: tuple[str, ...]
    body: str
    attachments: str
    protection: int
    meant: bytes = b""
    meant_by: str = ""
    sketch: bytes = b""
    cases: tuple[str, ...] = ()


def hit_of(
    card: Card, question: Question, *, marking: Marking, without: tuple[str, ...] = (), score: float = 0.0
) -> Hit:
    """The hit that a card stands for, what it lacks, and how well it answers; `marking` is that of the question."""
    texts = {"body": card.body, "attachments": card.attachments}
    cut = [each for field in READ if (each := marking.snippet(field, texts[field]))]
    titles = (card.title, subject_of(card.body, card.attachments))
    titled = any(marking.stands_in("title", title) for title in titles)
    own = shown_to(card.occurrences, question.viewer)
    return Hit(
        document=card.document,
        version=card.version,
        state=card.state,
        complete=card.complete,
        title=card.title or own.name,
        sender=card.sender,
        channel=own.channel,
        received_at=own.received_at,
        problems=card.problems,
        reason=card.reason,
        files=card.files,
        cases=card.cases,
        offices=card.offices,
        protection=card.protection,
        snippets=tuple(cut),
        early=1.0 if titled else max((each.early for each in cut), default=0.0),
        without=without,
        score=score,
        meant=card.meant,
        meant_by=card.meant_by,
        sketch=card.sketch if question.sketches else b"",
    )
