"""Classification compares by meaning the letters that it is in doubt about, and goes on without where it cannot."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.classification.fusion import LIKELY, SURE
from services.classification.knowledge.known import known
from services.classification.knowledge.model_in_force import Version
from services.classification.training.condition import condition
from services.classification.training.versions import activate
from services.core.model.record_files import Classification
from services.runtime.meaning import encoder
from services.runtime.meaning.encoder import Points, Unusable, encoded
from tests.component.registry_office import RegistryOffice
from tests.evaluation.judging import shipped_plan

PARAPHRASED = (
    "Guten Tag, seit Tagen steht in unserer Straße das Wasser auf der Fahrbahn, sobald es regnet, weil der Gully vor "
    "Nummer zwölf mit Blättern zugesetzt ist. Bitte schicken Sie jemanden, der ihn sauber macht. Viele Grüße"
)


class Asked:
    """Counts what the encoder is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self.fails = False
        monkeypatch.setattr(encoder, "encoded", self)

    def __call__(self, texts: Sequence[str]) -> Points:
        if self.fails:
            raise Unusable
        self.texts += texts
        return encoded(texts)


def judged(office: RegistryOffice, text: str) -> Classification:
    """The judgement by the plan that is shipped."""
    office.configuration.force("plan", shipped_plan())
    return office.classify(text)


def test_who_is_in_doubt_is_compared_by_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter in its own words asks the encoder, and the judgement names it; a letter with a file number does not."""
    asked, office = Asked(monkeypatch), RegistryOffice()
    file = office.open_file()
    assert judged(office, PARAPHRASED).knowledge_version.endswith(f"+{encoder.VERSION}")
    assert asked.texts
    asked.texts.clear()
    assert judged(office, f"Zu {file}: {PARAPHRASED}").file == file
    assert not asked.texts


def test_a_number_that_no_file_has_is_not_compared_by_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its position is likely and a clerk looks anyway, so the encoder is spared; against its words it is asked."""
    asked, office = Asked(monkeypatch), RegistryOffice()
    made = judged(office, f"Ihr Zeichen: 25.10.01/44-2026. {PARAPHRASED}")
    assert (made.reason, made.file, made.candidates[0].position) == ("unknown_number", None, "25.10.01")
    assert [candidate.evidence for candidate in made.candidates[:2]] == ["number", "learned"]
    assert LIKELY <= made.candidates[0].confidence < SURE
    assert not asked.texts
    assert judged(office, f"Ihr Zeichen: 36.30.01/44-2026. {PARAPHRASED}").reason == "unknown_number"
    assert asked.texts, "the words say otherwise"
    asked.texts.clear()
    judged(office, f"Ihr Zeichen: 25.10.01/44-2026, auch 31.10.01/45-2026. {PARAPHRASED}")
    assert asked.texts, "two numbers name no place"


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `classification.meaning` off nothing is encoded, and the judgement says what it rests on."""
    asked, office = Asked(monkeypatch), RegistryOffice(classification={"meaning": False})
    assert encoder.VERSION not in judged(office, PARAPHRASED).knowledge_version
    assert not asked.texts


def test_broken_weights_do_not_stop_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its weights the words alone decide, as with the switch off; the version says so for the next letter."""
    asked, office = Asked(monkeypatch), RegistryOffice()
    asked.fails = True
    plain = judged(RegistryOffice(classification={"meaning": False}), PARAPHRASED)
    assert judged(office, PARAPHRASED).candidates == plain.candidates
    context = office.contexts["classification"]
    assert condition(RegistryOffice().contexts["classification"]) is None
    assert encoder.VERSION not in judged(office, PARAPHRASED + " Bitte bald.").knowledge_version
    found = condition(context)
    assert found
    assert not found[0]
    assert "encoder_unusable" in found[1]


def test_a_broken_model_and_broken_weights_are_both_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither hides the other: the check says what is wrong with each, and what to do."""
    office = RegistryOffice()
    context = office.contexts["classification"]
    activate(Version(model="0" * 64, made_at=office.clock.now()), 0, context)
    monkeypatch.setattr(encoder, "FILES", tmp_path)
    found = condition(context)
    assert found
    assert not found[0]
    assert "missing: classification goes on without it; encoder_unusable" in found[1]
    assert "rollback" in found[2]
    assert "classification.meaning" in found[2]
    off = RegistryOffice(classification={"meaning": False})
    assert condition(off.contexts["classification"]) is None


def test_a_plan_that_comes_in_the_middle_of_a_letter_does_no_harm() -> None:
    """Points of other positions are never weighed with the words of these: the letter is judged by its words."""
    office = RegistryOffice()
    judged(office, PARAPHRASED)
    knowledge = known(office.contexts["classification"])
    codes = knowledge.likeness.codes
    assert knowledge.meaning("", PARAPHRASED, codes) is not None
    assert knowledge.meaning("", PARAPHRASED, codes[:-1]) is None
