"""What is stored of an original beside its receipts: what lies there where they do not tell, and how it was found."""

from datetime import datetime

from msgspec import Struct

from services.core import vocabulary


class Stored(Struct, frozen=True, kw_only=True, tag_field="schema", tag="stored:1"):
    """What lies under `originals` where no receipt tells it: the delivery that stored it died before its receipt."""

    sha256: vocabulary.Sha256
    size_bytes: vocabulary.Count
    noted_at: datetime


class OriginalCheck(Struct, frozen=True, kw_only=True, tag_field="schema", tag="original-check:1"):
    """How the original was found when that changed: damaged, or mended since."""

    id: vocabulary.EventId
    checked_at: datetime
    outcome: vocabulary.Custody
