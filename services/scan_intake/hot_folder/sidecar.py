"""The file beside a scan in which a scanner tells of it: JSON or XML of one small form, `schemas/scan-sidecar.v1.json`.

In XML each member is an element of `<scan-sidecar version="1">`, `barcodes` are repeated `<barcode>`, `fields` are
`<field name="…">`. A document type is refused, so there are no entities to expand and nothing outside to fetch.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from xml.parsers import expat

import msgspec
from msgspec import Meta, Struct

from services.core import vocabulary
from services.core.errors import Rejected

MAX_BYTES = 64 * 1024
TAG = "scan-sidecar:1"
ROOT = "scan-sidecar"
_JSON_BEGINNING = b'"scan-sidecar:'
_XML_BEGINNING = b"<scan-sidecar"
_BOM = b"\xef\xbb\xbf"

Line = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,47}$")]
Text = Annotated[str, Meta(max_length=2000)]


class ScanSidecar(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a scanner says of one scan; every member but the first may be left out."""

    schema: Literal["scan-sidecar:1"]
    sha256: vocabulary.Sha256 | None = None
    """Of the scan; another one in truth is a refusal."""
    size_bytes: vocabulary.Count | None = None
    """Of the scan; the same."""
    page_count: vocabulary.Revision | None = None
    """As claimed; where the scan has another number, a person has to look."""
    office: vocabulary.Office | None = None
    """Whose post it is; an office that nobody knows leaves it with the source's."""
    batch: Line = ""
    batch_size: vocabulary.Revision | None = None
    """Scans in the batch, or the documents in this one where it has no `sequence`."""
    sequence: vocabulary.Revision | None = None
    """Place in the batch, from 1."""
    device: Line = ""
    profile: Line = ""
    operator: Line = ""
    """A pseudonymous id."""
    duplex: Literal["stacks"] | None = None
    """`stacks`: the first half of the pages are fronts, then come their backs, from the last sheet to the first."""
    dpi: vocabulary.Revision | None = None
    colour: Literal["bw", "grey", "colour"] | None = None
    scanned_at: datetime | None = None
    software: Line = ""
    """What drove the device, with its version."""
    blanks_dropped: vocabulary.Count | None = None
    """Blank pages that the scanner left out before `page_count` was counted."""
    complete: bool | None = None
    """Whether somebody compared the sheets on the paper with the pages."""
    check: Literal["passed", "failed"] | None = None
    """The outcome of the look at the quality of the pages."""
    checked_by: Line = ""
    """A pseudonymous id."""
    checked_at: datetime | None = None
    remarks: Text = ""
    """What was conspicuous: a torn sheet, a stapled note."""
    protection_class: Literal["normal", "high", "very_high"] | None = None
    """The protection class of the paper (TR-RESISCAN, basic module)."""
    originals_until: date | None = None
    """Until when the paper is kept."""
    barcodes: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    """As read, also from a cover sheet, in the order of the pages."""
    fields: Annotated[dict[Name, Text], Meta(max_length=50)] = {}
    """What was keyed in, or read from a cover sheet."""


def is_ours(content: bytes) -> bool:
    """Whether a file that lies alone says of itself that it is a sidecar; any other is a document of its own."""
    beginning = content[:4096]
    return _JSON_BEGINNING in beginning or _XML_BEGINNING in beginning


def parse(content: bytes) -> ScanSidecar:
    """The sidecar; Rejected `sidecar_broken` for anything that is not of the form."""
    if len(content) > MAX_BYTES:
        raise Rejected("sidecar_broken")
    content = content.removeprefix(_BOM)
    try:
        if content.lstrip()[:1] == b"{":
            return msgspec.json.decode(content, type=ScanSidecar)
        return msgspec.convert(_Reader().read(content), ScanSidecar, strict=False)
    except (msgspec.MsgspecError, expat.ExpatError, LookupError, RecursionError, ValueError) as error:
        raise Rejected("sidecar_broken") from error


def properties(sidecar: ScanSidecar) -> dict[str, str]:
    """What the receipt keeps of it: one line of text a member, by names that begin with `scan.`."""
    plain = msgspec.to_builtins(sidecar)
    del plain["schema"]
    kept = {f"scan.{name}": _line(value) for name, value in plain.items() if isinstance(value, str | int)}
    kept |= {f"scan.barcode.{number}": code for number, code in enumerate(sidecar.barcodes, 1)}
    return kept | {f"scan.field.{name}": text for name, text in sidecar.fields.items()}


def check_content(sidecar: ScanSidecar, *, sha256: str, size_bytes: int) -> None:
    """Rejected `digest_mismatch` where the scan is another one than the sidecar tells of."""
    if (sidecar.sha256 or sha256) != sha256 or sidecar.size_bytes not in (None, size_bytes):
        raise Rejected("digest_mismatch")


def _line(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Reader:
    """XML of two levels into the members of the form; ValueError for more."""

    def __init__(self) -> None:
        self._members: dict[str, Any] = {"schema": TAG}
        self._path: list[str] = []
        self._field = ""
        self._text: list[str] = []

    def read(self, content: bytes) -> dict[str, Any]:
        parser = expat.ParserCreate()
        hooks: dict[str, Callable[..., None]] = {
            "StartDoctypeDeclHandler": self._refuse,
            "StartElementHandler": self._begin,
            "EndElementHandler": self._end,
            "CharacterDataHandler": self._text.append,
        }
        for name, hook in hooks.items():
            setattr(parser, name, hook)
        parser.Parse(content, True)  # noqa: FBT003  # expat's word for "this is all"
        return self._members

    def _refuse(self, *_: object) -> None:
        raise ValueError

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if (not self._path and (name != ROOT or attributes != {"version": "1"})) or len(self._path) > 1:
            raise ValueError
        self._path.append(name)
        self._field = attributes.get("name", "")
        self._text.clear()

    def _end(self, name: str) -> None:
        self._path.pop()
        text = "".join(self._text).strip()
        if not self._path:
            return
        if name == "barcode":
            self._members["barcodes"] = (*self._members.get("barcodes", ()), text)
        elif name == "field":
            self._members.setdefault("fields", {})[self._field] = text
        elif name in self._members or name in ("barcodes", "fields"):
            raise ValueError
        else:
            self._members[name] = text
