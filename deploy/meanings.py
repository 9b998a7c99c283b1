"""Writes the points of the example letters anew: `python -m deploy.meanings`, a minute of CPU; a test compares.

They lie beside the letters, so that no mail room needs that minute at its first start (decision 0061). With
`--landmarks` also the landmarks that the search index finds points by (decision 0063): the middles of groups of the
example letters. All points of all indexes are made anew then, so it wants another `passages.MODEL`.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.classification.knowledge import starter
from services.classification.meaning import examples
from services.classification.meaning.examples import SHIPPED, Table
from services.runtime.meaning import passages
from services.runtime.meaning.encoder import Points, of_length_one


def main() -> None:
    """Keep the points of letters that are still there, make those of new ones, and write all."""
    wanted = examples.named(starter.texts())
    ready = Table.read(starter.folder() / SHIPPED).points
    missing = {name: text for name, text in wanted.items() if name not in ready}
    points = {name: point for name, point in ready.items() if name in wanted} | examples.made_of(missing)
    Table(points).write(starter.folder() / SHIPPED)
    if "--landmarks" in sys.argv:
        rows = of_length_one(np.array([points[name] for name in sorted(points)], np.float32))
        np.save(Path(passages.__file__).with_name(passages.LANDMARKS), landmarks(rows), allow_pickle=False)


def landmarks(points: Points, count: int = 256, turns: int = 25) -> NDArray[np.int8]:
    """The middles of so many groups of points (k-means over angles), eight bits a number."""
    middles = points[:: len(points) // count][:count]
    for _ in range(turns):
        nearest = (points @ middles.T).argmax(axis=1)
        groups = [points[nearest == number] for number in range(len(middles))]
        sums = [mine.mean(axis=0) if len(mine) else old for mine, old in zip(groups, middles, strict=True)]
        middles = of_length_one(np.array(sums, np.float32))
    steps: NDArray[np.int8] = np.round(middles / np.abs(middles).max(axis=1, keepdims=True) * 127).astype(np.int8)
    return steps


if __name__ == "__main__":
    main()
