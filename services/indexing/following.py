"""The index follows the plan: where another office looks after files, or their level changed, it is written anew.

Entries hold the offices and the level of the day they were written. Whoever puts a plan in force by HTTP need not ask
for anything.
"""

import time
from weakref import WeakKeyDictionary

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from services.core.plan.plan_changes import elsewhere
from services.core.protocol.registers import has_files
from services.indexing.rebuilding import followed, note_followed, rebuild
from services.runtime.context.configuration import Configuration
from services.runtime.context.service import Context

GRACE_S = 10.0
"""Seconds for whoever put it in force to ask for the rebuild, and to be told how far it is."""

_seen: "WeakKeyDictionary[Configuration, tuple[int, float]]" = WeakKeyDictionary()
"""The version that a process saw last, and when."""


def follow_plan(context: Context) -> None:
    """Rebuild the index where the plan in force gave files to other offices or another level since it was written.

    TryLater while another process is at it: then it is looked again whether there is still anything to do.
    """
    version = context.configuration.version("plan")
    seen, since = _seen.setdefault(context.configuration, (0, 0.0))
    if seen != version:
        seen, since = _seen[context.configuration] = version, time.monotonic()
    if not version or since == float("inf") or time.monotonic() - since < GRACE_S:
        return
    before = followed(context)
    if 0 < before < version and _moved(context, before):
        documents = rebuild(context)
        context.log.info("index_followed_plan", version=version, documents=documents)
    elif before < version:
        note_followed(context, version)
    _seen[context.configuration] = version, float("inf")


def _moved(context: Context, before: int) -> bool:
    tenant, blobs = context.settings.tenant, context.ports.blobs
    try:
        old: FilePlan = file_plan.decode(blobs.read(Bucket.RECORDS, keys.configuration(tenant, "plan", before)))
    except BlobMissing:
        return True  # who can tell: better once too often
    return any(has_files(blobs, tenant, code) for code in elsewhere(old, context.written_plan))
