"""An invoice out of XML: recognised by its root, its terms read; what cannot be read is told as a finding."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.core.model.invoices import MAX_LINES, Finding, Invoice, InvoiceLine, Party, TaxShare
from services.core.vocabulary import InvoiceSyntax
from services.extraction.invoices import xml_tree
from services.extraction.invoices.profiles import profile_of
from services.extraction.invoices.syntaxes import ENVELOPE, ROOTS, SIGNS, SYNTAXES, Syntax
from services.extraction.invoices.xml_tree import Element, NotWellFormed, Path

MAX_BYTES = 32 * 1024 * 1024
"""Enclosures (BG-24) lie in the XML as base64, so an honest invoice may have some megabytes."""
HEAD = 64 * 1024
"""Bytes in which the namespace has to be named, for the rest to be looked at."""
_COMMON = b"urn:"
"""How each of the signs begins: they are looked for in one pass."""
_LONGEST = {"terms": 1_000, "note": 2_000}
_SHORT = 300
_MOST_VALUES = 20
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_AMOUNT = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,10})?|\.\d{1,10})")
_BEGINS = re.compile(
    rb"<\?xml|<(?:[\w.-]+:)?(?:Invoice|CreditNote|CrossIndustryInvoice|CrossIndustryDocument|StandardBusinessDocument)\b"
)
_ENDS = re.compile(
    rb"</(?:[\w.-]+:)?(?:Invoice|CreditNote|CrossIndustryInvoice|CrossIndustryDocument|StandardBusinessDocument)\s*>"
)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DATES = ("issued", "due_date", "delivered")
_AMOUNTS = ("charges", "allowances", "lines_net", "net", "total", "paid", "rounding", "due")
_TEXTS = (
    *("specification", "number", "type_code", "currency", "buyer_reference", "order", "contract", "project"),
    *("payment_code", "terms", "note"),
)
_TELLS = {
    "xml-doctype": "Die XML-Datei enthält eine Dokumenttyp-Deklaration (DTD). Sie ist in Rechnungen nicht zulässig; "
    "die Rechnung wurde nicht gelesen.",
    "xml-broken": "Die XML-Datei ist nicht wohlgeformt; die Rechnung konnte nicht gelesen werden.",
    "xml-limits": "Die XML-Datei ist zu groß oder zu tief verschachtelt; die Rechnung wurde nicht gelesen.",
}


def may_be_invoice(head: bytes) -> bool:
    """Whether the first bytes name one of the namespaces, in any encoding that is ASCII but for zeros."""
    plain = head.replace(b"\0", b"")
    place = plain.find(_COMMON)
    while place >= 0:
        if plain.startswith(SIGNS, place):
            return True
        place = plain.find(_COMMON, place + 1)
    return False


@dataclass(frozen=True, slots=True)
class Found:
    """An invoice, and its XML without enclosures, for the official rules; empty where nobody could read it."""

    invoice: Invoice
    xml: bytes = b""


def read(content: bytes, *, charset: str = "") -> Invoice | None:
    """The invoice alone."""
    found = find(content, charset=charset)
    return found.invoice if found else None


def find(content: bytes, *, charset: str = "") -> Found | None:
    """The invoice that the bytes are, or that stands in them between a greeting and a signature; None: there is none.

    `charset` is what the transport says, for a declaration that a mail program has made untrue.
    """
    if not may_be_invoice(content[:HEAD]):
        return None
    xml = _cut_out(content)
    syntax, is_wrapped = _syntax_of(xml)
    if syntax is None:
        return None
    if len(content) > MAX_BYTES:
        return _unread(syntax, "xml-limits")
    if xml_tree.has_doctype(xml):
        return _unread(syntax, "xml-doctype")
    try:
        root = _parsed(xml, charset)
    except NotWellFormed as fault:
        return _unread(syntax, "xml-limits" if fault.limits else "xml-broken")
    return _found(root, is_wrapped=is_wrapped)


def _found(root: Element, *, is_wrapped: bool) -> Found | None:
    inner = (child for child in xml_tree.children(root) if xml_tree.tag_of(child) in ROOTS)
    found = next(inner, None) if is_wrapped else root
    if found is None:
        return None
    return Found(_invoice(found, ROOTS[xml_tree.tag_of(found)]), xml_tree.without_enclosures(found))


def find_in_text(text: str) -> Found | None:
    """The invoice in the text of a mail, which a mail program has decoded whatever the XML declares."""
    if not any(sign.decode() in text[:HEAD] for sign in SIGNS):
        return None
    return find(_DECLARATION.sub("", text, count=1).encode("utf-8", "replace"))


def _cut_out(content: bytes) -> bytes:
    """The XML alone: a mail may greet before it and sign after it."""
    begin = _BEGINS.search(content[:HEAD])
    if begin is None:
        return content  # UTF-16, or nothing of it
    ends = [found.end() for found in _ENDS.finditer(content, begin.start())]
    return content[begin.start() : ends[-1] if ends else len(content)]


def _syntax_of(xml: bytes) -> tuple[InvoiceSyntax | None, bool]:
    """The syntax by the root, and whether it lies in an envelope."""
    tag = xml_tree.root_tag(xml)
    if tag != ENVELOPE:
        return ROOTS.get(tag), False
    named = next((root for sign, root in zip(SIGNS, ROOTS.values(), strict=True) if sign in xml[:HEAD]), None)
    return named, True


def _parsed(xml: bytes, charset: str) -> Element:
    try:
        return xml_tree.parsed(xml)
    except NotWellFormed as fault:
        if fault.limits or not charset:
            raise
    try:
        text = _DECLARATION.sub("", xml.decode(charset), count=1)
    except (LookupError, UnicodeDecodeError):
        raise NotWellFormed(limits=False) from None
    return xml_tree.parsed(text.encode())


def _unread(syntax: InvoiceSyntax, rule: str) -> Found:
    finding = Finding(rule=rule, severity="error", text=_TELLS[rule])
    return Found(Invoice(syntax=syntax, profile="other", findings=(finding,)))


def _invoice(root: Element, syntax: InvoiceSyntax) -> Invoice:
    known = SYNTAXES[syntax]
    facts = _texts(root, known.paths, _TEXTS) | _amounts(root, known.paths, _AMOUNTS)
    facts |= {name: _date(_text(root, known.paths, name)) for name in _DATES}
    lines = _all(root, known.paths["lines"])
    return Invoice(
        syntax=syntax,
        profile=profile_of(facts["specification"], syntax),
        seller=_party(root, known, "seller"),
        buyer=_party(root, known, "buyer"),
        preceding=_values(root, known.paths["preceding"]),
        line_count=len(lines),
        lines=tuple(_line(line, known) for line in lines[:MAX_LINES]),
        taxes=tuple(_tax(share, known) for share in _shares(root, known, facts["currency"])),
        tax=_tax_total(root, known, facts["currency"]),
        ibans=tuple(dict.fromkeys("".join(iban.split()) for iban in _values(root, known.paths["ibans"]))),
        **facts,
    )


def _party(root: Element, known: Syntax, which: str) -> Party:
    found = next(iter(_all(root, known.paths[which])), None)
    if found is None:
        return Party()
    lines = (" ".join(filter(None, (_first(found, (path,)) for path in line))) for line in known.address_paths)
    return Party(
        address=tuple(line for line in lines if line),
        **_texts(found, known.party_paths, known.party),
    )


def _shares(root: Element, known: Syntax, currency: str) -> list[Element]:
    """The tax breakdown in the currency of the invoice: a second total may tell it in that of the tax (BT-6)."""
    shares = _all(root, known.paths["taxes"])[:_MOST_VALUES]
    amounts = known.tax_paths["amount"]
    foreign = [any(xml_tree.attribute(e, "currencyID") not in ("", currency) for e in _all(s, amounts)) for s in shares]
    own = [share for share, other in zip(shares, foreign, strict=True) if not other]
    return own or shares


def _tax_total(root: Element, known: Syntax, currency: str) -> Decimal | None:
    found = _all(root, known.paths["tax"])
    own = [element for element in found if xml_tree.attribute(element, "currencyID") in ("", currency)]
    return next((_amount(xml_tree.text_of(element)) for element in own or found), None)


def _tax(share: Element, known: Syntax) -> TaxShare:
    table = known.tax_paths
    return TaxShare(**_texts(share, table, ("category",)), **_amounts(share, table, ("rate", "basis", "amount")))


def _line(line: Element, known: Syntax) -> InvoiceLine:
    quantity = next(iter(_all(line, known.line_paths["quantity"])), None)
    return InvoiceLine(
        unit=xml_tree.attribute(quantity, "unitCode")[:_SHORT] if quantity is not None else "",
        **_texts(line, known.line_paths, ("number", "name", "category")),
        **_amounts(line, known.line_paths, ("quantity", "price", "net", "rate")),
    )


def _all(element: Element, paths: tuple[Path, ...]) -> list[Element]:
    """What the first of the paths leads to that leads anywhere."""
    return next((found for path in paths if (found := path(element))), [])


def _first(element: Element, paths: tuple[Path, ...]) -> str:
    return next((text for found in _all(element, paths) if (text := xml_tree.text_of(found))), "")


def _text(element: Element, table: Mapping[str, tuple[Path, ...]], name: str) -> str:
    return _first(element, table.get(name, ()))[: _LONGEST.get(name, _SHORT)]


def _texts(element: Element, table: Mapping[str, tuple[Path, ...]], names: Iterable[str]) -> dict[str, Any]:
    return {name: _text(element, table, name) for name in names}


def _amounts(element: Element, table: Mapping[str, tuple[Path, ...]], names: Iterable[str]) -> dict[str, Any]:
    return {name: _amount(_text(element, table, name)) for name in names}


def _values(element: Element, paths: tuple[Path, ...]) -> tuple[str, ...]:
    texts: Iterator[str] = (xml_tree.text_of(found)[:_SHORT] for found in _all(element, paths)[:_MOST_VALUES])
    return tuple(text for text in texts if text)


def _date(text: str) -> date | None:
    """`2026-11-29`, or `20261129` as UNTDID 2379 code 102 has it; a time behind it does not count."""
    found = _ISO.match(text) or _COMPACT.match(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _AMOUNT.fullmatch(text) else None
    except InvalidOperation:
        return None
