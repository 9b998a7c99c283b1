"""`docs/codes.md`: every code that a person or a program may meet, with its sentences and its HTTP status."""

from collections.abc import Iterator
from pathlib import Path

from deploy.generators.markdown import code, page, table
from services.core import catalogue
from services.core.errors import EventNewer, StoreFull, TryLater
from services.mail_intake import smtp
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.scan_intake.hot_folder import directory_access

ABOUT = """\
Whoever is refused or told of a problem gets a code and a sentence from one catalogue (`services/core/catalogue.py`),
never the text of an exception. Codes hold; sentences may get better."""

REFUSALS = f"""\
A refused request is answered as RFC 9457 says (`application/problem+json`): `type` is `urn:poststelle:problem:<code>`,
`title` the English sentence, `detail` the German one, `code` the code. What is not listed with a status is
{UNPROCESSABLE}. 503 and 429 come with `Retry-After`. By SMTP a refusal has the reply below, else 451: the sender keeps
the mail and tries again."""

LATER = frozenset(
    {
        TryLater().code,
        StoreFull().code,
        EventNewer().code,
        "busy",
        directory_access.AWAY,
        *directory_access.CODES.values(),
    }
)
"""What the world is to blame for: 503 wherever it is met."""


def codes_page(_: Path) -> Iterator[tuple[str, str]]:
    """`docs/codes.md`."""
    told = ("code", "German", "English")
    yield (
        "docs/codes.md",
        page(
            "Codes",
            ABOUT,
            "## Problems of a document\n\nThe document is kept, findable and on a clerk's list.",
            table(told, _rows(catalogue.PROBLEMS)),
            "## Reasons\n\nWhy a document was filed where it is, or why it waits for a clerk.",
            table(told, _rows(catalogue.REASONS)),
            "## States\n\nWhere the document of a receipt is.",
            table(told, _rows(catalogue.STATES)),
            "## Refusals\n\n" + REFUSALS,
            table(("code", "HTTP", "SMTP", "German", "English"), _refusals()),
            "## Dead letters\n\nWhy a service gave a delivery up; see [operations.md](operations.md#dead-letters).",
            table(told, _rows(catalogue.DEATHS)),
            "## Faults of a query\n\nThe member `fault` beside `position` in a refusal with the code `bad_query`.",
            table(told, _rows(catalogue.QUERY_FAULTS)),
        ),
    )


def _rows(texts: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for name, (german, english) in texts.items():
        yield code(name), german, english


def _refusals() -> Iterator[tuple[str, ...]]:
    for name, (german, english) in catalogue.REFUSALS.items():
        status = 503 if name in LATER else STATUS.get(name, UNPROCESSABLE)
        yield code(name), str(status), code(smtp.CODES.get(name, "")), german, english
