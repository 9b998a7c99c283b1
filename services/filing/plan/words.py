"""In words for the desk: what is wrong with a plan's file, and what a plan changes."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from services.core.plan.file_plan import FilePlan
from services.core.plan.plan_changes import FOR_GOOD, TOP, Change
from services.core.plan.plan_check import Fault
from services.runtime.translation.speaking import gettext
from services.runtime.translation.speaking import gettext_noop as _

LONGEST_SHOWN = 200
"""Characters of a value: whoever sends a plan decides what stands in it."""
_LONGEST_NAME = 60
_PLACE = re.compile(r"(\d[^\s:]{0,39}): ")
_COLUMN = re.compile(r"([^\W\d][\w ]{0,30}): ")
_NAMED = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")

FAULTS = {
    "not_utf8": _("Die Datei ist kein UTF-8-Text. Tabellenprogramme nennen die richtige Form „CSV UTF-8“."),
    "not_json": _("Das ist kein gültiges JSON."),
    "not_xml": _("Das ist kein gültiges XML."),
    "not_csv": _("Das ist keine lesbare CSV-Datei."),
    "wrong_charset": _("Die Zeichenkodierung, die das XML angibt, ist nicht bekannt."),
    "dtd": _("Das XML enthält eine Dokumenttyp-Definition. xdomea kennt keine, und gelesen wird keine."),
    "no_plan": _("Die Datei enthält keinen Aktenplan. Gelesen wird die xdomea-Nachricht 0301."),
    "several_plans": _("Die Nachricht enthält mehrere Aktenpläne. Bitte einzeln hochladen."),
    "wrong_version": _("Diese Fassung von xdomea wird nicht gelesen. Möglich sind 4.0.0, 3.1.0 und 3.0.0."),
    "no_head": _("Keine Zeile beginnt mit dem Spaltenkopf „Kennzeichen“."),
    "unknown_column": _("Diese Spalte ist nicht bekannt"),
    "doubled_column": _("Diese Spalte kommt zweimal vor"),
    "unknown_row": _("Diese Zeile über den Spaltenköpfen ist nicht bekannt"),
    "wrong_width": _("Die Zeile hat nicht so viele Zellen wie die Kopfzeile."),
    "formula": _("Eine Zelle beginnt wie eine Formel. Gemeinter Text braucht davor einen Apostroph."),
    "too_large": _("Die Datei ist größer als ein Aktenplan sein darf (20.000 Positionen, 5 Millionen Zeichen)."),
    "too_deep": _("Hier ist zu tief verschachtelt. Ein Aktenplan hat höchstens drei Ebenen."),
    "wrong_type": _("Hier steht ein Wert, der nicht zum Feld passt."),
    "missing_field": _("Hier fehlt ein Feld"),
    "unknown_field": _("Dieses Feld gibt es nicht"),
    "doubled_field": _("Dieses Feld kommt zweimal vor"),
    "broken_text": _("Hier steht ein unvollständiges Zeichen."),
    "doubled_code": _("Dieses Kennzeichen hat schon eine andere Position."),
    "missing_parent": _("Die übergeordnete Position gibt es nicht"),
    "cycle": _("Die Position führt über andere auf sich selbst zurück."),
    "open_below_closed": _("Die Position ist offen, die übergeordnete aber geschlossen."),
    "missing_title": _("Die Bezeichnung ist leer."),
    "unknown_office": _("Dieses Amt nennt der Plan nicht"),
    "rule_above_files": _("Regeln gehören zu Positionen ohne Unterpositionen, denn nur dort liegen Akten."),
    "empty_rule": _("Eine Regel braucht Wörter oder eine Adresse."),
    "cases_in_collective": _("Eine Sammelakte hat keine Vorgänge."),
    "reversed_validity": _("Die Gültigkeit endet, bevor sie beginnt."),
    "names_itself": _("Die Position nennt sich selbst"),
    "no_place_for_invoices": _("Am Platz für Rechnungen lässt sich keine Akte anlegen"),
    "wrong_leitweg_id": _("Die Prüfziffer der Leitweg-ID ist falsch."),
}
"""By code; what ends without a full stop names what it is about, where that is known."""
_OTHER = _("Hier stimmt etwas nicht")
KINDS = {
    "office_added": _("Amt kommt hinzu"),
    "office_removed": _("Amt entfällt"),
    "office_renamed": _("Amt heißt anders"),
    "added": _("Position kommt hinzu"),
    "removed": _("Position entfällt"),
    "renamed": _("Bezeichnung"),
    "moved": _("Übergeordnete Position"),
    "closed": _("wird geschlossen"),
    "opened": _("wird wieder geöffnet"),
    "office": _("Zuständiges Amt"),
    "retention": _("Aufbewahrung"),
    "disposal": _("Aussonderung"),
    "protection": _("Datenschutzstufe"),
    "rules": _("Regeln"),
    "described": _("Beschreibung oder Stichwörter"),
    "validity": _("Gültigkeit"),
    "see_also": _("Siehe auch"),
    "codes": _("KGSt-Produkte oder LeiKa-Schlüssel"),
    "replaces": _("Ersetzt"),
    "filing": _("Aktenbildung"),
    "cases": _("Vorgänge"),
    "invoices": _("Platz für Rechnungen"),
    "leitweg": _("Leitweg-ID"),
}
_VALUES = {
    "disposal": {"archive": _("archivwürdig (A)"), "appraise": _("bewerten (B)"), "destroy": _("vernichten (V)")},
    "protection": {"1": _("1 (normal)"), "2": _("2 (personenbezogen)"), "3": _("3 (besonders schutzwürdig)")},
    "filing": {"case": _("eine Akte je Sache"), "collective": _("Sammelakte im Jahr")},
    "cases": {"none": _("keine"), "optional": _("möglich"), "required": _("nötig")},
    "moved": {TOP: _("oberste Ebene")},
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
    sentence = gettext(FAULTS.get(fault.code, _OTHER))
    if not sentence.endswith("."):
        found = _NAMED.search(fault.sentence, place.end() if place else 0)
        named = next((one for one in found.groups() if one is not None), "") if found else ""
        sentence += gettext(": „{named}“.").format(named=named[:_LONGEST_NAME]) if named else "."
    elif fault.code == "wrong_type" and (column := _COLUMN.match(fault.sentence)):
        sentence = gettext("Spalte „{column}“: {sentence}").format(column=column[1], sentence=sentence)
    return FaultShown(line=fault.line, position=place[1] if place else "", sentence=sentence)


def changes_shown(
    changes: Sequence[Change], in_use: Sequence[str], *, plans: tuple[FilePlan, FilePlan]
) -> list[ChangeShown]:
    """Changes with their values in words; offices by the names that the two plans give them."""
    refused, offices = frozenset(in_use), plans[0].offices | plans[1].offices
    return [
        ChangeShown(
            code=one.code,
            what=gettext(KINDS[one.kind]),
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
        value = gettext("dauernd") if value == FOR_GOOD else gettext("1 Jahr") if years == "1" else _years(years)
    elif kind == "validity":
        value = value.replace("to ", gettext("bis "))
    value = gettext(_VALUES[kind][value]) if value in _VALUES.get(kind, {}) else value
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]} …"


def _years(count: str) -> str:
    return gettext("{count} Jahre").format(count=count)
