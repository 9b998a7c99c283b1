"""The letters that are searched, and what is asked of them; all from one seed, in any process the same."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.core.ports.entries import Entry
from tests.benchmarks.corpus import Corpus

CHARACTERS = 1_600
_BEGIN = datetime(2024, 1, 2, 8, tzinfo=UTC)
_FIRST = (
    "Ber",
    "Wal",
    "Kor",
    "Lin",
    "Mar",
    "Tan",
    "Ros",
    "Fel",
    "Gru",
    "Has",
    "Ost",
    "Bru",
    "Dor",
    "Eck",
    "Hol",
    "Ziel",
)
_SECOND = ("den", "ner", "sing", "tal", "beck", "horn", "mann", "hof", "stein", "rath", "wig", "dorf", "lin", "bert")
_THIRD = ("", "er", "ig", "sen", "ke", "au", "itz", "ow")


class Question(NamedTuple):
    """A line as it is typed, its kind, and its words for an engine that knows no lines."""

    kind: str
    line: str
    words: tuple[str, ...]


def letters(count: int, seed: int) -> Iterator[Entry]:
    """Letters of a city: common words by rank, and in each a name and a number that few others have."""
    corpus, drawn = Corpus(seed, attachments=False), random.Random(seed)
    for number in range(count):
        body = f"{corpus.text(CHARACTERS)} {_name(drawn)} {_name(drawn)} Aktenzeichen {drawn.randrange(10**6):06d}"
        yield Entry(
            tenant="main",
            document=f"d{number:026d}",
            version=4,
            state="held",
            complete=True,
            channel="mail",
            received_at=_BEGIN + timedelta(seconds=61 * number),
            title=corpus.text(40),
            sender="Absender <absender@example.org>",
            body=body,
            offices=("poststelle" if number % 4 else "bauamt",),
        )


def questions(count: int, seed: int) -> list[Question]:
    """As many of each kind: a name, two and three common words, a phrase with small words, a number."""
    corpus, drawn = Corpus(seed + 1, attachments=False), random.Random(seed + 1)
    found = []
    for turn in range(count):
        common = [word for word in corpus.text(400).split() if len(word) > 8 and word.isalpha()]
        small = corpus.text(400).split()[:2]
        words = {
            "name": (_name(drawn),),
            "two words": tuple(common[:2]),
            "three words": tuple(common[2:5]),
            "phrase": (*small, common[0]),
            "number": (f"{drawn.randrange(10**6):06d}",),
        }
        kind = list(words)[turn % len(words)]
        line = " ".join(words[kind])
        found.append(Question(kind, f'"{line}"' if kind == "phrase" else line, words[kind]))
    return found


def _name(drawn: random.Random) -> str:
    return drawn.choice(_FIRST) + drawn.choice(_SECOND) + drawn.choice(_THIRD)
