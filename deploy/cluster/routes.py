"""The table of `deploy/routes.yaml`: which service answers a path."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

FILE = Path(__file__).parents[1] / "routes.yaml"


class Route(NamedTuple):
    """A pattern of paths and who answers them."""

    pattern: re.Pattern[str]
    service: str


def routes(file: Path = FILE) -> list[Route]:
    """The table in its order; the first that fits counts."""
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["routes"]
    return [Route(_compiled(row["path"]), row["service"]) for row in rows]


def service_of(path: str, table: list[Route]) -> str:
    """Who answers this path; the last line of the table fits all."""
    return next(route.service for route in table if route.pattern.fullmatch(path))


def _compiled(path: str) -> re.Pattern[str]:
    pieces = {"*": r"[^/]+", "**": r".*"}
    return re.compile("/".join(pieces.get(piece) or re.escape(piece) for piece in path.split("/")), re.DOTALL)
