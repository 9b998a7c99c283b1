"""The tokens of an entry's words, for the field of the forms: made here for both engines."""

from collections.abc import Iterator

from services.core.language.forms import tokens_of
from services.core.ports.entries import Entry


def forms_of_entry(entry: Entry) -> Iterator[str]:
    """Texts of tokens with blanks between. What only one office knows of an arrival is not in them."""
    texts = (entry.title, entry.title, entry.sender, *entry.recipients, *entry.names)
    divided = " ".join(form for form in entry.spellings.split() if form.isalpha())
    yield from filter(None, tokens_of((*texts, entry.body, entry.attachments, divided)))
