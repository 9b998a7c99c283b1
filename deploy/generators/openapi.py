"""The HTTP interface as OpenAPI, exported from the app that a process with all services would run."""

import json
from collections.abc import Iterator
from pathlib import Path

from deploy.generators.whole_process import whole_process


def openapi(_: Path) -> Iterator[tuple[str, str]]:
    """`schemas/http/poststelle.openapi.json`."""
    with whole_process() as (_process, app):
        described = json.dumps(app.openapi(), indent=2, ensure_ascii=False, sort_keys=True)
    yield "schemas/http/poststelle.openapi.json", described + "\n"
