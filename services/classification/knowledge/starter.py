"""What a mail room knows on its first day: letters of our own for the positions of the plan that is shipped.

A position of another plan takes the letters over that were written for one of the same title, and of the same code
where a title stands twice.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from services.core.plan.file_plan import FilePlan, folded

_INSTALLED = Path(__file__).parents[2] / "file-plans"
_CHECKOUT = Path(__file__).parents[3] / "deploy" / "file-plans"
_PLAN, _EXAMPLES = "musterstadt.json", "examples"


def examples_for(plan: FilePlan) -> dict[str, list[str]]:
    """Letters by the code of the position in this plan; empty for a plan that shares no title with ours."""
    letters, titles = _letters(), _titles()
    codes: dict[str, list[str]] = {}
    for code, title in titles.items():
        codes.setdefault(title, []).append(code)
    found: dict[str, list[str]] = {}
    for position in plan.positions:
        same = codes.get(folded(position.title), [])
        ours = position.code if position.code in same else same[0] if len(same) == 1 else ""
        if ours in letters:
            found[position.code] = letters[ours]
    return found


def fingerprint(plan: FilePlan) -> str:
    """Names the plan and the letters that are shipped with it: `2026.2-5b1c9f20`."""
    return f"{plan.version[:24]}-{_digest()}"


@lru_cache(maxsize=1)
def _digest() -> str:
    content = b"".join(file.read_bytes() for file in _files())
    return hashlib.sha256(content).hexdigest()[:8]


def texts() -> list[str]:
    """Every letter, as `examples_for` gives them."""
    return [text for mine in _letters().values() for text in mine]


def _files() -> list[Path]:
    return sorted(folder().glob("*.jsonl"))


@lru_cache(maxsize=1)
def _letters() -> dict[str, list[str]]:
    """Subject and text of each letter, by the code that it was written for."""
    found: dict[str, list[str]] = {}
    for file in _files():
        for line in file.read_text(encoding="utf-8").splitlines():
            letter = json.loads(line)
            found.setdefault(letter["position"], []).append(f"{letter['subject']}\n{letter['text']}")
    return found


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    plan = json.loads((_plans() / _PLAN).read_text(encoding="utf-8"))
    return {position["code"]: folded(position["title"]) for position in plan["positions"]}


def folder() -> Path:
    """Where the letters lie."""
    return _plans() / _EXAMPLES


def _plans() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
