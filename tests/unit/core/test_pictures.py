"""Pictures by their first bytes."""

import io

import pytest
from PIL import Image

from services.core.model.pictures import picture_in


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "gif", "bmp", "webp"])
def test_what_programs_write_is_known(kind: str) -> None:
    """Each kind as a common library writes it."""
    written = io.BytesIO()
    Image.new("RGB", (3, 2), "white").save(written, kind)
    assert picture_in(written.getvalue()) == f"image/{kind}"


@pytest.mark.parametrize("head", [b"", b"BMW faehrt vor", b"RIFF____WAVE", b"GIF", b"II*", b"%PDF-1.7"])
def test_what_only_begins_alike_is_none(head: bytes) -> None:
    """Two letters make no picture."""
    assert picture_in(head) == ""
