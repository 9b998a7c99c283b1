"""A hybrid invoice says the same twice: what its pages show is compared with what its XML says."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec.structs import replace

from services.core.model.invoices import Finding, Invoice
from services.core.model.record_files import Part

CONFORMANCE = "invoice_profile"
"""The property of a PDF that holds the profile it claims in its own metadata (XMP)."""
_PDF = "application/pdf"
_CLAIMS = b"ConformanceLevel"
_CLAIM = re.compile(rb"(?:\s*=\s*[\"']|>)\s*([A-Za-z0-9 ]{2,20})")
_PROFILES = {
    "MINIMUM": "minimum", "BASICWL": "basicwl", "BASIC": "basic", "COMFORT": "comfort", "EN16931": "en16931",
    "EXTENDED": "extended", "XRECHNUNG": "xrechnung",
}  # fmt: skip
_OURS = ("pdf-number", "pdf-total", "pdf-several", "pdf-profile")


def claimed_profile(pdf: bytes) -> str:
    """The profile that the metadata of a PDF claims; empty where it claims none or it lies compressed."""
    place = pdf.find(_CLAIMS)
    while place >= 0:
        place += len(_CLAIMS)
        if found := _CLAIM.match(pdf, place):
            return _PROFILES.get(found[1].decode().upper().replace(" ", ""), "")
        place = pdf.find(_CLAIMS, place)
    return ""


def compared(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, the invoices among them with what differs; asked again whenever more of the pages was read."""
    known = {part.part: part for part in parts}
    inside = [part for part in known.values() if part.invoice and _outside(part, known)]
    for part in inside:
        page, invoice = _outside(part, known), part.invoice
        if page and invoice:
            several = sum(_outside(other, known) is page for other in inside) > 1
            kept = tuple(finding for finding in invoice.findings if finding.rule not in _OURS)
            found = (*kept, *_differences(invoice, page, several=several))
            known[part.part] = replace(part, invoice=replace(invoice, findings=found))
    return tuple(known.values())


def _outside(part: Part, known: dict[str, Part]) -> Part | None:
    """The PDF in which it lies."""
    above, _, _ = part.part.rpartition(".")
    page = known.get(above or "0")
    return page if page and page is not part and page.media_type == _PDF else None


def _differences(invoice: Invoice, page: Part, *, several: bool) -> Iterator[Finding]:
    if several:
        yield _warning("pdf-several", "In der PDF-Datei liegen mehrere Rechnungen.")
    claimed = page.properties.get(CONFORMANCE, "")
    if claimed and not _is_profile(invoice.profile, claimed):
        yield _warning("pdf-profile", "Die PDF-Datei nennt ein anderes Profil als die XML-Datei darin.")
    text = _bare(page.text)
    if not text or not invoice.is_readable:
        return
    if invoice.number and _bare(invoice.number) not in text:
        yield _warning("pdf-number", "Die Rechnungsnummer der XML-Datei steht nicht auf den Seiten der PDF-Datei.")
    sums = [amount for amount in (invoice.total, invoice.due) if amount is not None]
    if sums and not any(_shows(text, amount) for amount in sums):
        yield _warning("pdf-total", "Die Summe der XML-Datei steht nicht auf den Seiten der PDF-Datei.")


def _warning(rule: str, text: str) -> Finding:
    return Finding(rule=rule, severity="warning", text=text)


def _is_profile(profile: str, claimed: str) -> bool:
    if claimed in ("comfort", "en16931"):
        return profile.endswith(("comfort", "en16931")) or profile.startswith(("xrechnung", "peppol"))
    return profile.startswith("xrechnung") if claimed == "xrechnung" else profile.endswith(f"-{claimed}")


def _bare(text: str) -> str:
    """Without blanks and case, for letters may stand apart on a page."""
    return "".join(text.split()).casefold()


def _shows(text: str, amount: Decimal) -> bool:
    """Whether the amount stands there in German or English spelling."""
    whole, _, cents = f"{abs(amount):,.2f}".partition(".")
    plain = whole.replace(",", "")
    wholes = {plain, whole, whole.replace(",", "."), whole.replace(",", "'")}
    return any(f"{one}{point}{cents}" in text for one in wholes for point in ",.") or (
        cents == "00" and any(f"{one},-" in text for one in wholes)
    )
