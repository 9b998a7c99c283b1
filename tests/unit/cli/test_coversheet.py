"""Cover sheets as they are printed: what the scanner sees of them is what they were made for."""

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from PIL import Image

from services.adapters.sheet_reader.zxing import SheetLimits, ZxingSheetReader
from services.cli.commands.receipts.coversheet import coversheet
from services.core.model.batches import covers
from services.core.model.batches.covers import Cover
from services.core.ports.sheets.sheet_reader import Sheet
from services.settings import Settings


@pytest.fixture(scope="module")
def reader() -> Iterator[ZxingSheetReader]:
    """With one worker."""
    made = ZxingSheetReader(SheetLimits(workers=1))
    yield made
    made.close()


def printed(folder: Path, *arguments: str) -> bytes:
    """What the command writes."""
    target = folder / "blatt.pdf"
    answer = CliRunner().invoke(coversheet, [*arguments, str(target)])
    assert answer.exit_code == 0, answer.output
    return target.read_bytes()


def scanned(content: bytes, *, turn: float) -> bytes:
    """The sheet on paper, laid a little askew on a scanner of 200 dpi."""
    with pypdfium2.PdfDocument(content) as document:
        page = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    file = io.BytesIO()
    page.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=250).save(file, "PDF", resolution=200)
    return file.getvalue()


def codes(reader: ZxingSheetReader, content: bytes) -> tuple[str, ...]:
    """What its codes say."""
    with reader.opened(io.BytesIO(content)) as stack:
        assert stack.problem is None
        sheet = stack.look(1)
    assert isinstance(sheet, Sheet)
    return sheet.codes


@pytest.mark.parametrize("turn", [0, 2.5, 90, 181])
@pytest.mark.parametrize(
    ("arguments", "cover"),
    [
        (("--file", "52.10.02/17-2026"), Cover(file="52.10.02/17-2026")),
        (("--file", "52.10.02/17-2026#3"), Cover(file="52.10.02/17-2026", case=3)),
        (("--office", "bauamt"), Cover(office="bauamt")),
    ],
)
def test_a_printed_sheet_says_what_it_was_made_for(
    reader: ZxingSheetReader, tmp_path: Path, arguments: tuple[str, ...], cover: Cover, turn: float
) -> None:
    """Askew, on its side and on its head."""
    found = codes(reader, scanned(printed(tmp_path, *arguments), turn=turn))
    assert [told for code in found if (told := covers.read(code, "main"))] == [cover]


@pytest.mark.parametrize(
    ("argument", "known"),
    [("--separator", Settings().extraction.separators), ("--backs", Settings().extraction.turning_sheets)],
)
def test_a_printed_separator_divides(
    reader: ZxingSheetReader, tmp_path: Path, argument: str, known: tuple[str, ...]
) -> None:
    """Its code is one of those that the settings name by themselves."""
    assert set(known) & set(codes(reader, scanned(printed(tmp_path, argument), turn=1)))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--file", "52.10/1-2026", "--office", "bauamt"),
        ("--file", "kein Zeichen"),
        ("--file", "52.10/1-2026#0"),
        ("--office", "Das Bauamt|C="),
    ],
)
def test_a_sheet_that_nobody_could_read_is_not_written(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Wrong use, and nothing on the disk."""
    target = tmp_path / "blatt.pdf"
    assert CliRunner().invoke(coversheet, [*arguments, str(target)]).exit_code == 2
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--file", "kein Zeichen"), "{position}/{number}-{year}#3"),
        (("--file", "52.10/1-2026#x"), "`52.10/1-2026#x` is not of the form"),
        (("--office", "Das Bauamt"), "`Das Bauamt` is no name of an office"),
    ],
)
def test_a_refusal_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """The words that were given, and the form that they should have."""
    answer = CliRunner().invoke(coversheet, [*arguments, str(tmp_path / "blatt.pdf")], terminal_width=200)
    assert said in " ".join(answer.output.split())


@pytest.mark.parametrize("file", ["52.10/17-2026", "52.10/17-2026#3"])
def test_every_slip_in_a_code_is_found(file: str) -> None:
    """One wrong character anywhere is never another file, Vorgang or office."""
    code = covers.written("main", file=file)
    for place in range(len(code)):
        for other in "0Z9a|":
            slip = code[:place] + other + code[place + 1 :]
            told = covers.read(slip, "main")
            assert slip == code or told is None or told.fault
