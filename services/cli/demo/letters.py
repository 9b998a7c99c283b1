"""The letters of the demo: who writes, what, and what is to become of it. Their words lie in `post/`."""

import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

TOWN = "musterstadt.example"
_PLACEHOLDER = re.compile(r"\{file:([a-z-]+)\}")
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"

Form = Literal["png", "jpeg", "tiff", "pdf"]


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who writes; with a `line` below the name it is a process with a letterhead."""

    name: str
    mail: str
    street: str
    line: str = ""


class DemoInvoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an electronic invoice says: lines of name, quantity and price; a `total` where it is to be wrong."""

    number: str
    vat_id: str
    lines: tuple[tuple[str, str, str], ...]
    total: str = ""
    cut: bool = False


class Enclosure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that is sent with a mail: .pdf, .docx, .xml (an invoice), or .eml (a mail with a file)."""

    name: str
    text: str = ""
    invoice: DemoInvoice | None = None
    password: bool = False
    sender: str = field(name="from", default="")
    subject: str = ""
    attached: str = ""
    attached_text: str = ""


class Letter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One letter. The last fields say what is to become of it; see the head of `post/mails.toml`."""

    id: str
    sender: str = field(name="from", default="")
    to: str = "post"
    subject: str = ""
    text: str = ""
    files: tuple[Enclosure, ...] = ()
    html: bool = False
    automatic: bool = False
    form: Form | None = None
    """What a scanner makes of it; a mail has none."""
    sign: str = ""
    """The line `Ihr Zeichen` of a letter on paper."""
    blank: bool = False
    opens: str = ""
    follows: str = ""
    filed: str = ""
    set_aside: bool = False
    later: bool = False
    waits: str = ""
    proposed: str = ""
    problem: str = ""
    again: str = ""

    @property
    def needs(self) -> frozenset[str]:
        """The letters whose file numbers it names."""
        return frozenset(_PLACEHOLDER.findall(f"{self.subject}\n{self.text}\n{self.sign}"))

    @property
    def state(self) -> str:
        """Where its document stands in the end."""
        return "no_record" if self.set_aside else "filed" if self.opens or self.follows or self.filed else "held"


class Post(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of letters."""

    letter: tuple[Letter, ...]


@cache
def people() -> dict[str, Person]:
    """Everybody who writes, by a short name."""
    return msgspec.toml.decode(_read("people.toml"), type=dict[str, Person])


@cache
def letters() -> tuple[Letter, ...]:
    """All of the post, in the order of its delivery."""
    return tuple(one for name in ("mails.toml", "scans.toml", "invoices.toml") for one in _letters(name))


@cache
def bulk() -> tuple[Letter, ...]:
    """What comes in a batch, a journal report and an import, after the other post."""
    return _letters("bulk.toml")


@cache
def lesson() -> tuple[Letter, ...]:
    """Two letters about one matter, by which the demo shows that it learns."""
    return _letters("lesson.toml")


def _letters(name: str) -> tuple[Letter, ...]:
    post = msgspec.toml.decode(_read(name), type=Post).letter
    by_id = {letter.id: letter for letter in post}
    return tuple(_repeated(letter, by_id[letter.again]) if letter.again else letter for letter in post)


def _repeated(letter: Letter, first: Letter) -> Letter:
    return replace(first, id=letter.id, again=first.id)


def with_numbers(letter: Letter, numbers: dict[str, str]) -> Letter:
    """The letter as it is sent, once the files that it names have numbers; KeyError where one has none."""

    def filled(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: numbers[found[1]], text)

    return replace(letter, subject=filled(letter.subject), text=filled(letter.text), sign=filled(letter.sign))


def written(day: date) -> str:
    """The day as people write it at the head of a letter."""
    return f"{day.day}. {_MONTHS.split()[day.month - 1]} {day.year}"


def _read(name: str) -> bytes:
    return (files("services.cli.demo") / "post" / name).read_bytes()
