"""In which language a page speaks, and how sentences, days and numbers read in it."""

from datetime import UTC, date, datetime

import pytest

from services.runtime.translation.speaking import gettext, language, ngettext, preferred, speaking
from services.runtime.translation.spoken import day_in_year, day_shown, number_shown, shown

MOMENT = datetime(2026, 11, 29, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de"),
        ("de;q=0.5, EN ; q=0.6", "en"),
        ("en,de", "de"),
        ("fr,tr;q=0.9", "de"),
        ("*", "de"),
        ("en;q=0", "de"),
        ("en;q=x", "de"),
        ("en;q=inf,de", "de"),
        ("en;q=nan", "de"),
        ("," * 100_000 + "en", "de"),
        (";;;=,=;en;q", "de"),
    ],
)
def test_a_browser_is_answered_in_english_only_if_it_prefers_it(accepted: str, wanted: str) -> None:
    """German unless English is preferred and German is not, whatever a browser sends."""
    assert preferred(accepted) == wanted


def test_without_a_request_all_is_german() -> None:
    """Programs, papers and mails speak German."""
    assert language() == "de"
    assert gettext("Speichern") == "Speichern"
    assert ngettext("Seite", "Seiten", 2) == "Seiten"
    assert (shown(MOMENT), day_shown(date(2026, 1, 5)), number_shown("1,190.50")) == (
        "29.11.2026, 14:05 Uhr",
        "05.01.2026",
        "1.190,50",
    )


def test_english_is_said_while_somebody_who_wants_it_is_answered() -> None:
    """Sentences, plurals, days and numbers; afterwards German again. What has no English stays as it is."""
    with speaking(lambda: "en"):
        assert gettext("Speichern") == "Save"
        assert (ngettext("Seite", "Seiten", 1), ngettext("Seite", "Seiten", 0)) == ("page", "pages")
        assert gettext("So etwas sagt hier niemand") == "So etwas sagt hier niemand"
        assert (shown(MOMENT), day_shown(date(2026, 1, 5)), day_in_year(date(2026, 12, 15))) == (
            "29 Nov 2026, 14:05",
            "5 Jan 2026",
            "15 Dec",
        )
        assert number_shown("1,190.50") == "1,190.50"
    assert gettext("Speichern") == "Speichern"


def test_nobody_is_asked_before_something_is_said() -> None:
    """Who calls the API costs no look at its account for a language; a page costs one."""
    asked: list[int] = []

    def wanted() -> str:
        asked.append(1)
        return "en"

    with speaking(wanted):  # type: ignore[arg-type]
        assert not asked
        assert (gettext("Speichern"), gettext("Abmelden")) == ("Save", "Sign out")
        assert len(asked) == 1
