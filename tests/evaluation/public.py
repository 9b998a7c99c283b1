"""Public sets, by likeness, model and probabilities of classification: records of publishers never seen, task lines.

The folder holds `mdk-training.csv` (Musterdatenkatalog: THEMA, ORG, dct:title, dct:description) and the product plan
`produktrahmen.json` (areas, groups, products with their task lines). Neither is part of the project.
"""

import csv
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from services.classification import fusion
from services.classification.fusion import Found, Scores, fuse
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model
from services.classification.knowledge.words import features, of_letter
from services.classification.meaning.nearness import Nearness
from services.classification.training.calibrating import OF_ONE
from services.classification.training.fitting import Split, dealt, fit, trusted
from services.classification.training.learning import trained
from services.classification.training.text_table import TextTable
from services.runtime.meaning.encoder import Points, encoded, of_length_one, segments
from tests.evaluation.measures import Row

FOLDS = 5
Asked = tuple[str, str, str]
"""What it belongs to, what keeps it together (a publisher; empty: always known and never asked), its text."""


def public_sets(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Every set by its name, each judged by what the other folds know."""
    for name, asked in (
        ("topic, publishers never seen", _records(folder / "mdk-training.csv")),
        ("product group of a task line", _tasks(folder / "produktrahmen.json")),
    ):
        points = _points(asked)
        yield name, _judged(asked, points, with_model=False)
        yield f"{name}, model", _judged(asked, {}, with_model=True)
        told = _judged(asked, points, with_model=True)
        yield f"{name}, model and meaning", told
        yield f"{name}, {OF_ONE} of each at most", _evened(told, asked)


def _evened(rows: list[Row], asked: list[Asked]) -> list[Row]:
    """Of each publisher as many as `OF_ONE`, spread evenly: one of 800 records of a kind says what all others say."""
    mine: dict[str, list[Row]] = defaultdict(list)
    for row, (_, publisher, _) in zip(rows, (one for fold in _folds(asked) for one in fold), strict=True):
        mine[publisher].append(row)
    return [row for several in mine.values() for row in several[:: max(-(-len(several) // OF_ONE), 1)]]


def _judged(asked: list[Asked], points: Mapping[str, Points], *, with_model: bool) -> list[Row]:
    rows = []
    for fold in _folds(asked):
        known = _known(asked, fold)
        likeness = Likeness.of_counted(known)
        often = {code: len(texts) for code, texts in known.items()}
        model = _model(_without(asked, fold), points, likeness) if with_model else None
        near = _nearness(_without(asked, fold), points, likeness) if points else None
        for one in fold:
            meaning = near.says(points[one[2]]) if near else None
            rows.append(_row(one, likeness, often, model, meaning))
    return rows


def _points(asked: list[Asked]) -> dict[str, Points]:
    """Of each text its segments, as classification looks at them."""
    texts = {text: segments(*text.partition("\n")[::2]) for _, _, text in asked}
    points = iter(encoded([segment for mine in texts.values() for segment in mine]))
    return {text: np.array([next(points) for _ in mine]) for text, mine in texts.items()}


def _nearness(asked: list[Asked], points: Mapping[str, Points], likeness: Likeness) -> Nearness:
    known: dict[str, list[Points]] = defaultdict(list)
    for code, _, text in asked:
        known[code].append(points[text].mean(axis=0))
    return Nearness({code: of_length_one(np.array(known[code])) for code in likeness.codes})


def _known(asked: list[Asked], held: list[Asked]) -> dict[str, list[Mapping[str, int]]]:
    known: dict[str, list[Mapping[str, int]]] = defaultdict(list)
    for one in _without(asked, held):
        known[one[0]].append(features(of_letter("", [one[2]])))
    return known


def _without(asked: list[Asked], held: list[Asked]) -> list[Asked]:
    left = {id(one) for one in held}
    return [one for one in asked if id(one) not in left]


def _model(asked: list[Asked], points: Mapping[str, Points], likeness: Likeness) -> Model:
    """Trained by these, and trusted as far as publishers among them that it had not seen say."""
    splits = []
    table = TextTable()
    rows = {id(one): table.add(one[0], features(of_letter("", [one[2]]))) for one in asked}
    for fold in _folds(asked):
        known = _known(asked, fold)
        inner = Likeness.of_counted(known)
        held = [rows[id(one)] for one in fold]
        without = table.all
        without[held] = False
        near = _nearness(_without(asked, fold), points, inner) if points else None
        meanings = [near.says(points[text]) for _, _, text in fold] if near else []
        often = {code: len(texts) for code, texts in known.items()}
        splits.append(Split(inner, table, without, often, held, [publisher for _, publisher, _ in fold], meanings))
    return Model(trusted(trained(table, table.all, likeness), fit(splits, fusion.STARTER)))


def _row(
    asked: Asked, likeness: Likeness, often: Mapping[str, int], model: Model | None, meaning: Scores | None
) -> Row:
    right, _, text = asked
    began = time.thread_time()
    weighed = likeness.weigh(features(of_letter("", [text])))
    like = likeness.likenesses(weighed)
    found = Found(codes=likeness.codes, like=like, known_words=len(weighed), often=often)
    spoken = model if model and model.ask(weighed) else None
    if spoken:
        found.model, found.model_scale = spoken.says(weighed, likeness.codes).tolist(), spoken.scale
        found.calibration = spoken.by_words
    probabilities, shares = fuse(found, fusion.STARTER)
    if meaning is not None and max(probabilities.values()) < fusion.SURE:  # as for a letter: only who is in doubt
        found.meaning, found.calibration = meaning, spoken.by_meaning if spoken else None
        probabilities, shares = fuse(found, fusion.STARTER)
    order = sorted(shares, key=lambda code: (-probabilities[code], code))
    return Row(
        position=right,
        first=order[:1] == [right],
        three=right in order[:3],
        office=False,
        sure=probabilities[order[0]] if order else 0.0,
        filed=False,
        milliseconds=(time.thread_time() - began) * 1000,
    )


def _folds(asked: list[Asked]) -> list[list[Asked]]:
    """What is asked; a publisher's texts are in one fold."""
    return dealt((one for one in asked if one[1]), FOLDS, lambda one: one[1])


def _records(file: Path) -> list[Asked]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [(row["THEMA"], row["ORG"], f"{row['dct:title']}\n{row['dct:description']}") for row in rows if row["THEMA"]]


def _tasks(file: Path) -> list[Asked]:
    """Each task line is asked; titles and goals of groups and products are always known."""
    areas: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    groups = [group for area in areas.values() for group in area["gruppen"].values()]
    asked: list[Asked] = []
    for group in groups:
        said = [f"{group['titel']}\n{group['ziele']}"]
        for product in group["produkte"].values():
            said.append(f"{product['titel']}\n{product['ziele']}")
            asked += [(group["nummer"], f"{product['nummer']}-{n}", t) for n, t in enumerate(product["aufgaben"])]
        asked += [(group["nummer"], "", text) for text in said]
    return asked
