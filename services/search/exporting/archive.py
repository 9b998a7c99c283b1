"""The originals of a list in one zip, written piece by piece: memory holds a piece, however large the documents are.

Each document goes the one way to it, so that rights are those of this moment, the copy is that of the viewer's own
occurrence, and a look at a protected one is put down before any of its bytes is given. What cannot be given stands in
the manifest with its reason. The manifest comes last, with the SHA-256 of what was given.
"""

import hashlib
import re
import zipfile
from collections.abc import Generator, Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from services.core import catalogue
from services.core.errors import BlobMissing, OriginalDamaged, Rejected
from services.core.ports.entries import Hit, Viewer
from services.runtime.access.visibility import occurrence_of, title_for, visible
from services.runtime.context.local_day import HERE
from services.runtime.context.service import Context
from services.search.exporting.listing import as_csv
from services.search.originals import Copy, copy_for, name_of

MOST_BYTES = 20 * 10**9
"""Of the documents of one archive together; those behind stand in the manifest as too large."""
MANIFEST, SUMS, LIST = "manifest.json", "SHA256SUMS", "liste.csv"
_UNSAFE = re.compile(r"[^\w .,()+=@-]+")
_NAME_CHARACTERS = 100
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""What a zip can say no earlier time than."""


class Given(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One document of the archive: where it lies in it and what it is, or why it is not there."""

    document: str
    path: str = ""
    title: str = ""
    media_type: str = ""
    size_bytes: int = 0
    sha256: str = ""
    receipt: str = ""
    received_at: datetime | None = None
    protection: int = 1
    left_out: str = ""
    """The code of the reason, and `reason` its sentence."""
    reason: str = ""


class Manifest(Struct, frozen=True, kw_only=True):
    """What the archive holds, for whom it was made and when."""

    made_at: datetime
    account: str
    documents: tuple[Given, ...]
    form: str = "poststelle-export:1"


class _Pieces:
    """What a zip is written to: it cannot be sought, and is emptied again and again."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing to let go of."""

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def archive(context: Context, viewer: Viewer, hits: Iterable[Hit]) -> Iterator[bytes]:
    """The zip in pieces. What fails within a document leaves it unfinished, so that nobody takes it for whole."""
    out, given, listed, left = _Pieces(), list[Given](), list[Hit](), MOST_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for number, hit in enumerate(hits, 1):
            told, content = _looked_up(context, viewer, hit, number=number, left=left)
            if content is not None:
                told = yield from _packed(packed, out, told, content)
                left -= told.size_bytes
            given.append(told)
            listed.append(hit)
        made_at = context.ports.clock.now()
        manifest = Manifest(made_at=made_at, account=viewer.account, documents=tuple(given))
        sums = "".join(f"{one.sha256}  {one.path}\n" for one in given if one.path)
        _add(packed, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2), made_at)
        _add(packed, SUMS, sums.encode(), made_at)
        _add(packed, LIST, b"".join(as_csv(listed)), made_at)
    yield out.taken()


def _looked_up(
    context: Context, viewer: Viewer, hit: Hit, *, number: int, left: int
) -> tuple[Given, Iterator[bytes] | None]:
    """What is told of a document, and its bytes; none where they may not or cannot be given."""
    try:
        found = visible(context, viewer, hit.document)
        pieces = _pieces(copy_for(context, found, viewer), left)
    except (Rejected, OriginalDamaged, BlobMissing) as error:
        code = getattr(error, "code", "not_found")
        return Given(document=hit.document, left_out=code, reason=catalogue.refusal(code)), None
    own = occurrence_of(found, viewer)
    told = Given(
        document=found.document,
        path=f"dokumente/{number:05d}-{_safe(name_of(found, viewer))}",
        title=title_for(found, viewer),
        media_type=found.receipts[0].media_type,
        receipt=own.receipt if own else "",
        received_at=own.received_at if own else None,
        protection=hit.protection,
    )
    return told, pieces


def _pieces(copy: Copy, left: int) -> Iterator[bytes]:
    """The bytes of a document, of which the first ones are asked for later; Rejected where there is no room for it."""
    if copy.size_bytes > left:
        raise Rejected("too_large")
    return copy.pieces(0, copy.size_bytes)


def _packed(
    packed: zipfile.ZipFile, out: _Pieces, told: Given, content: Iterator[bytes]
) -> Generator[bytes, None, Given]:
    """The document's bytes go into the zip; what is told of it then has their size and hash."""
    digest, size_bytes = hashlib.sha256(), 0
    info = zipfile.ZipInfo(told.path, _date(told.received_at))
    with packed.open(info, "w", force_zip64=True) as entry:
        for piece in content:
            digest.update(piece)
            size_bytes += len(piece)
            entry.write(piece)
            yield out.taken()
    return msgspec.structs.replace(told, size_bytes=size_bytes, sha256=digest.hexdigest())


def _add(packed: zipfile.ZipFile, name: str, content: bytes, made_at: datetime) -> None:
    packed.writestr(zipfile.ZipInfo(name, _date(made_at)), content)


def _date(moment: datetime | None) -> tuple[int, int, int, int, int, int]:
    """As people there read it: a zip knows no zones."""
    return moment.astimezone(HERE).timetuple()[:6] if moment and moment.year >= _BEGINNING[0] else _BEGINNING


def _safe(name: str) -> str:
    """A name that no unpacking program takes for a path, on any system."""
    stem, dot, ending = _UNSAFE.sub("_", name).strip(" .").rpartition(".")
    return f"{stem[:_NAME_CHARACTERS]}{dot}{ending[:_NAME_CHARACTERS]}" or "dokument"
