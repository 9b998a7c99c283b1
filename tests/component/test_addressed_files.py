"""What comes beside a document names its file: the address that it was sent to, and what was keyed in with a scan."""

import pytest
from msgspec.structs import replace

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import Classification
from tests.component.registry_office import TENANT, RegistryOffice

FILE = "52.10.02/1-2026"


@pytest.fixture
def office() -> RegistryOffice:
    """A registry with one file whose addresses lie at akte.example."""
    made = RegistryOffice(classification={"file_domain": "akte.example"})
    assert made.open_file() == FILE
    return made


@pytest.mark.parametrize("address", ["52.10.02-1-2026@akte.example", "52.10.02_1-2026@AKTE.example"])
def test_a_mail_to_the_address_of_a_file_goes_there(office: RegistryOffice, address: str) -> None:
    """Also as a blind copy; the evidence says that it was the address."""
    made = office.classify("Zur Kenntnis.", recipients=("bauamt@stadt.example", address))
    assert (made.outcome, made.reason, made.file, made.office) == ("proposed", "address", FILE, "bauamt")
    assert [(one.kind, one.file) for one in made.evidence] == [("address", FILE)]


@pytest.mark.parametrize(
    "address", ["52.10.02-1-2026@elsewhere.example", "52.10.02-9-2026@akte.example", "x@akte.example"]
)
def test_another_address_names_no_file(office: RegistryOffice, address: str) -> None:
    """Of another domain, of a file that does not exist, and no number at all."""
    assert office.classify("Zur Kenntnis.", recipients=(address,)).file is None


def test_without_a_domain_no_address_names_a_file() -> None:
    """As it was before."""
    office = RegistryOffice()
    office.open_file()
    assert office.classify("Zur Kenntnis.", recipients=("52.10.02-1-2026@akte.example",)).file is None


def test_two_files_are_for_a_person(office: RegistryOffice) -> None:
    """Sent to the address of one file, and naming another."""
    assert office.open_file() == "52.10.02/2-2026"
    made = office.classify("Zu 52.10.02/2-2026", recipients=("52.10.02-1-2026@akte.example",))
    assert (made.outcome, made.reason, made.file) == ("abstained", "conflicting", None)


@pytest.mark.parametrize("field", ["aktenzeichen", "akte", "file"])
@pytest.mark.parametrize("number", ["52.10.02/1-2026", "52.10.02-1-2026"])
def test_a_number_keyed_in_beside_a_scan_counts(office: RegistryOffice, field: str, number: str) -> None:
    """As a number in the document does; a field of another name says nothing."""
    made = keyed_in(office, {f"scan.field.{field}": number})
    assert (made.outcome, made.reason, made.file) == ("proposed", "number", FILE)
    assert keyed_in(office, {"scan.field.note": number}).file is None


def keyed_in(office: RegistryOffice, properties: dict[str, str]) -> Classification:
    """What is said of a scan that came with these."""
    event = office.read("Ein Brief.")
    [receipt] = office.record(event.document).receipts
    key = keys.receipt(TENANT, event.document, receipt.receipt)
    office.blobs.delete(Bucket.RECORDS, key)
    office.blobs.create(Bucket.RECORDS, key, record_files.encode(replace(receipt, properties=properties)))
    office.handle(event)
    made = office.record(event.document).classification
    assert made
    return made
