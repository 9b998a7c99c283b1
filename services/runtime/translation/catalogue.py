"""The English catalogue, `en.po`: read once a process, kept as plain words."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.pofile import read_po

ENGLISH = Path(__file__).parent / "en.po"
SCRIPTS = ".js"


class Sentences(NamedTuple):
    """What the catalogue knows."""

    plain: dict[str, str]
    counted: dict[str, tuple[str, str]]
    """By the German singular: English of one and of several."""
    scripts: dict[str, str]
    """Those of `plain` that scripts of the pages say."""


@cache
def english() -> Sentences:
    """Every German sentence of the pages with its English one."""
    plain: dict[str, str] = {}
    counted: dict[str, tuple[str, str]] = {}
    scripts: dict[str, str] = {}
    with ENGLISH.open("rb") as file:
        for message in read_po(file, locale="en"):
            match message.id, message.string:
                case (str(german), _), (str(one), str(many)) if german and one and many:
                    counted[german], plain[german] = (one, many), one
                case str(german), str(said) if german and said:
                    plain[german] = said
                    if any(place.endswith(SCRIPTS) for place, _ in message.locations):
                        scripts[german] = said
    return Sentences(plain, counted, scripts)
