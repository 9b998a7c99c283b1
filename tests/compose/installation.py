"""An installation as an operator makes it: the files of the project in a folder, its secrets, `docker compose up`."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx

from services.cli.client import Instance
from tests.compose.engine import Engine, EngineFailed
from tests.compose.stand_ins import PROJECT

UNMODIFIED = (
    *("docker-compose.yml", ".env", ".dockerignore", "pyproject.toml", "README.md", "LICENSE"),
    *("deploy", "requirements", "schemas", "services"),
)
URL = "https://localhost:8443"
SMTP_PORT = 2525
UP = ("--progress", "quiet", "up", "--detach", "--wait")
LAST_LINES = "20"


class Installation:
    """One of them on the engine."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        for name in UNMODIFIED:
            found = PROJECT / name
            if found.is_dir():
                shutil.copytree(found, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(found, folder / name)

    def make_secrets(self) -> str:
        """What the project's own script says; the secrets lie beside docker-compose.yml."""
        words = ["sh", str(self.folder / "deploy/compose/secrets.sh")]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def up(self) -> None:
        """`docker compose up`; EngineFailed with what everybody said last where it fails."""
        came = self.called(*UP)
        if came.returncode:
            said = self.called("logs", "--tail", LAST_LINES).stdout
            raise EngineFailed(f"docker compose up: {came.stdout}{came.stderr}\n{said}")

    def compose(self, *words: str) -> str:
        """What `docker compose …` prints; EngineFailed where it fails."""
        return self.engine.docker("compose", *words, folder=self.folder)

    def called(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`docker compose …`, however it ends."""
        return self.engine.call("compose", *words, folder=self.folder)

    def in_a(self, service: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A program in the running container of a service."""
        return self.called("exec", "--no-TTY", service, *words)

    def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine knows of each container, by its service."""
        listed = self.compose("ps", "--all", "--quiet").split()
        found: list[dict[str, Any]] = json.loads(self.engine.docker("inspect", *listed))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def link(self) -> str:
        """The one-time link of the first account, as an operator finds it."""
        said = self.compose("logs", "--no-log-prefix", "prepare")
        (found,) = re.findall(r"https://\S+/einmal/\S+", said)
        return str(found)

    def authority(self) -> Path:
        """The certificate of the proxy's own authority, fetched as docs/operations.md says."""
        target = self.folder / "authority.pem"
        self.compose("cp", "proxy:/data/caddy/pki/authorities/local/root.crt", str(target))
        return target

    def instance(self) -> Instance:
        """The command line's way in, with its key."""
        words = ("run", "--rm", "--no-TTY", "--entrypoint", "cat", "poststelle", "command-line.key")
        return Instance(URL, self.compose(*words).strip(), as_json=False, quiet=True)

    def page(self, path: str) -> httpx.Response:
        """What a browser gets that trusts the authority (SSL_CERT_FILE says so)."""
        return httpx.get(f"{URL}{path}", timeout=30)
