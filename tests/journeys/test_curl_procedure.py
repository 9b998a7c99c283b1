"""The page for curl, run as it stands: a shell takes part in a real mail room, and is killed in between."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.journeys.filing import file_into, settled
from tests.journeys.instance import ROOT, eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import Stack

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

NAME, POSITION = "kleinverfahren", "11.10.02"
PAGE = ROOT / "docs/procedures-curl.md"
MOST_LINES = 60
ANSWERED_S = 180


class Shell:
    """The lines of the page at work."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        (lines,) = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        self._command = ["sh", "-c", lines]
        self._environment = {**environment, "PATH": os.environ["PATH"], "FOLDER": str(folder)}
        self.folder = folder
        self._process = self._begun()

    def _begun(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, start_new_session=True)

    def kill(self) -> None:
        """As by kill -9, with the curl that it waits for."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)

    def restart(self) -> None:
        """Begin again with what lies in its folder."""
        self.kill()
        self._process = self._begun()

    def outcomes(self) -> list[Path]:
        """What became of its submissions."""
        return list(self.folder.glob("*.json"))


def test_a_shell_receives_acknowledges_and_answers(stack: Stack, tmp_path: Path) -> None:
    """Letter and answer stand once each in one file, and are found by the number that the shell gave them."""
    process = stack.process
    process.command("procedure", "add", NAME, "--position", POSITION)
    (tmp_path / "key").write_text(process.command("key", "add", NAME, "--procedure", NAME), encoding="ascii")
    (tmp_path / "folder").mkdir()
    shell = Shell(tmp_path / "folder", {"URL": process.url, "NAME": NAME, "KEY_FILE": str(tmp_path / "key")})
    try:
        assert "acknowledged it" in process.command("procedure", "test", NAME, "--wait", str(int(ANSWERED_S)))
        document = settled(process, process.send(a_mail("Ich beantrage eine Garage.")), "held")["document"]
        file_into(process, document, POSITION)
        eventually(lambda: [*shell.folder.glob("*-*")], ANSWERED_S)
        shell.restart()
        eventually(shell.outcomes, ANSWERED_S)
    finally:
        shell.kill()
    (outcome,) = shell.outcomes()
    (receipt,) = re.findall(r'"receipt":"([^"]+)"', outcome.read_text(encoding="utf-8"))
    settled(process, receipt, "filed")
    (letter,) = (file for file in shell.folder.glob("*-*") if not file.suffix)
    assert b"Garage" in letter.read_bytes()
    told = process.get(f"/documents/{document}")
    register = [*process.pages(f"/files/{told['filings'][0]['file']}")]
    assert len(register) == 2
    number = re.search(r"KV-2026-[0-9a-f]{8}", (shell.folder / "letter").read_text(encoding="utf-8"))
    assert number
    both = {line["document"] for line in register}
    eventually(lambda: {hit["document"] for hit in process.search(f'"{number[0]}"')} == both, ANSWERED_S)


def test_each_reference_client_fits_on_a_page() -> None:
    """Whoever writes a client reads one to the end: the page for curl and the client in Node.js."""
    examples = ("node/procedure.mjs", "kafka_procedure.py", "java/Procedure.java")
    for page in (PAGE, *(ROOT / "docs/examples" / name for name in examples)):
        assert len(page.read_text(encoding="utf-8").splitlines()) <= MOST_LINES, page.name
