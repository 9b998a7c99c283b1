"""A scanner run of the demo: two letters behind cover sheets, a separator sheet between, and an empty back."""

import io
import time
from collections.abc import Mapping
from datetime import date

from PIL import Image

from services.adapters.sheet_reader.zxing import printing
from services.cli.demo import paper
from services.cli.demo.letters import Letter
from services.core.model.batches.covers import written

DPI = 200
SEPARATOR = "POSTSTELLE-TRENNBLATT"
NAME = "Stapel-{day:%Y%m%d}.pdf"


def batch(letters: Mapping[str, Letter], files: Mapping[str, str], *, tenant: str, day: date) -> bytes:
    """The scan as a PDF of pictures; the same letters, files and day give the same bytes."""
    pages: list[Image.Image] = []
    for number, letter in enumerate(letters.values()):
        if number:
            pages.append(_sheet(SEPARATOR, "Trennblatt", "Hier beginnt ein neues Schriftstück."))
        file = files[letter.follows]
        pages.append(_sheet(written(tenant, file=file), "Deckblatt", f"Akte {file}"))
        pages += paper.pages(letter, day=day, dpi=DPI)
    pages.append(paper.empty(DPI))
    content, made = io.BytesIO(), day.timetuple()
    _save(pages, content, made)
    return content.getvalue()


def _sheet(code: str, title: str, line: str) -> Image.Image:
    return paper.code_sheet(printing.squares(code), title=title, line=line, dpi=DPI)


def _save(pages: list[Image.Image], content: io.BytesIO, made: time.struct_time) -> None:
    first, *others = pages
    first.save(
        content,
        "PDF",
        save_all=True,
        append_images=others,
        resolution=DPI,
        creationDate=made,
        modDate=made,
        quality=72,
    )
