"""What a scanned letter is about and who wrote it, read off its page as a person in a mail room does."""

import re

MAX_TITLE = 160
FIRST_WORDS = 12
_WORDS_OF_TITLE = 3
_LINES_OF_HEAD, _LINES_OF_LETTER = 14, 60
_CHARACTERS = 8_000
_LONGEST_SUBJECT = 200

_NO_TITLE = re.compile(
    r"""(?:
      (?:untitled | ohne\ titel | unbenannt | kein\ titel | no\ title | titel | title | dokument | document
        | seite | page | druckauftrag | scan | image | img | bild | foto | photo | neues?\ .{0,12}dokument
        | präsentation | presentation | mappe | tabelle | book | sheet)?  [\W_]* \d* [\W_\d]*
    | microsoft\ \w+ (?:\ -\ .*)?
    | print(?:master|ing)?.*
    | .*\.(?:docx? | xlsx? | pptx? | odt | ods | pdf | tmp | rtf | txt | indd | qxd | cdr | tiff? | jpe?g | png)
    | (?:scan | img | doc | pic | dsc | image | foto) [-_\ ]? [\d_-]+ .*
    | (?:file | https?):.*
    | \{?[0-9a-f-]{16,}\}?
    | powered\ by\ .* | crystal\ reports.*
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Titles that a program gave and no person: they say what wrote the file, not what it says."""
_SUBJECT = re.compile(
    r"^[ \t]*(?:betreff|betr\.?|betrifft|wegen|subject|re)[ \t]*[:.][ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
_SALUTATION = re.compile(
    r"^[ \t]*(?:sehr geehrte|guten (?:tag|morgen|abend)|hallo|liebe[rs]?\b|moin|werte[rs]?\b|an alle|dear\b)",
    re.IGNORECASE | re.MULTILINE,
)
_POSTCODE = re.compile(r"\b\d{5}\s+[A-ZÄÖÜ][a-zäöüß]+")
_PARTS_OF_LINE = re.compile(r"\s*(?:[,;|·•*\u2013\u2014]|\s-\s|\s{3,})\s*")
_NO_SUBJECT = re.compile(
    r"(?:\d{5}\b|.*\bstra(?:ße|sse)\b|.*\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}"
    r"|(?:tel|fax|e-?mail|ihr zeichen|datum|an|per)\b).*",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?=.{3,80}$)[^\W\d_].*[^\W\d_.]\.?")


def title_of(text: str, *, given: str, name: str = "") -> str:
    """The subject line of a letter, else a title that says something, else the first words.

    `name` is that of its file, and only tells whether a program gave the title: it is no fact of the document, for
    each office may have brought it under its own.
    """
    title = subject_of(text)
    if not title and given.strip() and not _is_no_title(given.strip(), name):
        title = given.strip()
    return (title or _first_words(text))[:MAX_TITLE]


def _is_no_title(given: str, name: str) -> bool:
    """Whether a program gave it: a name of its own, or that of the file; one of several words a person chose."""
    file = name.rpartition(".")[0] or name
    is_file = given.casefold() in {name.casefold(), file.casefold()} and len(given.split()) < _WORDS_OF_TITLE
    return is_file or bool(_NO_TITLE.fullmatch(given))


def subject_of(text: str) -> str:
    """The line after `Betreff`, or the one that stands by itself before the salutation (DIN 5008, part 15)."""
    letter = "\n".join(text[:_CHARACTERS].splitlines()[:_LINES_OF_LETTER])
    for labelled in _SUBJECT.finditer(letter):
        rest = labelled[1].strip() or _next_line(letter, labelled.end())
        if rest:
            return _tidy(rest)
    greeting = _SALUTATION.search(letter)
    return _line_before(letter[: greeting.start()]) if greeting else ""


def sender_of(text: str) -> str:
    """The first name of the line with the sender's address, which stands above the window, or of the letterhead.

    Empty where none of the first lines looks like an address: a guess would be worse than nothing.
    """
    lines = [line.strip() for line in text[:_CHARACTERS].splitlines() if line.strip()][:_LINES_OF_HEAD]
    for number, line in enumerate(lines):
        if not _POSTCODE.search(line):
            continue
        parts = [part for part in _PARTS_OF_LINE.split(line) if part]
        if len(parts) > 1 and _NAME.fullmatch(parts[0]) and not _POSTCODE.search(parts[0]):
            return parts[0]
        return _name_above(lines[:number])
    return ""


def _name_above(above: list[str]) -> str:
    """The first line of a block of name, street and town; a longer block is no address."""
    block = above[-3:]
    return next((line for line in block if _NAME.fullmatch(line) and not any(map(str.isdigit, line))), "")


def _next_line(text: str, place: int) -> str:
    return next((line.strip() for line in text[place:].splitlines() if line.strip()), "")


def _line_before(head: str) -> str:
    """The last block before the salutation, where it is short and looks like no address and no date."""
    blocks = [block for block in re.split(r"\n\s*\n", head.strip()) if block.strip()]
    if len(blocks) < 2:  # noqa: PLR2004  # the one block of a letter without address is its letterhead
        return ""
    block = _tidy(blocks[-1])
    return "" if len(block) > _LONGEST_SUBJECT or _NO_SUBJECT.fullmatch(block) else block


def _first_words(text: str) -> str:
    words = text[:_CHARACTERS].split()
    return " ".join(words[:FIRST_WORDS]) + (" …" if len(words) > FIRST_WORDS else "")


def _tidy(line: str) -> str:
    return " ".join(line.split())
