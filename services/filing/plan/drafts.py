"""A plan that somebody looks at before it is put in force: kept for its account alone, one at a time."""

import hashlib
import re
from contextlib import suppress

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model.accounts import Caller
from services.runtime.context.service import Context

_NAME = re.compile(r"[0-9a-f]{64}")


def keep(context: Context, caller: Caller, content: bytes) -> str:
    """Keep a sound plan for this account in place of any other that it looked at, and return its name."""
    name = hashlib.sha256(content).hexdigest()
    context.ports.blobs.create(Bucket.RECORDS, _key(context, caller, name), content)
    _forget(context, caller, but=name)
    return name


def read(context: Context, caller: Caller, name: str) -> bytes:
    """The plan that the account looks at; Rejected `not_found` for any other name."""
    if _NAME.fullmatch(name):
        with suppress(BlobMissing):
            return context.ports.blobs.read(Bucket.RECORDS, _key(context, caller, name))
    raise Rejected("not_found")


def waiting(context: Context, caller: Caller) -> str:
    """The name of the plan that the account looked at last; empty where there is none."""
    folder = keys.plan_drafts(context.settings.tenant, caller.id)
    return max((key.removeprefix(folder) for key in context.ports.blobs.keys(Bucket.RECORDS, folder)), default="")


def drop(context: Context, caller: Caller) -> None:
    """Nothing is looked at any more."""
    _forget(context, caller, but="")


def _forget(context: Context, caller: Caller, *, but: str) -> None:
    folder = keys.plan_drafts(context.settings.tenant, caller.id)
    for key in list(context.ports.blobs.keys(Bucket.RECORDS, folder)):
        if key != folder + but:
            context.ports.blobs.delete(Bucket.RECORDS, key)


def _key(context: Context, caller: Caller, name: str) -> str:
    return keys.plan_drafts(context.settings.tenant, caller.id) + name
