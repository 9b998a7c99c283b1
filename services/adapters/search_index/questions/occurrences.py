"""What an office knows of an arrival, under a mark of its own: found and shown by its members, and by nobody else."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec.structs import replace

from services.core.ports.clock import HERE
from services.core.ports.entries import Entry, Occurrence, Represented, Viewer

EVERYBODY = "0"
"""The mark under which those find an arrival who may see all offices."""
_RUN = re.compile(r"[^\W_]+")


def occurrences_of(entry: Entry) -> Sequence[Occurrence]:
    """The arrivals of an entry; one that tells none is known to each of its offices as it stands."""
    return entry.occurrences or [
        Occurrence(office, "", entry.channel, entry.received_at) for office in entry.offices or ("",)
    ]


def shown_to(occurrences: Sequence[Occurrence], viewer: Viewer) -> Occurrence:
    """The first arrival that the viewer may know of; an empty one for whoever sees the document for another reason."""
    theirs = (each for each in occurrences if viewer.may_see((each.office,)))
    return next(theirs, Occurrence(""))


def owned(mark: str, text: str) -> str:
    """The text with each word under the mark of an office: found by its viewers alone, and by nobody's count."""
    return _RUN.sub(lambda word: mark + word[0], text)


@lru_cache(maxsize=4_096)
def mark_of(office: str) -> str:
    """Digits that stand for an office: no folding and no stemmer changes them, and no word begins so by chance."""
    return str(int(hashlib.sha256(office.encode()).hexdigest()[:12], 16)).rjust(15, "1")


def known_of(entry: Entry) -> Sequence[Occurrence]:
    """The arrivals as lists show them: without the recipients, by which they are only found."""
    return [replace(each, recipients=()) for each in occurrences_of(entry)]


def owned_words(entry: Entry) -> list[str]:
    """Names and recipients of the arrivals, for their offices and for everybody's."""
    words: dict[str, None] = {}
    for each in occurrences_of(entry):
        for mark in (EVERYBODY, mark_of(each.office)) if each.name else ():
            words[owned(mark, each.name)] = None
        for recipient in each.recipients:
            words |= dict.fromkeys(owned(mark, recipient) for mark in (_addressed(""), _addressed(each.office)))
    return list(words)


def owned_channels(entry: Entry) -> list[str]:
    """By which channels it came, each under the marks of those who may know."""
    known = occurrences_of(entry)
    marked = (f"{mark}:{each.channel}" for each in known for mark in (EVERYBODY, mark_of(each.office)))
    return list(dict.fromkeys(marked))


def owned_years(entry: Entry) -> list[str]:
    """The years at the city hall in which it came, each under the marks of those who may know."""
    known = [(each.office, each.received_at) for each in occurrences_of(entry) if each.received_at]
    dated = [(office, str(at.astimezone(HERE).year)) for office, at in known]
    marked = (f"{mark}:{year}" for office, year in dated for mark in (EVERYBODY, mark_of(office)))
    return list(dict.fromkeys(marked))


def _addressed(office: str) -> str:
    """The mark of its recipients; no office is called so."""
    return mark_of(f"to:{office}")


def addressed_marks(viewer: Viewer) -> list[str]:
    """The marks under which a viewer asks for recipients."""
    offices = _offices_of(viewer)
    return [_addressed(office) for office in ([""] if offices is None else offices)]


def viewer_marks(viewer: Viewer) -> list[str]:
    """The marks under which a viewer asks; none for whoever has no office."""
    offices = _offices_of(viewer)
    return [EVERYBODY] if offices is None else [mark_of(office) for office in offices]


def _offices_of(viewer: Viewer) -> list[str] | None:
    """Those of the viewer and of whom they represent; None for all."""
    views: list[Viewer | Represented] = [viewer, *viewer.represents]
    if any(one.all_offices for one in views):
        return None
    return sorted({office for one in views for office in one.offices})
