"""Words are found as German writes them, in every field, with the pieces of text that show why."""

from datetime import timedelta

import pytest

from services.core.ports.entries import Field, Filters, Query, Term
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import (
    CLERK,
    MAIL_ROOM,
    START,
    STRANGER,
    a_query,
    an_entry,
    asking,
    committed,
    found,
    numbers,
)

LETTER = an_entry(
    title="Einspruch gegen die Festsetzung",
    sender="Hans Müller <h.mueller@beispiel.test>",
    recipients=("bauamt@stadt.test", "Amt für Straßenwesen <tiefbau@stadt.test>"),
    names=("rechnung_2026.pdf", "Lageplan-Nord.tif"),
    body="Sehr geehrte Damen und Herren, der Zaun ist zu hoch.",
    attachments="Auf der gescannten Seite steht das Wort Regenrückhaltebecken.",
    files=("52.10.02/17-2026",),
    positions=("52.10.02",),
)


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ("Einspruch", "title"),
        ("Zaun", "body"),
        ("Regenrückhaltebecken", "attachments"),
        ("Lageplan", "names"),
        ("rechnung", "names"),
        ("Hans", "sender"),
        ("h.mueller@beispiel.test", "sender"),
        ("beispiel", "sender"),
        ("tiefbau", "recipients"),
        ("Straßenwesen", "recipients"),
        ("52.10.02/17-2026", "file"),
    ],
)
def test_a_word_is_found_anywhere_in_its_field_and_in_no_other(index: SearchIndex, word: str, field: Field) -> None:
    """A word is found without a field and in its own field, but not in another one."""
    committed(index, LETTER)
    other: Field = "title" if field != "title" else "body"
    assert [found(index, word, field=each) for each in ("any", field, other)] == [[1], [1], []]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Müller", "Mueller"),
        ("Mueller", "müller"),
        ("Muller", "MÜLLER"),
        ("Mu\u0308ller", "Müller"),
        ("Straße", "STRASSE"),
        ("Hauptstr. 5", "Hauptstraße"),
        ("Hauptstrasse", "Hauptstr."),
        ("Genehmigungen", "Genehmigung"),
        ("Bäume", "Baum"),
        ("des Bescheides", "Bescheid"),
        ("Häuser", "Haus"),
        ("Café René", "cafe rene"),
        ("Bau\u00adgenehmigung", "Baugenehmigung"),
        ("Größe", "groesse"),
    ],
)
def test_spellings_and_forms_of_a_word_meet(index: SearchIndex, written: str, asked: str) -> None:
    """A word is found by its other spellings and forms."""
    committed(index, an_entry(1, body=f"Hier steht {written} im Satz."), an_entry(2, body="Hier nicht."))
    assert found(index, *asked.split()) == [1]


@pytest.mark.parametrize("asked", ["Feuer", "Quelle", "Bauer"])
def test_a_u_before_e_that_is_no_umlaut_stays(index: SearchIndex, asked: str) -> None:
    """What looks like a written-out umlaut but is none is not folded away."""
    committed(index, an_entry(1, body="Das Feuer des Bauern an der Quelle."), an_entry(2, body="fur bar bur qulle"))
    assert found(index, asked) == [1]


def test_a_phrase_wants_its_words_side_by_side(index: SearchIndex) -> None:
    """A phrase finds its words in this order and without others between; forms may differ."""
    committed(index, an_entry(1, body="in der großen Halle"), an_entry(2, body="der Halle in großen Mengen"))
    phrase = Term(text="in der grossen Hallen", phrase=True)
    assert numbers(index.search(asking(phrase), CLERK)) == [1]


def test_a_phrase_does_not_reach_from_one_name_into_the_next(index: SearchIndex) -> None:
    """Two file names are no sentence."""
    committed(index, an_entry(names=("antrag.pdf", "skizze.png")))
    assert numbers(index.search(asking(Term(text="pdf skizze", phrase=True)), CLERK)) == []


@pytest.mark.parametrize(
    ("beginning", "expected"), [("bau", [1, 2]), ("Baugenehm", [1]), ("baugenehmigu", [1]), ("gen", [3]), ("zaun", [])]
)
def test_a_beginning_finds_the_words_that_begin_so(index: SearchIndex, beginning: str, expected: list[int]) -> None:
    """A prefix finds every word that begins with it, however long the prefix is."""
    bodies = ("Ihre Baugenehmigungen", "Unser Bauhof", "Eine Genehmigung")
    committed(index, *(an_entry(number, body=body) for number, body in enumerate(bodies, 1)))
    hits = index.search(asking(Term(text=beginning, prefix=True)), CLERK)
    assert sorted(numbers(hits)) == expected


def test_groups_are_all_wanted_and_terms_of_a_group_are_alternatives(index: SearchIndex) -> None:
    """All of the groups must be met, by any of their terms."""
    bodies = ("Hund und Katze", "Hund und Maus", "Katze", "Maus")
    committed(index, *(an_entry(number, body=body) for number, body in enumerate(bodies, 1)))
    query = Query(groups=((Term(text="Hund"),), (Term(text="Katze"), Term(text="Maus"))))
    assert sorted(numbers(index.search(query, CLERK))) == [1, 2]
    query = Query(groups=((Term(text="Hund"), Term(text="Katze", negated=True)),))
    assert sorted(numbers(index.search(query, CLERK))) == [1, 2, 4]


def test_what_is_negated_is_left_out(index: SearchIndex) -> None:
    """A negated term excludes, also where nothing else was asked."""
    committed(index, an_entry(1, body="Hund und Katze"), an_entry(2, body="Hund"), an_entry(3, body="Maus"))
    without = Term(text="Katzen", negated=True)
    assert sorted(numbers(index.search(asking(Term(text="Hund"), without), CLERK))) == [2]
    assert sorted(numbers(index.search(asking(without), CLERK))) == [2, 3]


@pytest.mark.parametrize(
    "asked", ["52.10.02/17-2026", "52.10.02/17", "52.10.02 / 17 - 2026", "17-2026", "17/2026", "17/26", "52.10.02"]
)
def test_a_file_is_found_by_pieces_of_its_number(index: SearchIndex, asked: str) -> None:
    """Clerks type pieces of file numbers, with any dash and a short year."""
    committed(index, LETTER, an_entry(2, files=("52.11.02/18-2026",)), an_entry(3, files=("10.52.03/17-2025",)))
    assert found(index, asked, field="file") == [1]
    assert found(index, asked) == [1]


@pytest.mark.parametrize("asked", ["52.10.02/17-2026#3", "17-2026 # 3", "17/26#3"])
@pytest.mark.parametrize("field", ["file", "any"])
def test_a_case_is_found_by_its_sign(index: SearchIndex, asked: str, field: Field) -> None:
    """By the sign as a word too; no other Vorgang of the file, nothing for who may not see it."""
    case = {"files": ("52.10.02/17-2026",), "cases": ("52.10.02/17-2026#3",)}
    other = an_entry(2, files=("52.10.02/17-2026",), cases=("52.10.02/17-2026#13",))
    committed(index, an_entry(1, **case), other, an_entry(3, files=("52.10.02/17-2026",)))
    assert found(index, asked, field=field) == [1]
    assert sorted(found(index, "52.10.02/17-2026", field=field)) == [1, 2, 3]
    assert index.search(Query(filters=Filters(cases=case["cases"])), STRANGER).total == 0


def test_a_position_stands_for_what_is_below_it(index: SearchIndex) -> None:
    """A plan position finds documents of its own and of the positions under it, not those that only look alike."""
    committed(index, LETTER, an_entry(2, positions=("52.1",)), an_entry(3, positions=("11.52.10",)))
    assert found(index, "52.10", field="position") == [1]
    assert found(index, "52", field="position") == [1, 2]
    filtered = index.search(Query(filters=Filters(positions=("52.10",))), CLERK)
    assert numbers(filtered) == [1]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(states=("held", "reading")),
        Filters(channels=("scan",)),
        Filters(offices=("bauamt", "park")),
        Filters(reasons=("unsure",)),
        Filters(problems=("encrypted",)),
        Filters(files=("52.10.02/17-2026",)),
        Filters(cases=("52.10.02/17-2026#3", "52.10.02/99-2026#1")),
        Filters(positions=("52.10.02",)),
        Filters(documents=(an_entry(1).document,)),
        Filters(complete=False),
        Filters(received_from=START, received_before=START + timedelta(minutes=2)),
        Filters(received_before=START + timedelta(minutes=2)),
        Filters(states=("held",), channels=("scan",), complete=False),
    ],
)
def test_filters_narrow_the_hits(index: SearchIndex, filters: Filters) -> None:
    """Every filter leaves the one document it describes; several filters hold together."""
    described = an_entry(
        1,
        state="held",
        channel="scan",
        offices=("bauamt", "park"),
        reason="unsure",
        problems=("broken", "encrypted"),
        files=("52.10.02/17-2026",),
        cases=("52.10.02/17-2026#3",),
        positions=("52.10.02",),
        complete=False,
    )
    committed(
        index, described, an_entry(2, offices=("kasse", "bauhof")), an_entry(3, received_at=None, offices=("ordnung",))
    )
    everybody = Query(filters=filters)
    hits = index.search(everybody, MAIL_ROOM)
    assert (numbers(hits), hits.total) == ([1], 1)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(invoices=("re4711", "re4712")),
        Filters(amounts=("119.00",)),
        Filters(suppliers=("papierhaus lindner",)),
        Filters(invoices=("re4711",), amounts=("119.00",), suppliers=("lindner",)),
    ],
)
def test_facts_of_invoices_filter(index: SearchIndex, filters: Filters) -> None:
    """Number, amounts and supplier of an invoice narrow, each for itself and all together."""
    facts = {"invoices": ("re4711",), "amounts": ("119.00", "100.00"), "suppliers": ("lindner", "papierhaus lindner")}
    other = an_entry(2, invoices=("re1",), amounts=("100.00",), suppliers=("papierhaus",))
    committed(index, an_entry(1, **facts), other, an_entry(3))
    assert numbers(index.search(Query(filters=filters), MAIL_ROOM)) == [1]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(clerks=("frau-adler", "herr-busch")),
        Filters(due=("2026-12-15", "2027-01-04")),
        Filters(due=("2026-12",)),
        Filters(clerks=("frau-adler",), due=("2026",)),
    ],
)
def test_who_works_on_it_and_when_filter(index: SearchIndex, filters: Filters) -> None:
    """By account, and by the day, its month or its year."""
    taken = an_entry(1, clerk="frau-adler", due=("2026-12-15", "2026-12", "2026"))
    other = an_entry(2, clerk="frau-adlers", due=("2027-12-15", "2027-12", "2027"))
    committed(index, taken, other, an_entry(3))
    assert numbers(index.search(Query(filters=filters), MAIL_ROOM)) == [1]


def test_a_hit_shows_what_a_list_needs(index: SearchIndex) -> None:
    """A hit carries the facts of its entry."""
    entry = an_entry(
        title="Größe",
        sender="a@b.test",
        problems=("broken",),
        reason="rule",
        files=("1/2-2026",),
        cases=("1/2-2026#4",),
        version=9,
    )
    hit = committed(index, entry).search(Query(), CLERK).items[0]
    fields = ["document", "version", "state", "complete", "title", "sender", "channel", "received_at"]
    fields += ["problems", "reason", "files", "cases", "offices"]
    assert {field: getattr(hit, field) for field in fields} == {field: getattr(entry, field) for field in fields}


def test_a_word_in_the_title_outweighs_one_in_an_attachment(index: SearchIndex) -> None:
    """By relevance the title counts more than the body, and the body more than an attachment."""
    text = "Der Spielplatz am Rand"
    entries = (an_entry(1, attachments=text), an_entry(2, title=text), an_entry(3, body=text), an_entry(4, body="Wald"))
    assert numbers(committed(index, *entries).search(a_query("Spielplatz"), CLERK)) == [2, 3, 1]


def test_signs_without_letters_find_nothing_alone_and_disturb_nothing_else(index: SearchIndex) -> None:
    """A paragraph sign is no word."""
    committed(index, an_entry(body="nach § 34 BauGB"))
    assert [found(index, "§", "34", "BauGB"), found(index, "§")] == [[1], []]


def test_both_engines_weigh_words_and_fixed_values_alike(index: SearchIndex) -> None:
    """A word by BM25, another word for the same thing by a fixed value: on either engine the scores are these."""
    texts = ("Zaun am Weg", "Gatter am Weg", "Mauer am Weg", "Hecke am Weg")
    committed(index, *(an_entry(number, body=text, title="") for number, text in enumerate(texts, 1)))
    hits = index.search(asking(Term(text="Zaun", like=("Gatter",))), CLERK)
    assert numbers(hits) == [1, 2]
    assert [hit.score for hit in hits.items] == [pytest.approx(one, rel=0.03) for one in (1.96, 0.56)]
