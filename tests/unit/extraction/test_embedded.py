"""The files in a PDF, taken out of its bytes."""

import pytest

from services.extraction.invoices.embedded import embedded_files
from services.extraction.invoices.reading import may_be_invoice
from services.extraction.invoices.syntaxes import SIGNS
from tests.invoices.hybrid import hybrid

LIMIT = 1_000
FILES = {"eins.xml": b"<a>endobj</a>", "zwei.xml": b"<b/>" * 100, "drei.xml": b""}


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "plain"])
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
def test_files_come_in_the_order_of_the_bytes(packed: bool, typed: bool) -> None:  # noqa: FBT001  # cases
    """However they are kept, and whatever their dictionaries say of them."""
    pdf = hybrid(["Rechnung"], FILES, packed=packed, typed=typed, ballast=[b"/EmbeddedFileX /EmbeddedFiles obj"])
    assert embedded_files(pdf, limit=LIMIT) == list(FILES.values())


def test_a_file_that_is_too_long_leaves_nothing_to_be_told() -> None:
    """Nobody may take the others for all."""
    pdf = hybrid(["Rechnung"], {**FILES, "bombe.xml": bytes(LIMIT + 1)})
    assert embedded_files(pdf, limit=LIMIT) is None


def test_a_pdf_without_files_has_none() -> None:
    """Also where its text speaks of them."""
    assert embedded_files(hybrid(["Anlage EmbeddedFile"], {}), limit=LIMIT) == []


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le"])
def test_every_sign_is_seen_behind_other_names(sign: bytes, charset: str) -> None:
    """A namespace that begins alike goes before it."""
    head = f'<x xmlns:a="urn:un:other" xmlns="{sign.decode()}">'.encode(charset)
    assert may_be_invoice(head)
    assert not may_be_invoice(head.replace(sign.decode()[4:].encode(charset), b""))
