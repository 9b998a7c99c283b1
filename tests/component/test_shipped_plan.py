"""The plan that we ship: typical letters to a city hall find their position in it."""

from pathlib import Path

import pytest

from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from tests.component.registry_office import RegistryOffice

LETTERS = {
    "11.10.01": ("Einladung zur Ratssitzung", "Anbei die Tagesordnung der nächsten Sitzung des Stadtrats."),
    "11.20.01": ("Bewerbung als Sachbearbeiterin", "Meine Bewerbungsunterlagen mit Lebenslauf füge ich bei."),
    "12.10.01": ("Gewerbeanmeldung", "Hiermit zeige ich den Beginn meines Betriebs an: Fahrradreparatur."),
    "12.10.02": ("Schlüssel verloren", "Wurde bei Ihnen im Fundbüro ein Schlüsselbund abgegeben?"),
    "12.10.03": ("Einspruch", "Gegen den Bußgeldbescheid vom 3. November lege ich Einspruch ein."),
    "12.20.01": ("Termin", "Mein Personalausweis läuft ab, ich brauche einen neuen."),
    "12.20.02": ("Bereitschaft", "Gern helfe ich bei der Wahl am Sonntag wieder als Wahlhelfer mit."),
    "12.20.03": ("Umzug", "Ich bitte um eine Meldebescheinigung für meinen Vermieter."),
    "12.40.01": ("Abschrift", "Bitte senden Sie mir eine Geburtsurkunde meines Sohnes."),
    "14.10.01": (
        "Angebot Nr. 4711",
        "Wir bieten Ihnen zwanzig Notebooks mit Dockingstation für Ihre IT-Beschaffung an.",
    ),
    "21.10.02": ("Fahrkarte", "Antrag auf Schülerbeförderung für das kommende Schuljahr."),
    "21.30.01": ("Ganztag", "Anmeldung meiner Tochter zur Nachmittagsbetreuung."),
    "25.20.01": ("Anfrage", "Für meine Ahnenforschung suche ich Einträge von 1870."),
    "31.10.01": ("Wohngeldantrag", "Die Unterlagen für das Wohngeld und die Mietbescheinigung liegen bei."),
    "36.10.01": ("Kita-Platz ab August", "Wir suchen einen Betreuungsplatz für unsere Tochter."),
    "36.10.02": ("Elternbeitrag", "Gegen die Höhe der Elternbeiträge lege ich Widerspruch ein."),
    "36.20.02": ("Antrag", "Ich beantrage Unterhaltsvorschuss für mein Kind."),
    "52.10.01": ("Bauvoranfrage", "Ist mein Grundstück bebaubar?"),
    "52.10.02": ("Bauantrag Carport", "Ich bitte um Erteilung einer Baugenehmigung."),
    "52.30.01": ("Stellungnahme", "Zum Bebauungsplan Nordfeld nehmen wir wie folgt Stellung."),
    "53.20.02": ("Abholung", "Bitte holen Sie meinen Sperrmüll ab."),
    "54.10.01": ("Gefahr", "In der Gartenstraße ist ein tiefes Schlagloch."),
    "54.10.02": ("Dunkel", "Seit Tagen brennt die Straßenlaterne vor Hausnummer 12 nicht."),
    "54.20.02": ("Friedhof", "Ich möchte das Nutzungsrecht an der Grabstätte meiner Eltern verlängern."),
    "54.30.01": ("Anwohnerparken", "Ich beantrage einen Bewohnerparkausweis für meinen Wagen."),
    "56.10.01": ("Beschwerde", "Von der Werkstatt nebenan geht eine ständige Lärmbelästigung aus."),
    "56.10.02": ("Linde", "Ich beantrage eine Fällgenehmigung für den Baum in meinem Garten."),
    "61.10.02": ("Rechnung 2026-117", "Rechnungsnummer 2026-117, Rechnungsdatum 3.11.2026, Zahlungsziel 14 Tage."),
    "61.10.03": ("Zahlung", "Ich kann nicht alles auf einmal zahlen und stelle einen Antrag auf Stundung."),
    "61.20.01": ("Bescheid", "Den Grundsteuerbescheid für mein Haus verstehe ich nicht."),
    "61.20.03": ("Neuer Hund", "Ich melde meinen Dackel zur Hundesteuer an."),
}
BOXES = {
    "wohngeld": "31.10.01",
    "bauantrag": "52.10.02",
    "rechnung": "61.10.02",
    "parken": "54.30.01",
    "kita": "36.10.01",
    "fundbuero": "12.10.02",
}


@pytest.fixture(scope="module")
def plan() -> FilePlan:
    """The plan of the first start."""
    file = Path(__file__).parents[2] / "deploy/file-plans/musterstadt.json"
    return file_plan.decode(file.read_bytes())


@pytest.fixture
def office(plan: FilePlan) -> RegistryOffice:
    """A registry that works by it."""
    made = RegistryOffice()
    made.configuration.force("plan", plan)
    return made


@pytest.mark.parametrize("position", LETTERS)
def test_typical_letter_has_one_surest_position(office: RegistryOffice, position: str) -> None:
    """The position of a typical letter is the surest candidate, and no other is as sure."""
    title, text = LETTERS[position]
    first, *others = office.classify(text, title=title).candidates
    assert first.position == position
    assert all(other.confidence < first.confidence for other in others)


def test_mailboxes_of_the_offices_lead_to_their_positions(office: RegistryOffice, plan: FilePlan) -> None:
    """What comes to a box of an office is a candidate for the position of that box."""
    for box, position in BOXES.items():
        made = office.classify("Guten Tag", recipients=(f"{box}@musterstadt.example",))
        assert made.candidates[0].position == position
        assert made.office == plan.office_of[position]


def test_plan_is_large_enough_to_work_with(plan: FilePlan) -> None:
    """Three levels, about 16, 80 and 300 positions, each described and in the charge of one of its offices."""
    levels = [sum(p.code.count(".") == level for p in plan.positions) for level in range(3)]
    assert levels[0] >= 16
    assert levels[1] >= 75
    assert levels[2] >= 300
    assert 20 <= len(plan.offices) <= 26
    assert set(plan.office_of.values()) <= set(plan.offices)
    assert all(p.description for p in plan.positions)
    assert all(p.keywords for p in plan.open_leaves)


def test_no_two_positions_claim_the_same_words(plan: FilePlan) -> None:
    """The same words or mailbox never lead to two positions."""
    seen: dict[tuple[frozenset[str], str], str] = {}
    for position in plan.positions:
        for rule in position.rules:
            words = frozenset(file_plan.folded(word) for word in rule.words)
            assert seen.setdefault((words, rule.address), position.code) == position.code
