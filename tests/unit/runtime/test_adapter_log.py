"""Deaths of child processes are told: in the log as lines of ours, in the figures, and by a run over a corpus."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.deaths import deaths
from tests.unit.runtime.mortal import mortal_java

WATCHED = """
import sys, time
from pathlib import Path
from prometheus_client import generate_latest
from services.adapters.text_extractor.tika.configuration import ServerOptions
from services.adapters.text_extractor.tika.server import TikaServer
from services.adapters.telling import warn
from services.runtime.context.observing import set_up
from services.settings.sections import Logging

def fails():
    raise OSError("no java, and a name that must not be told")

def told(event):
    return f'poststelle_child_deaths_total{{code="{event}"}} 0.0' not in generate_latest().decode()

set_up(Logging(format="json"))
java, folder = Path(sys.argv[1]), Path(sys.argv[2])
for programs, event in ((lambda: (java, java), "tika_ended"), (fails, "tika_start_failed")):
    server = TikaServer(programs, folder, ServerOptions())
    while not told(event):
        time.sleep(0.01)
    server.close()
warn("ocr", "ocr_worker_ended", problem="too_slow")
warn("sheets", "sheet_worker_ended", problem="broken")
warn("extraction", "html_reader_ended", problem="died")
warn("invoice_rules", "worker_died")
print(generate_latest().decode())
"""


def test_deaths_reach_log_and_figures(tmp_path: Path) -> None:
    """A Tika that dies, one that cannot be started and an ended recogniser: a JSON line and a count each."""
    java = mortal_java(tmp_path)
    said = subprocess.run(
        [sys.executable, "-c", WATCHED, java, tmp_path / "tika"], check=True, capture_output=True, text=True, timeout=60
    )
    lines = [json.loads(line) for line in said.stderr.splitlines()]
    told = {line["event"]: (line["service"], line["level"]) for line in lines}
    assert told == {
        "tika_ended": ("tika", "warning"),
        "tika_start_failed": ("tika", "warning"),
        "ocr_worker_ended": ("ocr", "warning"),
        "sheet_worker_ended": ("sheets", "warning"),
        "html_reader_ended": ("extraction", "warning"),
        "worker_died": ("invoice_rules", "warning"),
    }
    facts = {line["event"]: line for line in lines}
    assert facts["tika_ended"]["exit_code"] == 3
    assert facts["tika_start_failed"]["error"] == "OSError"
    assert facts["ocr_worker_ended"]["problem"] == "too_slow"
    assert "a name that must not be told" not in said.stderr
    for code in told:
        (line,) = [
            line
            for line in said.stdout.splitlines()
            if line.startswith("poststelle_child_deaths_total") and code in line
        ]
        assert float(line.rpartition(" ")[2]) >= 1
    assert all(deaths(said.stderr).values())


@pytest.mark.parametrize("line", ["", "tika_ended", "[1]", '"tika_ended"', '{"event": "other", "what": "tika_ended"}'])
def test_only_events_count_as_deaths(line: str) -> None:
    """Lines of libraries, and words inside other lines, are no deaths."""
    assert not any(deaths(line).values())
