"""Pictures of the desk for its documentation: as wide as the guide wants them, and small."""

from pathlib import Path

from PIL import Image

from tests.browser.keyboard import Keyboard

WIDTH, HEIGHT, HIGHEST = 1280, 720, 1240
LARGEST_PICTURE = 150_000
"""Bytes: a guide is read over slow lines too."""
COLOURS = 128


class Camera:
    """Keeps what the browser shows, small, in the folder of the option or one that is thrown away."""

    def __init__(self, keyboard: Keyboard, folder: Path) -> None:
        self._keyboard, self._folder = keyboard, folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, name: str, *, largest: int = LARGEST_PICTURE, highest: int = HIGHEST) -> None:
        """A picture of the page as it is now."""
        file = self._folder / f"{name}.png"
        self._keyboard.width(WIDTH, HEIGHT)
        self._keyboard.width(WIDTH, min(self._keyboard.height(), highest))
        self._keyboard.picture(file)
        with Image.open(file) as shown:
            small = shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        assert small.width == WIDTH
        small.save(file, optimize=True)
        assert file.stat().st_size < largest
