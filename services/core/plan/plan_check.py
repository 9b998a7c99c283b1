"""Every fault of a file plan's text, each with its line: what `poststelle plan check` prints and a start refuses."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from services.core.plan.file_plan import EMPTY, FilePlan, PlanPosition, folded
from services.core.plan.json_lines import Lines, Path, lines_of
from services.core.plan.leitweg import is_leitweg_id
from services.core.vocabulary import MAIN_OFFICE

LEVELS = 3
_PARENT = 2
LONGEST_CLIMB = 100
"""Levels looked at above a position; a circle that is longer is reported as too deep."""
MAX_CHARACTERS = 5_000_000
MAX_POSITIONS = 20_000
MAX_BYTES = 4 * MAX_CHARACTERS
"""A character of UTF-8 has at most four (RFC 3629)."""
MAX_FAULTS = 200
"""Faults told at one time: who has more begins with these."""

_POSITIONS = "positions"
_PLACE = re.compile(r"^(?P<says>.*?)(?: - at `\$\.?(?P<field>\w*)(?P<rest>.*)`)?$", re.DOTALL)
_NAMED = re.compile(r"(missing required|unknown) field `(.*)`")
_REQUIRED: dict[str, Any] = {"name": "-", "version": "0", "code": "0", "title": "-"}
"""Stands in for a wrong field that must be there, so that the next fault is found too."""


class Fault(Struct, frozen=True, kw_only=True):
    """One fault: where (line, counted from 1), a code for machines, a sentence for people."""

    line: int
    code: str
    sentence: str


def read(content: bytes) -> tuple[str, list[Fault]]:
    """The text of a file, and all its faults: those of `faults_of`, too many bytes, or bytes that are no UTF-8."""
    if len(content) > MAX_BYTES:
        return "", [_too_large()]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return "", [Fault(line=line, code="not_utf8", sentence="This is no UTF-8 text.")]
    return text, faults_of(text)


def compact(text: str) -> bytes:
    """A sound plan without the spaces for people: the stored version is read by every process."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode()


def faults_of(text: str) -> list[Fault]:
    """The faults in the order of their lines, the first of very many; none: the plan may be put in force."""
    content, faults = _content(text)
    if faults:
        return faults
    lines = lines_of(text)
    faults = [Fault(line=n, code="doubled_field", sentence=f"{name!r} stands here twice.") for n, name in lines.doubled]
    faults += [
        Fault(line=n, code="broken_text", sentence="A character is half a surrogate pair.") for n in lines.broken
    ]
    if not isinstance(content, dict):
        return [Fault(line=1, code="wrong_type", sentence="A plan is one JSON object.")]
    plan, places, misshapen = _shaped(content, lines)
    faults += misshapen
    faults += _of_tree(plan, places)
    faults += _of_invoices(plan, places, lines)
    return sorted(faults, key=lambda fault: fault.line)[:MAX_FAULTS]


def _content(text: str) -> tuple[object, list[Fault]]:
    if len(text) > MAX_CHARACTERS:
        return None, [_too_large()]
    try:
        return json.loads(text, parse_constant=_refuse), []
    except json.JSONDecodeError as error:
        return None, [Fault(line=error.lineno, code="not_json", sentence=f"This is no JSON: {error.msg}.")]
    except (ValueError, RecursionError):
        return None, [Fault(line=1, code="not_json", sentence="A number or the nesting is beyond all measure.")]


def _too_large() -> Fault:
    return Fault(line=1, code="too_large", sentence=f"A plan has at most {MAX_CHARACTERS} characters.")


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _shaped(content: dict[str, Any], lines: Lines) -> tuple[FilePlan, list["_Place"], list[Fault]]:
    """The plan as far as its types are right, where each position stands, and what is wrong."""
    given = content.get(_POSITIONS, [])
    frame, faults = _convert({k: v for k, v in content.items() if k != _POSITIONS}, FilePlan, lines=lines, path=())
    if not isinstance(given, list) or len(given) > MAX_POSITIONS:
        line = lines.at((_POSITIONS,))
        sentence = f"`positions` is a list of at most {MAX_POSITIONS}."
        return EMPTY, [], [*faults, Fault(line=line, code="wrong_type", sentence=sentence)]
    places = []
    for number, one in enumerate(given):
        path = (_POSITIONS, number)
        position, wrong = _convert(one, PlanPosition, lines=lines, path=path)
        faults += wrong
        if position is not None:
            places.append(_Place(position, lines, path))
    return frame or EMPTY, places, faults


def _convert(given: Any, shape: Any, *, lines: Lines, path: Path) -> tuple[Any, list[Fault]]:
    """Convert, set each wrong field aside and try again, until only right ones are left."""
    if not isinstance(given, dict):
        return None, [Fault(line=lines.at(path), code="wrong_type", sentence="This has to be a JSON object.")]
    left: dict[str, Any] = dict(given)
    faults: list[Fault] = []
    while len(faults) < MAX_FAULTS:
        try:
            return msgspec.convert(left, shape), faults
        except msgspec.ValidationError as error:
            field, fault = _fault_of(str(error), lines, path)
            faults.append(fault)
        if field in _REQUIRED:
            left[field] = _REQUIRED[field]
        elif left.pop(field, None) is None:
            break
    return None, faults


def _fault_of(error: str, lines: Lines, path: Path) -> tuple[str, Fault]:
    found = _PLACE.match(error)
    says, field, rest = (found["says"], found["field"] or "", found["rest"] or "") if found else (error, "", "")
    steps: list[str | int] = [int(s) if s.isdigit() else s for s in re.findall(r"\w+", rest)]
    named = _NAMED.search(says)
    inner = [field, *steps] if field else []
    place = (*path, *inner, named[2]) if named and named[1] == "unknown" else (*path, *inner)
    code = {"missing required": "missing_field", "unknown": "unknown_field"}.get(
        named[1] if named else "", "wrong_type"
    )
    return field or (named[2] if named else ""), Fault(line=lines.at(place), code=code, sentence=f"{says}.")


class _Place:
    """A position and the lines it stands on."""

    def __init__(self, position: PlanPosition, lines: Lines, path: Path) -> None:
        self.position = position
        self._lines = lines
        self._path = path

    def fault(self, code: str, sentence: str, *inner: str | int) -> Fault:
        line = self._lines.at((*self._path, *inner))
        return Fault(line=line, code=code, sentence=f"{self.position.code}: {sentence}")


def _of_tree(plan: FilePlan, places: list[_Place]) -> Iterator[Fault]:
    by_code: dict[str, _Place] = {}
    for place in places:
        code = place.position.code.upper()  # numbers in letters are compared in upper case
        if code in by_code:
            yield place.fault("doubled_code", "this code was given to a position before.", "code")
        by_code.setdefault(code, place)
    parents = {place.position.parent for place in places}
    offices = {MAIN_OFFICE, *plan.offices}
    for place in places:
        yield from _of_position(place, parents, offices)
        yield from _of_references(place)
        yield from _of_ancestors(place, by_code)
    yield from _of_succession({place.position.code: place for place in places})


def _of_invoices(plan: FilePlan, places: list[_Place], lines: Lines) -> Iterator[Fault]:
    """Where invoices go has to be a place for files, and who gets them an office of the plan."""
    parents = {place.position.parent for place in places}
    open_leaves = {p.position.code for p in places if p.position.code not in parents and not p.position.closed}
    if plan.invoices and plan.invoices not in open_leaves:
        sentence = f"`invoices` names {plan.invoices!r}, where no files can be opened."
        yield Fault(line=lines.at(("invoices",)), code="no_place_for_invoices", sentence=sentence)
    for written, office in plan.leitweg_ids.items():
        line = lines.at(("leitweg_ids", written))
        if not is_leitweg_id(written):
            yield Fault(line=line, code="wrong_leitweg_id", sentence=f"{written}: the check digits are wrong.")
        if office not in {MAIN_OFFICE, *plan.offices}:
            yield Fault(line=line, code="unknown_office", sentence=f"{written}: the plan names no office {office!r}.")


def _of_position(place: _Place, parents: set[str | None], offices: set[str]) -> Iterator[Fault]:
    position = place.position
    if not position.title.strip():
        yield place.fault("missing_title", "the title is empty.", "title")
    if position.office not in offices:
        yield place.fault("unknown_office", f"the plan names no office {position.office!r}.", "office")
    if position.rules and position.code in parents:
        yield place.fault("rule_above_files", "files lie at positions without children, so rules do too.", "rules")
    if position.filing == "collective" and position.cases != "none":
        yield place.fault("cases_in_collective", "a collective file has no Vorgänge.", "cases")
    for number, rule in enumerate(position.rules):
        if not rule.address.strip() and not rule.words:
            yield place.fault("empty_rule", "a rule needs words or an address.", "rules", number)
        if any(not folded(words).strip() for words in rule.words):
            yield place.fault("empty_rule", "a rule has words without a letter or digit.", "rules", number)


def _of_references(place: _Place) -> Iterator[Fault]:
    position = place.position
    if position.valid_from and position.valid_until and position.valid_until < position.valid_from:
        yield place.fault("reversed_validity", "it ends before it begins.", "valid_until")
    for name, codes in (("see_also", position.see_also), ("replaces", position.replaces)):
        if position.code in codes:
            yield place.fault("names_itself", f"`{name}` names the position itself.", name)


def _of_succession(places: dict[str, _Place]) -> Iterator[Fault]:
    """Whose matters go on in a circle, they go on nowhere; each circle is told at one of its positions."""
    done: set[str] = set()
    for start in places:
        way: dict[str, Iterator[str]] = {}
        code = start
        while code not in done:
            following = way.setdefault(code, iter(places[code].position.replaces))
            earlier = next((c for c in following if c in places and c != code and c not in done), None)
            if earlier is None:
                done.add(code)
                way.pop(code)
                code = next(reversed(way), code)
            elif earlier in way:
                yield places[earlier].fault("cycle", "the position replaces one that replaces it.", "replaces")
            else:
                code = earlier


def _of_ancestors(place: _Place, by_code: dict[str, _Place]) -> Iterator[Fault]:
    position, level, seen = place.position, 1, {place.position.code}
    while position.parent is not None and level <= LONGEST_CLIMB:
        above = by_code.get(position.parent.upper())
        if above is None or above.position.code != position.parent:
            if level == 1:  # said once, at the position that names it
                yield place.fault("missing_parent", f"there is no position {position.parent!r}.", "parent")
            return
        if above.position.code in seen:
            if above is place:
                yield place.fault("cycle", "the position lies below itself.", "parent")
            return
        position, level = above.position, level + 1
        seen.add(position.code)
        if level == _PARENT and position.closed and not place.position.closed:
            yield place.fault("open_below_closed", f"the position above, {position.code}, is closed.", "closed")
    if level > LEVELS:
        yield place.fault("too_deep", f"it lies on level {level}; a plan has {LEVELS}.", "parent")
