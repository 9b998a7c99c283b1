"""Classification over a store: what is proposed, what is held and why, and what a repeat tells."""

import msgspec
import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.model.record_files import MailHead, Part
from tests.component.registry_office import TENANT, RegistryOffice

FILE = "52.10.02/1-2026"


@pytest.fixture
def office() -> RegistryOffice:
    """A registry with one file, 52.10.02/1-2026."""
    made = RegistryOffice()
    assert made.open_file() == FILE
    return made


@pytest.mark.parametrize(
    "text",
    [
        "Ihr Zeichen: 52.10.02/1-2026",
        "Az.52.10.02/1-2026",
        "Sehr geehrte Damen und Herren, zu 52.10.02 / 1 \u2013 2026 teile ich mit …",
        "Ihr Zeichen      Ihre Nachricht vom    Unser Zeichen\n52.10.02/1-2026  12.03.26              2 K 3249/12",
        "lhr Zeichen 52.1O.O2/l-2O26",
        "unser Termin am 12.03.26; Eintrag 52.10.02/1-2026-001",
    ],
)
def test_existing_file_is_proposed(office: RegistryOffice, text: str) -> None:
    """The number of an existing file, however it is written, proposes that file with its position's office."""
    made = office.classify(text)
    assert (made.outcome, made.reason, made.file, made.office) == ("proposed", "number", FILE, "bauamt")
    assert [(c.position, c.confidence, c.evidence) for c in made.candidates] == [("52.10.02", 1.0, "number")]


def test_number_in_subject_or_file_name_counts(office: RegistryOffice) -> None:
    """Subject and file names are evidence like the text; in names a hyphen or underscore stands for the slash."""
    assert office.classify("x", title="AW: 52.10.02/1-2026 Carport").file == FILE
    assert office.classify("x", name="Plan_52.10.02-1-2026_neu.pdf").file == FILE
    assert office.classify("x", name="52.10.02_1-2026.pdf").file == FILE


@pytest.mark.parametrize(
    "text",
    [
        "am 12.03.26",
        "2 K 3249/12",
        "34 O 13/04",
        "99.99.99/1-2026",
        "1.52.10.02/1-2026",
        "52.10.02/1-20261",
        "1106/001",
    ],
)
def test_what_only_looks_like_a_number_proposes_nothing(office: RegistryOffice, text: str) -> None:
    """Dates, court numbers, foreign signs and pieces of longer numbers are no evidence."""
    made = office.classify(text)
    assert (made.outcome, made.reason, made.candidates) == ("abstained", "unsure", ())


def test_number_without_a_file_is_unknown(office: RegistryOffice) -> None:
    """A number at a position of the plan whose file does not exist abstains and names the position."""
    made = office.classify("Ihr Zeichen: 31.10.01/44-2026", office="sozialamt")
    assert (made.outcome, made.reason, made.file, made.office) == ("abstained", "unknown_number", None, "sozialamt")
    assert [c.position for c in made.candidates] == ["31.10.01"]


def test_misread_number_is_set_right_only_towards_an_existing_file(office: RegistryOffice) -> None:
    """O/0 and l/1 are exchanged where that gives an existing file, and complain of nothing where it does not."""
    assert office.classify("52.lO.O2/1-2026").file == FILE
    assert office.classify("52.lO.O2/7-2026").reason == "unsure"


def test_several_files_conflict(office: RegistryOffice) -> None:
    """Two existing files are a question for a clerk, with both positions; the office is the receipt's."""
    other = office.open_file("31.10.01")
    made = office.classify(f"Ihr Zeichen {FILE}, siehe auch {other}", office="hauptamt")
    assert (made.reason, made.file, made.office) == ("conflicting", None, "hauptamt")
    assert {c.position for c in made.candidates} == {"52.10.02", "31.10.01"}


def test_senders_sign_is_no_proof(office: RegistryOffice) -> None:
    """A number under `Unser Zeichen` may be another town's: a candidate, never a filing."""
    made = office.classify("Unser Zeichen: 52.10.02/1-2026")
    assert (made.outcome, made.reason) == ("abstained", "unsure")
    assert [(c.position, c.evidence) for c in made.candidates] == [("52.10.02", "number")]
    assert made.certainty != "sure"
    assert office.classify(f"Unser Zeichen: {FILE}\n\nIhr Zeichen: {FILE}").file == FILE


def test_hundreds_of_numbers_name_no_place(office: RegistryOffice) -> None:
    """A list of numbers is not looked up without end, and files nothing."""
    made = office.classify("\n".join(f"52.10.02/{n}-2026" for n in range(1, 400)))
    assert (made.outcome, made.reason) == ("abstained", "conflicting")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("Hiermit stelle ich einen Bauantrag.", "52.10.02"),
        ("ANTRAG\nauf  Baugenehmigung", "52.10.02"),
        ("Betr.: Strassenbeleuchtung in der Goethestr. ist defekt", "54.10.02"),
        ("Laermbelaestigung nachts", "56.10.01"),
        ("La\u0308rmbela\u0308stigung nachts", "56.10.01"),
        ("zwei Bauanträge, meiner und der des Nachbarn", "52.10.02"),
        ("als Bauantragsteller", "52.10.02"),
        ("Straßenbeleuchtung", None),
        ("ein Antrag", None),
    ],
)
def test_rules_lead_to_candidates(office: RegistryOffice, text: str, position: str | None) -> None:
    """All words of a rule, inflected, in any spelling and within compounds, give a candidate, never a filing."""
    made = office.classify(text)
    assert (made.outcome, made.reason, made.file) == ("abstained", "unsure", None)
    assert next((c.position for c in made.candidates if "rule" in c.kinds), None) == position
    assert made.certainty != "sure"


def test_mailbox_is_evidence(office: RegistryOffice) -> None:
    """The address it was delivered to counts; the one written in the mail only where no envelope tells."""
    made = office.classify("Guten Tag", recipients=("WOHNGELD@musterstadt.example",))
    assert [(c.position, c.evidence) for c in made.candidates] == [("31.10.01", "address")]
    assert made.office == "sozialamt"
    head = MailHead(to=("Wohngeld <wohngeld@musterstadt.example>",))
    assert office.classify("Guten Tag", mail=head).candidates
    assert not office.classify("Guten Tag", mail=head, recipients=("info@musterstadt.example",)).candidates


def test_closed_position_takes_no_new_file_but_its_files_are_filled(office: RegistryOffice) -> None:
    """A closed position is no candidate; a file that lies there from before is proposed as any other."""
    made = office.classify("Az. 52.10.04/3-2019")
    assert (made.reason, made.candidates) == ("closed_position", ())
    office.blobs.create(Bucket.RECORDS, keys.register_entry(TENANT, "52.10.04/3-2019", 1), b"{}")
    assert office.classify("Az. 52.10.04/3-2019").file == "52.10.04/3-2019"


def test_notices_and_silence_have_their_reasons(office: RegistryOffice) -> None:
    """A system notice and a document without text say so; a certain number wins over both."""
    automatic = MailHead(automatic=True)
    assert office.classify("Abwesend, kein Bauantrag", mail=automatic).reason == "system_notice"
    assert office.classify("zu 52.10.02/1-2026", mail=automatic).file == FILE
    assert office.classify("").reason == "no_text"
    assert office.classify("", title="52.10.02/1-2026").file == FILE


def test_office_falls_back_to_the_receipts(office: RegistryOffice) -> None:
    """Without candidates the office is that of the box it came through, else the mail room."""
    assert office.classify("Hallo", office="kulturamt").office == "kulturamt"
    assert office.classify("Hallo").office == "poststelle"


def test_repeat_tells_the_stored_judgement(office: RegistryOffice) -> None:
    """Handled again, also after the files have changed, the same judgement is told under the same id."""
    event = office.read("Ihr Zeichen: 54.10.01/1-2026")
    first = office.handle(event)
    office.open_file("54.10.01")
    assert [(e.id, e.facts) for e in office.handle(event)] == [(e.id, e.facts) for e in first]
    assert office.record(event.document).revisions["classification"] == 1


def test_new_reading_is_judged_anew(office: RegistryOffice) -> None:
    """A later complete reading gets a judgement of its own; an incomplete one waits."""
    event = office.read("")
    office.handle(event)
    extraction = office.record(event.document).extraction
    assert extraction
    waiting = msgspec.structs.replace(extraction, complete=False)
    assert office.handle(office.extracted(event.document, waiting)) == []
    assert office.handle(event) == []
    done = msgspec.structs.replace(extraction, parts=(Part(part="0", text=f"Az. {FILE}"),))
    office.handle(office.extracted(event.document, done))
    made = office.record(event.document).classification
    assert made
    assert (made.extraction, made.file) == (3, FILE)


def test_an_earlier_reading_told_again_is_not_the_cause_of_a_newer_judgement(office: RegistryOffice) -> None:
    """Between an event and its repeat the document was read anew: the new judgement is another event, and is filed."""
    event = office.read("")
    first = office.handle(event)
    office.work(*first)
    assert office.standing(event.document).state == "held"
    extraction = office.record(event.document).extraction
    assert extraction
    newer = office.extracted(
        event.document, msgspec.structs.replace(extraction, parts=(Part(part="0", text=f"Az. {FILE}"),))
    )
    second = office.handle(event)
    assert [told.id for told in second] != [told.id for told in first]
    assert [(told.id, told.facts) for told in office.handle(newer)] == [(told.id, told.facts) for told in second]
    office.work(*second)
    assert office.files(event.document) == [FILE]


def test_erased_document_is_not_judged(office: RegistryOffice) -> None:
    """Nothing is written beside a tombstone, and nothing told."""
    event = office.read("Text")
    office.erase(event.document)
    assert office.handle(event) == []
