"""What the extractor reads out of a file, through the cache that documents share."""

import msgspec

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.ports.text_extractor import ReadPart
from services.extraction.mail import charsets
from services.extraction.reading.file import File
from services.runtime.context.service import Context

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(list[ReadPart])
_PASSING = frozenset({"too_slow"})
"""Problems that may be the hour's and not the file's: asked again next time."""


def extracted(file: File, *, context: Context, tenant: str) -> list[ReadPart]:
    """The parts, container first; never empty. Looks into the cache first, and leaves there what it read."""
    blobs, extractor = context.ports.blobs, context.ports.extractor
    key = keys.derived(tenant, file.sha256, extractor.version)
    try:
        return _DECODER.decode(blobs.read(Bucket.DERIVED, key))
    except BlobMissing:
        pass  # nobody has read these bytes yet
    except msgspec.MsgspecError:
        blobs.delete(Bucket.DERIVED, key)
    file.content.seek(0)
    with context.semaphore.aside():
        found = extractor.extract(file.content, media_type=file.media_type, name=file.name)
    parts = [_tidied(part) for part in found] or [ReadPart(media_type=file.media_type, problem="broken")]
    if not any(part.problem in _PASSING for part in parts):
        blobs.create(Bucket.DERIVED, key, _ENCODER.encode(parts))
    return parts


def _tidied(part: ReadPart) -> ReadPart:
    return msgspec.structs.replace(part, text=charsets.tidy(part.text), name=charsets.tidy(part.name))
