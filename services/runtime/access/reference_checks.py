"""Whether an office or a procedure is there to be given to an account or a key: a slip would lead nowhere."""

from collections.abc import Iterable
from contextlib import suppress
from typing import cast

from services.core.errors import BlobMissing, Rejected
from services.core.messages import procedures
from services.core.messages.procedures import Procedures
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import ConfigurationKind
from services.runtime.context.configuration import Configuration


class Places:
    """What the plan in force and the registered procedures know."""

    def __init__(self, configuration: Configuration, *, main_office: str) -> None:
        self._configuration = configuration
        self._main = main_office

    def check_offices(self, named: Iterable[str]) -> None:
        """Rejected `unknown_office` for one that the plan has not; TryLater where that cannot be looked up."""
        offices = tuple(named)
        if self._unknown(offices):
            self._catch_up("plan")
            if self._unknown(offices):
                raise Rejected("unknown_office")

    def check_procedure(self, name: str) -> None:
        """Rejected `unknown_procedure` for one that is not registered; TryLater where that cannot be looked up."""
        if not self.is_registered(name):
            self._catch_up("procedures")
            if not self.is_registered(name):
                raise Rejected("unknown_procedure")

    def _unknown(self, offices: tuple[str, ...]) -> list[str]:
        plan = cast("FilePlan", self._configuration.parsed("plan", file_plan.decode) or file_plan.EMPTY)
        return plan.unknown_offices(offices, main=self._main)

    def is_registered(self, name: str) -> bool:
        """Whether a procedure of this name takes part, as far as this process has heard."""
        known = self._configuration.parsed("procedures", procedures.decode_all) or procedures.EMPTY
        return cast("Procedures", known).named(name) is not None

    def _catch_up(self, kind: ConfigurationKind) -> None:
        # Perhaps another process put it in force a moment ago, and the news has not come yet.
        with suppress(BlobMissing):
            self._configuration.refresh(kind)
