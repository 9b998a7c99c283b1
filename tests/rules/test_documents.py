"""What README and docs say holds: commands, settings, links and examples are those of the program."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from deploy.generators import cli_page
from services.cli import poststelle
from services.core import catalogue
from services.core.messages import topics
from services.core.messages.log_rights import user_of_procedure
from services.core.model.receipts import parse_receipt
from services.core.plan import plan_check
from services.filing.workbench.waiting import REASONS
from services.settings import Settings
from services.settings.sections import Section

_RECEIPT = re.compile(r"PE-[0-9]{6}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z*~$=]")
SECTIONS = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}


@pytest.fixture(scope="module")
def pages(project: Path) -> dict[Path, str]:
    """Every page that people read."""
    top = [project / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "schemas/README.md")]
    ours = (path for path in (project / "docs").rglob("*.md") if "node_modules" not in path.parts)
    found = [*top, *sorted(ours)]
    return {path: path.read_text(encoding="utf-8") for path in found}


def test_commands_exist(pages: dict[Path, str]) -> None:
    """Whoever types what a page says gets a command."""
    known = set(cli_page.names())
    groups = {name for name in known if any(other.startswith(f"{name} ") for other in known)} - {"poststelle"}
    named = {line for text in pages.values() for line in _typed(text)}
    assert {"poststelle status", "poststelle search carport", "poststelle plan check"} <= named
    for line in named:
        words = line.split()
        name = " ".join(words[:2])
        assert (" ".join(words[:3]) if name in groups and len(words) > len(name.split()) else name) in known, line


def test_make_targets_exist(project: Path, pages: dict[Path, str]) -> None:
    """Every `make …` of a page is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (project / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path, text in pages.items():
        named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", text, re.MULTILINE))
        assert named <= targets, (path.name, named - targets)


def test_glossary_words_occur(project: Path) -> None:
    """Every code word of the glossary is a word of the code."""
    page = (project / "docs/glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\|[^|]+\| `(\w+)` \|", page, re.MULTILINE)
    assert len(words) == page.count("\n| ") - 1, "a row names no code word"
    source = "\n".join(path.read_text(encoding="utf-8") for path in (project / "services").rglob("*.py"))
    assert [word for word in words if not re.search(rf"\b{word}\b", source)] == []


def test_settings_exist(pages: dict[Path, str]) -> None:
    """Every `section.name` of a page is a setting, where it is no event, topic, file or user of a procedure."""
    others = {*topics.TOPIC_OF, *topics.all_topics(), "ledger.sqlite", user_of_procedure("bauverfahren")}
    for path, text in pages.items():
        for section, name in re.findall(r"`([a-z0-9_]+)\.([a-z_]+)`", text):
            meant = section in SECTIONS and f"{section}.{name}" not in others
            assert not meant or name in SECTIONS[section].model_fields, (path.name, section, name)


def test_receipt_numbers_can_be_typed(project: Path, pages: dict[Path, str]) -> None:
    """Every one in a page, an example or a text of the program is valid, but those that show what is refused."""
    shown = pages | {path: path.read_text("utf-8") for path in _sources(project)}
    found = {number for text in shown.values() for number in _RECEIPT.findall(_without_refused(text))}
    assert "PE-261122-79Y1-Z4Q4-U" in found
    assert {number for number in found if parse_receipt(number) != number} == set()


def test_every_reason_is_explained_to_clerks(project: Path) -> None:
    """What the Posteingang gives as a reason stands in the clerks' guide, in the same words, with what to do."""
    guide = (project / "docs/sachbearbeitung.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| ([^|]+) \| [^|]+ \|$", guide, re.MULTILINE))
    assert {catalogue.reason(code) for code in REASONS} <= explained


def test_commands_to_copy_are_whole(pages: dict[Path, str]) -> None:
    """Those in blocks and numbered steps have the arguments that they need and no option that there is not."""
    for path, text in pages.items():
        for line in _to_copy(text):
            assert _missing(shlex.split(line, comments=True)[1:]) == "", (path.name, line)


def test_links_lead_somewhere(pages: dict[Path, str]) -> None:
    """Every link to a file of ours leads to one."""
    for path, text in pages.items():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (path.parent / target).exists(), (path.name, target)


def test_the_settings_file_of_the_page_is_understood(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example in docs/settings.md can be copied as it stands."""
    (text,) = _blocks(project / "docs/settings.md", "toml")
    (tmp_path / "poststelle.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Settings().mail_intake.domains == ("musterstadt.example",)


def test_the_plan_of_the_page_has_no_faults(project: Path) -> None:
    """The example in docs/file-plan.md can be copied as it stands."""
    (text,) = _blocks(project / "docs/file-plan.md", "json")
    assert plan_check.faults_of(text) == []
    assert json.loads(text)["positions"]


def test_the_python_of_the_readme_is_python(project: Path) -> None:
    """The first steps can be copied as they stand; the listener they knock at is ours."""
    (text,) = _blocks(project / "README.md", "python")
    calls = [ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert f"smtplib.SMTP('127.0.0.1', {Settings().mail_intake.port})" in calls


def _typed(text: str) -> Iterator[str]:
    """Everything in code that begins with our command, without what stands for arguments."""
    yield from re.findall(r"`(poststelle [a-z][a-z ]*[a-z])(?: [A-Z-][^`]*)?`", text)
    yield from re.findall(r"^    (?:\.venv/bin/)?(poststelle [a-z]+(?: [a-z-]*[a-z])?)", text, re.MULTILINE)


def _to_copy(text: str) -> Iterator[str]:
    """What is typed as it stands: a line of a block, and each command of a numbered step."""
    yield from re.findall(r"^    (?:\S*\.venv/bin/)?(poststelle [a-z][^\n]*)", text, re.MULTILINE)
    for step in re.findall(r"^[0-9]+\. (.*)$", text, re.MULTILINE):
        yield from re.findall(r"`(poststelle [^`]+)`", step)


def _missing(typed: list[str]) -> str:
    """What click has against it, but for what it says of files that are not here."""
    command: click.Command = poststelle
    rest = [*typed]
    while isinstance(command, click.Group) and rest:
        command = command.commands[rest.pop(0)]
    try:
        # Below ours: click remembers how the first context names the help option.
        command.make_context(command.name, rest, parent=click.Context(poststelle, **poststelle.context_settings))
    except click.UsageError as error:
        told = isinstance(error, click.MissingParameter) or not isinstance(error, click.BadParameter)
        return error.format_message() if told else ""
    return ""


def _sources(project: Path) -> Iterator[Path]:
    for folder, pattern in (("services", "*.py"), ("services", "*.html"), ("schemas/examples", "*.json")):
        yield from (project / folder).rglob(pattern)


def _without_refused(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if '"means": null' not in line)


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
