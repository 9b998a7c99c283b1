"""Every page of the desk in English: no German word is left outside of what people wrote and the file plan says."""

import html
import re
from collections.abc import Iterator

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import CityHall
from tests.component.every_page import everybody, full, pieces, unopened

GERMAN = re.compile(
    r"(?<![\w/.„-])(?:der|die|das|dem|den|des|ein|eine|einem|einen|einer|und|oder|nicht|noch|nur|ist|sind|wird|werden|wurde|wurden|hat|haben|"
    r"kein|keine|keiner|für|von|vom|zum|zur|mit|auf|aus|bei|nach|über|unter|ohne|seit|bis|durch|hier|dort|auch|schon|"
    r"alle|ja|nein|Uhr|Sie|Ihr|Ihre|Seite|Seiten|Akte|Akten|Amt|Ämter|Dokument|Dokumente|Datei|Dateien|Eingang|"
    r"Absender|Betreff|Entscheidung|Suche|Suchen|Weitere|Zurück)(?![\w/.:]|-\w)"
)
"""Function words, and the words that head the pages, where they stand by themselves."""
CONTENT = ("Stapel mit 2 Schriftstücken",)
"""Subjects that were given to documents when they came: they are stored, and stay as they are."""
TELLING = re.compile(r'\s(?:aria-label|data-name|title|placeholder|alt|label)="([^"]*)"')
UNSAID = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]*\blang=\"(?:de)\"[^>]*>[^<]*<", re.DOTALL)
SENTENCE = re.compile(r"<[^>]+>")


def said(page: str) -> Iterator[str]:
    """What a page says, piece by piece: its text and the attributes that are read aloud."""
    page = UNSAID.sub("<", page)
    yield from (html.unescape(found[1]) for found in TELLING.finditer(page))
    yield from (html.unescape(piece).strip() for piece in SENTENCE.split(page))


@pytest.fixture
def english(hall: CityHall) -> tuple[Browser, list[str]]:
    """A clerk who sees every page, in English, with the addresses of all."""
    clerk = everybody(hall)
    places = full(hall)
    assert clerk.submit("/konto", at="/konto/sprache", sprache="en").status_code == 303
    return clerk, places


def test_no_page_says_a_german_word(hall: CityHall, english: tuple[Browser, list[str]]) -> None:
    """All pages and the pieces that scripts put into them."""
    clerk, places = english
    assert unopened(hall, places) == []
    left = []
    for place in [*places, *pieces(places)]:
        browser = hall.stranger() if place.startswith(("/anmelden", "/einmal")) else clerk
        page = browser.get(place, headers={"Accept-Language": "en"})
        assert page.status_code == 200, place
        left += [f"{place}: {one}" for one in said(page.text) if GERMAN.search(_without_content(one))]
    assert not left, "\n".join(left)


def _without_content(text: str) -> str:
    for one in CONTENT:
        text = text.replace(one, "")
    return text
