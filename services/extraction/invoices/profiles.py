"""Short names of the specifications that an invoice claims to follow (BT-24)."""

import re

from services.core.vocabulary import InvoiceSyntax

_XRECHNUNG = re.compile(r"xrechnung_(\d+\.\d+)")
_EXTENSION = re.compile(r"extension:xrechnung_")
_FACTUR_X = re.compile(r"(?:factur-x\.eu|zugferd\.de):[0-9]p[0-9]:([a-z0-9]+)")
_ZUGFERD_1 = re.compile(r"urn:ferd:(?:crossindustrydocument:)?invoice:[^:]*:([a-z]+)")
_PEPPOL = "peppol.eu:2017:poacc:billing"
_EN = "urn:cen.eu:en16931:2017"


def profile_of(specification: str, syntax: InvoiceSyntax) -> str:
    """`xrechnung-3.0`, `xrechnung-3.0-extension`, `factur-x-extended`, `en16931`, `peppol-bis-3` …; `other`."""
    claim = specification.lower()
    if found := _XRECHNUNG.search(claim):
        rest = "-extension" if _EXTENSION.search(claim) else "-cvd" if "cvd" in claim else ""
        return f"xrechnung-{found[1]}{rest}"
    if found := _FACTUR_X.search(claim):
        return f"factur-x-{found[1]}"
    found = _ZUGFERD_1.search(claim)
    if found or syntax == "zugferd-1":
        return f"zugferd-1-{found[1]}" if found else "zugferd-1"
    if _PEPPOL in claim:
        return "peppol-bis-3"
    return {_EN: "en16931"}.get(claim, "en16931-other" if claim.startswith(_EN) else "other")
