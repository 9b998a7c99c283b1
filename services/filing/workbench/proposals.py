"""What a clerk may choose with one key: the places that fit best, each with the reason why."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from services.core.model.record import Record
from services.core.model.record_files import Evidence
from services.core.plan.file_numbers import case_sign
from services.filing.workbench.waiting import Card
from services.runtime.translation.speaking import gettext, reason
from services.runtime.translation.speaking import gettext_noop as _

CHOICES = 3
WORDS = 6
"""Words that are quoted for a place."""
CERTAINTIES = {"sure": _("sicher"), "likely": _("wahrscheinlich"), "unsure": _("unsicher")}
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
    certainty = gettext(CERTAINTIES.get(card.certainty, "unsicher"))
    case = found.classification.case if found.classification else None
    if card.file:
        because = _because([one for one in evidence if one.file == card.file]) or reason("number")
        yield Proposal(
            action="file",
            field="file",
            value=case_sign(card.file, case),
            label=_label(card.file, case),
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
            label=gettext("Neue Akte {position}").format(position=f"{candidate.position} {position.title}"),
            certainty=gettext("unsicher") if number or card.file else certainty,
            because=_because(own) or reason(candidate.evidence),
        )


def _label(file: str, case: int | None) -> str:
    if case:
        return gettext("Akte {file}, Vorgang {case}").format(file=file, case=case)
    return gettext("Akte {file}").format(file=file)


def _because(evidence: Sequence[Evidence]) -> str:
    """The kinds of evidence in words, with what stands in the letter for them."""
    said: dict[str, list[str]] = {}
    for one in evidence:
        said.setdefault(one.kind, []).extend(one.words)
    sentences = []
    for kind, words in said.items():
        quoted = ", ".join(gettext("„{word}“").format(word=word) for word in dict.fromkeys(words[:WORDS]))
        sentences.append(f"{reason(kind)}: {quoted}" if quoted else reason(kind))
    return "; ".join(sentences)
