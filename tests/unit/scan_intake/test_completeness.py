"""Whether a file has its end."""

import io
from pathlib import Path

import pytest
from PIL import Image

from services.scan_intake.hot_folder.completeness import lacks_its_end


def _picture(kind: str, **told: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((90, 120), 60).save(file, kind, **told)
    return file.getvalue()


def _with_thumbnail() -> bytes:
    """A photo in whose notes a small photo lies, as cameras write them."""
    photo, small = _picture("JPEG"), b"Exif\x00\x00" + _picture("JPEG", quality=5)
    return photo[:2] + b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small + photo[2:]


def _lacks(folder: Path, content: bytes) -> bool:
    path = folder / "scan"
    path.write_bytes(content)
    with path.open("rb", buffering=0) as stream:
        return lacks_its_end(stream)


WHOLE = {
    "jpeg": _picture("JPEG"),
    "progressive": _picture("JPEG", progressive=True),
    "with thumbnail": _with_thumbnail(),
    "png": _picture("PNG"),
    "tiff": _picture("TIFF"),
    "pdf": b"%PDF-1.7\n" + b"x" * 3_000 + b"%%EOF\n",
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_file_has_its_end(tmp_path: Path, kind: str) -> None:
    """Also where a scanner pads it to a full block."""
    assert not _lacks(tmp_path, WHOLE[kind])
    assert not _lacks(tmp_path, WHOLE[kind] + bytes(511))


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_is_cut_off_anywhere_lacks_its_end(tmp_path: Path, kind: str) -> None:
    """Behind every byte after the first few; a TIFF shows it by its directory only."""
    whole = WHOLE[kind]
    until = int.from_bytes(whole[4:8], "little") if kind == "tiff" else len(whole) - 6
    for length in range(12, until, 37):
        assert _lacks(tmp_path, whole[:length]), length


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xff" * 2_000, b"\x89PNG\r\n\x1a\n", b"GIF89a;"])
def test_what_only_begins_like_one_is_never_a_fault(tmp_path: Path, content: bytes) -> None:
    """Any bytes are answered, and quickly."""
    assert _lacks(tmp_path, content) in {True, False}
