"""The contract is kept: every schema that was released holds in the version of today, and a breaking change fails."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.rules.compatible import breaks

EVENT = "events/procedure.submitted.v1.json"


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_released_schema_still_holds(project: Path) -> None:
    """Of each release each event and record: what fitted then fits now, and what others relied on is still there."""
    released = sorted((project / "schemas/released").glob("*/*/*.json"))
    assert len({path.parts[-3] for path in released}) >= 1
    assert len(released) > 40
    for path in released:
        kind, name = path.parts[-2:]
        now = project / "schemas" / kind / name
        assert now.exists(), f"{name} was released: it stays"
        assert breaks(read(path), read(now), promised=kind == "events") == [], path


def _planted(schema: Any, change: str) -> Any:
    made = copy.deepcopy(schema)
    target = made
    while "$ref" in target:
        target = made["$defs"][target["$ref"].rpartition("/")[2]]
    fields = target["properties"]
    if change == "removed":
        del fields["upload"]
    elif change == "retyped":
        fields["upload"] = {"type": "integer"}
    elif change == "narrowed":
        fields["upload"]["pattern"] = "^a$"
    elif change == "required":
        target["required"].append("position")
    elif change == "optional":
        target["required"].remove("sha256")
    return made


@pytest.mark.parametrize("change", ["removed", "retyped", "narrowed", "required", "optional"])
def test_a_breaking_change_fails(project: Path, change: str) -> None:
    """Planted into a schema of today, each kind is found; the schema itself breaks nothing."""
    now = read(project / "schemas" / EVENT)
    assert breaks(now, now, promised=True) == []
    assert breaks(now, _planted(now, change), promised=True)


def test_a_longer_list_of_words_is_no_break_and_a_shorter_one_is() -> None:
    """Readers ignore what they do not know; what they know does not go away."""
    few, more = ({"type": "string", "enum": words} for words in (["a"], ["a", "b"]))
    assert breaks(few, more, promised=True) == []
    assert breaks(more, few, promised=True)
    nothing = {"anyOf": [few, {"type": "null"}]}
    assert breaks(few, nothing, promised=True) == []
    assert breaks(nothing, few, promised=True)
