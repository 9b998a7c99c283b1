"""The settings of a process: where they come from, and how a slip is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.core.errors import Misconfigured
from services.settings import load


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder without settings."""
    monkeypatch.chdir(tmp_path)


def test_environment_overrides_the_file_and_arguments_override_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearer word counts, setting by setting; what nobody says has its default."""
    (tmp_path / "poststelle.toml").write_text('tenant = "town"\n[http]\nport = 1\nhost = "::1"\n[worker]\nbatch = 7\n')
    monkeypatch.setenv("POSTSTELLE_HTTP__PORT", "2")
    settings = load(worker={"batch": 8})
    assert (settings.tenant, settings.http.host, settings.http.port) == ("town", "::1", 2)
    assert settings.worker.batch == 8
    assert settings.worker.pause == timedelta(seconds=0.5)


def test_file_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """POSTSTELLE_CONFIG names it."""
    other = tmp_path / "other.toml"
    other.write_text('tenant = "elsewhere"')
    monkeypatch.setenv("POSTSTELLE_CONFIG", str(other))
    assert load().tenant == "elsewhere"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("POSTSTELLE_HTTP__PORT", "many", "http.port"),
        ("POSTSTELLE_HTTP__PROT", "1", "http.prot"),
        ("POSTSTELLE_HTPP__PORT", "1", "htpp"),
        ("POSTSTELLE_STACK", "cloud", "stack"),
        ("POSTSTELLE_WORKER__BREAKER", "0", "worker.breaker"),
        ("POSTSTELLE_TENANT", "Main/..", "tenant"),
        ("POSTSTELLE_MAIL_INTAKE__DOMAINS", "musterstadt.test", "mail_intake"),
        ("POSTSTELLE_HTTP", "8025", "http"),
        ("POSTSTELLE_CONFIG", "nowhere.toml", "config"),
        ("POSTSTELLE_CONFIG", ".", "config"),
    ],
)
def test_slip_in_the_environment_is_named(name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong value, an unknown name or a missing file stops the start, with the setting's name."""
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"sett.*{told}"):
        load()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[http]\nport = 'many'", "setting http.port"),
        ("[http]\nprot = 1", "setting http.prot"),
        ("[htpp]\nport = 1", "setting htpp"),
        ("[http\n", "settings file"),
        ("[scan_intake.offices]\nscanner-1 = 'Bau Amt'", "setting scan_intake.offices.scanner-1"),
    ],
)
def test_slip_in_the_file_is_named(text: str, told: str, tmp_path: Path) -> None:
    """The same for the file."""
    (tmp_path / "poststelle.toml").write_text(text)
    with pytest.raises(Misconfigured, match=told):
        load()


def test_wrong_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a secret that was pasted into the wrong place."""
    monkeypatch.setenv("POSTSTELLE_HTTP__PORT", "s3cret")
    with pytest.raises(Misconfigured) as told:
        load()
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(("value", "seconds"), [("90", 90), ("0.5", 0.5), ("PT2M", 120), ("00:01:30", 90)])
def test_a_bare_number_is_seconds_in_the_environment_too(
    value: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is in the file; the written forms of a duration stay."""
    monkeypatch.setenv("POSTSTELLE_HTTP__UPLOAD_TIMEOUT", value)
    assert load().http.upload_timeout == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "url",
    [
        "https://stadt.test/poststelle",
        "https://stadt.test/?a=1",
        "stadt.test",
        "ftp://stadt.test",
        "https://a@stadt.test",
    ],
)
def test_a_public_url_that_could_not_work_is_refused(url: str) -> None:
    """A path most of all: links, cookies and forms begin at the root of the host."""
    with pytest.raises(Misconfigured, match=r"setting http\.public_url: .*without a path"):
        load(http={"public_url": url})


@pytest.mark.parametrize("url", ["https://stadt.test", "https://stadt.test/", "http://[2001:db8::1]:8443"])
def test_a_public_url_is_the_address_of_links(url: str) -> None:
    """With or without the slash behind the host."""
    assert load(http={"public_url": url}).http.address(8025) == url.rstrip("/")


@pytest.mark.parametrize(("host", "address"), [("::1", "http://[::1]:8025"), ("127.0.0.1", "http://127.0.0.1:8025")])
def test_hosts_of_ipv6_stand_in_brackets(host: str, address: str) -> None:
    """What is announced can be opened."""
    assert load(http={"host": host}).http.address(8025) == address


def test_a_legal_hold_is_refused_until_something_can_lift_it() -> None:
    """Else an original that has to be erased would stay for good."""
    with pytest.raises(Misconfigured, match=r"setting s3\.legal_hold: .*no service lifts a legal hold"):
        load(s3={"legal_hold": True})
