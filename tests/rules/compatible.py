"""What of a JSON Schema may not change within its version: whatever fitted before has to fit, and mean the same."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_KEPT = ("pattern", "format", "const")
_AT_MOST, _AT_LEAST = ("maximum", "maxLength", "maxItems"), ("minimum", "minLength", "minItems")
_DEPTH = 30


def breaks(old: Schema, new: Schema, *, promised: bool) -> list[str]:
    """Every breaking change, by its place.

    `promised`: others read it, so a field that always stood there has to go on standing there. Of what only we read,
    it is enough that the old can still be read.
    """
    return [*_changes(_Pair(old, new, promised), old, new, "$")]


class _Pair:
    """Both documents, for their references."""

    def __init__(self, old: Schema, new: Schema, promised: bool) -> None:  # noqa: FBT001  # as it is asked
        self.old, self.new, self.promised = old, new, promised


def _changes(pair: _Pair, old: Schema, new: Schema, where: str) -> Iterator[str]:
    old, new = _resolved(pair.old, old), _resolved(pair.new, new)
    if where.count(".") > _DEPTH:
        return
    if "anyOf" in old or "anyOf" in new:
        yield from _alternatives(pair, old, new, where)
        return
    if old.get("type") != new.get("type"):
        yield f"{where}: {old.get('type')} became {new.get('type')}"
        return
    yield from (f"{where}: {name} changed" for name in _KEPT if old.get(name) != new.get(name))
    if "enum" in new and set(old.get("enum", [])) - set(new["enum"]):
        yield f"{where}: {sorted(set(old['enum']) - set(new['enum']))} may not stand there any more"
    yield from (f"{where}: {name} is lower" for name in _AT_MOST if _is_less(new.get(name), old.get(name)))
    yield from (f"{where}: {name} is higher" for name in _AT_LEAST if _is_more(new.get(name), old.get(name)))
    yield from _fields(pair, old, new, where)
    if isinstance(old.get("items"), dict):
        yield from _changes(pair, old["items"], new.get("items") or {}, f"{where}[]")


def _fields(pair: _Pair, old: Schema, new: Schema, where: str) -> Iterator[str]:
    needed, was_needed = set(new.get("required", ())), set(old.get("required", ()))
    yield from (f"{where}.{name}: is required now" for name in sorted(needed - was_needed))
    if pair.promised:
        yield from (f"{where}.{name}: may be missing now" for name in sorted(was_needed - needed))
    for name, field in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{where}.{name}: is gone"
        else:
            yield from _changes(pair, field, new["properties"][name], f"{where}.{name}")


def _alternatives(pair: _Pair, old: Schema, new: Schema, where: str) -> Iterator[str]:
    offered = new.get("anyOf", [new])
    for one in old.get("anyOf", [old]):
        tried = [[*_changes(pair, one, other, where)] for other in offered]
        if all(tried):
            yield min(tried, key=len)[0]


def _resolved(document: Schema, node: Schema) -> Schema:
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def _is_less(one: float | None, other: float | None) -> bool:
    """Whether the first is a tighter upper bound: no bound at all is the widest."""
    return one is not None and (other is None or one < other)


def _is_more(one: float | None, other: float | None) -> bool:
    """Whether the first is a tighter lower bound."""
    return one is not None and (other is None or one > other)
