"""Leitweg-ID: form and check digits."""

import pytest

from services.core.plan.leitweg import is_leitweg_id


@pytest.mark.parametrize("written", ["14713000-0815-65", "04011000-12345-03", "991-33333TEST-33", " 991-33333test-33 "])
def test_right_ones(written: str) -> None:
    """Made-up and public test numbers with right check digits, however they are typed."""
    assert is_leitweg_id(written)


@pytest.mark.parametrize(
    "written", ["", "15-1001", "14713000-0815-66", "14713000-0816-65", "1-2-3", "14713000--65", "x"]
)
def test_wrong_ones(written: str) -> None:
    """A wrong digit anywhere, and what has another form."""
    assert not is_leitweg_id(written)
