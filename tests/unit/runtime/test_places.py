"""Accounts and keys are given only offices and procedures that are there."""

import msgspec
import pytest

from services.core.errors import Rejected
from services.core.messages.procedures import Procedure, Procedures
from services.core.model import record_files
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.runtime.access.credentials import Access
from services.runtime.context.configuration import Configuration
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.event_log import MemoryEventLog
from tests.unit.runtime.loop import Clock

PLAN = FilePlan(
    name="Aktenplan", version="1", offices={"bauamt": "Bauamt"}, positions=(PlanPosition(code="1", title="Bauen"),)
)


class Town:
    """A process that knows no plan yet, and the store behind it."""

    def __init__(self) -> None:
        self.blobs = MemoryBlobStore()
        self.configuration = Configuration(self.blobs, tenant="main")
        self.access = Access(
            self.configuration, log=MemoryEventLog(), clock=Clock(), secret=b"secret", main_office="registratur"
        )

    def another(self) -> Configuration:
        """What another process works with."""
        return Configuration(self.blobs, tenant="main")


@pytest.fixture
def town() -> Town:
    """Nobody lives here yet."""
    return Town()


def test_a_mistyped_office_is_refused(town: Town) -> None:
    """For accounts and keys, made or changed; the mail room's own need no plan, and one that it dropped stays."""
    town.access.add_account("berg", rights=("search",), offices=("altamt",))
    town.configuration.force("plan", PLAN)
    with pytest.raises(Rejected, match="unknown_office"):
        town.access.add_account("feld", rights=("search",), offices=("bauamt", "bauamd"))
    with pytest.raises(Rejected, match="unknown_office"):
        town.access.add_key("scanner-1", rights=("search",), offices=("bauamd",))
    with pytest.raises(Rejected, match="unknown_office"):
        town.access.change_account("berg", lambda who: msgspec.structs.replace(who, offices=("altamt", "bauamd")))
    town.access.change_account("berg", lambda who: msgspec.structs.replace(who, offices=("altamt", "bauamt")))
    town.access.add_key("scanner-2", rights=("search",), offices=("bauamt", "poststelle", "registratur"))
    there = town.access.everybody
    assert [(account.name, account.offices) for account in there.accounts] == [("berg", ("altamt", "bauamt"))]
    assert [key.source for key in there.keys] == ["scanner-2"]


def test_an_office_of_a_plan_that_came_a_moment_ago_is_known(town: Town) -> None:
    """Another process put it in force, and the news has not come here yet."""
    old = msgspec.structs.replace(PLAN, offices={"kasse": "Kasse"})
    town.configuration.store("plan", msgspec.json.encode(old), base=0)
    town.another().store("plan", msgspec.json.encode(PLAN), base=1)
    assert town.access.add_account("berg", rights=("search",), offices=("bauamt",))


def test_a_key_for_an_unknown_procedure_is_refused(town: Town) -> None:
    """It would speak for nobody; one that another process registered a moment ago is known."""
    with pytest.raises(Rejected, match="unknown_procedure"):
        town.access.add_procedure_key("bau", "bau")
    assert not town.access.everybody.keys
    known = Procedures(procedures=(Procedure(name="bau"),))
    town.another().store("procedures", record_files.encode(known), base=0)
    assert town.access.by_key(town.access.add_procedure_key("bau", "bau"))
