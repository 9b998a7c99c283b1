"""Shapes are learnt before threads read them: else a process may die with the first letter."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.core import shapes
from services.core.messages import events
from services.core.model import record_files
from tests.component.city_hall import CityHall

PROCESSES = 4
READERS = """
import sys, threading, msgspec
from services.core import shapes
from services.core.model.record_files import ALL
sys.setswitchinterval(1e-6)
shapes.prepare()
gate = threading.Barrier(8)
def read(first):
    gate.wait()
    for shape in ALL[first:] + ALL[:first]:
        decoder = msgspec.json.Decoder(shape)
        for content in (b"{}", b'{"parts":[{"id":"0"}],"mail":{"sender":"x"},"candidates":[{}],"evidence":[{}]}'):
            try:
                decoder.decode(content)
            except msgspec.MsgspecError:
                pass
readers = [threading.Thread(target=read, args=(number,)) for number in range(8)]
for reader in readers: reader.start()
for reader in readers: reader.join()
"""
"""Without the line that prepares them, about seven processes of ten die of it."""


@pytest.mark.parametrize("number", range(PROCESSES))
def test_threads_that_read_for_the_first_time_live(project: Path, number: int) -> None:
    """Eight threads begin with another shape each."""
    del number
    done = subprocess.run([sys.executable, "-c", READERS], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_shape_is_reached() -> None:
    """Stored records and events are among them, and what lies in another is one of its own."""
    assert {*record_files.ALL, *events.ALL} <= set(shapes.known())


def test_a_process_prepares_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it can be started."""
    prepared: list[bool] = []
    monkeypatch.setattr("services.runtime.process.shapes.prepare", lambda: prepared.append(True))
    CityHall(tmp_path).close()
    assert prepared == [True]
