"""Fetches Tesseract's German data into the cache, without root, where no system package brought it."""

import sys

from services.adapters.ocr_engine.tesseract import language
from services.settings import load


def main() -> None:
    """Say what is fetched; where nothing helps, the sentence with the command that does."""
    settings = load()
    cache, folder = settings.storage.cache.expanduser(), settings.ocr.tessdata
    sentence = language.prepare(settings.ocr.language, _say, cache=cache, setting=folder)
    if sentence:
        _say(sentence)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
