"""File numbers and signs of Vorgänge: parsed however they were typed, rendered one way."""

import pytest

from services.core.errors import Misconfigured
from services.core.plan.file_numbers import FileNumber, Template, case_sign, template_of


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("52.10.02/17-2026", None),
        ("52.10.02/17-2026#3", 3),
        ("52.10.02 / 17 \u2013 2026 # 003", 3),
        ("52.10.02/17-2026#999999", 999_999),
    ],
)
def test_sign_of_a_case_leads_to_its_file(text: str, case: int | None) -> None:
    """The file is the same, whatever stands behind it."""
    assert Template().parse(text) == FileNumber("52.10.02", 17, 2026, case)


@pytest.mark.parametrize("behind", ["#", "#0", "#-1", "#1000000", "#1#2", "#a", "#\u0663", f"#{'0' * 100_000}1"])
def test_what_is_no_case_is_no_number(behind: str) -> None:
    """Nothing is guessed."""
    assert Template().parse(f"52.10.02/17-2026{behind}") is None


def test_what_is_rendered_is_parsed() -> None:
    """Also where another template ends in letters."""
    template = Template("{position}/{year}_{number}-A")
    parsed = template.parse(case_sign(template.render("52.10.02", 17, 2026), 3))
    assert parsed == FileNumber("52.10.02", 17, 2026, 3)
    assert case_sign("52.10.02/17-2026", None) == "52.10.02/17-2026"


def test_template_of_a_setting_is_made_once_and_still_checked() -> None:
    """The same one for the same text; a text that is none is refused each time."""
    text = "{position}/{year}_{number}"
    assert template_of(text) is template_of(text)
    assert template_of(text) == Template(text)
    for _ in range(2):
        with pytest.raises(Misconfigured):
            template_of("{number}")
