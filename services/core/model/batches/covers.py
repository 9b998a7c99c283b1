"""Cover sheets of our own: what their QR code says, written and read; a slip in it is told and never guessed around.

`PS1|<tenant>|AZ=<file number>|C=<checksum>` or `PS1|<tenant>|OE=<office>|C=<checksum>`: the version, whose it is, where
the document belongs, and the CRC-32 (ISO-HDLC, as in zip) of all that stands before `|C=`, as eight hexadecimal digits.
Behind the file number may stand the Vorgang, as in its sign: `52.10.02/17-2026#3`.
"""

import re
import zlib

from msgspec import Struct

from services.core import vocabulary

VERSION = "PS1"
_BEGINS = re.compile(r"PS[0-9]{1,3}\|")
_WHOLE = re.compile(r"(PS1\|([a-z][a-z0-9-]{0,30})\|(AZ|OE)=([^|]{1,64}))\|C=([0-9A-F]{8})")
_FILE = re.compile(r"([0-9A-Za-z][0-9A-Za-z./_-]{0,63})(?:#([1-9][0-9]{0,5}))?")
_OFFICE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""Like the words of records and events: what else stood in a record could not be read again."""


class Cover(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a cover sheet says of the document behind it."""

    file: vocabulary.FileNumber | None = None
    case: vocabulary.CaseNumber | None = None
    """The Vorgang in that file, where the sheet names one."""
    office: vocabulary.Office | None = None
    fault: vocabulary.Code | None = None
    """`cover_broken`: form or checksum are wrong. `cover_foreign`: another tenant's. `cover_unknown`: a version or an
    office that nobody knows here. `cover_twice`: two sheets with nothing between say different things."""


def written(tenant: str, *, file: str = "", office: str = "") -> str:
    """What the code of such a sheet says; `file` is a file number or the sign of a Vorgang."""
    said = f"{VERSION}|{tenant}|AZ={file}" if file else f"{VERSION}|{tenant}|OE={office}"
    return f"{said}|C={_checksum(said)}"


def read(code: str, tenant: str) -> Cover | None:
    """What a barcode says as a cover sheet; None where it is none."""
    if not _BEGINS.match(code):
        return None
    if not code.startswith(f"{VERSION}|"):
        return Cover(fault="cover_unknown")
    found = _WHOLE.fullmatch(code)
    if not found or _checksum(found[1]) != found[5]:
        return Cover(fault="cover_broken")
    if found[2] != tenant:
        return Cover(fault="cover_foreign")
    if found[3] == "AZ":
        return _of_file(found[4])
    return Cover(office=found[4]) if _OFFICE.fullmatch(found[4]) else Cover(fault="cover_broken")


def _of_file(said: str) -> Cover:
    sign = _FILE.fullmatch(said)
    if sign is None:
        return Cover(fault="cover_broken")
    return Cover(file=sign[1], case=int(sign[2]) if sign[2] else None)


def _checksum(said: str) -> str:
    return f"{zlib.crc32(said.encode()):08X}"
