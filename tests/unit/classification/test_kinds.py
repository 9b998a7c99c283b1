"""The kind of a letter by the signs in its subject and its first sentences."""

import random

import pytest

from services.classification import kinds
from services.classification.kinds import kind_of
from services.core.plan.file_plan import folded
from tests.evaluation.letters import examples


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Widerspruch", "", "objection"),
        ("", "Hiermit lege ich Widerspruch ein.", "objection"),
        ("", "ein Widerspruch", None),
        ("", "Ich widerspreche: lege ich\nWiderspruch ein", "objection"),
        ("", "In dem  Rechtsstreit vor dem Amtsgericht", "court_letter"),
        ("", "In diesem Rechtsstreit sagt das Amtsgericht nichts", None),
        ("Letzte Mahnung", "", "reminder"),
        ("Mahnungen", "", "reminder"),
        ("Ermahnung", "", None),
        ("Newsletter", "", None),
        ("Newsletter", "Hier abbestellen", "advertising"),
        ("", "", None),
        ("Automatische Antwort: Ihr Antrag", "Bis 7. Januar bin ich im Urlaub.", "system_notice"),
        ("AW: Automatische Antwort: Ihr Antrag", "Dann warte ich bis zum 7. Januar.", None),
        ("Bauantrag", "Diese Mail wurde automatisch generiert, bitte antworten Sie nicht auf diese Nachricht.", None),
        ("Besen zum Aktionspreis", "Kehrbesen ab 9,90 €, solange der Vorrat reicht!", "advertising"),
        ("Konto wurde gesperrt", "Bestätigen Sie Ihre Angaben, klicken Sie hier.", "advertising"),
        ("Konto wurde gesperrt", "Nach der Pfändung komme ich an mein Geld nicht mehr heran.", None),
    ],
)
def test_signs_make_a_kind(title: str, text: str, kind: str | None) -> None:
    """Words count at their beginning, phrases in their order; a subject counts twice, advertising needs two signs."""
    assert kind_of(title, [text], automatic=False) == kind


def test_people_are_not_taken_for_machines_or_salesmen() -> None:
    """Of the shipped examples, written as people write, hardly one in a thousand."""
    letters = examples()
    noise = [
        one for one in letters if kind_of(one.subject, [one.text], automatic=False) in ("advertising", "system_notice")
    ]
    assert len(noise) <= len(letters) / 1_000, [one.subject for one in noise]


def test_each_sign_is_found_as_in_the_whole_text() -> None:
    """Whatever stands around them: the signs found are those that stand in the folded text behind a blank."""
    chance, said = random.Random(69), [sign for signs in kinds._SIGNS.values() for sign in signs]
    pieces = [*said, *(word for sign in said for word in sign.split()), "Straße", "und"]
    for _ in range(500):
        text = " ".join(
            piece + chance.choice(["", "en", "-", "\n"]) for piece in chance.choices(pieces, k=chance.randint(0, 8))
        )
        expected = {f" {sign}" for sign in said if f" {sign}" in folded(text)}
        assert {sign.text for sign in kinds._signs_in(text)} == expected, text
