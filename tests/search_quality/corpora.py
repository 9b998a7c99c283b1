"""What is asked of: letters with graded questions, and passages with one right answer each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from services.core import spellings
from services.core.ports.entries import Entry

OFFICE = "poststelle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A line as a clerk types it, and how well each document answers it: 3 is what was sought."""

    text: str
    kind: str
    relevant: Mapping[str, int]
    false_friends: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """Documents by their names, and the questions over them."""

    name: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    questions: Sequence[Question] = ()


def letters(letters_file: Path, questions_file: Path) -> Collection:
    """Letters and graded questions, a JSON object to a line."""
    told = [json.loads(line) for line in letters_file.read_text("utf-8").splitlines() if line]
    asked = [json.loads(line) for line in questions_file.read_text("utf-8").splitlines() if line]
    return Collection(
        name=f"{questions_file.parent.name}-{questions_file.stem}",
        entries={
            letter["id"]: an_entry(number, letter["subject"] or "", letter.get("from") or "", letter["body"])
            for number, letter in enumerate(told)
        },
        questions=[
            Question(
                text=one["query"],
                kind=one["kind"],
                relevant=one["relevant"],
                false_friends=one.get("false_friends", ()),
            )
            for one in asked
        ],
    )


def own() -> Collection:
    """Our own letters and questions, for every run of the tests."""
    here = Path(__file__).parent / "own"
    return letters(here / "letters.jsonl", here / "questions.jsonl")


def passages(passages_file: Path, questions_file: Path) -> Collection:
    """Passages and questions with one right answer each, as the XQuAD sets have them."""
    told, asked = json.loads(passages_file.read_text("utf-8")), json.loads(questions_file.read_text("utf-8"))
    return Collection(
        name=questions_file.stem,
        entries={
            passage["id"]: an_entry(number, passage["title"].replace("_", " "), "", passage["text"])
            for number, passage in enumerate(told)
        },
        questions=[Question(text=one["question"], kind="public", relevant={one["passage"]: 3}) for one in asked],
    )


def an_entry(number: int, title: str, sender: str, body: str) -> Entry:
    """As the indexing service makes it of a mail with this text."""
    forms = (form for text in (title, body) for form in spellings.of_text(text))
    return Entry(
        tenant="main",
        document=f"d{number:026d}",
        version=1,
        state="held",
        channel="mail",
        complete=True,
        title=title,
        sender=sender,
        body=body,
        spellings=" ".join(dict.fromkeys(forms)),
        offices=(OFFICE,),
        received_at=datetime(2026, 11, 27, 9, tzinfo=UTC),
    )
