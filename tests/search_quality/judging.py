"""What the answers are worth: MRR@10, nDCG@10, recall, false friends and empty answers, by kind of question."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.search_quality.corpora import Collection, Question

SHOWN = 10
Ask = Callable[[str], Sequence[str]]
"""Names of the documents that a line finds, best first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Of one question."""

    question: Question
    hits: Sequence[str]
    mrr: float
    ndcg: float
    recall: float
    false_friends: int


def judged(collection: Collection, ask: Ask) -> list[Score]:
    """Every question asked once."""
    return [_score(question, ask(question.text)[:SHOWN]) for question in collection.questions]


def _score(question: Question, hits: Sequence[str]) -> Score:
    grades = question.relevant
    first = next((place for place, name in enumerate(hits, 1) if grades.get(name, 0) > 1), 0)
    best = [name for name, grade in grades.items() if grade == max(grades.values())]
    ideal = _gain(sorted(grades.values(), reverse=True)[:SHOWN])
    return Score(
        question=question,
        hits=hits,
        mrr=1 / first if first else 0.0,
        ndcg=_gain(grades.get(name, 0) for name in hits) / ideal,
        recall=sum(name in hits for name in best) / len(best),
        false_friends=sum(name in hits for name in question.false_friends),
    )


def _gain(grades: Iterable[int]) -> float:
    return math.fsum(((1 << grade) - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The mean over the questions of one kind."""

    kind: str
    count: int
    mrr: float
    ndcg: float
    recall: float
    false_friends: int
    empty: int

    def __str__(self) -> str:
        return (
            f"{self.kind:14} {self.count:4}  MRR@10 {self.mrr:.3f}  nDCG@10 {self.ndcg:.3f}  recall {self.recall:.3f}"
            f"  false friends {self.false_friends:2}  empty {self.empty:2}"
        )


def rows(scores: Sequence[Score]) -> list[Row]:
    """All questions first, then each kind."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups["all"].append(score)
        groups[score.question.kind].append(score)
    return [_row(kind, some) for kind, some in groups.items()]


def _row(kind: str, scores: Sequence[Score]) -> Row:
    return Row(
        kind=kind,
        count=len(scores),
        mrr=sum(score.mrr for score in scores) / len(scores),
        ndcg=sum(score.ndcg for score in scores) / len(scores),
        recall=sum(score.recall for score in scores) / len(scores),
        false_friends=sum(score.false_friends for score in scores),
        empty=sum(not score.hits for score in scores),
    )


def agreement(one: Sequence[Score], other: Sequence[Score]) -> float:
    """Share of the top ten of both engines that both have, over all questions."""
    pairs = [(set(a.hits), set(b.hits)) for a, b in zip(one, other, strict=True)]
    return sum(len(a & b) for a, b in pairs) / max(1, sum(max(len(a), len(b)) for a, b in pairs))
