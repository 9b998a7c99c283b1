"""Which file a reply belongs to: that of the filed mail which it names by its Message-ID (RFC 5322, 3.6.4)."""

from collections.abc import Iterable, Iterator
from itertools import islice

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record_files import Extraction, Filing
from services.core.protocol.pointers.threads import message_key
from services.runtime.context.service import Context

NAMED_AT_MOST = 20
"""Mails that a reply may name: the one it answers, then the newest of its thread."""
FILED_AT_MOST = 10
"""Filed documents of one Message-ID that are looked at; anybody may send another mail under the same."""


def answered(extraction: Extraction, document: str, context: Context) -> dict[str, str]:
    """The files in which the nearest filed mail of the thread stands, each with that mail; empty where none is."""
    mail = extraction.mail
    if mail is None:
        return {}
    named = dict.fromkeys((*mail.in_reply_to, *reversed(mail.references)))
    for message_id in islice(named, NAMED_AT_MOST):
        filed = islice(_filed(message_id, context), FILED_AT_MOST)
        files = {f.file: there for there in filed if there != document for f in _filings(there, context) if f.file}
        if files:
            return files
    return {}


def answered_cases(documents: Iterable[str], file: str, context: Context) -> set[int]:
    """The Vorgänge of a file in which these mails of the thread stand."""
    return {f.case for there in documents for f in _filings(there, context) if f.file == file and f.case}


def _filed(message_id: str, context: Context) -> Iterator[str]:
    folder = keys.thread(context.settings.tenant, message_key(message_id))
    for key in context.ports.blobs.keys(Bucket.RECORDS, folder):
        yield key.rpartition("/")[2]


def _filings(document: str, context: Context) -> list[Filing]:
    found = record.load(context.ports.blobs, context.settings.tenant, document)
    if found.erased or record.standing(found).state != "filed":
        return []
    return list(record.current_filings(found))
