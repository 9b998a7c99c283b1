"""The files of a form that a browser sent (multipart/form-data, RFC 7578), taken apart piece by piece."""

from collections.abc import Callable
from contextlib import ExitStack
from email.message import Message
from typing import BinaryIO, Self

from msgspec import Struct
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from services.core.errors import Rejected
from services.runtime.streams import labels
from services.runtime.streams.spooling import PIECE_BYTES, Spool

MOST_FILES, MOST_FIELDS = 20, 10
"""Of one form without scripts; with scripts each file goes by itself."""
MOST_VALUE = 500
"""Bytes of a field that is no file."""
MOST_BOUNDARY = 70
"""RFC 2046, section 5.1.1."""


class Sent(Struct, frozen=True, kw_only=True):
    """One file of a form; its name is for display only, harmless already."""

    name: str
    declared_type: str
    spool: Spool


class SentForm:
    """Fields and files in the order in which they came; belongs to one thread, and forgets the files at its end."""

    def __init__(self, content_type: str, spool: Callable[[], Spool]) -> None:
        """Rejected `bad_request` where the type names no boundary."""
        head = Message()
        head["Content-Type"] = content_type
        boundary = head.get_boundary("") or ""
        if not labels.is_form(content_type) or not boundary.isascii() or not 0 < len(boundary) <= MOST_BOUNDARY:
            raise Rejected("bad_request", field="Content-Type")
        self.fields: dict[str, str] = {}
        self.files: list[Sent] = []
        self._new_spool, self._boundary, self._opened = spool, boundary.encode("ascii"), ExitStack()
        self._parts, self._label, self._said, self._value = 0, b"", b"", b""
        self._head = Message()
        self._spool: Spool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def read(self, content: BinaryIO) -> None:
        """Take it apart; Rejected `bad_request` where it is no such form, or has more in it than one may have."""
        parser = MultipartParser(
            self._boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._hear_label,
                "on_header_value": self._hear_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_content,
                "on_part_data": self._hear_content,
                "on_part_end": self._end,
            },
        )
        try:
            while piece := content.read(PIECE_BYTES):
                parser.write(piece)
            parser.finalize()
        except FormParserError as error:
            raise Rejected("bad_request", field="body") from error

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_FILES + MOST_FIELDS:
            raise Rejected("bad_request", field="body")
        self._head, self._value, self._spool = Message(), b"", None

    def _hear_label(self, data: bytes, start: int, end: int) -> None:
        self._label += data[start:end]

    def _hear_value(self, data: bytes, start: int, end: int) -> None:
        self._said += data[start:end]

    def _end_header(self) -> None:
        # Browsers write names as UTF-8, and a quotation mark in one as %22 (HTML, multipart/form-data).
        said = self._said.decode("utf-8", "replace").replace("\r", " ").replace("\n", " ")
        self._head[self._label.decode("latin-1")] = said
        self._label, self._said = b"", b""

    def _begin_content(self) -> None:
        if self._head.get_filename() is not None:
            self._spool = self._opened.enter_context(self._new_spool())

    def _hear_content(self, data: bytes, start: int, end: int) -> None:
        if self._spool is None:
            self._value += data[start:end]
            if len(self._value) > MOST_VALUE:
                raise Rejected("bad_request", field="body")
        elif self._spool.add(data[start:end]):
            self._spool.flush()

    def _end(self) -> None:
        if self._spool is None:
            field = str(self._head.get_param("name", "", "content-disposition"))
            self.fields[field] = self._value.decode("utf-8", "replace")
            return
        self._spool.flush()
        name = labels.name_in(str(self._head.get("content-disposition", "")))
        # A field for a file in which none was chosen is sent as one without name and content.
        if name or self._spool.size_bytes:
            if len(self.files) == MOST_FILES:
                raise Rejected("bad_request", field="body")
            declared = str(self._head.get("content-type", ""))
            self.files.append(Sent(name=name, declared_type=declared, spool=self._spool))
