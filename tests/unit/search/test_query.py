"""What a typed line means, and what is said of one that means nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.core import catalogue
from services.core.errors import Rejected
from services.core.plan.file_numbers import Template
from services.core.ports.entries import Filters, Query, Term
from services.search import query

TEMPLATE = Template()
NUMBER = "52.10.02/17-2026"


def parsed(text: str, *narrow: str) -> Query:
    """The query of a line."""
    return query.parse(text, narrow, template=TEMPLATE)


def refused(text: str, *narrow: str) -> dict[str, str | int]:
    """What is said of a malformed line."""
    with pytest.raises(Rejected) as caught:
        parsed(text, *narrow)
    assert caught.value.code == "bad_query"
    assert caught.value.facts["fault"] in catalogue.QUERY_FAULTS
    return caught.value.facts


@pytest.mark.parametrize(
    ("line", "groups"),
    [
        ("", ()),
        ("Bau Antrag", ((Term(text="Bau"),), (Term(text="Antrag"),))),
        ('"Bescheid vom Mai"', ((Term(text="Bescheid vom Mai", phrase=True),),)),
        ("„Bescheid vom Mai“", ((Term(text="Bescheid vom Mai", phrase=True),),)),
        ("genehm*", ((Term(text="genehm", prefix=True),),)),
        ("Bau -Zaun", ((Term(text="Bau"),), (Term(text="Zaun", negated=True),))),
        ("„Bau“-artig", ((Term(text="Bau"),), (Term(text="artig"),))),
        ("Bau NICHT Zaun", ((Term(text="Bau"),), (Term(text="Zaun", negated=True),))),
        ("a1 Hund ODER Katze b1", ((Term(text="a1"),), (Term(text="Hund"), Term(text="Katze")), (Term(text="b1"),))),
        ("Hund OR Katze OR Maus", ((Term(text="Hund"), Term(text="Katze"), Term(text="Maus")),)),
        ("Hund UND Katze", ((Term(text="Hund"),), (Term(text="Katze"),))),
        ("Hund - Katze", ((Term(text="Hund"),), (Term(text="Katze"),))),
        ("Müller, Hans", ((Term(text="Müller,"),), (Term(text="Hans"),))),
        ("IBAN: Zaun", ((Term(text="IBAN"),), (Term(text="Zaun"),))),
        ("AW: Zaun", ((Term(text="AW"),), (Term(text="Zaun"),))),
        ("Tel 0341 1234567", ((Term(text="Tel"),), (Term(text="0341 1234567"),))),
        ("betreff:Zaun", ((Term(text="Zaun", field="title"),),)),
        ("Betreff: Zaun", ((Term(text="Zaun", field="title"),),)),
        ("from:berg", ((Term(text="berg", field="sender"),),)),
        ('an:"Amt für Bau"', ((Term(text="Amt für Bau", field="recipients", phrase=True),),)),
        ("datei:plan*", ((Term(text="plan", field="names", prefix=True),),)),
        ("text:Zaun", ((Term(text="Zaun", field="body"), Term(text="Zaun", field="attachments")),)),
        (
            "Bau -text:Zaun",
            (
                (Term(text="Bau"),),
                (Term(text="Zaun", field="body", negated=True),),
                (Term(text="Zaun", field="attachments", negated=True),),
            ),
        ),
        (NUMBER, ((Term(text=NUMBER),),)),
        ("52.10.02 / 17–2026", ((Term(text=NUMBER),),)),  # noqa: RUF001  # people type that dash
        (f"{NUMBER}-004 Bau", ((Term(text=NUMBER),), (Term(text="Bau"),))),
        ("akte:52.10.02/17", ((Term(text="52.10.02/17", field="file"),),)),
        ("Betrag: 119,00", ((Term(text="Betrag"),), (Term(text="119,00"),))),
        ("Vorgang: Zaun", ((Term(text="Vorgang"),), (Term(text="Zaun"),))),
        ("Lieferanten: alle", ((Term(text="Lieferanten"),), (Term(text="alle"),))),
        ("14:30 http://a.de", ((Term(text="14:30"),), (Term(text="http://a.de"),))),
    ],
)
def test_a_line_is_understood_as_people_mean_it(line: str, groups: tuple[tuple[Term, ...], ...]) -> None:
    """Words, phrases, beginnings, exclusions, alternatives, fields and file numbers become terms."""
    assert parsed(line).groups == groups


@pytest.mark.parametrize(
    ("line", "filters"),
    [
        ("status:held", Filters(states=("held",))),
        ("status:abgelegt,held", Filters(states=("filed", "held"))),
        ("status:held status:filed", Filters(states=("held", "filed"))),
        ("kanal:E-Mail", Filters(channels=("mail",))),
        ("amt:Bauamt", Filters(offices=("bauamt",))),
        ("grund:unsure", Filters(reasons=("unsure",))),
        ("problem:encrypted", Filters(problems=("encrypted",))),
        ("vorgang:52.10.02/17-2026#3", Filters(cases=("52.10.02/17-2026#3",))),
        ("case:a.1/2–2026#003,1/2-2026#12", Filters(cases=("A.1/2-2026#3", "1/2-2026#12"))),  # noqa: RUF001  # typed so
        ("stelle:52.10", Filters(positions=("52.10",))),
        ("rechnung:RE-4711", Filters(invoices=("re4711",))),
        ('rechnung:"RE 4711/A"', Filters(invoices=("re4711a",))),
        ("betrag:119,00", Filters(amounts=("119.00",))),
        ("betrag:1.190,5 amount:1,190.50", Filters(amounts=("1190.50",))),
        ('betrag:"-40 €"', Filters(amounts=("40.00",))),
        ('lieferant:"Müller & Söhne"', Filters(suppliers=("mueller soehne",))),
        ("seit:2026-01-01", Filters(received_from=datetime(2025, 12, 31, 23, tzinfo=UTC))),
        ("bis:1.7.26", Filters(received_before=datetime(2026, 7, 1, 22, tzinfo=UTC))),
        ("bis:2026", Filters(received_before=datetime(2026, 12, 31, 23, tzinfo=UTC))),
        ("bis:2026-12", Filters(received_before=datetime(2026, 12, 31, 23, tzinfo=UTC))),
    ],
)
def test_fields_that_filter_narrow_without_words(line: str, filters: Filters) -> None:
    """State, channel, office, reason, problem, position and period are filters; days are those of the city hall."""
    assert parsed(line).filters == filters
    assert parsed(line).groups == ()


def test_separate_filters_join_those_in_the_line() -> None:
    """`filter=` narrows as the same words in the line would."""
    assert parsed("Bau status:held", "kanal:scan").filters == Filters(states=("held",), channels=("scan",))
    assert refused("Bau", "Zaun")["fault"] == "unknown_field"
    assert refused("Bau", "statu:held")["suggestion"] == "status:held"


@pytest.mark.parametrize(
    ("line", "fault", "position", "suggestion"),
    [
        ('Bau "Antrag vom', "open_quote", 5, 'Bau "Antrag vom"'),
        ("Bau betref:Zaun", "unknown_field", 5, "Bau betreff:Zaun"),
        ("Bau status:gehalten", "unknown_value", 5, ""),
        ("status:hald", "unknown_value", 1, "status:held"),
        ("betrag:viel", "unknown_value", 1, ""),
        ("vorgang:52.10.02/17-2026", "unknown_value", 1, ""),
        ("vorgang:52.10.02/17-2026#0", "unknown_value", 1, ""),
        ("Bau -rechnung:RE-1", "filter_alone", 5, "Bau"),
        ("seit:gestern", "unknown_value", 1, ""),
        ("seit:2026-02-30", "unknown_value", 1, ""),
        ("Bau betreff:", "field_empty", 5, "Bau"),
        ("status: ", "field_empty", 1, ""),
        ("Bau -status:held", "filter_alone", 5, "Bau"),
        ("-Zaun", "only_negation", 1, "Zaun"),
        ("NICHT Zaun", "only_negation", 1, "Zaun"),
        ("Bau ODER -Zaun", "negated_or", 10, "Bau -Zaun"),
        ("ODER Bau", "dangling_or", 1, "Bau"),
        ("Bau ODER", "dangling_or", 8, "Bau"),
        ("*amt", "star_inside", 1, "amt"),
        ("b*", "star_inside", 2, "b"),
        ("ba*amt", "star_inside", 3, "baamt"),
        ("!? §", "no_words", 1, ""),
        ("w" * 1001, "too_long", 1000, ""),
        ("w" * 201, "too_long", 1, ""),
    ],
)
def test_a_malformed_line_is_refused_with_its_place(line: str, fault: str, position: int, suggestion: str) -> None:
    """Position, kind of fault, and a line that would be understood."""
    facts = refused(line)
    assert (facts["fault"], facts["position"], facts["suggestion"]) == (fault, position, suggestion)


def test_too_many_words_are_refused_where_they_begin_to_be_too_many() -> None:
    """Fifty words are enough; the suggestion keeps those."""
    line = " ".join(f"w{number}" for number in range(60))
    facts = refused(line)
    assert facts["fault"] == "too_many_words"
    assert len(parsed(str(facts["suggestion"])).groups) == query.MAX_TERMS


_PIECES = st.sampled_from(
    [
        *(
            "Bau",
            '"',
            "„",
            "“",
            "-",
            "*",
            "ODER",
            "UND",
            "NICHT",
            " ",
            "betreff:",
            "status:",
            "held",
            "seit:",
            "2026-13",
        ),
        *("/", "52.10.02/17-2026", "text:", "x:", ":", "bis:9999", "stelle:", "ab*", ",", "\x00", "\ud800", "é"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=14).map("".join)))
@example("bis:9999")
@example("text:-")
@example("״»«")
def test_any_line_is_a_query_or_refused(line: str) -> None:
    """Nothing else ever comes of a line, and a refusal names a place inside it."""
    try:
        found = parsed(line)
    except Rejected as error:
        assert error.code == "bad_query"  # noqa: PT017  # either outcome is right
        assert 1 <= int(error.facts["position"]) <= max(len(line), 1)  # noqa: PT017
        assert isinstance(error.facts["suggestion"], str)  # noqa: PT017
        return
    assert isinstance(found, Query)
    assert not found.groups or any(not term.negated for group in found.groups for term in group)
