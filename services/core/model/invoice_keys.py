"""By which forms invoices are found and compared: numbers without signs, amounts in cents, names by their words."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from services.core.model.invoices import Invoice
from services.core.plan.file_plan import folded

_WORDS_AT_MOST = 12
"""Words of a supplier's name that it is found by."""
_PHRASE = 4
"""Words that may be asked for together."""
LEAST_OF_ORDER = 3
"""Letters and digits of an order number that is remembered: a shorter one is used by many."""
_CENT = Decimal("0.01")
_SIGNS = re.compile(r"[\W_]+")
_GERMAN = re.compile(r"(-?)((?:\d{1,3}(?:[. ]\d{3})+|\d{1,12})(?:,\d{1,2})?)")
_ENGLISH = re.compile(r"(-?)((?:\d{1,3}(?:,\d{3})+|\d{1,12})\.\d{1,2})")
_CURRENCY = re.compile(r"\s*(?:€|EUR|Euro)\s*$", re.IGNORECASE)


def number_key(text: str) -> str:
    """A number without blanks, signs and case: `RE-4711`, `re 4711` and `RE4711` are one."""
    return _SIGNS.sub("", text).casefold()[:100]


def amount_key(amount: Decimal) -> str:
    """An amount without its sign: `119.00`."""
    return str(abs(amount).quantize(_CENT, ROUND_HALF_UP))


def typed_amount(text: str) -> str:
    """The key of an amount as people type it: `119`, `119,00`, `1.190,00 €`, `1190.00`; empty where it is none."""
    bare = _CURRENCY.sub("", text.strip())
    if english := _ENGLISH.fullmatch(bare):
        return amount_key(Decimal(english[2].replace(",", "")))
    if german := _GERMAN.fullmatch(bare):
        return amount_key(Decimal(german[2].replace(".", "").replace(" ", "").replace(",", ".")))
    return ""


def name_key(text: str) -> str:
    """Words of a name in one spelling, as many as may be asked for together."""
    return " ".join(folded(text).split()[:_PHRASE])


def numbers_of(invoices: Iterable[Invoice]) -> tuple[str, ...]:
    """The keys of their numbers."""
    return _once(number_key(invoice.number) for invoice in invoices)


def amounts_of(invoices: Iterable[Invoice]) -> tuple[str, ...]:
    """The keys of the sums that people look for: with tax, to be paid, without tax."""
    sums = (amount for invoice in invoices for amount in (invoice.total, invoice.due, invoice.net))
    return _once(amount_key(amount) for amount in sums if amount is not None)


def suppliers_of(invoices: Iterable[Invoice]) -> tuple[str, ...]:
    """The keys by which their sellers are found: words of the name that follow each other, VAT id, tax number."""
    return _once(key for invoice in invoices for key in _supplier(invoice))


def order_key(invoice: Invoice) -> str:
    """Of an order of this supplier, not readable; empty where the invoice names none."""
    order, seller = number_key(invoice.order), _seller(invoice)
    return _hashed("order", f"{seller}\n{order}") if len(order) >= LEAST_OF_ORDER else ""


def supplier_key(invoice: Invoice) -> str:
    """Of the supplier, not readable; empty where the invoice names none."""
    seller = _seller(invoice)
    return _hashed("supplier", seller) if seller else ""


def remembered_by(invoices: Iterable[Invoice]) -> tuple[str, ...]:
    """Orders and suppliers of all: by them it is remembered what was decided about these invoices."""
    return _once(key for invoice in invoices for key in (order_key(invoice), supplier_key(invoice)))


def _seller(invoice: Invoice) -> str:
    return number_key(invoice.seller.vat_id or invoice.seller.tax_number) or name_key(invoice.seller.name)


def _hashed(kind: str, text: str) -> str:
    return f"{kind}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _supplier(invoice: Invoice) -> Iterator[str]:
    words = folded(invoice.seller.name).split()[:_WORDS_AT_MOST]
    for first in range(len(words)):
        for end in range(first + 1, min(first + _PHRASE, len(words)) + 1):
            yield " ".join(words[first:end])
    for number in (invoice.seller.vat_id, invoice.seller.tax_number):
        yield name_key(number)


def _once(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key))
