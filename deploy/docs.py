"""Writes the generated parts of docs/ and schemas/ anew: `make docs`."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from deploy.generators import schemas
from deploy.generators.asyncapi import asyncapi
from deploy.generators.cli_page import cli_page
from deploy.generators.codes_page import codes_page
from deploy.generators.compose_files import compose_files
from deploy.generators.events_page import events_page
from deploy.generators.openapi import openapi
from deploy.generators.routes_file import routes_file
from deploy.generators.settings_page import settings_page
from deploy.generators.topics_file import topics_file

Writer: TypeAlias = Callable[[Path], Iterator[tuple[str, str]]]


def decisions(project: Path) -> Iterator[tuple[str, str]]:
    """The list of decision records, from their first lines."""
    rows = ["# Decisions", "", "Why things are as they are. A new one starts from [template.md](template.md).", ""]
    for path in sorted((project / "docs/decisions").glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        status = re.search(r"^Status: (.+)$", text, re.MULTILINE)
        rows.append(f"- [{title}]({path.name}) ({status.group(1) if status else 'without status'})")
    yield "docs/decisions/README.md", "\n".join(rows) + "\n"


# A new generated document is one more writer: it yields paths and texts, and writes nothing itself.
WRITERS: tuple[Writer, ...] = (
    decisions,
    schemas.event_schemas,
    schemas.record_schemas,
    schemas.file_plan_schema,
    schemas.scan_sidecar_schema,
    asyncapi,
    openapi,
    events_page,
    settings_page,
    cli_page,
    codes_page,
    topics_file,
    routes_file,
    compose_files,
)


def generated(project: Path) -> Iterator[tuple[str, str]]:
    """Path and text of everything that is written from the code."""
    for writer in WRITERS:
        yield from writer(project)


def main() -> None:
    """Write what has changed and name it."""
    project = Path(__file__).resolve().parents[1]
    for name, text in generated(project):
        path = project / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
