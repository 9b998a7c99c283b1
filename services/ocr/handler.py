"""Pages are read once for each content, and the result is left for all who ask later."""

from collections.abc import Sequence

from services.core.catalogue import known_problem
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import OcrCompleted, OcrRequested
from services.core.model import ocr_results, record
from services.core.ports.ocr_engine import OcrResult
from services.ocr.media_types import media_type_of
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Look for the result first; read the pages where there is none, and leave it for all who ask later.

    Without language data nothing is stored, so that whoever asks again is read then. Content that is gone is told
    like a result that is gone: extraction lays it out and asks again, unless the document was erased.
    """
    facts = event.facts
    if not isinstance(facts, OcrRequested):
        return ()
    sha256 = ocr_results.sha256_of(facts.content_key)
    version = context.ports.ocr.version
    first, last = facts.first_page, facts.last_page
    key = ocr_results.key(event.tenant, sha256, version=version, first=first, last=last)
    words = ocr_results.words_key(event.tenant, sha256, version=version, first=first, last=last)
    try:
        result = _known(context, key) or _read(context, facts, key, words=words)
    except BlobMissing:
        result = OcrResult(page_count=0)
    if record.is_erased(context.ports.blobs, event.tenant, facts.document):
        context.ports.blobs.delete(Bucket.DERIVED, key)
        context.ports.blobs.delete(Bucket.DERIVED, words)
        return ()
    return (_completed(event, facts, context=context, key=key, result=result),)


def _known(context: Context, key: str) -> OcrResult | None:
    try:
        result = ocr_results.decode(context.ports.blobs.read(Bucket.DERIVED, key))
    except BlobMissing:
        return None
    if result is None:
        context.ports.blobs.delete(Bucket.DERIVED, key)
    return result


def _read(context: Context, facts: OcrRequested, key: str, *, words: str) -> OcrResult:
    blobs = context.ports.blobs
    with blobs.open(Bucket.DERIVED, facts.content_key) as stream, context.seekable(stream) as content:
        media_type = media_type_of(content)
        first, last = facts.first_page, facts.last_page
        with context.semaphore.aside():
            result = context.ports.ocr.read_pages(content, media_type=media_type, first=first, last=last)
    if ocr_results.problem(result) != ocr_results.UNAVAILABLE:
        # Where the words stand comes first: a crash between leaves a result that is made again, not one without places.
        blobs.create(Bucket.DERIVED, words, ocr_results.encode_words(result))
        blobs.create(Bucket.DERIVED, key, ocr_results.encode(result))
    return result


def _completed(event: Event, facts: OcrRequested, *, context: Context, key: str, result: OcrResult) -> Event:
    completed = OcrCompleted(
        document=facts.document,
        revision=facts.revision,
        part=facts.part,
        first_page=facts.first_page,
        last_page=facts.last_page,
        result_key=key,
        confidence=ocr_results.confidence(result),
        problem_code=known_problem(ocr_results.problem(result)),
    )
    # Asked again once the language data is there, the same request has another answer: two events, not one repeated.
    ordinal = 1 if completed.problem_code == ocr_results.UNAVAILABLE else 0
    cause = Cause.of(event).nth(ordinal)
    return topics.emit(completed, cause=cause, service=context.service, now=context.ports.clock.now())
