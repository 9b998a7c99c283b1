"""A file plan in its three forms: the same plan comes back, and hostile or broken files are told with their reason."""

import codecs
import json
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from services.core.plan import file_plan, plan_check
from services.core.plan.exchange import forms, xdomea_reading
from services.core.plan.exchange.forms import Form
from services.core.plan.exchange.xdomea_form import Message, Version, confirmation
from services.core.plan.file_plan import FilePlan, PlanPosition, Retention, Rule

SHIPPED = Path(__file__).parents[3] / "deploy/file-plans/musterstadt.json"
MESSAGE = Message(created_at=datetime(2026, 11, 29, 9, 0, tzinfo=UTC), sender="Musterstadt", recipient="Nachbarstadt")
ODD = FilePlan(
    name='=Plan; mit "Zeichen" & <Tags>',
    version="2027.1",
    offices={"bauamt": "Bau; Planung", "leer": "Amt ohne Stelle"},
    valid_from=date(2027, 1, 1),
    positions=(
        PlanPosition(code="52", title="'Bauen'", office="bauamt", description='Zeile 1\nZeile 2\r\n- Punkt; "so"'),
        PlanPosition(
            code="52.10",
            parent="52",
            title="-Genehmigungen",
            office="bauamt",
            keywords=("Bauantrag", "A | B", " Rand "),
            retention=Retention(years=1),
            disposal="destroy",
            protection=3,
            closed=True,
            valid_from=date(2020, 2, 29),
            valid_until=date(2026, 12, 31),
            see_also=("99.1",),
            kgst=("541", "54.1-10"),
            leika=("99012345678901",),
            replaces=("11.1", "11.2"),
            rules=(
                Rule(words=("Bauantrag", "Carport"), confidence=0.7),
                Rule(address="bau+antrag@stadt.example"),
                Rule(words=("a|b (0.5)",), address="x@y.example", confidence=0.123456789),
            ),
        ),
        PlanPosition(code="20", title="Geld", retention=Retention(years=30), cases="optional"),
        PlanPosition(code="40", title="Schulen", cases="required"),
    ),
)


def read(content: bytes) -> FilePlan:
    """The plan of a file without faults."""
    text, faults = forms.read(content)
    assert not faults, faults
    return file_plan.decode(plan_check.compact(text))


def faults_of(content: bytes | str) -> list[tuple[int, str]]:
    """Lines and codes of the faults of a file."""
    given = content.encode() if isinstance(content, str) else content
    return [(fault.line, fault.code) for fault in forms.read(given)[1]]


@pytest.mark.parametrize("version", ["4.0.0", "3.1.0"])
@pytest.mark.parametrize("form", ["json", "csv", "xdomea"])
def test_plan_comes_back_as_it_went(form: Form, version: Version) -> None:
    """Every field survives every form, also signs that the form itself uses; so does the whole shipped plan."""
    message = Message(created_at=MESSAGE.created_at, version=version)
    for plan in (ODD, file_plan.decode(SHIPPED.read_bytes())):
        assert read(forms.write(plan, form, message)) == plan


def test_every_position_stands_in_one_row_of_the_spreadsheet() -> None:
    """UTF-8 with its mark, semicolons, German heads, and an apostrophe before what looks like a formula."""
    content = forms.write(ODD, "csv", MESSAGE)
    assert content.startswith(codecs.BOM_UTF8)
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == 'Aktenplan;"\'=Plan; mit ""Zeichen"" & <Tags>"'
    assert any(line.startswith("Kennzeichen;Bezeichnung;Übergeordnet;") for line in lines)
    assert "\n52.10;'-Genehmigungen;52;" in content.decode().replace("\r\n", "\n")


def test_spreadsheet_of_a_person_is_understood() -> None:
    """Few columns in any order, commas or semicolons, German days and years, empty rows."""
    text = (
        "Aktenplan,Meine Stadt\nFassung,7\nAmt,bauamt,Bauamt\n,,\n"
        "Kennzeichen,Amt,Bezeichnung,Aufbewahrung,Gültig bis,Geschlossen\n"
        '52,bauamt,"Bauen, Wohnen",10 Jahre,31.12.2026,Nein\n\n53,,Wasser,dauernd,,ja\n'
    )
    plan = read(text.encode())
    assert (plan.name, plan.version, plan.offices) == ("Meine Stadt", "7", {"bauamt": "Bauamt"})
    first, second = plan.positions
    assert (first.title, first.retention.years, first.valid_until) == ("Bauen, Wohnen", 10, date(2026, 12, 31))
    assert (second.closed, second.retention.years, second.office) == (True, None, "poststelle")


HEAD = "Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung;Übergeordnet;Aussonderung;Regeln\n"
CASES = "Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung;Vorgänge\n"
CSV_FAULTS = [
    (HEAD + '1;A;;;\n2;=HYPERLINK("http://x");;;\n', [(5, "formula"), (5, "missing_field")]),
    (HEAD + "1;A;;;\n2;@SUMME(A1);;;\n", [(5, "formula"), (5, "missing_field")]),
    (HEAD + "1;A;;X;\n", [(4, "wrong_type")]),
    (HEAD + "1;A;9;;\n", [(4, "missing_parent")]),
    (HEAD + '1;A;;;\n2;"B\nzwei";;;\n3;C;7;;\n', [(7, "missing_parent")]),
    (HEAD + "1;A\n", [(4, "wrong_width")]),
    (CASES + "1;A;Möglich\n2;B;nötig\n3;C;\n4;D;vielleicht\n", [(7, "wrong_type")]),
    (
        CASES.replace("Vorgänge", "Vorgänge;Weiteres") + '1;A;nötig;{"filing": "collective"}\n',
        [(4, "cases_in_collective")],
    ),
    (HEAD + '1;"A;;;\n', [(4, "not_csv")]),
    (HEAD + "1;A;;;an:a@b.c + an:d@e.f\n", [(4, "wrong_type")]),
    (HEAD + f"1;{'A' * 200_000};;;\n", [(4, "not_csv")]),
    ("Aktenplan;P\nKennzeichen;Bezeichnung\n1;A\n", [(1, "missing_field")]),
    ("Kennzeichen;Bezeichnung;Farbe\n", [(1, "unknown_column")]),
    ("Kennzeichen;Bezeichnung;Bezeichnung\n", [(1, "doubled_column")]),
    ("Firma;X\nAktenplan;P\nFassung;1\nKennzeichen;Bezeichnung\n1;A\n", [(1, "unknown_row")]),
    ("Nummer;Titel\n1;A\n", [(1, "no_head")]),
    ("PK\x03\x04 keine Tabelle", [(1, "no_head")]),
]


@pytest.mark.parametrize(("text", "expected"), CSV_FAULTS, ids=lambda value: str(value)[:40])
def test_faults_of_a_spreadsheet_are_told_with_its_lines(text: str, expected: list[tuple[int, str]]) -> None:
    """Formulas, columns nobody knows, rows that are too short, broken quotes; also the faults of the plan itself."""
    assert faults_of(text) == expected


@pytest.mark.parametrize(("encoding", "line"), [("cp1252", 4), ("utf-16", 1), ("utf-32", 1)])
def test_other_charsets_are_told(encoding: str, line: int) -> None:
    """A spreadsheet saved as Windows-1252 or UTF-16 is refused with the line, not read as something else."""
    text = "Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung\n1;Gebühren\n"
    found = faults_of(text.encode(encoding))
    assert [code for _, code in found] in (["not_utf8"], ["no_head"])
    assert found[0][0] in (line, 3)


def a_message(units: str, *, root: str = "Aktenplan.Aktenplan.0301", version: str = "4.0.0", before: str = "") -> str:
    """A message of xdomea with these units, each in a line."""
    space = f"urn:xoev-de:xdomea:schema:{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}\n<x:{root} xmlns:x="{space}">\n'
        f"<x:Aktenplan><x:Bezeichnung>P</x:Bezeichnung><x:Version>1</x:Version>\n{units}</x:Aktenplan></x:{root}>"
    )


def a_unit(code: str, inner: str = "", *, disposal: str = "V") -> str:
    """A unit as other programs write it: without anything of ours."""
    kind = f"<x:Aussonderungsart><x:Aussonderungsart><code>{disposal}</code></x:Aussonderungsart></x:Aussonderungsart>"
    kept = "<x:Aufbewahrungsdauer><x:AnzahlJahre>5</x:AnzahlJahre></x:Aufbewahrungsdauer>"
    named = f"<x:Kennzeichen>{code}</x:Kennzeichen><x:Inhaltsangabe>Aufgabe {code}</x:Inhaltsangabe>"
    return f"<x:Einheit>{named}{kind}<x:Stillgelegt>false</x:Stillgelegt>{kept}{inner}</x:Einheit>\n"


def test_plan_of_another_program_is_read() -> None:
    """Units inside units, codes with blanks between their pairs, a long text alone as the title, see-also."""
    also = "<x:VerweisAktenplaneinheit>20 1</x:VerweisAktenplaneinheit>"
    plan = read(a_message(a_unit("10", a_unit("10 44", a_unit("10 44 01", also)))).encode())
    assert [(p.code, p.parent, p.title) for p in plan.positions] == [
        ("10", None, "Aufgabe 10"),
        ("10.44", "10", "Aufgabe 10 44"),
        ("10.44.01", "10.44", "Aufgabe 10 44 01"),
    ]
    assert (plan.positions[2].see_also, plan.positions[2].retention.years) == (("20.1",), 5)
    assert plan.positions[0].disposal == "destroy"


BOMB = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE p SYSTEM "file:///etc/passwd">'
XML_FAULTS = [
    (a_message(a_unit("1"), before=BOMB), [(1, "dtd")]),
    (a_message(a_unit("1"), before=OUTSIDE), [(1, "dtd")]),
    (a_message(a_unit("1") + "&b;"), [(5, "not_xml")]),
    (a_message(a_unit("1") + a_unit("2", disposal="Q")), [(5, "wrong_type")]),
    (a_message(a_unit("1") + a_unit("1")), [(5, "doubled_code")]),
    (a_message(a_unit("1", a_unit("2", a_unit("3", a_unit("4"))))), [(4, "too_deep")]),
    (a_message("<x:a>" * 100 + "</x:a>" * 100), [(4, "too_deep")]),
    (a_message(a_unit("1"), version="2.4.0"), [(2, "wrong_version")]),
    (a_message("", root="Aktenplan.EmpfangBestaetigen.0302"), [(2, "no_plan")]),
    (a_message("", root="Abgabe.Abgabe.0401"), [(2, "no_plan")]),
    ("<svg xmlns='http://www.w3.org/2000/svg'/>", [(1, "no_plan")]),
    ("<a>" * 10, [(1, "no_plan")]),
    (a_message(a_unit("1")).replace("UTF-8", "x-unheard-of"), [(1, "wrong_charset")]),
    (a_message(f"<x:Einheit><x:BetreffKurz>{'A' * 300_000}</x:BetreffKurz></x:Einheit>"), [(4, "too_large")]),
]


@pytest.mark.parametrize(("text", "expected"), XML_FAULTS, ids=lambda value: str(value)[:40] + str(len(str(value))))
def test_hostile_and_broken_messages_are_told(text: str, expected: list[tuple[int, str]]) -> None:
    """Document types before any entity of theirs, depth, versions, other messages, texts beyond measure."""
    assert faults_of(text) == expected


def test_message_in_the_wrong_charset_is_told() -> None:
    """Bytes that are no UTF-8 though the message says so; UTF-16 with its mark is read, as XML allows."""
    text = a_message(a_unit("1")).replace("Aufgabe", "Gebühr")
    assert faults_of(text.encode("cp1252")) == [(4, "not_xml")]
    assert read(text.replace("UTF-8", "UTF-16").encode("utf-16")).positions[0].title == "Gebühr 1"


def test_no_more_units_than_a_plan_has_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ends at the unit that is one too many, whatever follows."""
    monkeypatch.setattr(plan_check, "MAX_POSITIONS", 3)
    assert faults_of(a_message("".join(a_unit(str(n)) for n in range(1, 9)))) == [(7, "too_large")]
    rows = "".join(f"{n};A;;;\n" for n in range(1, 9))
    assert faults_of(HEAD + rows) == [(7, "too_large")]


def test_our_own_fields_in_a_message_are_checked() -> None:
    """What stands in the extension is no more trusted than a plan's file: no JSON, unknown fields, nesting."""
    for content in ("[]", "{", "[" * 100_000):
        inner = f'<x:E><p:Stelle xmlns:p="urn:poststelle:file-plan:1">{content}</p:Stelle></x:E>'
        assert faults_of(a_message(a_unit("1", inner))) == [(4, "wrong_type")]
    inner = '<x:E><p:Stelle xmlns:p="urn:poststelle:file-plan:1">{"colour": 1, "code": "9"}</p:Stelle></x:E>'
    assert faults_of(a_message(a_unit("1", inner))) == [(4, "unknown_field")]


@pytest.mark.parametrize("version", ["4.0.0", "3.1.0"])
def test_plan_that_came_is_confirmed_in_its_exchange(version: Version) -> None:
    """Message 0302 carries the ProzessID of the 0301 and goes to whoever sent it; of other files there is none."""
    sent = Message(created_at=MESSAGE.created_at, sender="Musterstadt", process="0" * 8 + "-0000-0000-0000-" + "1" * 12)
    came = xdomea_reading.received(forms.write(ODD, "xdomea", msgspec.structs.replace(sent, version=version)))
    assert came is not None
    assert (came.kind, came.version, came.process, came.sender) == ("0301", version, sent.process, "Musterstadt")
    answer = confirmation(Message(created_at=MESSAGE.created_at, version=version, process=came.process))
    assert f"<xdomea:ProzessID>{sent.process}</xdomea:ProzessID>" in answer
    assert "Aktenplan.EmpfangBestaetigen.0302" in answer
    assert xdomea_reading.received(json.dumps({}).encode()) is None
