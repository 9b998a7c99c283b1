"""The numbers under which specialist procedures keep our documents, found again where a letter names one.

A number points to its documents by its hash, as a Message-ID does (see `threads`); the pointer says nothing by itself,
whoever follows it asks the record. The shapes of all known numbers are kept beside them, so that of a letter's many
words only those are looked up that can be such a number.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

from services.core import keys
from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore

LONGEST = 64
SIGNS_AT_LEAST, DIGITS_AT_LEAST = 5, 2
"""What is shorter is no number that a letter could be filed by: `12`, `A-4`."""
_SEPARATORS = re.compile(r"[^0-9A-Z]+")
_WORD = re.compile(r"(?<![\w./-])[0-9A-Za-z](?:[0-9A-Za-z]|[._/-](?=[0-9A-Za-z])){1,63}(?![\w])")


def normalised(reference: str) -> str:
    """The number as it is compared: case and kind of separator do not count."""
    return _SEPARATORS.sub("-", reference.upper()).strip("-")


def is_telling(reference: str) -> bool:
    """Whether it is distinctive enough that a letter may be filed by it."""
    signs = normalised(reference).replace("-", "")
    digits = sum(sign.isdigit() for sign in signs)
    return len(signs) >= SIGNS_AT_LEAST and digits >= DIGITS_AT_LEAST and len(reference) <= LONGEST


def shape_of(reference: str) -> str:
    """`A-9-9` for `BG-2026-815`: runs of letters and of digits, and where they are divided."""
    return re.sub(r"[0-9]+", "9", re.sub(r"[A-Z]+", "A", normalised(reference)))


def note(blobs: BlobStore, tenant: str, reference: str, document: str) -> None:
    """Point from the number to the document; called before the record says so, and harmless again."""
    if not is_telling(reference):
        return
    blobs.create(Bucket.RECORDS, keys.reference(tenant, _hashed(reference)) + document, b"-")
    blobs.create(Bucket.RECORDS, keys.reference_shapes(tenant) + shape_of(reference), b"-")


def documents_of(blobs: BlobStore, tenant: str, reference: str) -> Iterator[str]:
    """The documents that were kept under this number once."""
    for key in blobs.keys(Bucket.RECORDS, keys.reference(tenant, _hashed(reference))):
        yield key.rpartition("/")[2]


def named_in(texts: Iterable[str], blobs: BlobStore, tenant: str) -> Iterator[str]:
    """Words of the texts that have the shape of a known number, each once, as they are written."""
    prefix = keys.reference_shapes(tenant)
    shapes = {key[len(prefix) :] for key in blobs.keys(Bucket.RECORDS, prefix)}
    seen: set[str] = set()
    for text in texts if shapes else ():
        for found in _WORD.finditer(text):
            same = normalised(found[0])
            if same not in seen and is_telling(found[0]) and shape_of(found[0]) in shapes:
                seen.add(same)
                yield found[0]


def _hashed(reference: str) -> str:
    return hashlib.sha256(normalised(reference).encode()).hexdigest()
