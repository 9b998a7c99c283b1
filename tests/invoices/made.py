"""What an invented invoice says; the sums are worked out from its lines."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EXTENSION = f"{XRECHNUNG}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
LEITWEG = "14713000-0815-65"
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One line."""

    name: str
    quantity: Decimal
    price: Decimal
    rate: Decimal = Decimal(19)
    unit: str = "H87"

    @property
    def net(self) -> Decimal:
        """What it costs without tax."""
        return (self.quantity * self.price).quantize(CENT)


@dataclass(frozen=True)
class Made:
    """An invoice that nobody sent."""

    number: str = "RE-4711"
    issued: date = date(2026, 11, 23)
    due_date: date = date(2026, 12, 23)
    type_code: str = "380"
    currency: str = "EUR"
    specification: str = XRECHNUNG
    seller: str = "Papierhaus Lindner GmbH"
    vat_id: str = "DE123456788"
    tax_number: str = "201/123/40123"
    buyer: str = "Stadt Musterstadt"
    reference: str = LEITWEG
    order: str = "B-2026-0042"
    contract: str = "RV-17"
    iban: str = "DE02120300000000202051"
    lines: tuple[Line, ...] = (
        Line("Kopierpapier A4", Decimal(20), Decimal("4.50")),
        Line("Fachbuch Vergaberecht", Decimal(1), Decimal("10.00"), Decimal(7)),
    )
    changed: dict[str, Decimal] = field(default_factory=dict)
    """Sums that are told otherwise than they are: `net`, `tax`, `total`, `due`."""

    @property
    def shares(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Rate, basis and tax."""
        basis: dict[Decimal, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            basis[line.rate] += line.net
        return [(rate, net, (net * rate / 100).quantize(CENT)) for rate, net in sorted(basis.items(), reverse=True)]

    @property
    def net(self) -> Decimal:
        """Of all lines."""
        return self.changed.get("net", sum((line.net for line in self.lines), Decimal("0.00")))

    @property
    def tax(self) -> Decimal:
        """Of all rates."""
        return self.changed.get("tax", sum((share[2] for share in self.shares), Decimal("0.00")))

    @property
    def total(self) -> Decimal:
        """With tax."""
        return self.changed.get("total", self.net + self.tax)

    @property
    def due(self) -> Decimal:
        """What is to be paid."""
        return self.changed.get("due", self.total)

    def but(self, **changed: Any) -> "Made":
        """The same with other facts."""
        return replace(self, **changed)
