"""The port to the official rules of electronic invoices (Schematron of EN 16931 and XRechnung)."""

from typing import Literal, Protocol

from msgspec import Struct

RuleSet = Literal["en16931-ubl", "en16931-cii", "xrechnung-ubl", "xrechnung-cii"]


class Broken(Struct, frozen=True):
    """A rule that does not hold: its id, how much it matters in its own words, and its sentence."""

    rule: str
    flag: str
    """`fatal`, `error`, `warning`, `information`."""
    text: str


class Report(Struct, frozen=True, kw_only=True):
    """What the rules said."""

    broken: tuple[Broken, ...] = ()
    applied: tuple[str, ...] = ()
    """Names of the sets with their versions."""


class InvoiceRules(Protocol):
    """Runs sets of rules over one invoice, in a process that may die of it."""

    def check(self, xml: bytes, sets: tuple[RuleSet, ...]) -> Report | None:
        """The report; None where the rules are not here, or could not be run over this invoice."""

    def close(self) -> None:
        """Stop what was started."""


class NoInvoiceRules:
    """Where the rules are switched off."""

    def check(self, xml: bytes, sets: tuple[RuleSet, ...]) -> Report | None:
        """Nothing is known."""
        del xml, sets
        return None

    def close(self) -> None:
        """Nothing to stop."""
