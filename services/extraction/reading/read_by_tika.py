"""What Tika reads out of a file, through the cache that documents share, and the bytes of what lies inside."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.ports.text_extractor import ReadPart
from services.extraction.invoices.checking.hybrids import CONFORMANCE, claimed_profile
from services.extraction.invoices.embedded import embedded_files
from services.extraction.kinds.rtf_forms import RTF, chosen
from services.extraction.kinds.signatures import PDF
from services.extraction.kinds.tnef import TNEF, words_of
from services.extraction.kinds.word_forms import MOST_BYTES, WORD, with_values
from services.extraction.mail import charsets
from services.extraction.reading import own_text, request_ocr
from services.extraction.reading.file import ARCHIVES, MESSAGES, PGP_LINE, PICTURES, XML, File
from services.runtime.context.service import Context

TRIFLES = frozenset(
    {
        *("image/emf", "image/wmf", "image/x-emf", "image/x-wmf", "image/svg+xml", "image/vnd.microsoft.icon"),
        *("application/xml-dsig", "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"),
        *("application/x-msmetafile", "application/vnd.ms-office.activex+xml", "application/vnd.ms-office.vbaproject"),
    }
)
"""Drawings and signatures inside an office file: one that cannot be read is no problem of the file."""
_WORDLESS = (
    "image/",
    "font/",
    "text/css",
    "application/pkcs",
    "application/pkix",
    "application/pgp",
    "application/x-x509",
)
"""How the kinds begin that have no words for people: pictures, which are read page by page, fonts, signatures."""
_COMPARED = 400
"""Characters from which on two texts are taken to be the same."""
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(list[ReadPart])
_PASSING = frozenset({"too_slow"})
"""Problems that may be the hour's and not the file's: asked again next time."""


def extracted(file: File, *, context: Context, tenant: str) -> list[ReadPart]:
    """The parts, container first; never empty. Looks into the cache first, and leaves there what it read."""
    blobs, extractor = context.ports.blobs, context.ports.extractor
    media_type, name = file.hint
    key = keys.derived(tenant, file.sha256, _maker(extractor.version, media_type, name))
    try:
        return _DECODER.decode(blobs.read(Bucket.DERIVED, key))
    except BlobMissing:
        pass  # nobody has read these bytes yet
    except msgspec.MsgspecError:
        blobs.delete(Bucket.DERIVED, key)
    file.content.seek(0)
    with context.semaphore.aside():
        found = extractor.extract(file.content, media_type=media_type, name=name)
    parts = [_tidied(part) for part in found] or [ReadPart(media_type=file.known_type, problem="broken")]
    if not any(part.problem in _PASSING for part in parts):
        blobs.create(Bucket.DERIVED, key, _ENCODER.encode(parts))
    return parts


def never_silent(file: File, found: list[ReadPart]) -> list[ReadPart]:
    """The same; a file in which nothing was read says so, where its kind has words, and one that holds a seal."""
    own, *inside = found
    if not own.problem and PGP_LINE.search(file.head):
        return [msgspec.structs.replace(own, problem="encrypted"), *inside]
    told = own.text.strip() or own.page_characters or own.problem or inside
    wordless = file.size <= own_text.BLANK or own.media_type in ARCHIVES | TRIFLES
    if told or wordless or own.media_type.startswith(_WORDLESS):
        return found
    return [msgspec.structs.replace(own, problem="no_text")]


def problem_inside(read: ReadPart, container: str) -> str | None:
    """What has to be told of something inside a file whose bytes cannot be had."""
    if container not in ARCHIVES and read.media_type in TRIFLES:
        return None  # nobody can draw it, and whoever reads the document misses nothing
    if wants_bytes(read, container) and not read.text.strip():
        return "no_text"  # OCR cannot be asked, but a person can
    return read.problem


def with_fields(file: File, found: list[ReadPart]) -> list[ReadPart]:
    """The same with what the extractor passes over: what was chosen, ticked and drawn, and a mail's older body."""
    own, *inside = found
    kind, is_all = own.media_type.lower(), True
    if own.problem:
        return found
    if kind in WORD:
        text, is_all = with_values(own.text, file.content)
    elif kind == RTF:
        text = "\n".join(filter(None, (own.text, *chosen(file.read(MOST_BYTES)))))
    elif kind == TNEF and not own.text.strip():
        text = words_of(file.read(MOST_BYTES))
    else:
        return found
    return [msgspec.structs.replace(own, text=charsets.tidy(text), problem=None if is_all else "too_large"), *inside]


def with_claim(file: File, found: list[ReadPart]) -> list[ReadPart]:
    """The same; a PDF with files of XML in it also says which profile of an invoice its metadata claims."""
    if found[0].media_type != PDF or not any(wants_bytes(part, PDF) for part in found[1:]):
        return found
    claim = claimed_profile(file.read(file.size))
    known = found[0].properties | ({CONFORMANCE: claim} if claim else {})
    return [msgspec.structs.replace(found[0], properties=known), *found[1:]]


def wants_bytes(part: ReadPart, container: str) -> bool:
    """Whether the extractor's text of something inside a file is not all there is to read in it.

    What lies in an archive may hold an archive, an invoice, or pages that are mostly picture.
    """
    if container == PDF and len(part.path) == 1:
        return True  # a file that somebody hung on it, such as the XML of ZUGFeRD, or a folder of letters
    if part.problem or not part.path:
        return False
    if part.media_type in PICTURES or part.media_type in MESSAGES:
        return True
    packed = container in ARCHIVES and (part.media_type in ARCHIVES | XML or part.media_type == PDF)
    return packed or bool(request_ocr.waiting(part.page_characters))


def inner_bytes(file: File, names: dict[int, str], *, context: Context, limit: int) -> dict[int, bytes]:
    """The bytes of what lies directly inside, by its number; what the extractor cannot give, or gives in doubt, lacks.

    A name that stands there once tells; the rest is numbered alike where reading and unpacking find as many things.
    """
    media_type, name = file.hint
    file.content.seek(0)
    with context.semaphore.aside():
        found = context.ports.extractor.unpack(file.content, media_type=media_type, name=name, limit=limit)
    return numbered(names, found)


def numbered(names: dict[int, str], found: Sequence[tuple[str, bytes]]) -> dict[int, bytes]:
    """What was unpacked by the numbers of what was read: the order of a PDF's files differs between the two."""
    told, given = Counter(names.values()), Counter(name for name, _ in found)
    once = {name for name, count in told.items() if count == given[name] == 1}
    by_name = dict(found)
    sure = {number: by_name[name] for number, name in names.items() if name in once}
    if len(found) != len(names):
        return sure
    others = (content for name, content in found if name not in once)
    return sure | dict(zip(sorted(names.keys() - sure.keys()), others, strict=True))


def lone_xml(file: File, found: Sequence[ReadPart], wanted: Collection[int], *, limit: int) -> bytes | None:
    """The bytes of the one XML in a PDF; None where it is in doubt that the extractor has read these.

    Exactly one embedded file is told, wanted and there, and says what was read: a PDF may carry a second XML that no
    reader of the PDF would show.
    """
    told = [part for part in found[1:] if part.path[0] in wanted]
    if len(told) != 1 or len(found) != 2:  # noqa: PLR2004  # the PDF and its file
        return None
    contents = embedded_files(file.read(limit), limit=limit)
    if contents is None or len(contents) != 1:
        return None
    begins = own_text.beginning(contents[0], _COMPARED)
    return contents[0] if begins and begins == "".join(told[0].text[: 100 * _COMPARED].split())[:_COMPARED] else None


def _maker(version: str, media_type: str, name: str) -> str:
    """Who read it and how: what the extractor was told is a part of it, for it may read the same bytes in two ways."""
    if not media_type and not name:
        return version
    return f"{version}-{hashlib.sha256(f'{media_type}/{name}'.encode()).hexdigest()[:8]}"


def _tidied(part: ReadPart) -> ReadPart:
    return msgspec.structs.replace(part, text=charsets.tidy(part.text), name=charsets.tidy(part.name))
