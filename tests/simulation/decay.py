"""What happens to originals on a disk, who reads them meanwhile, and what must be known of it at the end."""

from collections.abc import Iterator

from services.core import keys
from services.core.errors import BlobMissing, OriginalDamaged, TryLater
from services.core.keys import Bucket
from services.core.model.record import Record
from services.runtime.access.originals import original
from tests.simulation.city import City

READS = 8


def decay(city: City) -> None:
    """One original after another is changed or lost; half of them are brought back."""
    chance = city.world.chance
    for _ in range(chance.randint(1, 3)):
        city.world.sleep(chance.choice((0.1, 1, 5)))
        known = sorted(set(city.acknowledged.values()))
        if known:
            _harm(city, chance.choice(known))


def read(city: City) -> None:
    """Somebody asks for originals again and again, and compares what is given."""
    for _ in range(READS):
        city.world.sleep(1)
        for document in sorted(set(city.acknowledged.values())):
            try:
                _read(city, document)
            except (TryLater, BlobMissing, OriginalDamaged):
                city.world.trace.append("reader refused")


def is_whole(city: City, document: str) -> bool:
    """Whether what lies there is what was accepted."""
    stored = city.blobs.blobs[Bucket.ORIGINALS].get(keys.original("main", document))
    return stored == city.harmed[document] if document in city.harmed else stored is not None


def custody_is_true(city: City, found: dict[str, Record]) -> Iterator[str]:
    """Damage is known of exactly those that are damaged, and none of them was given out."""
    yield from (f"{document} was given out damaged" for document in city.served)
    for document, there in found.items():
        if there.erased:
            continue
        told = there.check is not None and there.check.outcome != "whole"
        entry = city.index.entries.get(document)
        if told == is_whole(city, document):
            yield f"{document} is {'whole' if told else 'damaged'}, and the record says otherwise"
        if entry and ("damaged" in entry.problems) == is_whole(city, document):
            yield f"{document} is {'whole' if is_whole(city, document) else 'damaged'}, and the index says otherwise"


def _harm(city: City, document: str) -> None:
    key, chance = keys.original("main", document), city.world.chance
    stored = city.blobs.blobs[Bucket.ORIGINALS].get(key)
    if stored is None:
        return
    city.harmed.setdefault(document, stored)
    if chance.random() < 0.5:
        city.blobs.lose(Bucket.ORIGINALS, key)
    else:
        at = chance.randrange(len(stored))
        city.blobs.replace(Bucket.ORIGINALS, key, stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :])
    city.world.trace.append(f"original of {document} harmed")
    if chance.random() < 0.5:
        city.world.sleep(chance.choice((0.5, 5, 20)))
        city.blobs.replace(Bucket.ORIGINALS, key, city.harmed[document])
        city.world.trace.append(f"original of {document} mended")


def _read(city: City, document: str) -> None:
    with original(city.contexts["extraction"], "main", document) as content:
        if content.read() != city.harmed.get(document, content.getvalue()):  # type: ignore[attr-defined]  # BytesIO
            city.served.add(document)
