"""The port to what reads files: parts, their text and their metadata."""

from typing import BinaryIO, Protocol

from msgspec import Struct


class ReadPart(Struct, frozen=True, kw_only=True):
    """What the extractor read of one container or of one thing inside it."""

    path: tuple[int, ...] = ()
    """Place inside the container, counted from 1, in the order of the original; () is the container itself."""
    name: str = ""
    media_type: str = "application/octet-stream"
    text: str = ""
    properties: dict[str, str] = {}
    """Chosen metadata under our own names: title, author, created, modified, language, page_count …"""
    page_characters: tuple[int, ...] = ()
    """Characters of the text layer, page by page, where the format has pages."""
    problem: str | None = None
    """A code of `catalogue.PROBLEMS`."""


class TextExtractor(Protocol):
    """Reads text and metadata out of files of any kind, in a process that may die of them."""

    version: str
    """Name, version and options hash, as one word; part of cache keys."""

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        """The parts, container first, in the order of the original, within the limits of the settings.

        The content is read from its beginning, wherever it stands, and perhaps again: it has to seek.

        A document that cannot be read comes back as a part with a `problem`; it is never an exception.
        """

    def unpack(self, content: BinaryIO, *, media_type: str = "", name: str = "", limit: int) -> list[tuple[str, bytes]]:
        """Name and bytes of what lies directly inside a file, in its order; empty where they cannot be had.

        Some formats give texts and no bytes, and more than `limit` bytes in all are not taken out.
        """

    def ready(self) -> bool:
        """Whether it would answer now."""

    def close(self) -> None:
        """Stop what was started."""
