"""Keeps what is known of decisions as soon as enough of them came that a process which begins would read for long."""

from datetime import timedelta
from itertools import islice

from services.classification.knowledge.known import OVERLAP, document_in, known
from services.classification.remembered import keeping
from services.core import keys
from services.core.keys import Bucket
from services.runtime.context.service import Context

REMEMBERS_EVERY = timedelta(minutes=5)
FRESH = 100
"""Decisions that are not kept yet, from which all are kept anew: reading them takes a fraction of a second."""


def remember(context: Context) -> None:
    """Keep what is known, where nobody did since the last hundred decisions. TryLater while the store is away.

    An erasure leaves a pointer and then takes away what is kept. So whoever kept something looks for pointers that came
    meanwhile: of a document that is in it, it goes again, and the next round keeps what is left.
    """
    blobs, pointers = context.ports.blobs, keys.lessons(context.settings.tenant)
    since = keeping.is_kept_since(context)
    if sum(1 for _ in islice(blobs.keys(Bucket.RECORDS, pointers, since), FRESH)) < FRESH:
        return
    found = known(context).remembered(context)
    if found is None:
        return
    kept, seen = found
    key = keeping.store(kept, context)
    documents = {lesson.document for lesson in kept.remembered.lessons}
    after = keys.lessons_since(context.settings.tenant, kept.looked_at - OVERLAP)
    meanwhile = (pointer for pointer in blobs.keys(Bucket.RECORDS, pointers, after) if pointer not in seen)
    if any(document_in(pointer) in documents for pointer in meanwhile):
        blobs.delete(Bucket.DERIVED, key)
