"""What `deploy/one-machine` installs fits the program: commands exist, settings load, systemd understands the units."""

import re
import shlex
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import click
import pytest

from services.cli import poststelle
from services.cli.errors import USAGE
from services.settings import load

FOLDER = Path(__file__).parents[2] / "deploy" / "one-machine"
UNITS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [name for name in UNITS if name.endswith(".service")]
PROGRAM = "/opt/poststelle/.venv/bin/poststelle"
STOPS_WITHIN = timedelta(seconds=10 + 20)
"""What `poststelle run` gives its listeners and its workers."""
DROP_IN = "hot-folder.conf"
MOST_EXPOSED = 2.0
"""Of 10, by `systemd-analyze security`."""


def _values(unit: str, name: str) -> list[str]:
    text = (FOLDER / unit).read_text(encoding="utf-8")
    return [value.strip() for value in re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("unit", SERVICES)
def test_what_a_unit_starts_is_a_command_of_ours(unit: str) -> None:
    """Every word of it is understood, options too."""
    started = [*_values(unit, "ExecStart"), *_values(unit, "ExecStartPost")]
    assert started
    for line in started:
        program, name, *words = shlex.split(line)
        assert program == PROGRAM
        command = poststelle.commands[name]
        existing = [str(FOLDER) if word.startswith("/var/") else word for word in words]
        above = click.Context(poststelle, **poststelle.context_settings)
        command.make_context(name, existing, parent=above)


def test_the_sample_settings_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the unit names them; data and cache lie where the unit may write."""
    for unit in SERVICES:
        assert "POSTSTELLE_CONFIG=/etc/poststelle/poststelle.toml" in _values(unit, "Environment")
    monkeypatch.setenv("POSTSTELLE_CONFIG", str(FOLDER / "poststelle.toml"))
    settings = load()
    assert settings.storage.folder.parent == Path("/var/lib") / _values("poststelle.service", "StateDirectory")[0]
    assert settings.storage.cache == Path("/var/cache") / _values("poststelle.service", "CacheDirectory")[0]


def test_commented_settings_exist_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes a comment sign away is not refused."""
    text = (FOLDER / "poststelle.toml").read_text(encoding="utf-8")
    (tmp_path / "all.toml").write_text(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE), encoding="utf-8")
    monkeypatch.setenv("POSTSTELLE_CONFIG", str(tmp_path / "all.toml"))
    settings = load()
    assert (settings.plan, settings.tika.jar, settings.mail_intake.domains) != (None, None, ())
    assert _values(DROP_IN, "ReadWritePaths") == [str(settings.scan_intake.folder)]


def test_the_hot_folder_is_open_to_the_service_and_to_its_users() -> None:
    """Its umask leaves the group what we give it; data and cache are closed by their own modes instead."""
    (umask,) = _values(DROP_IN, "UMask")
    assert int(umask, 8) & 0o770 == 0
    assert _values("poststelle.service", "StateDirectoryMode") == _values(DROP_IN, "CacheDirectoryMode") == ["0700"]


def test_the_unit_knows_how_the_program_ends() -> None:
    """It is given the time it takes for an orderly stop; it is started again, but not on wrong settings."""
    assert timedelta(seconds=int(_values("poststelle.service", "TimeoutStopSec")[0])) > STOPS_WITHIN
    assert _values("poststelle.service", "Restart") == ["on-failure"]  # as a process ends in which a loop died
    assert _values("poststelle.service", "RestartPreventExitStatus") == [str(USAGE)]
    (user,) = {value for unit in SERVICES for value in _values(unit, "User")}
    assert f"\nu {user} " in (FOLDER / "poststelle.sysusers").read_text(encoding="utf-8")


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Every section and key by its own tool, where there is one; hardened in any case."""
    analyze = shutil.which("systemd-analyze")
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert name.endswith(".timer") or "\nProtectSystem=strict\nProtectHome=yes\n" in text.replace(
            "ReadWritePaths=/var/lib/poststelle /var/backups/poststelle\n", ""
        )
        (tmp_path / name).write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    (tmp_path / "poststelle.service.d").mkdir()
    shutil.copy(FOLDER / DROP_IN, tmp_path / "poststelle.service.d")
    if analyze:
        units = [str(tmp_path / name) for name in UNITS]
        told = subprocess.run([analyze, "verify", *units], check=False, capture_output=True, text=True, timeout=60)
        assert (told.returncode, told.stderr) == (0, "")
        for name in SERVICES:
            command = [analyze, "security", "--offline=true", "--no-pager", str(tmp_path / name)]
            report = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
            exposure = re.search(r"exposure level for \S+: ([\d.]+)", report)
            assert exposure is not None
            assert float(exposure[1]) <= MOST_EXPOSED
