"""What docker compose gives: the demo's post goes in and is found, nothing calls out, and what is wrong is said."""

import os
import re
from pathlib import Path

import pytest

from services import stack
from services.cli.demo import folder as demo_folder
from services.cli.demo.delivering import Round
from services.cli.demo.trying import SEARCHES, finds
from tests.compose.alone import WORLD
from tests.compose.engine import Engine
from tests.compose.installation import SMTP_PORT, URL, Installation

pytestmark = pytest.mark.compose

SERVICES = stack.SERVICES
ONCE = {"claim", "rights", "prepare"}
WRITABLE_ROOTS = {"kafka", "opensearch"}
"""Their images write their configuration into their root as they start."""
READY = re.compile(r'"status":"ready"')
"""What a look at a service's health prints while all its ports answer."""


def test_everything_is_up_with_one_command(installation: Installation) -> None:
    """Every service and server is healthy, what runs once has ended well, and the first link is in the log."""
    found = installation.containers()
    assert set(SERVICES) < set(found)
    states = {name: one["State"] for name, one in found.items()}
    assert {name: states[name]["ExitCode"] for name in ONCE} == dict.fromkeys(ONCE, 0)
    healthy = {name for name, state in states.items() if state.get("Health", {}).get("Status") == "healthy"}
    assert healthy == set(found) - ONCE
    # A look is due every fifteen seconds: the newest may already be one that a starting neighbour made late.
    looks = {name: [look["Output"] for look in states[name]["Health"]["Log"]] for name in SERVICES}
    assert {name: said for name, said in looks.items() if not any(map(READY.search, said))} == {}
    link = installation.link()
    assert link.startswith(f"{URL}/einmal/")
    assert installation.page(link.removeprefix(URL)).status_code == 200


def test_the_post_of_the_demo_is_found(installation: Installation, tmp_path: Path) -> None:
    """Sixty letters by SMTP and HTTPS through the published ports: read, filed, and each search finds its own."""
    instance = installation.instance()
    note = demo_folder.claim(tmp_path / "demo")
    Round(instance, SMTP_PORT, tmp_path / "demo", note).deliver_all()
    assert [search.words for search in SEARCHES if not finds(search, instance, note)] == []
    assert "rules_missing" not in installation.compose("logs", "extraction")  # invoices had the official rules


def test_the_command_line_runs_beside_them(installation: Installation) -> None:
    """`docker compose run --rm poststelle check` asks the mail room within and finds nothing wrong."""
    checked = installation.called("run", "--rm", "--no-TTY", "poststelle", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_page_is_published_and_health_is_not(installation: Installation) -> None:
    """People get the page over TLS; health pages and figures stay inside."""
    assert "Anmelden" in installation.page("/anmelden").text
    assert {path: installation.page(path).status_code for path in ("/health/ready", "/metrics")} == {
        "/health/ready": 404,
        "/metrics": 404,
    }


def test_up_again_changes_nothing(installation: Installation) -> None:
    """What runs once runs again, makes nothing, and gives out no second link; the secrets stay."""
    link = installation.link()
    assert installation.make_secrets() == ""
    installation.up()
    again = installation.compose("run", "--rm", "--no-TTY", "prepare")
    assert "einmal" not in again
    assert installation.link() == link


def test_nobody_gets_out(engine: Engine, installation: Installation) -> None:
    """Whom any other container reaches is reached from none of ours: not from Tika, and not from those who publish."""
    host, port = os.environ[WORLD].split(":")
    call = f"exec 3<>/dev/tcp/{host}/{port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q 204 <&3"
    reached = engine.call("run", "--rm", "stand-in-python", "timeout", "5", "bash", "-c", call)
    assert reached.returncode == 0, reached.stderr
    running = set(installation.containers()) - ONCE
    ended = {name: installation.in_a(name, "timeout", "2", "bash", "-c", call).returncode for name in running}
    assert {name for name, code in ended.items() if code == 0} == set()


def test_tika_meets_only_who_asks_it(installation: Installation) -> None:
    """It has a network with extraction alone: no name of another service means anything to it."""
    known = installation.in_a("tika", "getent", "hosts", *SERVICES, "kafka", "store", "opensearch").stdout
    assert [line.split()[1] for line in known.splitlines()] == ["extraction"]


def test_roots_are_read_only_and_nobody_is_root(installation: Installation) -> None:
    """Nobody of ours can write beside its data folder, be root, gain rights, or take memory without an end."""
    running = installation.containers()
    for name in set(running) - ONCE:
        tried = installation.in_a(name, "sh", "-c", "touch /written; id -u; grep NoNewPrivs /proc/1/status")
        user, privileges = tried.stdout.splitlines()
        assert (int(user) > 0, privileges) == (True, "NoNewPrivs:\t1"), name
        assert ("Read-only file system" in tried.stderr) == (name not in WRITABLE_ROOTS), name
        assert running[name]["HostConfig"]["Memory"] > 0, name


def test_the_image_has_no_tools_to_build_or_fetch(installation: Installation) -> None:
    """No compiler, no pip and no build backend; the German data is there."""
    tools = "gcc cc make git pip pip3 hatchling curl wget"
    found = installation.in_a("ocr", "sh", "-c", f"for tool in {tools}; do command -v $tool; done; true")
    assert found.stdout == ""
    assert installation.in_a("ocr", "python3", "-c", "import pip").returncode == 1
    assert installation.in_a("ocr", "test", "-s", "/usr/share/tesseract-ocr/5/tessdata/deu.traineddata").returncode == 0


def test_a_wrong_secret_is_told(installation: Installation) -> None:
    """A service whose key is not the store's does not start, and names the setting."""
    file = installation.folder / "secrets/services/ocr/s3_secret_key"
    right = file.read_text()
    file.chmod(0o644)
    try:
        file.write_text("not-the-right-secret")
        ended = installation.called("run", "--rm", "--no-TTY", "--no-deps", "ocr")
    finally:
        file.write_text(right)
        file.chmod(0o444)
    assert ended.returncode == 2
    assert "s3.secret_key_file: the blob store refuses our access key" in ended.stdout + ended.stderr


def test_a_secret_that_is_not_there_is_told(installation: Installation) -> None:
    """Whoever forgot the script is told by Compose which file is missing."""
    file = installation.folder / "secrets/session"
    file.rename(file.with_name("elsewhere"))
    try:
        ended = installation.called("run", "--rm", "--no-TTY", "--no-deps", "search")
    finally:
        file.with_name("elsewhere").rename(file)
    assert ended.returncode != 0
    assert re.search(r"does not exist: \S+/secrets/session$", ended.stderr, re.MULTILINE), ended.stderr


def test_a_server_that_is_away_is_told(installation: Installation) -> None:
    """A service that starts names the setting that leads there; one that runs says on its health page what lacks."""
    installation.compose("stop", "store")
    try:
        ended = installation.called("run", "--rm", "--no-TTY", "--no-deps", "filing")
        assert ended.returncode == 69
        assert "setting s3.endpoint" in ended.stdout + ended.stderr
        said = installation.in_a(
            "filing",
            "bash",
            "-c",
            "exec 3<>/dev/tcp/127.0.0.1/8025; printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
        )
        assert '"blobs":false' in said.stdout.replace(" ", "")
    finally:
        installation.up()
