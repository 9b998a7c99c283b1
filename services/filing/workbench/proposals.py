"""What a clerk may choose with one key: the places that fit best, each with the reason why."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from services.core import catalogue
from services.core.model.record import Record
from services.core.model.record_files import Evidence
from services.core.plan.file_numbers import case_sign
from services.filing.workbench.waiting import Card

CHOICES = 3
WORDS = 6
"""Words that are quoted for a place."""
CERTAINTIES = {"sure": "sicher", "likely": "wahrscheinlich", "unsure": "unsicher"}
"""What the desk says of a measured probability."""


class Proposal(Struct, frozen=True, kw_only=True):
    """A form of one button: file it there."""

    action: str
    """As the forms call it: `file` into a file that exists, `open` a new one."""
    field: str
    value: str
    label: str
    certainty: str
    because: str


def proposals_of(card: Card, found: Record) -> list[Proposal]:
    """At most three, the likeliest first."""
    return list(islice(_proposals(card, found), CHOICES))


def words_of(found: Record) -> Sequence[str]:
    """The words of the letter that decided, for the first place that is proposed."""
    evidence = found.classification.evidence if found.classification else ()
    first = evidence[0].position if evidence else ""
    return [word for one in evidence if one.position == first for word in one.words]


def _proposals(card: Card, found: Record) -> Iterator[Proposal]:
    evidence = found.classification.evidence if found.classification else ()
    certainty = CERTAINTIES.get(card.certainty, "unsicher")
    case = found.classification.case if found.classification else None
    if card.file:
        because = _because([one for one in evidence if one.file == card.file]) or catalogue.reason("number")
        yield Proposal(
            action="file",
            field="file",
            value=case_sign(card.file, case),
            label=f"Akte {card.file}, Vorgang {case}" if case else f"Akte {card.file}",
            certainty=certainty,
            because=because,
        )
    for number, (candidate, position) in enumerate(card.candidates):
        if position.closed:
            continue  # nothing that cannot be carried out is offered
        own = [one for one in evidence if one.position == candidate.position]
        yield Proposal(
            action="open",
            field="position",
            value=candidate.position,
            label=f"Neue Akte {candidate.position} {position.title}",
            certainty="unsicher" if number or card.file else certainty,
            because=_because(own) or catalogue.reason(candidate.evidence),
        )


def _because(evidence: Sequence[Evidence]) -> str:
    """The kinds of evidence in words, with what stands in the letter for them."""
    said: dict[str, list[str]] = {}
    for one in evidence:
        said.setdefault(one.kind, []).extend(one.words)
    sentences = []
    for kind, words in said.items():
        quoted = ", ".join(f"„{word}“" for word in dict.fromkeys(words[:WORDS]))
        sentences.append(f"{catalogue.reason(kind)}: {quoted}" if quoted else catalogue.reason(kind))
    return "; ".join(sentences)
