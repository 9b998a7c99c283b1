"""Pages that wait for text recognition: asked for, read once, folded in, in any order and however often."""

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentExtracted, OcrCompleted, OcrRequested
from services.core.model import ocr_results
from tests.component.reading_service import TENANT, ReadingService, a_mail, completed

TIFF = b"II*\0"


def a_pdf(*pages: str) -> bytes:
    """Pages as the recording readers understand them; an empty one is a picture."""
    return b"%PDF" + "\f".join(pages).encode()


def requests(events: list[Event]) -> list[OcrRequested]:
    """The requests among them."""
    return [event.facts for event in events if isinstance(event.facts, OcrRequested)]


def last_extracted(events: list[Event]) -> DocumentExtracted:
    """The facts of the last extraction told."""
    return [event.facts for event in events if isinstance(event.facts, DocumentExtracted)][-1]


def test_a_scan_is_complete_when_its_pages_were_read() -> None:
    """A page without a text layer is asked for, read and folded into revision 2."""
    context = ReadingService()
    event = context.arrive(a_pdf("Blatt 1"), "application/pdf", name="scan.pdf")
    told = context.read(event)
    part = context.parts(event.document)["0"]
    assert [e.facts.complete for e in told if isinstance(e.facts, DocumentExtracted)] == [False, True]
    assert last_extracted(told).revision == 2
    assert (part.text, part.recognised, part.confidence) == ("BLATT 1", True, 0.9)
    assert not context.extraction(event.document).awaiting


def test_recognised_pages_stand_between_those_with_a_text_layer() -> None:
    """Only the pages without text are asked for, and the text is in page order afterwards."""
    context = ReadingService()
    layer = "Dies ist eine Seite mit einer ordentlichen Textebene"
    event = context.arrive(a_pdf(layer, "bild", layer), "application/pdf")
    told = context.read(event)
    assert [(r.first_page, r.last_page) for r in requests(told)] == [(2, 2)]
    pages = context.parts(event.document)["0"].text.split("\f")
    assert len(pages) == 3
    assert pages[1] == "BILD"
    assert pages[0].startswith(layer)


def test_a_thick_scan_is_asked_for_in_ranges_of_twenty() -> None:
    """Requests hold at most 20 pages, in order, under the key of the content."""
    context = ReadingService()
    event = context.arrive(a_pdf(*(f"s{n}" for n in range(1, 46))), "application/pdf")
    first = context.extract(event)
    asked = [e for e in first if isinstance(e.facts, OcrRequested)]
    assert [(r.first_page, r.last_page) for r in requests(list(first))] == [(1, 20), (21, 40), (41, 45)]
    assert {e.key for e in asked} == {context.extraction(event.document).parts[0].sha256}
    told = [e for request in reversed(asked) for e in context.read(request)]
    assert last_extracted(told) == DocumentExtracted(document=event.document, revision=4, complete=True, part_count=1)
    assert context.parts(event.document)["0"].text.split("\f")[44] == "S45"


def test_an_image_tells_how_many_pages_it_has_while_it_is_read() -> None:
    """The first twenty pages of an image are asked for blindly; what lies behind follows from the first result."""
    context = ReadingService()
    event = context.arrive(TIFF + "\f".join(f"s{n}" for n in range(1, 46)).encode(), "image/tiff")
    told = context.read(event)
    part = context.parts(event.document)["0"]
    assert [(r.first_page, r.last_page) for r in requests(told)] == [(1, 20), (21, 40), (41, 45)]
    assert (part.page_count, part.recognised_pages) == (45, 45)
    assert part.text.endswith("S44\fS45")
    assert not context.extractor.asked


def test_confidence_is_the_mean_over_all_pages_read() -> None:
    """A pale page counts as much as any other, whichever range it came with."""
    context = ReadingService()
    pages = ["blass", *(f"s{n}" for n in range(2, 22))]
    event = context.arrive(a_pdf(*pages), "application/pdf")
    context.read(event)
    confidence = context.parts(event.document)["0"].confidence
    assert confidence == pytest.approx((0.5 + 20 * 0.9) / 21)


def test_each_content_is_read_once() -> None:
    """Two documents with the same scan ask twice; the engine works once."""
    context = ReadingService()
    context.read(context.arrive(a_pdf("Blatt"), "application/pdf"))
    mail = a_mail()
    mail.add_attachment(a_pdf("Blatt"), maintype="application", subtype="pdf", filename="scan.pdf")
    event = context.arrive(mail.as_bytes())
    told = context.read(event)
    assert len(requests(told)) == 1
    assert len(context.ocr.asked) == 1
    assert context.parts(event.document)["1"].text == "BLATT"


def test_a_result_that_comes_twice_is_folded_once() -> None:
    """The repeat tells the same events under the same ids and makes no revision."""
    context = ReadingService()
    event = context.arrive(a_pdf("Blatt"), "application/pdf")
    request = context.extract(event)[1]
    (done,) = context.recognise(request)
    first = context.extract(done)
    stored = context.stored(Bucket.RECORDS)
    assert [e.id for e in context.extract(done)] == [e.id for e in first]
    assert [e.id for e in context.recognise(request)] == [done.id]
    assert context.stored(Bucket.RECORDS) == stored


def test_a_repeat_after_newer_revisions_tells_its_own() -> None:
    """Events that got lost with a crash come again although another part has made a newer revision since."""
    context = ReadingService()
    event = context.arrive(TIFF + "\f".join(f"s{n}" for n in range(1, 46)).encode(), "image/tiff")
    (first,) = context.recognise(context.extract(event)[1])
    lost = context.extract(first)
    (second,) = context.recognise(lost[1])
    context.extract(second)
    assert [e.id for e in context.extract(first)] == [e.id for e in lost]


def test_two_parts_are_folded_whoever_is_first() -> None:
    """A worker whose revision number was taken meanwhile folds its pages into the newer revision."""
    context = ReadingService()
    mail = a_mail()
    for text in ("Eins", "Zwei"):
        mail.add_attachment(a_pdf(text), maintype="application", subtype="pdf", filename=f"{text}.pdf")
    event = context.arrive(mail.as_bytes())
    _, one, two = context.extract(event)
    (first,), (second,) = context.recognise(one), context.recognise(two)
    context.extract(first)
    context.blobs.unlisted.add(keys.stage(TENANT, event.document, "extraction", 2))
    told = context.extract(second)
    assert last_extracted(list(told)).revision == 3
    assert [part.text for part in context.extraction(event.document).parts[1:]] == ["EINS", "ZWEI"]


def test_a_lost_result_is_asked_for_again() -> None:
    """A result that went with another user of the cache is made again, from pages laid out again."""
    context = ReadingService()
    event = context.arrive(a_pdf("Blatt"), "application/pdf")
    (done,) = context.recognise(context.extract(event)[1])
    for key in context.stored(Bucket.DERIVED):
        context.blobs.delete(Bucket.DERIVED, key)
    told = context.read(done)
    assert requests(told)[0].first_page == 1
    assert last_extracted(told).complete
    assert context.parts(event.document)["0"].text == "BLATT"


def test_lost_content_is_laid_out_again() -> None:
    """When the bytes to be read are gone from the cache, extraction lays them out and asks again."""
    context = ReadingService()
    mail = a_mail()
    mail.add_attachment(a_pdf("Blatt"), maintype="application", subtype="pdf", filename="scan.pdf")
    event = context.arrive(mail.as_bytes())
    request = context.extract(event)[1]
    for key in context.stored(Bucket.DERIVED):
        context.blobs.delete(Bucket.DERIVED, key)
    assert last_extracted(context.read(request)).complete
    assert context.parts(event.document)["1"].text == "BLATT"


def test_an_unreadable_result_is_made_again() -> None:
    """Bytes in the cache that are no result are replaced, by whoever finds them."""
    context = ReadingService()
    event = context.arrive(a_pdf("Blatt"), "application/pdf")
    (done,) = context.recognise(context.extract(event)[1])
    assert isinstance(done.facts, OcrCompleted)
    context.blobs.delete(Bucket.DERIVED, done.facts.result_key)
    context.blobs.create(Bucket.DERIVED, done.facts.result_key, b"{")
    assert last_extracted(context.read(done)).complete


def test_without_language_data_the_document_goes_on_and_its_pages_wait() -> None:
    """It is complete with `ocr_unavailable` on the part; nothing is cached, the pages stay awaited."""
    context = ReadingService()
    context.ocr.has_language = False
    event = context.arrive(a_pdf(""), "application/pdf")
    told = context.read(event)
    extraction = context.extraction(event.document)
    assert last_extracted(told).complete
    assert last_extracted(told).problem_code == "ocr_unavailable"
    assert extraction.parts[0].problem == "ocr_unavailable"
    assert len(extraction.awaiting) == 1
    assert not [key for key in context.stored(Bucket.DERIVED) if "-p1-" in key]


def test_pages_that_waited_for_language_data_can_be_read_later() -> None:
    """The same request again, once the data is there, brings the text and takes the problem away."""
    context = ReadingService()
    context.ocr.has_language = False
    event = context.arrive(a_pdf("Blatt"), "application/pdf")
    request = context.extract(event)[1]
    (refused,) = context.recognise(request)
    context.extract(refused)
    again = context.extract(refused)
    assert last_extracted(list(again)).revision == 2
    context.ocr.has_language = True
    assert last_extracted(context.read(request)).problem_code is None
    part = context.parts(event.document)["0"]
    assert (part.text, part.problem) == ("BLATT", None)


def test_a_refusal_and_the_later_answer_are_two_events() -> None:
    """Whoever knows the refusal by its id must not take the answer for its repeat, nor what is told of either."""
    context = ReadingService()
    context.ocr.has_language = False
    request = context.extract(context.arrive(a_pdf("Blatt"), "application/pdf"))[1]
    (refused,) = context.recognise(request)
    waiting = context.extract(refused)
    context.ocr.has_language = True
    (answered,) = context.recognise(request)
    read = context.extract(answered)
    assert answered.id != refused.id
    assert not {event.id for event in waiting} & {event.id for event in read}


def test_a_refusal_that_comes_again_is_joined_once() -> None:
    """Also where the part has got another problem meanwhile, by pages that a second engine could read."""
    context = ReadingService()
    event = context.arrive(a_pdf(*(f"s{n}" for n in range(1, 26))), "application/pdf")
    _, one, two = context.extract(event)
    context.ocr.has_language = False
    (refused,) = context.recognise(one)
    first = context.extract(refused)
    context.ocr.has_language, context.ocr.problem = True, "broken"
    (other,) = context.recognise(two)
    context.extract(other)
    assert context.parts(event.document)["0"].problem == "broken"
    stored = context.stored(Bucket.RECORDS)
    assert [e.id for e in context.extract(refused)] == [e.id for e in first]
    assert context.stored(Bucket.RECORDS) == stored


def test_an_engine_that_is_away_is_asked_later() -> None:
    """The world's problem leaves nothing behind."""
    context = ReadingService()
    request = context.extract(context.arrive(a_pdf("Blatt"), "application/pdf"))[1]
    context.ocr.away = True
    before = context.stored(Bucket.DERIVED)
    with pytest.raises(TryLater):
        context.recognise(request)
    assert context.stored(Bucket.DERIVED) == before


def test_erased_while_its_pages_are_read() -> None:
    """The result is taken back and nothing is told, by either service."""
    context = ReadingService()
    event = context.arrive(a_pdf("Blatt"), "application/pdf")
    request = context.extract(event)[1]
    (done,) = context.recognise(request)
    context.erase(event.document)
    assert context.recognise(request) == ()
    assert context.extract(done) == ()
    assert not [key for key in context.stored(Bucket.DERIVED) if "-p1-" in key]


def test_a_result_for_an_unknown_part_is_nothing() -> None:
    """A completion of pages that nobody awaits changes nothing and tells nothing."""
    context = ReadingService()
    event = context.arrive(a_pdf("Blatt"), "application/pdf")
    request = context.extract(event)[1]
    assert isinstance(request.facts, OcrRequested)
    key = ocr_results.key(TENANT, "0" * 64, version="x", first=1, last=1)
    stranger = OcrRequested(
        document=event.document, revision=1, part="7", first_page=1, last_page=1, content_key=request.facts.content_key
    )
    assert context.extract(completed(request, stranger, key)) == []


def a_png(width: int, height: int) -> bytes:
    """The beginning of a picture of this size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


def test_a_signature_picture_is_not_read() -> None:
    """Pixels tell a logo from a page, not bytes; what no page shows, and what hangs on the mail, is read."""
    context = ReadingService()
    mail = a_mail()
    mail.add_alternative("<p>Text</p><img src='cid:0'><img src='cid:1'>", subtype="html")
    small, large = a_png(300, 120) + b"x" * 40_000, a_png(1240, 1754)
    html = mail.get_body(("html",))
    assert html
    for number, picture in enumerate((small, large, small)):
        html.add_related(picture, "image", "png", cid=f"<{number}>")
    mail.add_attachment(small, maintype="image", subtype="png", filename="foto.png")
    event = context.arrive(mail.as_bytes())
    asked = requests(list(context.extract(event)))
    roles = [part.role for part in context.extraction(event.document).parts]
    assert roles == ["body", "inline", "inline", "attachment", "attachment"]
    assert [request.part for request in asked] == ["2", "3", "4"]
