"""Markdown as our generated pages use it: a note at the top, tables, one sentence from a docstring."""

from collections.abc import Iterable, Sequence

WRITTEN = "<!-- Written by `make docs`. Change the code, not this page. -->"


def page(title: str, *blocks: str) -> str:
    """A whole page: its title, the note that it is generated, the blocks with an empty line between."""
    return "\n\n".join((f"# {title}", WRITTEN, *blocks)) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell is taken as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """The text as code, or nothing where there is none."""
    return f"`{text}`" if text else ""


def first_paragraph(docstring: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((docstring or "").strip().partition("\n\n")[0].split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
