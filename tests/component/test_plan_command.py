"""`poststelle plan` against a running instance: check with lines, compare, put in force."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli import poststelle
from services.cli.client import Instance
from services.cli.errors import Away, Refused
from services.core import keys
from services.core.keys import Bucket
from tests.component.city_hall import API, PLAN, CityHall, a_mail


def run(*arguments: str) -> Result:
    """What the command prints, and its exit code."""
    return CliRunner().invoke(poststelle, ["plan", *arguments], standalone_mode=True)


def plan_file(tmp_path: Path, text: str) -> str:
    """A plan's file."""
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_change_is_shown_then_put_in_force(hall: CityHall, options: list[str], tmp_path: Path) -> None:
    """`diff` changes nothing, `activate` tells the same and the new version, `diff` then finds nothing."""
    file = plan_file(tmp_path, json.dumps(PLAN).replace("Finanzen", "Geld und Steuern"))
    compared = run("diff", file, *options)
    assert (compared.exit_code, compared.output) == (0, "20 is renamed: Finanzen -> Geld und Steuern\n")
    assert hall.configuration.version("plan") == 1
    done = run("activate", file, *options)
    assert done.exit_code == 0
    assert done.output.endswith("Version 2 is in force.\n")
    assert "Nothing changes" in run("diff", file, *options).output


def test_changed_office_of_files_is_told_with_what_follows_when(
    hall: CityHall, options: list[str], tmp_path: Path
) -> None:
    """Where files lie, `activate` has the index rebuilt and `diff` says so before; silent where none do."""
    positions: Any = PLAN["positions"]
    given = [p | {"office": "bauamt"} if p["code"] == "20.1" else p for p in positions]
    file = plan_file(tmp_path, json.dumps(PLAN | {"positions": given}))
    assert run("diff", file, *options).output == "20.1 changes its office: kasse -> bauamt\n"
    hall.ports.blobs.create(Bucket.RECORDS, keys.register_entry("main", "20.1/1-2026", 1), b"{}")
    assert "`activate` rebuilds the index" in run("diff", file, *options).output
    done = run("activate", file, *options)
    assert done.exit_code == 0
    assert done.output.endswith("the index is rebuilt, so that the search follows.\nindex: 0 documents\n")


@pytest.mark.parametrize("failure", [Refused("This is running already.", status=409), Away("http://a.example")])
def test_search_that_could_not_follow_is_told(
    hall: CityHall, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """The plan is in force all the same; whoever put it there hears what is left to do, whatever kept the rebuild."""

    def listen(*_: Any) -> Iterator[dict[str, Any]]:
        raise failure

    monkeypatch.setattr(Instance, "listen", listen)
    hall.ports.blobs.create(Bucket.RECORDS, keys.register_entry("main", "20.1/1-2026", 1), b"{}")
    positions: Any = PLAN["positions"]
    given = [p | {"office": "bauamt"} if p["code"] == "20.1" else p for p in positions]
    answer = run("activate", plan_file(tmp_path, json.dumps(PLAN | {"positions": given})), *options)
    assert answer.exit_code == 1
    assert "Version 2 is in force.\n" in answer.output
    assert "Until `poststelle rebuild` the search goes by the old offices." in answer.output


def test_faults_are_printed_with_their_lines_without_asking_anybody(tmp_path: Path) -> None:
    """A faulty file ends with 1 in each of the three, also where no instance runs."""
    text = json.dumps(PLAN, indent=1).replace('"parent": "52"', '"parent": "53"')
    file = plan_file(tmp_path, text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"53"' in row)
    for command in ("check", "diff", "activate"):
        answer = run(command, file)
        assert (answer.exit_code, answer.output) == (1, f"{file}:{line}: 52.10: there is no position '53'.\n")
    (tmp_path / "plan.json").write_bytes(b'{"name":\n"M\xfcller"}')
    assert run("check", file).output == f"{file}:2: This is no UTF-8 text.\n"


def test_plan_is_converted_and_confirmed(tmp_path: Path) -> None:
    """JSON, CSV and xdomea, each made of the other, say the same plan; a message that came gets its answer (0302)."""
    first = plan_file(tmp_path, json.dumps(PLAN))
    table, message, answer, back = (tmp_path / name for name in ("p.csv", "p.xml", "a.xml", "back.json"))
    assert run("convert", first, str(table)).output == f"{table}: Musterstadt, version 1, 4 positions\n"
    assert run("convert", str(table), str(message), "--xdomea", "3.1.0").exit_code == 0
    done = run("convert", str(message), str(back), "--confirmation", str(answer), "--json")
    assert json.loads(done.output) == {"file": str(back), "positions": 4}
    assert json.loads(back.read_text(encoding="utf-8")) == PLAN
    assert "Aktenplan.EmpfangBestaetigen.0302" in answer.read_text(encoding="utf-8")
    assert run("convert", first, str(tmp_path / "p.pdf")).exit_code == 2
    assert run("convert", first, str(back), "--confirmation", str(answer)).exit_code == 2
    table.write_text("Kennzeichen;Bezeichnung\n1;=A1\n", encoding="utf-8")
    faulty = run("convert", str(table), str(back))
    assert faulty.exit_code == 1
    assert f"{table}:2: A cell begins like a formula" in faulty.output


def test_two_files_are_compared_and_letters_are_told(hall: CityHall, options: list[str], tmp_path: Path) -> None:
    """`diff OLD NEW` tells the changes of the files, then the letters of the instance; without them it asks nobody."""
    path = f"{API}/documents/{hall.deliver(a_mail())['document']}"
    clerk = hall.key("decide", "search", all_offices=True)
    wish = {"action": "file", "position": "52.10"}
    headers = {"If-Match": clerk.get(path).headers["etag"]}
    assert clerk.post(f"{path}/decisions", json=wish, headers=headers).status_code == 202
    given: Any = PLAN["positions"]
    positions = [p | {"closed": True} if p["code"] == "52.10" else p for p in given]
    positions += [{"code": c, "title": c, "parent": "52", "replaces": ["52.10"]} for c in ("52.11", "52.12")]
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(PLAN), encoding="utf-8")
    new.write_text(json.dumps(PLAN | {"positions": positions}), encoding="utf-8")
    alone = run("diff", str(old), str(new), "--no-letters")
    assert alone.exit_code == 0
    assert "52.10 is closed" in alone.output
    assert "52.11 changes what it replaces: none -> 52.10" in alone.output
    asked = run("diff", str(old), str(new), *options)
    assert "52.10/1-2026 needs a clerk: 52.11 or 52.12\n1 need a clerk\n" in asked.output
    assert len(json.loads(run("diff", str(new), "--json", *options).output)["letters"]) == 1
    assert run("diff", str(old), str(old), "--no-letters").output == "Nothing changes: both are the same plan.\n"


def test_plan_in_force_is_exported(options: list[str], tmp_path: Path) -> None:
    """To standard output or to a file, in each form; what was exported is checked without faults."""
    assert json.loads(run("export", *options).output) == PLAN
    for form, name in (("csv", "p.csv"), ("xdomea", "p.xml")):
        out = tmp_path / name
        assert run("export", "--form", form, "--out", str(out), *options).exit_code == 0
        assert run("check", str(out)).output == f"{out}: no faults\n"


def test_position_with_files_is_named(hall: CityHall, options: list[str], tmp_path: Path) -> None:
    """`diff` says what is refused and ends with 1; `activate` is refused with one sentence."""
    hall.ports.blobs.create(Bucket.RECORDS, keys.register_entry("main", "20.1/1-2026", 1), b"{}")
    positions: Any = PLAN["positions"]
    file = plan_file(tmp_path, json.dumps(PLAN | {"positions": [p for p in positions if p["code"] != "20.1"]}))
    compared = run("diff", file, *options)
    assert compared.exit_code == 1
    assert "20.1 goes: Gebühren - refused: files lie there, it can only be closed" in compared.output
    refused = run("activate", file, *options)
    assert refused.exit_code != 0
    assert str(refused.exception) == "Files lie at this position: it cannot be removed, only closed. (position 20.1)"
    assert hall.configuration.version("plan") == 1


def test_faults_are_told_to_programs_and_to_the_quiet(tmp_path: Path) -> None:
    """`--json` is one answer with or without faults; `--quiet` leaves out only that there are none."""
    good = plan_file(tmp_path, json.dumps(PLAN))
    assert json.loads(run("check", good, "--json").output) == {"file": good, "faults": []}
    assert run("check", good, "--quiet").output == ""
    bad = plan_file(tmp_path, json.dumps(PLAN).replace('"parent": "52"', '"parent": "53"'))
    fault = {"line": 1, "code": "missing_parent", "sentence": "52.10: there is no position '53'."}
    for command in ("check", "diff", "activate"):
        answer = run(command, bad, "--json")
        assert (answer.exit_code, json.loads(answer.output)) == (1, {"file": bad, "faults": [fault]})
    assert run("check", bad, "--quiet").output == f"{bad}:1: {fault['sentence']}\n"
