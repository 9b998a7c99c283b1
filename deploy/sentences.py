"""What the pages say in German, and the English of it: `make sentences` brings the catalogue `en.po` up to date."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

CATALOGUE = Path("services/runtime/translation/en.po")
SOURCES = (("*/templates/*.html", "jinja2"), ("*.py", "python"), ("*/static/*.js", "javascript"))
_PAGES: Any = {"_": None, "gettext": None, "gettext_noop": None, "ngettext": (1, 2)}
KEYWORDS: dict[str, Any] = {"jinja2": _PAGES, "python": _PAGES, "javascript": {"say": None}}
OPTIONS = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
"""As the desk reads its templates; one that cannot be read is an error."""
WIDTH = 116
HEADER = """\
# The English of the pages. The ids are the German sentences as they stand in templates, modules and scripts.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def said(project: Path) -> Catalog:
    """Every sentence of the pages, each with the files that say it; nothing is translated."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for path, method in _sources(project):
        place = path.relative_to(project).as_posix()
        options = OPTIONS if method == "jinja2" else {}
        for line, sentence, comments, context in extract_from_file(method, path, KEYWORDS[method], (), options):
            catalogue.add(sentence, None, [(place, line)], auto_comments=comments, context=context)
    return catalogue


def known(project: Path) -> Catalog:
    """The English catalogue as it lies there."""
    with (project / CATALOGUE).open("rb") as file:
        return read_po(file, locale="en")


def updated(project: Path) -> Catalog:
    """The same with the sentences as they are now: new ones wait for their English, those that nobody says are gone."""
    former = known(project)
    current = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for message in said(project):
        if message.id:
            english = former.get(message.id)
            still = english is not None and english.pluralizable == message.pluralizable
            places = sorted({(place, 0) for place, _ in message.locations})
            current.add(message.id, english.string if english and still else None, places, flags=message.flags)
    return current


def untranslated(catalogue: Catalog) -> list[Message]:
    """Sentences without English."""
    return [one for one in catalogue if one.id and not all(_both(one.string))]


def written(catalogue: Catalog) -> str:
    """The catalogue as it lies there: by file, without lines and times, which would change with everything."""
    text = BytesIO()
    write_po(text, catalogue, width=WIDTH, sort_by_file=True, include_lineno=False, omit_header=True)
    return HEADER + text.getvalue().decode()


def main() -> None:
    """Write the catalogue, and name what has no English yet."""
    project = Path(__file__).resolve().parents[1]
    catalogue = updated(project)
    (project / CATALOGUE).write_text(written(catalogue), encoding="utf-8")
    for message in untranslated(catalogue):
        print(f"no English yet: {message.id}")


def _both(text: Any) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _sources(project: Path) -> Iterator[tuple[Path, str]]:
    for pattern, method in SOURCES:
        yield from ((path, method) for path in sorted((project / "services").rglob(pattern)))


if __name__ == "__main__":
    main()
