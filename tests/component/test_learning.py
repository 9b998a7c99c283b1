"""What clerks decide teaches the next letter of its kind, on every process; replies go to the file of their mail."""

import copy

import msgspec
import pytest

from services.classification.knowledge.known import known
from services.classification.training.reading import decided
from services.core import keys
from services.core.keys import Bucket
from services.core.messages.events import DocumentErased
from services.core.model.record_files import Classification, MailHead
from tests.component.registry_office import TENANT, RegistryOffice

POTHOLE = (
    "In der Gartenstraße ist vor der Bäckerei der Belag aufgebrochen, ein tiefes Loch, die Reifen schlagen hart auf. "
    "Bitte lassen Sie das ausbessern, bevor ein Radfahrer stürzt."
)
AGAIN = (
    "Vor der Bäckerei in der Gartenstraße ist der Belag schon wieder aufgebrochen, die Reifen schlagen in das Loch, "
    "gestern wäre beinahe ein Radfahrer gestürzt. Bitte ausbessern lassen!"
)


@pytest.fixture
def office() -> RegistryOffice:
    """A registry that has decided nothing yet."""
    return RegistryOffice()


def first(made: Classification) -> tuple[str, str]:
    """The first candidate and the kind of evidence that says most for it."""
    return (made.candidates[0].position, made.candidates[0].evidence) if made.candidates else ("", "")


def test_the_next_letter_of_its_kind_goes_where_the_clerk_put_the_last(office: RegistryOffice) -> None:
    """The neighbour is named, and the answer goes back when the decision is taken back."""
    before = office.classify(AGAIN)
    taught = office.read(POTHOLE)
    office.work(taught)
    office.work(office.decide(taught.document, "file", position="54.10.01"))
    made = office.classify(AGAIN)
    assert first(made) == ("54.10.01", "neighbour")
    assert made.evidence[0].document == taught.document
    assert made.office == "tiefbauamt"
    assert made.knowledge_version != before.knowledge_version
    office.work(office.decide(taught.document, "reopen"))
    assert first(office.classify(AGAIN)) == first(before)


def test_decision_reaches_every_process(office: RegistryOffice) -> None:
    """A process that did not hear of the decision itself finds it in the store, and one that starts later too."""
    taught = office.read(POTHOLE)
    office.work(taught)
    office.work(office.decide(taught.document, "file", position="54.10.01"))
    other = RegistryOffice(office.blobs)
    other.clock.advance(office.clock.now() - other.clock.now())
    assert first(other.classify(AGAIN)) == ("54.10.01", "neighbour")


def test_erased_document_teaches_no_more(office: RegistryOffice) -> None:
    """It leaves what is known as soon as its erasure is heard of."""
    taught = office.read(POTHOLE)
    office.work(taught)
    office.work(office.decide(taught.document, "file", position="54.10.01"))
    office.erase(taught.document)
    facts = DocumentErased(
        document=taught.document, incarnation=0, decision="462f8499-6251-54c3-9641-542ef724f910", proof_key="proof"
    )
    office.taught(office.told(facts, "erased"))
    assert first(office.classify(AGAIN))[1] != "neighbour"


def test_a_record_that_nobody_can_read_stops_no_letter(office: RegistryOffice) -> None:
    """A process that starts beside one learns from all others, and judges."""
    spoiled, taught = office.read("Ein Brief über etwas ganz anderes."), office.read(POTHOLE)
    for event in (spoiled, taught):
        office.work(event)
        office.work(office.decide(event.document, "file", position="54.10.01"))
    key = keys.stage(TENANT, spoiled.document, "extraction", 1)
    office.blobs.delete(Bucket.RECORDS, key)
    office.blobs.create(Bucket.RECORDS, key, b"not JSON")
    other = RegistryOffice(copy.copy(office.blobs))  # the same disk, seen by a process that remembers nothing
    other.clock.advance(office.clock.now() - other.clock.now())
    assert first(other.classify(AGAIN)) == ("54.10.01", "neighbour")
    context = other.contexts["classification"]
    assert [one.document for one in known(context).lessons.all()] == [taught.document]
    assert [one.document for one, _ in decided(known(context), context)] == [taught.document]


def test_what_clerks_set_aside_is_set_before_them_as_such(office: RegistryOffice) -> None:
    """A letter like one that is no record is told as advertising and opens nothing."""
    taught = office.read(POTHOLE)
    office.work(taught)
    office.work(office.decide(taught.document, "no_record"))
    assert office.classify(POTHOLE + " Danke.").reason == "advertising"


def test_repeat_after_a_decision_tells_the_stored_judgement(office: RegistryOffice) -> None:
    """What was learned meanwhile changes no judgement that is made."""
    event = office.read(AGAIN)
    told = office.handle(event)
    taught = office.read(POTHOLE)
    office.work(taught)
    office.work(office.decide(taught.document, "file", position="54.10.01"))
    assert [(e.id, e.facts) for e in office.handle(event)] == [(e.id, e.facts) for e in told]


def test_reply_goes_to_the_file_of_its_mail(office: RegistryOffice) -> None:
    """By In-Reply-To or References, wherever that mail stands now; a mail that is not filed says nothing."""
    mail = office.read("Guten Tag, eine Frage.", mail=MailHead(message_id="<frage@buerger.example>"))
    office.work(mail)
    reply = MailHead(in_reply_to=("<frage@buerger.example>",))
    assert office.classify("Noch etwas dazu.", mail=reply).file is None
    office.work(office.decide(mail.document, "file", position="52.10.02"))
    (file,) = office.files(mail.document)
    made = office.classify("Noch etwas dazu.", mail=reply)
    assert (made.outcome, made.reason, made.file) == ("proposed", "thread", file)
    assert made.evidence[0].document == mail.document
    older = MailHead(references=("<frage@buerger.example>", "<unbekannt@buerger.example>"))
    assert office.classify("Und noch etwas.", mail=older).file == file
    office.work(office.decide(mail.document, "move", position="54.10.01"))
    assert office.classify("Zum Dritten.", mail=reply).file == office.files(mail.document)[0] != file
    office.work(office.decide(mail.document, "reopen"))
    assert office.classify("Zum Vierten.", mail=reply).file is None


def test_own_number_outranks_the_thread(office: RegistryOffice) -> None:
    """Who answers an old mail about another matter names its file."""
    mail = office.read("Guten Tag, eine Frage.", mail=MailHead(message_id="<frage@buerger.example>"))
    office.work(mail)
    office.work(office.decide(mail.document, "file", position="52.10.02"))
    other = office.open_file("54.10.01")
    made = office.classify(f"Ihr Zeichen: {other}", mail=MailHead(in_reply_to=("<frage@buerger.example>",)))
    assert (made.reason, made.file) == ("number", other)


@pytest.fixture
def collecting() -> RegistryOffice:
    """A registry whose positions all keep one file a year."""
    office = RegistryOffice()
    plan = office.contexts["classification"].plan
    kept = [msgspec.structs.replace(position, filing="collective") for position in plan.positions]
    office.configuration.force("plan", msgspec.structs.replace(plan, positions=tuple(kept)))
    return office


def teach(office: RegistryOffice, text: str, actor: str, position: str = "54.10.01") -> None:
    """A clerk files a letter in a new file at a position."""
    taught = office.read(text)
    office.work(taught)
    office.work(office.decide(taught.document, "file", position=position, actor=actor))


def test_sure_letter_goes_into_the_file_of_the_year(collecting: RegistryOffice) -> None:
    """Its first letter opens it, the next is one entry more, and what was filed can be taken back in one step."""
    teach(collecting, POTHOLE, "a-1")
    teach(collecting, POTHOLE + " Mit Gruß", "a-2")
    before = len(collecting.registers().get("54.10.01/0-2026", []))
    last = ""
    for more, text in enumerate((POTHOLE + " Vielen Dank!", POTHOLE + " Dringend!"), 1):
        event = collecting.read(text)
        collecting.work(event)
        last = event.document
        assert collecting.files(last) == ["54.10.01/0-2026"]
        assert len(collecting.registers()["54.10.01/0-2026"]) == before + more
    collecting.work(collecting.decide(last, "reopen"))
    assert collecting.standing(last).state == "held"


def test_one_account_files_nothing_by_itself(collecting: RegistryOffice) -> None:
    """What one account decides, however often, and nothing bears out, files nothing; a second account does."""
    for number in range(5):
        teach(collecting, f"{POTHOLE} Zum {number}. Mal", "a-poisoner", "25.10.01")
    made = collecting.classify(POTHOLE + " Vielen Dank!")
    assert (made.outcome, made.candidates[0].position) == ("abstained", "25.10.01")
    teach(collecting, POTHOLE + " Mit Gruß", "a-2", "25.10.01")
    assert collecting.classify(POTHOLE + " Vielen Dank!").file == "25.10.01/0-2026"


def test_advertising_is_never_filed(collecting: RegistryOffice) -> None:
    """Not even where it uses the words of a letter that is sure."""
    teach(collecting, POTHOLE + " Mit Gruß", "a-2")
    advert = "Newsletter abbestellen: jetzt bestellen, 20 % Rabatt auf Kaltasphalt, nur für kurze Zeit! "
    made = collecting.classify(advert + POTHOLE, title="Sonderangebot: jetzt testen")
    assert (made.reason, made.file, made.kind) == ("advertising", None, "advertising")
