"""Whether an invoice came before: by seller, number and total; the first document that brings it has the key."""

import contextlib
import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.invoice_keys import amount_key, name_key, number_key
from services.core.model.invoices import Finding, Invoice
from services.core.model.record_files import Part
from services.core.ports.blob_store import BlobStore

_TELLS = "Eine Rechnung dieses Verkäufers mit derselben Nummer und Summe ist schon eingegangen."


def duplicate_key(invoice: Invoice) -> str:
    """SHA-256 of seller, number and total; empty where one of them is missing."""
    seller = number_key(invoice.seller.vat_id or invoice.seller.tax_number) or name_key(invoice.seller.name)
    number = number_key(invoice.number)
    if not (seller and number and invoice.total is not None):
        return ""
    return hashlib.sha256(f"{seller}\n{number}\n{amount_key(invoice.total)}".encode()).hexdigest()


def marked(parts: Sequence[Part], *, blobs: BlobStore, tenant: str, document: str) -> tuple[Part, ...]:
    """The parts, and of each invoice which other document brought it before."""
    found = []
    for part in parts:
        key = duplicate_key(part.invoice) if part.invoice else ""
        owner = _owner(blobs, tenant, key, document=document) if key else document
        if part.invoice and owner != document:
            finding = Finding(rule="duplicate", severity="warning", text=_TELLS)
            findings = (*part.invoice.findings, finding)
            found.append(replace(part, invoice=replace(part.invoice, duplicate_of=owner, findings=findings)))
        else:
            found.append(part)
    return tuple(found)


def _owner(blobs: BlobStore, tenant: str, digest: str, *, document: str) -> str:
    """The document that was first; what an erased one held is free again."""
    key = keys.invoice(tenant, digest)
    for _ in range(2):
        if blobs.create(Bucket.RECORDS, key, document.encode()):
            return document
        with contextlib.suppress(BlobMissing):
            owner = blobs.read(Bucket.RECORDS, key).decode()
            if owner == document or not record.is_erased(blobs, tenant, owner):
                return owner
            blobs.delete(Bucket.RECORDS, key)
    return document
