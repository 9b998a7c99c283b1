"""A run over a corpus in which a process dies has failed, though every document of it is indexed."""

import json
import sys
from pathlib import Path

import pytest

from tests.corpus import __main__ as corpus
from tests.unit.runtime.mortal import mortal_java

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

MAIL = b"From: a@example.org\nTo: post@musterstadt.example\nSubject: Laterne\n\nDie Laterne flackert.\n"


def test_a_corpus_run_fails_when_a_process_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a Tika that dies again and again the run ends with 1 and counts the deaths."""
    (tmp_path / "post").mkdir()
    (tmp_path / "post" / "laterne.eml").write_bytes(MAIL)
    java = str(mortal_java(tmp_path))
    monkeypatch.setattr(corpus, "SETTINGS", {"tika": {"java": java, "jar": java}})
    told = tmp_path / "told.json"
    monkeypatch.setattr(sys, "argv", ["corpus", str(tmp_path / "post"), "--json", str(told), "--folder", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        corpus.main()
    run = json.loads(told.read_text(encoding="utf-8"))
    assert ended.value.code == 1
    assert (run["counts"]["not indexed"], run["counts"]["dead letters"]) == (0, 0), run["counts"]
    assert run["deaths"]["tika_ended"] >= 1
    assert run["counts"]["process deaths"] == sum(run["deaths"].values())
