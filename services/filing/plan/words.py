"""In German for the desk: what is wrong with a plan's file, and what a plan changes."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from services.core.plan.file_plan import FilePlan
from services.core.plan.plan_changes import FOR_GOOD, TOP, Change
from services.core.plan.plan_check import Fault

LONGEST_SHOWN = 200
"""Characters of a value: whoever sends a plan decides what stands in it."""
_LONGEST_NAME = 60
_PLACE = re.compile(r"(\d[^\s:]{0,39}): ")
_COLUMN = re.compile(r"([^\W\d][\w ]{0,30}): ")
_NAMED = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")

FAULTS = {
    "not_utf8": "Die Datei ist kein UTF-8-Text. Tabellenprogramme nennen die richtige Form „CSV UTF-8“.",
    "not_json": "Das ist kein gültiges JSON.",
    "not_xml": "Das ist kein gültiges XML.",
    "not_csv": "Das ist keine lesbare CSV-Datei.",
    "wrong_charset": "Die Zeichenkodierung, die das XML angibt, ist nicht bekannt.",
    "dtd": "Das XML enthält eine Dokumenttyp-Definition. xdomea kennt keine, und gelesen wird keine.",
    "no_plan": "Die Datei enthält keinen Aktenplan. Gelesen wird die xdomea-Nachricht 0301.",
    "several_plans": "Die Nachricht enthält mehrere Aktenpläne. Bitte einzeln hochladen.",
    "wrong_version": "Diese Fassung von xdomea wird nicht gelesen. Möglich sind 4.0.0, 3.1.0 und 3.0.0.",
    "no_head": "Keine Zeile beginnt mit dem Spaltenkopf „Kennzeichen“.",
    "unknown_column": "Diese Spalte ist nicht bekannt",
    "doubled_column": "Diese Spalte kommt zweimal vor",
    "unknown_row": "Diese Zeile über den Spaltenköpfen ist nicht bekannt",
    "wrong_width": "Die Zeile hat nicht so viele Zellen wie die Kopfzeile.",
    "formula": "Eine Zelle beginnt wie eine Formel. Gemeinter Text braucht davor einen Apostroph.",
    "too_large": "Die Datei ist größer als ein Aktenplan sein darf (20.000 Positionen, 5 Millionen Zeichen).",
    "too_deep": "Hier ist zu tief verschachtelt. Ein Aktenplan hat höchstens drei Ebenen.",
    "wrong_type": "Hier steht ein Wert, der nicht zum Feld passt.",
    "missing_field": "Hier fehlt ein Feld",
    "unknown_field": "Dieses Feld gibt es nicht",
    "doubled_field": "Dieses Feld kommt zweimal vor",
    "broken_text": "Hier steht ein unvollständiges Zeichen.",
    "doubled_code": "Dieses Kennzeichen hat schon eine andere Position.",
    "missing_parent": "Die übergeordnete Position gibt es nicht",
    "cycle": "Die Position führt über andere auf sich selbst zurück.",
    "open_below_closed": "Die Position ist offen, die übergeordnete aber geschlossen.",
    "missing_title": "Die Bezeichnung ist leer.",
    "unknown_office": "Dieses Amt nennt der Plan nicht",
    "rule_above_files": "Regeln gehören zu Positionen ohne Unterpositionen, denn nur dort liegen Akten.",
    "empty_rule": "Eine Regel braucht Wörter oder eine Adresse.",
    "cases_in_collective": "Eine Sammelakte hat keine Vorgänge.",
    "reversed_validity": "Die Gültigkeit endet, bevor sie beginnt.",
    "names_itself": "Die Position nennt sich selbst",
    "no_place_for_invoices": "Am Platz für Rechnungen lässt sich keine Akte anlegen",
    "wrong_leitweg_id": "Die Prüfziffer der Leitweg-ID ist falsch.",
}
"""By code; what ends without a full stop names what it is about, where that is known."""
KINDS = {
    "office_added": "Amt kommt hinzu",
    "office_removed": "Amt entfällt",
    "office_renamed": "Amt heißt anders",
    "added": "Position kommt hinzu",
    "removed": "Position entfällt",
    "renamed": "Bezeichnung",
    "moved": "Übergeordnete Position",
    "closed": "wird geschlossen",
    "opened": "wird wieder geöffnet",
    "office": "Zuständiges Amt",
    "retention": "Aufbewahrung",
    "disposal": "Aussonderung",
    "protection": "Datenschutzstufe",
    "rules": "Regeln",
    "described": "Beschreibung oder Stichwörter",
    "validity": "Gültigkeit",
    "see_also": "Siehe auch",
    "codes": "KGSt-Produkte oder LeiKa-Schlüssel",
    "replaces": "Ersetzt",
    "filing": "Aktenbildung",
    "cases": "Vorgänge",
    "invoices": "Platz für Rechnungen",
    "leitweg": "Leitweg-ID",
}
_VALUES = {
    "disposal": {"archive": "archivwürdig (A)", "appraise": "bewerten (B)", "destroy": "vernichten (V)"},
    "protection": {"1": "1 (normal)", "2": "2 (personenbezogen)", "3": "3 (besonders schutzwürdig)"},
    "filing": {"case": "eine Akte je Sache", "collective": "Sammelakte im Jahr"},
    "cases": {"none": "keine", "optional": "möglich", "required": "nötig"},
    "moved": {TOP: "oberste Ebene"},
}


class ChangeShown(Struct, frozen=True, kw_only=True):
    """One change as the desk tells it."""

    code: str
    what: str
    old: str
    new: str
    refused: bool
    """Whether it cannot be done, because files lie at the position."""


class FaultShown(Struct, frozen=True, kw_only=True):
    """One fault as the desk tells it."""

    line: int
    position: str
    sentence: str


def fault_shown(fault: Fault) -> FaultShown:
    """The sentence of its code, and what it is about as far as the check quotes it, cut to what a person reads."""
    place = _PLACE.match(fault.sentence)
    sentence = FAULTS.get(fault.code, "Hier stimmt etwas nicht")
    if not sentence.endswith("."):
        found = _NAMED.search(fault.sentence, place.end() if place else 0)
        named = next((one for one in found.groups() if one is not None), "") if found else ""
        sentence += f": „{named[:_LONGEST_NAME]}“." if named else "."
    elif fault.code == "wrong_type" and (column := _COLUMN.match(fault.sentence)):
        sentence = f"Spalte „{column[1]}“: {sentence}"
    return FaultShown(line=fault.line, position=place[1] if place else "", sentence=sentence)


def changes_shown(
    changes: Sequence[Change], in_use: Sequence[str], *, plans: tuple[FilePlan, FilePlan]
) -> list[ChangeShown]:
    """Changes with their values in words; offices by the names that the two plans give them."""
    refused, offices = frozenset(in_use), plans[0].offices | plans[1].offices
    return [
        ChangeShown(
            code=one.code,
            what=KINDS[one.kind],
            old=_value(one.kind, one.old, offices),
            new=_value(one.kind, one.new, offices),
            refused=one.kind == "removed" and one.code in refused,
        )
        for one in changes
    ]


def _value(kind: str, value: str, offices: Mapping[str, str]) -> str:
    if kind in ("office", "leitweg"):
        value = offices.get(value, value)
    elif kind == "retention":
        years = value.removesuffix(" years")
        value = "dauernd" if value == FOR_GOOD else "1 Jahr" if years == "1" else f"{years} Jahre"
    elif kind == "validity":
        value = value.replace("to ", "bis ")
    value = _VALUES.get(kind, {}).get(value, value)
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]} …"
