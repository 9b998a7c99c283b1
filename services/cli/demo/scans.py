"""Letters of the demo as a scanner delivers them: PNG, JPEG, fax-like TIFF, and PDF made of pictures."""

import io
import time
from datetime import date

from PIL import Image

from services.cli.demo import paper
from services.cli.demo.letters import Form, Letter

DPI: dict[Form, int] = {"png": 200, "jpeg": 200, "tiff": 300, "pdf": 200}
ENDINGS: dict[Form, str] = {"png": "png", "jpeg": "jpg", "tiff": "tif", "pdf": "pdf"}
BLACK_BELOW = 150


def scan(letter: Letter, *, day: date, number: int) -> tuple[str, bytes]:
    """Name and content of the file; the same letter and day give the same bytes."""
    form: Form = letter.form or "png"
    pictures = paper.pages(letter, day=day, dpi=DPI[form])
    return f"Scan-{day:%Y%m%d}-{number:03d}.{ENDINGS[form]}", _file(pictures, form, day)


def _file(pictures: list[Image.Image], form: Form, day: date) -> bytes:
    file, dpi = io.BytesIO(), DPI[form]
    first, *others = pictures
    if form == "tiff":
        black_and_white = first.point(lambda grey: 255 if grey > BLACK_BELOW else 0, "1")
        black_and_white.save(file, "TIFF", compression="group4", dpi=(dpi, dpi))
    elif form == "pdf":
        made: time.struct_time = day.timetuple()
        first.save(
            file,
            "PDF",
            save_all=True,
            append_images=others,
            resolution=dpi,
            creationDate=made,
            modDate=made,
            quality=72,
        )
    else:
        first.save(file, form.upper(), dpi=(dpi, dpi), **({"quality": 72} if form == "jpeg" else {}))
    return file.getvalue()
