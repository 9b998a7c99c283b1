"""Letters as they come, strange, hostile or about two matters: judged in bounds, and no file is filled by them."""

import random
import time

import msgspec
import pytest

from services.classification.knowledge.words import CHARACTERS
from services.core.model.record_files import Classification
from services.core.plan.file_plan import FilePlan, PlanPosition
from tests.component.registry_office import RegistryOffice
from tests.evaluation.judging import shipped_plan

POTHOLE = (
    "In der Gartenstraße ist der Asphalt vor Nummer 12 aufgebrochen, das Schlagloch ist tief und breit. "
    "Bitte lassen Sie die Fahrbahn ausbessern, bevor ein Radfahrer stürzt. "
)
DOG = (
    "Außerdem möchte ich unseren Hund zur Hundesteuer anmelden, einen Dackel, er ist seit dem ersten März bei uns. "
    "Bitte schicken Sie den Bescheid über die Hundesteuer und die Steuermarke. "
)
ROADS, DOGS = "54.10", "61.20"
WORDS = "Zaun Regal Kuchen Lampe Wolke Gabel Tasche Pinsel Kissen Fenster Treppe Garten Koffer Brille "


@pytest.fixture(scope="module")
def office() -> RegistryOffice:
    """A registry with the shipped plan, in which a sure letter to any position would be filed by itself."""
    office = RegistryOffice()
    plan = shipped_plan()
    kept = [msgspec.structs.replace(position, filing="collective") for position in plan.positions]
    office.configuration.force("plan", msgspec.structs.replace(plan, positions=tuple(kept)))
    return office


def places(made: Classification) -> list[str]:
    """The positions that are proposed, the likeliest first."""
    return [candidate.position for candidate in made.candidates]


def noise(seed: int, count: int) -> str:
    """What text recognition makes of a stained page."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("bcdfghjklmnpqrstvwxz1il|", k=chance.randint(2, 9))) for _ in range(count))


def test_of_five_hundred_pages_the_first_decide(office: RegistryOffice) -> None:
    """A letter with half a million words behind it is judged as without them, and as fast."""
    letter = (POTHOLE * (CHARACTERS // len(POTHOLE) + 1))[:CHARACTERS]
    plain = office.classify(letter)
    event = office.read(letter + " " + WORDS * 36_000)
    began = time.thread_time()
    office.handle(event)
    assert time.thread_time() - began < 1.0
    made = office.record(event.document).classification
    assert made
    assert made.candidates == plain.candidates
    assert places(made)[0].startswith(ROADS)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir or Madam, we have not yet received the certificate that we asked you for last week. Kind regards",
        "Bonjour, je n'ai toujours pas reçu de réponse à ma lettre de la semaine dernière. Cordialement",
        "Dzień dobry, nie dostałam jeszcze odpowiedzi na moje pismo. Z poważaniem",
        noise(1, 60),
        noise(2, 3_000),
        "Mit freundlichen Grüßen\n\nErika Muster\nGartenstraße 12\n12345 Musterstadt\nTel. 01234 567890",
        "Hiermit sende ich Ihnen die Unterlagen. Mit freundlichen Grüßen",
        "",
        "\x00\ufffd\u202e" * 2_000,
        "a" * 200_000,
    ],
)
def test_what_says_too_little_waits_for_a_clerk(office: RegistryOffice, text: str) -> None:
    """Another language, noise of text recognition, a signature, an empty page: not sure, not filed, with the reason."""
    made = office.classify(text)
    assert (made.outcome, made.file) == ("abstained", None)
    assert made.certainty != "sure"
    assert made.reason in ("unsure", "no_text")


def test_another_language_is_understood_by_meaning(office: RegistryOffice) -> None:
    """A letter in English about a hole in the road is proposed where one in German would be."""
    said = "There is a deep pothole in the road in front of our house, please repair the asphalt before somebody falls."
    assert any(code.startswith(ROADS) for code in places(office.classify(said)))


def test_both_matters_of_a_letter_are_proposed(office: RegistryOffice) -> None:
    """A hole in the road and a dog to be taxed: the clerk sees the place of either, and nothing is filed."""
    made = office.classify(POTHOLE + DOG)
    assert {ROADS, DOGS} <= {code[: len(ROADS)] for code in places(made)}
    assert (made.outcome, made.file) == ("abstained", None)


def test_forty_quoted_mails_do_not_drown_the_letter(office: RegistryOffice) -> None:
    """What was written now stands above forty mails about another matter: its place is among those proposed."""
    thread = ""
    for number in range(40):
        said = f"> Am {number % 28 + 1}.3. schrieb E. Muster:\n> {DOG}\n"
        thread = said + "".join(f">{line}\n" for line in thread.splitlines())
    made = office.classify(f"{POTHOLE}\n\n{thread}")
    assert any(code.startswith(ROADS) for code in places(made))
    assert (made.outcome, made.file) == ("abstained", None)


def test_a_thousand_positions_without_descriptions() -> None:
    """A plan of bare titles: the letter that says one is led there, the others abstain, none is sure, all are quick."""
    chance = random.Random(5)
    parts = ["Boden", "Wasser", "Licht", "Brücken", "Spiel", "Markt", "Wald", "Schul", "Bäder", "Archiv", "Friedhofs"]
    ends = ["pflege", "planung", "gebühren", "aufsicht", "statistik", "verträge", "prüfung", "schutz", "beschaffung"]
    titles = [f"{chance.choice(parts)}{chance.choice(ends)} {number:04d}" for number in range(1_000)]
    positions = [PlanPosition(code="1", title="Alles", office="bauamt")]
    positions += [
        PlanPosition(code=f"1.{number}", title=title, parent="1", office="bauamt")
        for number, title in enumerate(titles)
    ]
    plan = FilePlan(name="Stadt", version="1", offices={"bauamt": "Bauamt"}, positions=tuple(positions))
    office = RegistryOffice(classification={"meaning": False})
    office.configuration.force("plan", plan)
    office.classify("Der erste Brief lernt den Plan.")
    began = time.thread_time()
    made = office.classify("Zur Friedhofsaufsicht und zur Friedhofspflege haben wir Fragen, bitte rufen Sie uns an.")
    plain = office.classify("Guten Tag, wir haben eine Frage.")
    assert time.thread_time() - began < 1.0
    assert made.certainty != "sure"
    assert made.file is plain.file is None
    assert "friedhofs" in plan.by_code[places(made)[0]].title.lower()
