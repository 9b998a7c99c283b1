"""The plan as xdomea message 0301 (Aktenplan), and the answer to one, 0302 (Empfang bestätigen).

xdomea 3.1.0 and 4.0.0 differ in the head of a message; a plan and its units are the same in both. What xdomea has no
element for (offices, keywords, rules …) travels as JSON in `AnwendungsspezifischeErweiterungXML`, which others skip.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

import msgspec
from msgspec import Struct

from services.core.plan.file_plan import FilePlan

Version = Literal["4.0.0", "3.1.0"]
NAMESPACE = "urn:xoev-de:xdomea:schema:"
EXTENSION = "urn:poststelle:file-plan:1"
"""Of our elements inside the extensions."""
PLAN, CONFIRMED = "0301", "0302"
OF_PLAN = "_plan"
DISPOSALS = {"archive": "A", "appraise": "B", "destroy": "V"}
CARRIED = frozenset(
    {"code", "title", "description", "parent", "retention", "disposal", "closed", "valid_from", "valid_until"}
    | {"see_also"}
)
"""Fields of a position that xdomea has elements for; all others go into the extension."""
_ROOTS = {PLAN: "Aktenplan.Aktenplan.0301", CONFIRMED: "Aktenplan.EmpfangBestaetigen.0302"}
_PRODUCT = "Poststelle"
_ALLOWED = {9, 10, 13}
_SPACE = 32
_SURROGATES, _NO_CHARACTERS = range(0xD800, 0xE000), (0xFFFE, 0xFFFF)


class Message(Struct, frozen=True, kw_only=True):
    """What stands around a plan: between whom, when, and in which exchange."""

    created_at: datetime
    sender: str = "Poststelle"
    recipient: str = "Empfänger"
    version: Version = "4.0.0"
    process: str = ""
    """ProzessID, the same in all messages of one exchange; empty: a new one, made from plan and time."""


def write(plan: FilePlan, message: Message) -> str:
    """Message 0301; the order of elements is the schema's."""
    given: dict[str, Any] = msgspec.to_builtins(plan)
    positions = given.pop("positions", [])
    below: dict[str | None, list[dict[str, Any]]] = {}
    for position in positions:
        below.setdefault(position.get("parent"), []).append(position)
    body = "".join((
        _element("Bezeichnung", plan.name),
        _element("Version", plan.version),
        *(_unit(position, below) for position in below.get(None, ())),
        _period(given),
    ))  # fmt: skip
    head = _head(
        message, PLAN, seed=f"{plan.name}/{plan.version}", extension=_extension("Aktenplan", _frame(given, plan))
    )
    return _root(PLAN, message.version, f"{head}<xdomea:Aktenplan>{body}</xdomea:Aktenplan>")


def _frame(given: dict[str, Any], plan: FilePlan) -> dict[str, Any]:
    """The offices by their ids, and under a name that no office has what else is said of the whole plan."""
    more = {name: given[name] for name in ("invoices", "leitweg_ids") if given.get(name)}
    return {**plan.offices, OF_PLAN: more} if more else dict(plan.offices)


def confirmation(message: Message) -> str:
    """Message 0302: the plan of this exchange has arrived."""
    return _root(CONFIRMED, message.version, _head(message, CONFIRMED, seed="confirmed", extension=""))


def _unit(position: dict[str, Any], below: dict[str | None, list[dict[str, Any]]]) -> str:
    years = position.get("retention", {}).get("years")
    kept = _element("Unbefristet", "1") if years is None else _element("AnzahlJahre", str(years))
    code = _plain("code", DISPOSALS[position.get("disposal", "appraise")])
    rest = {name: value for name, value in position.items() if name not in CARRIED}
    return "".join((
        "<xdomea:Einheit>",
        _element("Kennzeichen", position["code"]),
        _element("Inhaltsangabe", position["description"]) if position.get("description") else "",
        _element("BetreffKurz", position["title"]),
        f"<xdomea:Aussonderungsart><xdomea:Aussonderungsart>{code}</xdomea:Aussonderungsart></xdomea:Aussonderungsart>",
        _period(position),
        _element("Stillgelegt", "1" if position.get("closed") else "0"),
        f"<xdomea:Aufbewahrungsdauer>{kept}</xdomea:Aufbewahrungsdauer>",
        *(_unit(inner, below) for inner in below.get(position["code"], ())),
        *(_element("VerweisAktenplaneinheit", other) for other in position.get("see_also", ())),
        _extension("Stelle", rest),
        "</xdomea:Einheit>\n",
    ))  # fmt: skip


def _period(given: dict[str, Any]) -> str:
    """Gueltigkeit, where a first or last day is known."""
    days = [_element(name, given[field]) for name, field in _DAYS.items() if given.get(field)]
    return f"<xdomea:Gueltigkeit>{''.join(days)}</xdomea:Gueltigkeit>" if days else ""


_DAYS = {"Beginn": "valid_from", "Ende": "valid_until"}


def _extension(name: str, content: dict[str, Any]) -> str:
    if not content:
        return ""
    text = _escaped(json.dumps(content, ensure_ascii=True))
    inner = f"<p:{name} xmlns:p={quoteattr(EXTENSION)}>{text}</p:{name}>"
    return f"<xdomea:AnwendungsspezifischeErweiterungXML>{inner}</xdomea:AnwendungsspezifischeErweiterungXML>"


def _head(message: Message, kind: str, *, seed: str, extension: str) -> str:
    when = message.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    process = message.process or str(uuid5(NAMESPACE_URL, f"{EXTENSION}/{seed}/{when}"))
    own = str(uuid5(NAMESPACE_URL, f"{EXTENSION}/{process}/{kind}/{when}"))
    build = _head_of_3 if message.version == "3.1.0" else _head_of_4
    return "".join(build(message, kind, when=when, ids=(process, own), extension=extension))


def _head_of_3(message: Message, kind: str, *, when: str, ids: tuple[str, str], extension: str) -> Iterator[str]:
    yield "<xdomea:Kopf>"
    yield _element("ProzessID", ids[0])
    yield f"<xdomea:Nachrichtentyp>{_plain('code', kind)}</xdomea:Nachrichtentyp>"
    yield _element("Erstellungszeitpunkt", when)
    for role, name in (("Absender", message.sender), ("Empfaenger", message.recipient)):
        yield f"<xdomea:{role}><xdomea:Institution>{_element('Name', name)}</xdomea:Institution></xdomea:{role}>"
    yield extension
    yield _element("Empfangsbestaetigung", "1") if kind == PLAN else ""
    yield "</xdomea:Kopf>"


def _head_of_4(message: Message, kind: str, *, when: str, ids: tuple[str, str], extension: str) -> Iterator[str]:
    yield "<xdomea:nachrichtenkopf><xdomea:identifikation.nachricht>"
    yield _plain("nachrichtenUUID", ids[1])
    yield f"<nachrichtentyp>{_plain('code', kind)}</nachrichtentyp>{_plain('erstellungszeitpunkt', when)}"
    yield "</xdomea:identifikation.nachricht>"
    for role, name in (("leser", message.recipient), ("autor", message.sender)):
        named = _element("Name", name)
        yield f"<xdomea:{role}><xdomea:NameInstitution>{named}</xdomea:NameInstitution></xdomea:{role}>"
    yield _element("ProzessID", ids[0])
    yield extension
    yield "</xdomea:nachrichtenkopf>"
    yield _element("Empfangsbestaetigung", "1") if kind == PLAN else ""


def _root(kind: str, version: Version, inner: str) -> str:
    name = _ROOTS[kind]
    attributes = f" xmlns:xdomea={quoteattr(NAMESPACE + version)}"
    if version == "4.0.0":
        attributes += f' produkt="{_PRODUCT}" produkthersteller="{_PRODUCT}" standard="xdomea" version="4.0.0"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<xdomea:{name}{attributes}>{inner}</xdomea:{name}>\n"


def _element(name: str, text: str) -> str:
    return f"<xdomea:{name}>{_escaped(text)}</xdomea:{name}>"


def _plain(name: str, text: str) -> str:
    """An element without a namespace: those inside codes and identifications are unqualified."""
    return f"<{name}>{_escaped(text)}</{name}>"


def _escaped(text: str) -> str:
    """Without characters that no XML may hold (XML 1.0 §2.2); line ends in a text stay what they are."""
    return escape("".join(c for c in text if _may_stand(ord(c))), {"\r": "&#13;"})


def _may_stand(code: int) -> bool:
    return code in _ALLOWED or (code >= _SPACE and code not in _SURROGATES and code not in _NO_CHARACTERS)
