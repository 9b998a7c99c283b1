"""The files of the corpora as post: each is a mail or a scan, decided by its first bytes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAIL_FIELDS = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"return-path", b"mime-version"}
NO_SINGLE_MAIL = {".mbox", ".mht", ".mhtml"}
"""Files of several mails, and web pages in the dress of a mail."""
_HEAD_BYTES = 8192
_FIELD = re.compile(rb"([!-9;-~]{1,60})[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
_FROM_LINE = re.compile(rb"From [^\n]*\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Letter:
    """One file; `name` is its path below the corpora, with slashes."""

    path: Path
    name: str
    is_mail: bool

    def as_sent(self) -> bytes:
        """The bytes on the wire: every server that hands a mail on ends its lines as RFC 5321 wants it."""
        content = self.path.read_bytes()
        return _LINE_END.sub(b"\r\n", content) if self.is_mail else content


def letters(corpora: Path, only: Sequence[str]) -> list[Letter]:
    """Every file below these folders, in order; all of them where none is named."""
    wanted = [corpora / folder for folder in only] or [corpora]
    paths = sorted({path for folder in wanted for path in _files(folder)})
    return [Letter(path, path.relative_to(corpora).as_posix(), is_mail(path)) for path in paths]


def is_mail(path: Path) -> bool:
    """Whether it begins as a mail does: with two fields of a mail's header."""
    if path.suffix.lower() in NO_SINGLE_MAIL:
        return False
    if path.suffix.lower() == ".eml":
        return True
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    start = _FROM_LINE.match(head)
    place, names = start.end() if start else 0, set()
    while field := _FIELD.match(head, place):
        names.add(field[1].lower())
        place = field.end()
    return len(names & MAIL_FIELDS) > 1


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
    yield from (path for path in folder.rglob("*") if path.is_file())
