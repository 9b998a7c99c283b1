"""Noise that was read out of a page is told and not kept."""

from services.core.model.record_files import Part
from services.core.ports.ocr_engine import OcrPage, OcrResult
from services.extraction.reading import join_ocr


def _joined(*pages: OcrPage) -> Part:
    before = Part(part="0", role="attachment", media_type="image/gif", text="", page_count=len(pages))
    return join_ocr._recognised(before, OcrResult(page_count=len(pages), pages=pages), left=10_000, stuck=False)


def test_a_page_below_the_measured_confidence_is_illegible() -> None:
    """Its words are indexed nowhere; those of the pages beside it are."""
    found = _joined(
        OcrPage(number=1, text="Zaun", confidence=0.9),
        OcrPage(number=2, text="x~ ij q", confidence=0.3),
        OcrPage(number=3, text="Hecke", confidence=0.9),
    )
    assert found.problem == "illegible"
    assert found.text.split() == ["Zaun", "Hecke"]


def test_a_blank_page_is_not_illegible() -> None:
    """Nothing stands there, and that is certain."""
    assert _joined(OcrPage(number=1, text="", confidence=1.0)).problem is None
    assert _joined(OcrPage(number=1, text="matt, aber lesbar", confidence=0.52)).problem is None
