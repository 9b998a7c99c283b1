"""All that is found of the invoices of a document that was just read: checks, and whether one came before."""

from collections.abc import Sequence

from msgspec.structs import replace

from services.core.model.record_files import Part
from services.extraction.invoices.checks import checked
from services.extraction.invoices.duplicates import marked
from services.runtime.context.service import Context


def judged(parts: Sequence[Part], *, context: Context, tenant: str, document: str) -> tuple[Part, ...]:
    """The parts with the findings of their invoices; what is no invoice stays as it is."""
    if not any(part.invoice for part in parts):
        return tuple(parts)
    found = [replace(part, invoice=checked(part.invoice)) if part.invoice else part for part in parts]
    return marked(found, blobs=context.ports.blobs, tenant=tenant, document=document)
