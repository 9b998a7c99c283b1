"""How the pages that OCR read are stored in the derived bucket: written by `ocr`, read by `extraction`.

Where the words stand lies in a file of its own: whoever joins texts, which is always, does not read what only people
who look at a page need.
"""

import re
import zlib

import msgspec
from msgspec.structs import replace

from services.core import keys
from services.core.ports.ocr_engine import OcrPage, OcrResult, PageWord

UNAVAILABLE = "ocr_unavailable"
"""The problem that says nothing of the document: it is told in the event and never stored as a result."""

LEGIBLE = 0.45
"""Mean confidence of a page's words below which what was recognised is noise (measured: docs/decisions/0028)."""

MOST_UNPACKED = 32 * 1024 * 1024
"""Bytes of the words of one range of pages: a cache that was tampered with is no bomb."""
_WORDS_KEY = re.compile(r".*-w(\d{1,5})-(\d{1,5})")
_WORDS_DECODER = msgspec.json.Decoder(dict[str, tuple[PageWord, ...]])
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(OcrResult)


def key(tenant: str, sha256: str, *, version: str, first: int, last: int) -> str:
    """Where the result for these pages of this content lies, as this engine version reads them."""
    return keys.derived(tenant, sha256, f"{version}-p{first}-{last}")


def sha256_of(content_key: str) -> str:
    """The content's hash in the key under which it was handed over (`<tenant>/<sha256>/content-<document>`)."""
    return content_key.split("/")[1]


def encode(result: OcrResult) -> bytes:
    """The result as JSON, without where its words stand."""
    return _ENCODER.encode(replace(result, pages=tuple(replace(page, words=()) for page in result.pages)))


def words_key(tenant: str, sha256: str, *, version: str, first: int, last: int) -> str:
    """Where the places of the words of these pages lie, beside their result."""
    return keys.derived(tenant, sha256, f"{version}-w{first}-{last}")


def holds_words_of(key: str, number: int) -> bool:
    """Whether the words of this page lie under the key."""
    found = _WORDS_KEY.fullmatch(key)
    return found is not None and int(found[1]) <= number <= int(found[2])


def encode_words(result: OcrResult) -> bytes:
    """The words of each page and where they stand; packed, because numbers of neighbours are much alike."""
    return zlib.compress(_ENCODER.encode({str(page.number): page.words for page in result.pages}))


def decode_words(content: bytes, number: int) -> tuple[PageWord, ...] | None:
    """The words of one page; None where these bytes do not tell."""
    try:
        unpacked = zlib.decompressobj().decompress(content, MOST_UNPACKED)
        return _WORDS_DECODER.decode(unpacked).get(str(number))
    except (zlib.error, msgspec.MsgspecError):
        return None


def decode(content: bytes) -> OcrResult | None:
    """The result, or None when these bytes are none: a cache may be wrong, and is then made again."""
    try:
        return _DECODER.decode(content)
    except msgspec.MsgspecError:
        return None


def is_legible(page: OcrPage) -> bool:
    """Whether the page's text is worth more than its picture; a blank page is certain."""
    return not page.text.strip() or page.confidence >= LEGIBLE


def confidence(result: OcrResult) -> float:
    """The mean confidence of the pages, from 0 to 1."""
    if not result.pages:
        return 0.0
    return min(1.0, max(0.0, sum(page.confidence for page in result.pages) / len(result.pages)))


def problem(result: OcrResult) -> str | None:
    """What hindered the reading: of the whole content, or of the first page that had a problem."""
    return result.problem or next((page.problem for page in result.pages if page.problem), None)
