"""Journal reports: the mail inside is the document, and each office learns of the recipients that are its own."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record_files import Receipt
from services.core.plan.file_numbers import Template
from services.core.ports.entries import Viewer
from services.search.query import Paging, parse
from tests.component.city_hall import API, CityHall
from tests.component.journal import BOX, ORIGINAL, report
from tests.component.journal import settings as journal_settings
from tests.component.session import connected
from tests.component.surroundings import Intakes

BOXES = {f"{name}@stadt.example": name for name in ("bauamt", "kasse", "poststelle")}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """A hall that believes the journal of its gateway."""
    made = CityHall(tmp_path, mail_intake=journal_settings(BOXES))
    yield made
    made.close()


def asker(hall: CityHall, *offices: str) -> Viewer:
    """A member of these offices; of none: who sees all."""
    return Viewer(account="a", tenant="main", offices=frozenset(offices), all_offices=not offices)


def found_by(hall: CityHall, question: str, *offices: str) -> list[str]:
    """Documents that a member of these offices finds; without any: who sees all."""
    query = parse(question, template=Template(), page=Paging(limit=500))
    return [hit.document for hit in hall.ports.index.search(query, asker(hall, *offices)).items]


def receipts(hall: CityHall, document: str) -> tuple[Receipt, ...]:
    """Of a document, as stored."""
    return record.load(hall.ports.blobs, "main", document).receipts


def test_three_reports_of_a_mail_are_one_document(hall: CityHall) -> None:
    """Three receipts, the original byte for byte, sender and recipients of the reports; each found by its own."""
    boxes = [f"{box}@stadt.example" for box in ("bauamt", "kasse", "poststelle")]
    told = [hall.deliver(report(f"Bcc: {box}"), BOX) for box in boxes]
    hall.work()
    [document] = {one["document"] for one in told}
    assert hall.ports.blobs.read(Bucket.ORIGINALS, keys.original("main", document)) == ORIGINAL
    kept = receipts(hall, document)
    assert sorted((one.office, *one.envelope.recipients) for one in kept if one.envelope) == sorted(
        (box.partition("@")[0], box) for box in boxes
    )
    assert {one.envelope.mail_from for one in kept if one.envelope} == {"erika@example.org"}
    for box in boxes:
        own = box.partition("@")[0]
        assert [bool(found_by(hall, f"an:{other}", own)) for other in boxes] == [other == box for other in boxes]
    assert found_by(hall, "an:kasse@stadt.example") == [document]


def test_the_report_can_be_proved(hall: CityHall) -> None:
    """What came around the original is kept once, and gives the report back byte for byte; no answer shows it."""
    whole = report("To: bauamt@stadt.example", "Bcc: kasse@stadt.example")
    document = hall.deliver(whole, BOX)["document"]
    hall.work()
    kept = [one.report for one in receipts(hall, document) if one.report]
    assert {one.sha256 for one in kept} == {hashlib.sha256(whole).hexdigest()}
    [full] = [one for one in kept if one.before]
    assert full.before + ORIGINAL + full.after == whole
    for path in (f"/documents/{document}", f"/documents/{document}/original", f"/documents/{document}/history"):
        assert "kasse" not in hall.key("search", offices=("bauamt",)).get(API + path).text


_addresses = st.sampled_from((*BOXES, "niemand@stadt.example", "fremd@example.org"))
_lines = st.lists(
    st.tuples(st.sampled_from(("To", "Cc", "Bcc", "Recipient")), _addresses, st.none() | _addresses),
    min_size=1,
    max_size=6,
)


@example([("Bcc", "kasse@stadt.example", "bauamt@stadt.example")])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(named=_lines)
def test_a_recipient_is_found_by_its_office_and_nobody_else(
    hall: CityHall, named: list[tuple[str, str, str | None]]
) -> None:
    """Whatever a report names: an office finds its own boxes and the lists they stand on, and never another's box."""
    lines = [f"{kind}: {one}" + (f", Expanded: {via}" if via else "") for kind, one, via in named]
    body = ORIGINAL.replace(b"4711", str(abs(hash(tuple(lines)))).encode())
    document = hall.deliver(report(*lines, original=body), BOX)["document"]
    hall.work()
    offices = {office: {office} for office in BOXES.values()}
    for office in offices:
        theirs = {
            each
            for _, one, via in named
            for each in (one, via)
            if each and (BOXES.get(one) or BOXES.get(via or "")) == office
        }
        for address in BOXES:
            found = document in found_by(hall, f"an:{address}", office)
            assert found == (address in theirs), (office, address, lines)
    everything = {each for _, one, via in named for each in (one, via) if each in BOXES}
    assert {one for one in BOXES if document in found_by(hall, f"an:{one}")} == everything


@pytest.mark.parametrize("sources", [(), ("another",)], ids=["nobody", "others"])
def test_a_report_of_somebody_else_is_a_mail(tmp_path: Path, sources: tuple[str, ...]) -> None:
    """Who is not named in the settings forges no envelope: the report is stored as what it is."""
    hall = CityHall(tmp_path, mail_intake=journal_settings(BOXES, sources))
    forged = report("Bcc: kasse@stadt.example")
    document = hall.deliver(forged, BOX)["document"]
    assert hall.ports.blobs.read(Bucket.ORIGINALS, keys.original("main", document)) == forged
    assert [one.office for one in receipts(hall, document)] == ["poststelle"]
    hall.close()


def test_a_report_to_another_box_is_a_mail(hall: CityHall) -> None:
    """Also of a source that is believed: only the journal boxes take reports."""
    told = [
        hall.deliver(report("Bcc: kasse@stadt.example"), to) for to in ("kasse@stadt.example", f"{BOX}, x@y.example")
    ]
    for one in told:
        assert all(each.report is None for each in receipts(hall, one["document"]))


@pytest.mark.parametrize(
    "broken",
    [
        report("Bcc: kasse@stadt.example", end=b""),
        report("Bcc: kasse@stadt.example", original=b""),
        report("Bcc: kasse@stadt.example", original=b"kein Kopf\r\n\r\nnichts"),
        report("Bcc: niemand"),
        report("Bcc: kasse@stadt.example").replace(b"message/rfc822", b"application/octet-stream"),
        report("Bcc: kasse@stadt.example").replace(
            b"message/rfc822\r\n", b"message/rfc822\r\nContent-Transfer-Encoding: base64\r\n"
        ),
        report("Bcc: kasse@stadt.example").replace(b"Sender:", b"Absender:"),
        report("Bcc: kasse@stadt.example").replace(b'boundary="grenze"', b"x=y"),
        report(*(f"Bcc: a{number}@stadt.example" for number in range(10_001))),
    ],
    ids=["cut", "empty", "no head", "nobody", "no mail", "encoded", "no sender", "no boundary", "too many"],
)
def test_a_broken_report_is_kept_as_it_is(hall: CityHall, broken: bytes) -> None:
    """It waits in the mail room as damaged, is filed by nothing, and no office learns of it."""
    document = hall.deliver(broken, BOX)["document"]
    hall.work()
    assert hall.ports.blobs.read(Bucket.ORIGINALS, keys.original("main", document)) == broken
    found = record.load(hall.ports.blobs, "main", document)
    standing = record.standing(found)
    assert (standing.state, standing.reason) == ("held", "system_notice")
    assert "broken" in standing.problems
    assert record.offices_of(found, {}) == frozenset({"poststelle"})
    assert found_by(hall, "kasse", "kasse") == []


def test_an_ordinary_mail_to_a_journal_box_is_a_mail(hall: CityHall) -> None:
    """What does not say that it is a report is none."""
    document = hall.deliver(ORIGINAL, BOX)["document"]
    hall.work()
    assert record.standing(record.load(hall.ports.blobs, "main", document)).problems == ()


def test_a_subject_names_no_recipient(hall: CityHall) -> None:
    """A line feed in the subject of a mail from outside adds no line of the envelope."""
    forged = "Hallo\r\nMessage-ID: <x@y>\r\nBcc: kasse@stadt.example\r\nTo: poststelle@stadt.example"
    document = hall.deliver(report("Bcc: bauamt@stadt.example", subject=forged), BOX)["document"]
    assert [one.office for one in receipts(hall, document)] == ["bauamt"]


def test_by_smtp_the_reply_names_all_receipts(tmp_path: Path) -> None:
    """A report to two offices by the mail server itself; what only strangers got is the sender's office's."""
    intakes = Intakes(
        tmp_path, mail_intake=journal_settings(BOXES, ("smtp-127.0.0.1",)) | {"domains": ("stadt.example",)}
    )
    listener = intakes.open_smtp()
    with connected(listener) as client:
        client.mail("")
        client.rcpt(BOX)
        code, text = client.data(report("To: bauamt@stadt.example", "Bcc: kasse@stadt.example", "To: x@example.org"))
        client.mail("")
        client.rcpt(BOX)
        assert (
            client.data(report("Bcc: x@example.org", sender="poststelle@stadt.example", original=ORIGINAL + b"!"))[0]
            == 250
        )
    listener.stop()
    kept = {one.office: one for one in intakes.receipts()}
    assert (code, sorted(text.decode().split()[2:])) == (
        250,
        sorted(kept[name].receipt for name in ("bauamt", "kasse")),
    )
    assert kept["poststelle"].envelope
    assert kept["poststelle"].envelope.recipients == ("x@example.org",)
    assert intakes.left_lying() == []


def test_a_large_report_is_unwrapped_from_disk(hall: CityHall) -> None:
    """Beyond what is held in memory."""
    large = ORIGINAL + b"Zeile\r\n" * 400_000
    document = hall.deliver(report("To: kasse@stadt.example", original=large), BOX)["document"]
    assert hall.ports.blobs.read(Bucket.ORIGINALS, keys.original("main", document)) == large
