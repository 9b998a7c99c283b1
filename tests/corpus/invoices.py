"""Electronic invoices of a corpus: recognised, read as ElementTree reads them by paths of its own; none elsewhere."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.corpus import references

_UBL = {
    "number": "ID",
    "issued": "IssueDate",
    "currency": "DocumentCurrencyCode",
    "buyer_reference": "BuyerReference",
    "total": "LegalMonetaryTotal/TaxInclusiveAmount",
    "due": "LegalMonetaryTotal/PayableAmount",
    "seller": "AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName",
}
_CII = {
    "number": "ExchangedDocument/ID",
    "issued": "ExchangedDocument/IssueDateTime/DateTimeString",
    "currency": "*/ApplicableHeaderTradeSettlement/InvoiceCurrencyCode",
    "buyer_reference": "*/ApplicableHeaderTradeAgreement/BuyerReference",
    "total": "*/*/SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount",
    "due": "*/*/SpecifiedTradeSettlementHeaderMonetarySummation/DuePayableAmount",
    "seller": "*/*/SellerTradeParty/Name",
}
_ZUGFERD_1 = {
    "number": "HeaderExchangedDocument/ID",
    "issued": "HeaderExchangedDocument/IssueDateTime/DateTimeString",
    "currency": "*/ApplicableSupplyChainTradeSettlement/InvoiceCurrencyCode",
    "buyer_reference": "*/ApplicableSupplyChainTradeAgreement/BuyerReference",
    "total": "*/*/SpecifiedTradeSettlementMonetarySummation/GrandTotalAmount",
    "due": "*/*/SpecifiedTradeSettlementMonetarySummation/DuePayableAmount",
    "seller": "*/*/SellerTradeParty/Name",
}
_PATHS: Mapping[str, Mapping[str, str]] = {
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": _UBL,
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": _UBL,
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": _CII,
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": _ZUGFERD_1,
}
_AMOUNTS = frozenset({"total", "due"})


@dataclass(frozen=True, slots=True)
class Compared:
    """Whether another reader sees an invoice in a file, whether we do, and the fields on which both differ."""

    expected: bool
    found: bool
    differing: tuple[str, ...] = ()


def compared(path: Path, parts: list[dict[str, Any]]) -> Compared:
    """The file beside what the API told of its parts."""
    theirs, ours = _facts(path), next((part["invoice"] for part in parts if part.get("invoice")), None)
    if theirs is None or ours is None:
        return Compared(theirs is not None, ours is not None)
    told = {**ours, "seller": ours["seller"]["name"]}
    differing = (name for name, value in theirs.items() if _plain(name, str(told[name] or "")) != _plain(name, value))
    return Compared(expected=True, found=True, differing=tuple(differing))


def _facts(path: Path) -> dict[str, str] | None:
    """What stands on the paths, in the first invoice of the file; None where there is none."""
    if path.suffix.lower() not in {".xml", ".pdf"}:
        return None
    return next((facts for content in references.invoices(path) for facts in _read(content)), None)


def _read(content: bytes) -> Iterator[dict[str, str]]:
    with contextlib.suppress(ET.ParseError):
        root = references.parsed(content)
        paths = _PATHS.get(root.tag)
        if paths:
            yield {name: (root.findtext(_any_namespace(path)) or "") for name, path in paths.items()}


def _any_namespace(path: str) -> str:
    return "/".join(step if step == "*" else f"{{*}}{step}" for step in path.split("/"))


def _plain(name: str, value: str) -> str | Decimal:
    """Comparable: amounts by their value, days by their digits, words without the blanks of a pretty printer."""
    if name == "issued":
        return value.strip().replace("-", "")[:8]
    if name in _AMOUNTS:
        with contextlib.suppress(InvalidOperation):
            return Decimal(value.strip())
    return " ".join(value.split())
