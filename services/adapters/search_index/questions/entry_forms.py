"""The tokens of an entry's words, for the field of the forms: made here for both engines."""

import re
from collections.abc import Iterator

from services.core.language.forms import numbers_alone_in, tokens_of
from services.core.ports.entries import Entry

_SUBJECT = re.compile(r"^[ \t]*(?:Betreff|Betrifft|Betr\.)[ \t]*:?[ \t]*(\S.{2,200})$", re.MULTILINE | re.IGNORECASE)
_HEAD = 4_000
"""Characters of a letter in which its subject line stands."""


def subject_of(body: str, attachments: str) -> str:
    """What the subject line says that stands in the text of a letter; empty where there is none."""
    found = _SUBJECT.search(body[:_HEAD]) or _SUBJECT.search(attachments[:_HEAD])
    return found[1] if found else ""


def forms_of_entry(entry: Entry) -> Iterator[str]:
    """Texts of tokens with blanks between. What only one office knows of an arrival is not in them.

    Title and subject line count twice: they say what a letter is about.
    """
    title = f"{entry.title} {subject_of(entry.body, entry.attachments)}"
    divided = " ".join(form for form in entry.spellings.split() if form.isalpha())
    texts = (entry.sender, *entry.recipients, *entry.names, entry.body, entry.attachments, divided)
    titles = [*tokens_of([title])] * 2
    alone = dict.fromkeys(number for text in (entry.title, *texts) for number in numbers_alone_in(text))
    yield from filter(None, (*titles, *tokens_of(texts), " ".join(alone)))
