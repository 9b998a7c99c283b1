"""Scans as PDF/A by the programs themselves: what a reader of PDF finds in the file, and a judge of the format."""

import hashlib
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from jgo.maven import MavenContext

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from services.adapters.text_extractor.tika.programs import find_java
from services.core.ports.ocr_engine import Look, OcrEngine, PageWord
from services.extraction.archival.pdf_a import NoJpeg, Sheet, pdf_a
from tests.ports import files

pytestmark = pytest.mark.xdist_group("ocr")
VERAPDF = "687d4d8bcfec48c9f7e931cf78ed061f1eeccfba55d4cdc000ba9b4d8aa46ce6"
"""SHA-256 of its jar."""
WORDS = (PageWord("Gebührenbescheid", 1000, 1000, 4000, 300), PageWord("(52.10.02-17)", 1000, 1500, 3000, 250))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OcrEngine]:
    """Drawing needs no language data."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    made = TesseractOcrEngine(nowhere, cache=Path(nowhere), limits=OcrLimits(workers=1, max_bytes=40_000_000))
    yield made
    made.close()


def drawn(engine: OcrEngine, content: bytes, number: int = 1) -> bytes:
    """A page as JPEG."""
    look = Look(number=number, width=1_654, limit=2_000_000, is_jpeg=True)
    return engine.show_page(io.BytesIO(content), media_type="application/octet-stream", look=look).content


@pytest.fixture(scope="module")
def made(engine: OcrEngine) -> bytes:
    """Two pages, the first with words."""
    content = files.picture(files.scan("eins"), files.scan("zwei", ink="blue"), kind="PDF", resolution=200)
    return pdf_a([Sheet(drawn(engine, content), WORDS), Sheet(drawn(engine, content, 2))])


def test_the_words_lie_where_they_stand_and_are_not_seen(made: bytes) -> None:
    """Found and copied with umlauts, at their place on a page of A4; the page looks as without them."""
    with pypdfium2.PdfDocument(made) as document:
        assert len(document) == 2
        page = document[0]
        width, height = page.get_size()
        assert min(width, height) == pytest.approx(595.28, abs=0.1)
        text = page.get_textpage()
        assert text.get_text_range().split() == ["Gebührenbescheid", "(52.10.02-17)"]
        found = text.search("Gebührenbescheid").get_next()
        assert found
        left, bottom, right, top = text.get_rect(text.count_rects(*found) - 1)
        assert left == pytest.approx(width * 0.1, abs=4)
        assert height * 0.87 - 6 <= bottom <= top <= height * 0.9 + 6
        assert right - left == pytest.approx(width * 0.4, rel=0.2)
        with pypdfium2.PdfDocument(pdf_a([Sheet(_jpeg_of(made))])) as bare:
            assert page.render().to_numpy().tobytes() == bare[0].render().to_numpy().tobytes()


def _jpeg_of(made: bytes) -> bytes:
    begin = made.index(b"\xff\xd8\xff")
    return made[begin : made.index(b"\nendstream", begin)]


def test_the_same_sheets_make_the_same_bytes(engine: OcrEngine) -> None:
    """So what was kept can be compared with what is made anew."""
    page = drawn(engine, files.picture(files.scan("eins"), kind="PNG"))
    assert pdf_a([Sheet(page, WORDS)]) == pdf_a([Sheet(page, WORDS)])


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"\xff\xd8", b"\xff\xd8\xff\xc0\x00\x0b\x08", b"\xff\xd8\xff\xe0\xff\xff" * 9]
)
def test_what_is_no_jpeg_is_refused(content: bytes) -> None:
    """Whatever a drawing process answered."""
    with pytest.raises(NoJpeg):
        pdf_a([Sheet(content)])


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VeraPDF, the validator of the PDF Association and the Open Preservation Foundation (GPL or MPL; tests alone)."""
    cache = Path.home() / ".cache" / "poststelle-tests" / "maven"
    artifact = MavenContext(repo_cache=cache, timeout=120).project("org.verapdf.apps", "greenfield-apps")
    jar = Path(artifact.at_version("1.28.2").artifact().resolve())
    with jar.open("rb") as stream:
        assert hashlib.file_digest(stream, "sha256").hexdigest() == VERAPDF
    return jar


def _passes(judge: Path, content: bytes, folder: Path) -> bool:
    (folder / "made.pdf").write_bytes(content)
    words = ("-cp", judge, "org.verapdf.apps.GreenfieldCliWrapper", "--flavour", "2b", "--format", "text")
    told = subprocess.run(
        [find_java(), *words, folder / "made.pdf"], check=False, capture_output=True, text=True, timeout=120
    ).stdout
    assert told.startswith(("PASS", "FAIL")), told
    return told.startswith("PASS")


@pytest.mark.stack
def test_a_judge_of_the_format_takes_it_for_pdf_a(made: bytes, judge: Path, tmp_path: Path) -> None:
    """And would say so where it is none: without the profile of its colours, or with words that are painted."""
    assert _passes(judge, made, tmp_path)
    assert not _passes(judge, made.replace(b"/OutputIntents[", b"/OutputNothing["), tmp_path)
    assert not _passes(judge, made.replace(b"BT 3 Tr", b"BT 0 Tr"), tmp_path)
