"""A model trained beside the intake: taken where held-out letters say so, the same everywhere, and taken back."""

import random
from unittest.mock import patch

import httpx
import numpy as np
import pytest
from click.testing import CliRunner

from services.classification.knowledge.known import known
from services.classification.knowledge.model_in_force import Figures
from services.classification.training import runs
from services.classification.training.fitting import Judged, Scored
from services.classification.training.runs import splits, train, train_nightly
from services.classification.training.versions import condition, rollback, versions
from services.cli import poststelle
from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages.envelope import event_id
from services.core.messages.events import ConfigurationChanged, DocumentErased
from services.core.model.record_files import Classification
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.registry_office import TENANT, RegistryOffice

MATTERS = {
    "12.10.02": "Fahrrad Schlüsselbund Geldbörse Regenschirm gefunden verloren Bahnsteig abgegeben Handschuh",
    "11.20.01": "Lebenslauf Zeugnis Stelle Vorstellung Gehalt Ausbildung Erzieherin Probezeit Anschreiben",
    "11.30.01": "Bildschirm Drucker Passwort Anmeldung Tastatur Netzwerk Absturz Update Konto gesperrt",
    "54.10.01": "Pflaster Gehweg Wurzel Bordstein Stolperstelle Asphalt Teer Fuge Senke Baustelle",
}
EVERYDAY = (
    "bitte danke gestern morgen Nachbar Woche Straße Tochter Telefon Antwort schreiben hoffen warten wieder leider"
)


def letter(code: str, chance: random.Random) -> str:
    """Invented words of one matter among those of every day."""
    own, all_day = MATTERS[code].split(), EVERYDAY.split()
    return " ".join(chance.sample(own, 4) + chance.sample(all_day, 7))


def taught(office: RegistryOffice, times: int = 60, *, turned_from: int = 1_000) -> list[str]:
    """Letters of four matters that clerks put where they belong, and from one on each to the next matter's place."""
    chance, codes, documents = random.Random(7), sorted(MATTERS), []
    for number in range(times):
        code = codes[number % len(codes)]
        event = office.read(letter(code, chance))
        office.work(event)
        place = codes[(number + (number >= turned_from)) % len(codes)]
        office.work(office.decide(event.document, "file", position=place, actor=f"a-{number % 3}"))
        documents.append(event.document)
    return documents


@pytest.fixture
def office() -> RegistryOffice:
    """A registry whose clerks decided sixty times."""
    office = RegistryOffice()
    taught(office)
    return office


def said(made: Classification) -> tuple[object, ...]:
    """Everything of a judgement but its moment and what it calls its knowledge."""
    return made.candidates, made.evidence, made.office, made.reason, made.file


def asked(office: RegistryOffice) -> Classification:
    """A letter that is judged again and again."""
    return office.classify(letter("54.10.01", random.Random(99)))


def test_a_training_is_measured_taken_and_taken_back(office: RegistryOffice) -> None:
    """Rollback brings the old answer to the last digit; a second one finds nothing to take back."""
    context = office.contexts["classification"]
    before = asked(office)
    outcome = train(context)
    assert outcome.taken
    assert (outcome.version, outcome.decisions) == (1, 60)
    assert outcome.with_model.texts == 12
    assert outcome.with_model.loss < outcome.without.loss
    told = office.log.events[-1].facts
    assert isinstance(told, ConfigurationChanged)
    assert (told.kind, told.version) == ("model", 1)
    after = asked(office)
    assert after.candidates[0].position == "54.10.01"
    assert said(after) != said(before)
    assert f"+m{outcome.model[:8]}" in after.knowledge_version
    assert after.evidence[0].words or after.evidence[0].document
    assert rollback(context).model == ""
    assert said(asked(office)) == said(before)
    with pytest.raises(Rejected, match="no_model"):
        rollback(context)


def test_a_word_is_enough_for_the_model(office: RegistryOffice) -> None:
    """A letter too short to be like any other is proposed by the word that decides; without one nothing is guessed."""
    context = office.contexts["classification"]
    assert office.classify("Senke").candidates == ()
    train(context)
    made = office.classify("Senke")
    assert made.candidates[0].position == "54.10.01"
    assert (made.evidence[0].kind, made.evidence[0].words) == ("learned", ("Senke",))
    assert made.file is None
    assert office.classify("ok").candidates == ()


def test_rollback_of_the_second_brings_the_first(office: RegistryOffice) -> None:
    """And one more brings none; each step stays in the list."""
    context = office.contexts["classification"]
    first = train(context)
    with_first = said(asked(office))
    taught(office, 20)
    second = train(context)
    assert second.taken
    assert second.model != first.model
    assert rollback(context).model == first.model
    assert rollback(context).model == ""
    assert [version.restores for _, version in versions(context)] == [0, 1, None, None]
    assert with_first != said(asked(office))


def test_every_process_gives_the_same_answer(office: RegistryOffice) -> None:
    """One that hears of the model later reads it from the store; the same texts make the same model."""
    outcome = train(office.contexts["classification"])
    mine = asked(office)
    other = RegistryOffice(office.blobs)
    other.clock.advance(office.clock.now() - other.clock.now())
    other.configuration.refresh("model")
    assert said(asked(other)) == said(mine)
    assert train(other.contexts["classification"]).model == outcome.model


def test_a_model_that_is_worse_changes_nothing() -> None:
    """What the newest decisions contradict comes not into force."""
    office = RegistryOffice()
    taught(office, 60, turned_from=48)
    context = office.contexts["classification"]
    outcome = train(context)
    assert not outcome.taken
    assert versions(context) == []
    assert context.configuration.version("model") == 0


def test_nights_train_where_enough_was_decided(office: RegistryOffice) -> None:
    """Fifty decisions since the last time; fewer, or a setting, leave everything as it is."""
    context = office.contexts["classification"]
    train_nightly(context)
    assert [version.decisions for _, version in versions(context)] == [60]
    taught(office, 20)
    train_nightly(context)
    assert len(versions(context)) == 1
    quiet = RegistryOffice(classification={"train_nightly": False})
    taught(quiet)
    train_nightly(quiet.contexts["classification"])
    assert versions(quiet.contexts["classification"]) == []


def test_the_model_in_force_stays_where_the_new_one_is_worse(office: RegistryOffice) -> None:
    """Both are asked about decisions that neither has seen."""
    context = office.contexts["classification"]
    first = train(context)
    asked_of: list[Judged] = []

    def perfect(_: object, __: object, asked: Scored) -> Judged:
        count, told = len(asked.right), Figures(texts=0, first=1.0, three=1.0, loss=0.0)
        asked_of.append(Judged(told, np.full(count, -1.0), np.ones(count, np.bool_), asked.senders))
        return asked_of[-1]

    taught(office, 20)
    with patch.object(runs, "measured", perfect):
        outcome = train(context)
    assert asked_of
    assert not outcome.taken
    assert [version.model for _, version in versions(context)] == [first.model]


@pytest.mark.parametrize("damage", [None, b"poststelle-model-1\nbroken", b"poststelle-model-9\nnewer"])
def test_without_its_file_everything_goes_on(office: RegistryOffice, damage: bytes | None) -> None:
    """A model that is missing, broken or of a newer version is done without, and `check` says so."""
    context = office.contexts["classification"]
    assert condition(context) is None
    before = asked(office)
    outcome = train(context)
    good = condition(context)
    assert good
    assert good[0]
    key = keys.model(TENANT, outcome.model)
    office.blobs.delete(Bucket.RECORDS, key)
    if damage:
        office.blobs.create(Bucket.RECORDS, key, damage)
    other = RegistryOffice(office.blobs)
    other.clock.advance(office.clock.now() - other.clock.now())
    other.configuration.refresh("model")
    assert said(asked(other)) == said(before)
    found = condition(other.contexts["classification"])
    assert found
    assert not found[0]
    assert "goes on without it" in found[1]


def test_the_next_training_forgets_what_was_erased(office: RegistryOffice) -> None:
    """An erased document is in no model that is trained afterwards."""
    context = office.contexts["classification"]
    event = office.read("Xylophonkonzert Wurzel Gehweg Pflaster Bordstein")
    office.work(event)
    office.work(office.decide(event.document, "file", position="54.10.01"))
    assert train(context).decisions == 61
    office.erase(event.document)
    erased = event_id(event.document, "erased")
    facts = DocumentErased(document=event.document, incarnation=0, decision=erased, proof_key="proof")
    office.taught(office.told(facts, "erased"))
    assert train(context).decisions == 60


def test_letters_held_back_are_compared_by_meaning_as_they_were_judged(office: RegistryOffice) -> None:
    """How sure a letter in doubt is, is measured with what its meaning says; nobody is asked where that is off."""
    context = office.contexts["classification"]
    texts = runs._texts(known(context), context)
    asked_of = office.record(known(context).lessons.all()[-1].document).extraction
    assert asked_of
    codes = known(context).likeness.codes
    said_of = known(context).meaning("", asked_of.parts[0].text, codes)
    assert np.array_equal(texts.decided[-1].meaning, said_of)  # type: ignore[arg-type]  # both are there
    assert all(split.likeness.codes == codes and len(split.meanings) == len(split.held) for split in splits(texts))
    off = RegistryOffice(classification={"meaning": False})
    taught(off, 10)
    context = off.contexts["classification"]
    assert [one.meaning for one in runs._texts(known(context), context).decided] == [None] * 10


def test_one_training_at_a_time(office: RegistryOffice) -> None:
    """Whoever asks meanwhile is told so."""
    with runs._TRAINING, pytest.raises(Rejected, match="training_now"):
        train(office.contexts["classification"])


def test_commands_and_api(hall: CityHall, options: list[str]) -> None:
    """By administrators alone; a model that is no better changes nothing, and there is nothing to take back."""
    assert hall.key("search").ask("POST", f"{API}/classification/models").status_code == 403
    administrator: Browser = hall.key("administer")
    assert administrator.get(f"{API}/classification/models").json() == {"items": []}
    # Of one position with examples every model tells all, and none is better but by chance.
    with patch.object(httpx, "request", wraps=httpx.request) as asked:
        trained = CliRunner().invoke(poststelle, ["classification", "train", *options])
    assert asked.call_args.kwargs["timeout"] > 600  # a training takes its time, and is not given up meanwhile
    assert trained.exit_code == 0
    assert "it is no better: nothing changed" in trained.output
    listed = CliRunner().invoke(poststelle, ["classification", "models", *options])
    assert "no model was ever in force" in listed.output
    assert CliRunner().invoke(poststelle, ["classification", "rollback", *options]).exit_code != 0
    refused = administrator.ask("POST", f"{API}/classification/models/rollback")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_model")
