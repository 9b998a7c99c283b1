"""Rules on documents: what is generated is current."""

from collections.abc import Iterator
from pathlib import Path

from deploy.docs import generated


def generated_documents_are_current(project: Path) -> Iterator[str]:
    """`make docs` would change nothing."""
    for name, text in generated(project):
        path = project / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{name}:1: not as the code says; run make docs"
