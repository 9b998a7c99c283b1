"""Reading xdomea message 0301: a stream of elements, never a tree in memory; no DTD, no entity, nothing from outside.

A declaration of a document type is refused where it begins, before any entity of it could be known (XXE, billion
laughs). Depth, size of a text and number of units are bounded while it is read.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.core.plan.exchange.rows import Rows, Unreadable
from services.core.plan.exchange.xdomea_form import CONFIRMED, DISPOSALS, EXTENSION, NAMESPACE, OF_PLAN, PLAN
from services.core.plan.plan_check import Fault

VERSIONS = ("3.0.0", "3.1.0", "4.0.0")
"""Read; a plan and its units are the same in all of them."""
MAX_DEPTH = 64
MAX_TEXT = 200_000
"""Characters of one element; a description has some hundreds."""

_LETTER = {letter: name for name, letter in DISPOSALS.items()}
_GAPS = re.compile(r"[\s.]+")
_NUMBER = re.compile(r"[0-9]{1,5}")
_TRUE = ("1", "true")
_TEXTS = {
    "Kennzeichen": "code",
    "Inhaltsangabe": "description",
    "BetreffKurz": "title",
}


@dataclass(slots=True)
class Received:
    """Whom a received message is answered to (0302): its exchange and who sent it."""

    kind: str = ""
    version: str = ""
    process: str = ""
    sender: str = ""


@dataclass(slots=True)
class _Unit:
    """A unit of the plan that is being read, or the plan itself."""

    line: int
    said: dict[str, Any] = field(default_factory=dict)


def read(content: bytes) -> tuple[str, list[Fault]]:
    """Our JSON of the plan and all faults, with the lines of the XML."""
    stream = _Stream()
    try:
        stream.feed(content)
    except Unreadable as error:
        return "", [*stream.rows.faults, error.fault]
    return stream.rows.checked()


def received(content: bytes) -> Received | None:
    """Whom to confirm the plan of this message to; None where it is none."""
    stream = _Stream()
    try:
        stream.feed(content)
    except Unreadable:
        return None
    return stream.head


class _Stream:
    """What expat calls while it reads."""

    def __init__(self) -> None:
        self.rows, self.head = Rows(), Received()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._way: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._units: list[_Unit] = []
        self._plans = 0

    def feed(self, content: bytes) -> None:
        """Read it all; Unreadable where it is no XML, no such message, or beyond measure."""
        try:
            self._parser.Parse(content, True)  # noqa: FBT003 - expat takes it so
        except expat.ExpatError as error:
            says = expat.errors.messages.get(error.code, expat.ErrorString(error.code))
            raise Unreadable(error.lineno, "not_xml", f"This is no XML: {says}.") from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know, or knows as several bytes
            raise Unreadable(1, "wrong_charset", "The encoding that the XML declares is not understood.") from error
        if self._plans == 0:
            raise Unreadable(1, "no_plan", "The message holds no Aktenplan; a plan is message 0301.")

    @property
    def _line(self) -> int:
        return int(self._parser.CurrentLineNumber)

    def _doctype(self, *_: object) -> None:
        raise Unreadable(self._line, "dtd", "The XML declares a document type; xdomea has none, and none is read.")

    def _start(self, tag: str, _: dict[str, str]) -> None:
        space, _gap, name = tag.rpartition(" ")
        if not self._way:
            self._root(space, name)
        if len(self._way) == MAX_DEPTH:
            raise Unreadable(self._line, "too_deep", f"Elements lie deeper than {MAX_DEPTH} levels.")
        if name == "Aktenplan" and len(self._way) == 1:
            self._plan()
        elif name == "Einheit" and self._units and self._way[-1] in ("Aktenplan", "Einheit"):
            self._unit()
        self._way.append(f"{name}!" if space == EXTENSION else name)
        self._text, self._length = [], 0

    def _root(self, space: str, name: str) -> None:
        self.head.version = space.removeprefix(NAMESPACE)
        if not space.startswith(NAMESPACE):
            raise Unreadable(self._line, "no_plan", "This is no message of xdomea.")
        if self.head.version not in VERSIONS:
            known = ", ".join(VERSIONS)
            raise Unreadable(self._line, "wrong_version", f"This is no version of xdomea that is read ({known}).")
        self.head.kind = name.rpartition(".")[2]
        if self.head.kind == CONFIRMED:
            raise Unreadable(self._line, "no_plan", "This message (0302) confirms a plan and holds none.")
        if self.head.kind != PLAN:
            raise Unreadable(self._line, "no_plan", "This is another message of xdomea; a plan is message 0301.")

    def _plan(self) -> None:
        self._plans += 1
        if self._plans > 1:
            raise Unreadable(self._line, "several_plans", "The message holds several plans; send them one by one.")
        self._units.append(_Unit(self._line, self.rows.frame))

    def _unit(self) -> None:
        unit = _Unit(self._line)
        above = self._units[-1].said.get("code") if len(self._units) > 1 else None
        if above:
            unit.said["parent"] = above
        self._units.append(unit)
        self.rows.add(unit.line, unit.said)

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise Unreadable(self._line, "too_large", f"A text has more than {MAX_TEXT} characters.")
        self._text.append(text)

    def _end(self, _: str) -> None:
        name = self._way.pop()
        above = self._way[-1] if self._way else ""
        text = "".join(self._text)
        self._text, self._length = [], 0
        if name == "Einheit" and len(self._units) > 1 and above in ("Aktenplan", "Einheit"):
            _finish(self._units.pop().said)
        elif self._units:
            self._said(name, above, text)
        else:
            self._in_head(name, text)

    def _in_head(self, name: str, text: str) -> None:
        if name == "ProzessID":
            self.head.process = text.strip()
        elif name == "Name" and {"autor", "Absender"}.intersection(self._way) and not self.head.sender:
            self.head.sender = text.strip()
        elif name == "Aktenplan!":
            offices = dict(self._json(text))
            more = offices.pop(OF_PLAN, {})
            self.rows.frame |= {"offices": offices} | (more if isinstance(more, dict) else {})

    def _said(self, name: str, above: str, text: str) -> None:
        said, is_plan = self._units[-1].said, len(self._units) == 1
        if above == "Gueltigkeit" and name in ("Beginn", "Ende"):
            said["valid_from" if name == "Beginn" else "valid_until"] = text.strip()
        elif is_plan and above == "Aktenplan" and name in ("Bezeichnung", "Version"):
            said["name" if name == "Bezeichnung" else "version"] = _word(text) if name == "Version" else text.strip()
        elif not is_plan and name == "Stelle!":
            said |= {key: value for key, value in self._json(text).items() if key not in said}
        elif not is_plan and self._way[-2:-1] != ["Kopf"]:
            self._of_unit(said, name, above, text=text)

    def _of_unit(self, said: dict[str, Any], name: str, above: str, *, text: str) -> None:
        value = text.strip()
        if above == "Einheit" and name in _TEXTS:
            said[_TEXTS[name]] = _code(value) if name == "Kennzeichen" else text
        elif name == "code" and above == "Aussonderungsart":
            self._disposal(said, value)
        elif name == "AussonderungsartKonfigurierbar":
            said["disposal"] = "appraise"  # a word of the sender's: a person has to look (B, bewerten)
        elif name == "Stillgelegt" and value in _TRUE:
            said["closed"] = True
        elif name == "AnzahlJahre":
            said["retention"] = {"years": int(value) if _NUMBER.fullmatch(value) else value}
        elif name == "VerweisAktenplaneinheit" and value:
            said["see_also"] = [*said.get("see_also", ()), _code(value)]

    def _disposal(self, said: dict[str, Any], letter: str) -> None:
        if letter not in _LETTER:
            self.rows.fault(self._line, "wrong_type", f"Aussonderungsart is A, B or V, not {letter[:20]!r}.")
        else:
            said["disposal"] = _LETTER[letter]

    def _json(self, text: str) -> dict[str, Any]:
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            given = None
        if isinstance(given, dict):
            return given
        self.rows.fault(self._line, "wrong_type", "Our extension holds a JSON object.")
        return {}


def _finish(said: dict[str, Any]) -> None:
    """A unit with one text only is called by it; long and short text are title and description otherwise."""
    if "title" not in said and "description" in said:
        said["title"] = said.pop("description")


def _code(text: str) -> str:
    """`10 44 01` as our codes are written: `10.44.01`; both are in use (KGSt and decimal plans)."""
    return _GAPS.sub(".", text).strip(".")


def _word(text: str) -> str:
    """A version in one word."""
    return re.sub(r"\s+", "_", text.strip())
