"""Versions of the model: listed, put in force, and the one before brought back."""

import msgspec

from services.classification.knowledge.model_in_force import NONE, Version, decoded, read, version_in_force
from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.runtime.context.configuration import announce
from services.runtime.context.service import Context, Finding


def versions(context: Context) -> list[tuple[int, Version]]:
    """All that can be read, the newest first."""
    configuration, found = context.configuration, []
    for number in range(configuration.refresh("model"), 0, -1):
        key = keys.configuration(configuration.tenant, "model", number)
        try:
            found.append((number, decoded(context.ports.blobs.read(Bucket.RECORDS, key))))
        except (BlobMissing, msgspec.MsgspecError):
            continue
    return found


def activate(version: Version, base: int, context: Context) -> int:
    """Put it in force after version `base` and tell every process; Rejected `model_changed` where another was first."""
    number = context.configuration.store("model", msgspec.json.encode(version), base=base)
    if number is None:
        raise Rejected("model_changed")
    announce(context.configuration, "model", log=context.ports.log, clock=context.ports.clock)
    return number


def rollback(context: Context) -> Version:
    """Bring back what was in force before the last training; Rejected `no_model` where nothing was trained."""
    known = dict(versions(context))
    number = max(known, default=0)
    newest = known.get(number, NONE)
    effective = number if newest.restores is None else newest.restores
    if not effective:
        raise Rejected("no_model")
    before = max((one for one in known if one < effective and known[one].restores is None), default=0)
    now = context.ports.clock.now()
    earlier = msgspec.structs.replace(known.get(before, NONE), made_at=now, restores=before)
    activate(earlier, context.configuration.version("model"), context)
    return earlier


def condition(context: Context) -> Finding | None:
    """For `poststelle check`: whether the model in force can be read; None where none is in force."""
    context.configuration.refresh("model")
    name = version_in_force(context.configuration).model
    if not name:
        return None
    model, fault = read(name, context.settings.tenant, context.ports.blobs)
    if model:
        return True, f"the model {name[:12]} is in force for {len(model.codes)} positions", ""
    todo = "poststelle classification rollback brings the one before back; train makes a new one"
    return False, f"the model {name[:12]} is {fault}: classification goes on without it", todo
