"""The port to what reads and draws pages."""

from typing import BinaryIO, Protocol

from msgspec import Struct

WHOLE = 10_000
"""The width and the height of every page, in the measure of its words' boxes."""


class PageWord(Struct, frozen=True, array_like=True):
    """A word where it stands on the upright page, from its top left corner, in ten-thousandths of the page."""

    text: str
    left: int
    top: int
    width: int
    height: int


class PageWords(Struct, frozen=True, kw_only=True):
    """The words that lie on a page as letters; none where all of it is a picture, or where it has a `problem`."""

    page_count: int = 0
    words: tuple[PageWord, ...] = ()
    problem: str | None = None


class OcrPage(Struct, frozen=True, kw_only=True):
    """One page as read: text in reading order and mean confidence from 0 to 1; `problem` where it could not be."""

    number: int
    text: str = ""
    confidence: float = 0.0
    problem: str | None = None
    from_layer: bool = False
    """Whether nothing had to be recognised: the text lies on the page as letters."""
    words: tuple[PageWord, ...] = ()
    """Its words and where they stand, in reading order."""


class OcrResult(Struct, frozen=True, kw_only=True):
    """The pages asked for, as far as they exist, and how many the content has."""

    page_count: int
    pages: tuple[OcrPage, ...] = ()
    problem: str | None = None


class Look(Struct, frozen=True, kw_only=True):
    """Which page is looked at, counted from 1, and how."""

    number: int
    width: int = 0
    """Pixels across that a WebP has at most, after it was turned; 0: a PNG whose longer side has about 1,400."""
    turn: int = 0
    """Degrees clockwise: 0, 90, 180 or 270."""
    limit: int = 0
    """Bytes that a WebP has at most; what is more detailed is drawn coarser. 0: there is no limit."""
    is_jpeg: bool = False
    """A JPEG in three colours instead of the WebP."""


class PagePicture(Struct, frozen=True, kw_only=True):
    """One page for people to look at, as a picture; empty where there is no such page, or a `problem`."""

    page_count: int = 0
    content: bytes = b""
    problem: str | None = None


class OcrEngine(Protocol):
    """Reads pages of images and PDFs in killable workers, and shows them.

    Content is read from its beginning, wherever it stands: it has to seek. Where it is a file, that file is read, and
    is not to be read on by the caller.
    """

    version: str
    """Name, version, language and options hash, as one word; part of cache keys."""
    drawing: str
    """Name and version of what draws pages, as one word; part of cache keys."""

    def read_pages(self, content: BinaryIO, *, media_type: str, first: int, last: int) -> OcrResult:
        """Pages first to last, counted from 1. What the document does to it comes back as a `problem`."""

    def show_page(self, content: BinaryIO, *, media_type: str, look: Look) -> PagePicture:
        """One page, with what was filled into its form; never waits for pages that are read."""

    def page_words(self, content: BinaryIO, *, media_type: str, number: int) -> PageWords:
        """The letters of one page, counted from 1, and where they stand; never waits for pages that are read."""

    def ready(self) -> bool:
        """Whether it would read now (engine and language data are here); showing needs no language data."""

    def close(self) -> None:
        """Stop the workers."""
