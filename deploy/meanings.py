"""Writes the points of the example letters anew: `python -m deploy.meanings`, a minute of CPU; a test compares.

They lie beside the letters, so that no mail room needs that minute at its first start (decision 0061).
"""

from services.classification.knowledge import starter
from services.classification.meaning import examples
from services.classification.meaning.examples import SHIPPED, Table


def main() -> None:
    """Keep the points of letters that are still there, make those of new ones, and write all."""
    wanted = examples.named(starter.texts())
    ready = Table.read(starter.folder() / SHIPPED).points
    missing = {name: text for name, text in wanted.items() if name not in ready}
    points = {name: point for name, point in ready.items() if name in wanted} | examples.made_of(missing)
    Table(points).write(starter.folder() / SHIPPED)


if __name__ == "__main__":
    main()
