"""Sheets to lay between letters before they are scanned."""

from pathlib import Path

import click

from services import settings as settings_page
from services.adapters.sheet_reader.zxing import printing
from services.cli.output import Output, output_options
from services.core.model.batches import covers
from services.core.plan.file_numbers import Template, case_sign

_SEPARATOR, _BACKS = "POSTSTELLE-TRENNBLATT", "POSTSTELLE-RUECKSEITEN"


@click.command()
@click.option(
    "--file",
    "number",
    default="",
    help="The file (Aktenzeichen) or, with `#3` behind it, the Vorgang that the letter behind the sheet belongs to.",
)
@click.option("--office", default="", help="The office that it belongs to.")
@click.option("--separator", is_flag=True, help="A sheet that only divides.")
@click.option("--backs", is_flag=True, help="A sheet between a stack of fronts and the turned stack of their backs.")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@output_options
def coversheet(number: str, office: str, target: Path, *, separator: bool, backs: bool, **how: bool) -> None:
    """Write a cover sheet, or a separator sheet, as a PDF to TARGET, to be printed."""
    if sum((bool(number), bool(office), separator, backs)) != 1:
        raise click.UsageError("give one of --file, --office, --separator and --backs")
    settings = settings_page.load()
    number = _sign(number, Template(settings.filing.file_number)) if number else ""
    code = _SEPARATOR if separator else _BACKS if backs else covers.written(settings.tenant, file=number, office=office)
    if (number or office) and (covers.read(code, settings.tenant) or covers.Cover(fault="cover_broken")).fault:
        if office:
            raise click.BadParameter(
                f"`{office}` is no name of an office: small letters, digits, -", param_hint="--office"
            )
        raise click.BadParameter(f"`{number}` is too long for a cover sheet (64 characters)", param_hint="--file")
    content = printing.sheet(
        code, title=_title(number, office, backs=backs), lines=_lines(number or office, backs=backs), bars=number
    )
    target.write_bytes(content)
    output = Output(**how)
    output.say(f"{target}: says {code}")
    output.show({"file": str(target), "code": code})


def _sign(number: str, template: Template) -> str:
    """The number, or the sign of the Vorgang, as it is stored; BadParameter where it is neither."""
    found = template.parse(number)
    if found is None:
        form = f"{template.text}, or {template.text}#3 for the third Vorgang of the file"
        raise click.BadParameter(f"`{number}` is not of the form {form}", param_hint="--file")
    return case_sign(template.render(found.position, found.number, found.year), found.case)


def _title(number: str, office: str, *, backs: bool) -> str:
    return number or office or ("Rückseiten" if backs else "Trennblatt")


def _lines(covered: str, *, backs: bool) -> list[str]:
    if backs:
        return [
            "Erst alle Vorderseiten einlesen, dann den Stapel wenden",
            "und dieses Blatt obenauf legen. Alles in eine Datei.",
        ]
    if not covered:
        return ["Zwischen zwei Schriftstücke legen.", "Das Blatt selbst wird nicht aufbewahrt."]
    return [
        "Deckblatt: vor das Schriftstück legen, zu dem es gehört.",
        "Es gilt bis zum nächsten Deck- oder Trennblatt.",
    ]
