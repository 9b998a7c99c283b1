"""File numbers take the year of the town, and nobody looks thirty years back where no file is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.core.errors import Misconfigured
from services.core.keys import Bucket
from services.core.ports.entries import Viewer
from services.filing.existing import files_at
from services.settings import load
from tests.component.registry_office import RegistryOffice

LAST_HOUR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
"""Half past midnight in Berlin."""
EVERYBODY = Viewer(account="berg", tenant="main", all_offices=True, protection=3)
POSITION = "52.10.02"


def opened(office: RegistryOffice) -> list[str]:
    """The files of a document that is filed at the position now."""
    document = office.held()
    office.work(office.decide(document, "file", position=POSITION))
    return office.files(document)


@pytest.mark.parametrize(("zone", "year"), [("Europe/Berlin", 2027), ("UTC", 2026), ("America/New_York", 2026)])
def test_a_file_is_numbered_by_the_town_s_year(zone: str, year: int) -> None:
    """In the hours in which the town and UTC have different years."""
    office = RegistryOffice(filing={"time_zone": zone})
    office.clock._now = LAST_HOUR
    assert opened(office) == [f"{POSITION}/1-{year}"]
    listed = files_at(office.contexts["filing"], EVERYBODY, POSITION, limit=5)
    assert [one.file for one in listed] == [f"{POSITION}/1-{year}"]


def test_a_zone_that_does_not_exist_is_refused() -> None:
    """At the start, with the setting's name."""
    with pytest.raises(Misconfigured, match=r"filing\.time_zone"):
        load(filing={"time_zone": "Europe/Rheinfurt"})


def test_where_no_file_is_the_store_is_asked_once() -> None:
    """It was asked for each of thirty years; where files are, years that are over are asked for once."""
    office = RegistryOffice()
    context, asked = office.contexts["filing"], []
    size, keys = office.blobs.size, office.blobs.keys

    def counted(act: Any) -> Any:
        def ask(bucket: Bucket, key: str, *rest: str) -> Any:
            asked.append(key)
            return act(bucket, key, *rest)

        return ask

    office.blobs.size, office.blobs.keys = counted(size), counted(keys)
    assert not files_at(context, EVERYBODY, POSITION, limit=10)
    assert len(asked) == 1
    file = opened(office)
    files_at(context, EVERYBODY, POSITION, limit=10)
    asked.clear()
    assert [one.file for one in files_at(context, EVERYBODY, POSITION, limit=10)] == file
    assert len([key for key in asked if key.endswith(("/1.json", f"{POSITION}/"))]) < 10
