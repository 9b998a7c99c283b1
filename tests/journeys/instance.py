"""A real `poststelle run` in a folder of its own: started, killed, started again, stopped; nothing stays behind."""

import json
import os
import secrets
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.cluster.service_process import NO_TLS
from deploy.servers.processes import Identity, identify
from deploy.servers.server import free_port

ROOT = Path(__file__).parents[2]
WITHIN_S = 180.0
"""A start, a stop, or anything else that is waited for."""
MARK = "JOURNEY"
"""Every process of an instance inherits this variable: so whatever outlives it is found."""

# When the tests die, however hard, the cat wakes up and takes the mail room with it. It does not bear the mark.
TIED_TO_US = f'exec 3<&0; env -u {MARK} sh -c "cat <&3 >/dev/null 2>&1; kill -9 0" & exec 3<&-; exec "$@" </dev/null'

Json = dict[str, Any]
Tables = Mapping[str, Mapping[str, object] | str]
"""A settings file: words at the top, and sections."""


class Api:
    """A mail room as it is met from outside: its HTTP interface with a key, and its SMTP listener."""

    url: str
    smtp_port: int
    _client: httpx.Client | None = None

    @property
    def http(self) -> httpx.Client:
        """Its API."""
        assert self._client is not None
        return self._client

    def enter(self, key: str) -> None:
        """From now on, with this key."""
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def leave(self) -> None:
        """Close the connections."""
        if self._client:
            self._client.close()

    def get(self, path: str, **params: str) -> Json:
        """The JSON at a path of the API."""
        answer = self.http.get(path, params=params)
        assert answer.is_success, (path, answer.status_code, answer.text)
        found: Json = answer.json()
        return found

    def search(self, words: str) -> list[Json]:
        """The hits for a typed line; there are never more than a page of them in a journey."""
        answer = self.http.post("/search", json={"q": words, "limit": 100})
        assert answer.is_success, (words, answer.status_code, answer.text)
        hits: list[Json] = answer.json()["items"]
        assert answer.json()["total"] == len(hits), words
        return hits

    def pages(self, path: str, **params: str) -> Iterator[Json]:
        """All items of a list."""
        cursor = ""
        while True:
            page = self.get(path, **params, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if not cursor:
                return

    def send(self, mail: EmailMessage | bytes) -> str:
        """Deliver a mail by SMTP and return its receipt."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as session:
            return deliver(session, mail)


class Instance(Api):
    """One mail room with both listeners on ports of its own, which it keeps over all its starts."""

    def __init__(self, folder: Path, settings: Tables | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.smtp_port, http_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{http_port}"
        self._mark = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        own: dict[str, Mapping[str, object] | str] = {
            "storage": {"reserve": 0},
            "http": {"port": http_port, "requests_per_minute": 1_000_000},
            "mail_intake": {"port": self.smtp_port},
            # A journey has no minute to wait for the sweeper.
            "ledger": {"sweep_every": "PT1S", "grace": "PT2S"},
            "tika": {"heap": "256MiB"},
        }
        for name, section in (settings or {}).items():
            known = own.get(name, {})
            own[name] = section if isinstance(section, str) or isinstance(known, str) else {**known, **section}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "poststelle.toml").write_text(_toml(own), encoding="utf-8")

    def start(self) -> Self:
        """Start it and wait until its listeners are open."""
        with (self.folder / "stdout.txt").open("ab") as said, (self.folder / "stderr.txt").open("ab") as errors:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", TIED_TO_US, "mail-room", sys.executable, "-m", "services", "run"],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=errors,
                start_new_session=True,
            )
        eventually(self._live)
        self.enter((self.data / "command-line.key").read_text(encoding="ascii").strip())
        return self

    def kill(self) -> None:
        """SIGKILL, as the kernel does it when memory is short; what it started has to die by itself."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """The orderly stop of Ctrl-C."""
        self._end(signal.SIGINT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def logged(self) -> str:
        """Everything it ever wrote to standard error, over all its lives."""
        return (self.folder / "stderr.txt").read_text(encoding="utf-8", errors="replace")

    def ready(self) -> Json:
        """What the health page says: ports by readiness, and services that gave up."""
        report: Json = httpx.get(f"{self.url}/health/ready", timeout=30, trust_env=False, verify=NO_TLS).json()
        return report

    def command(self, *words: str) -> str:
        """What `poststelle WORDS` prints, called in the folder of the instance."""
        called = subprocess.run(
            [sys.executable, "-m", "services", *words],
            cwd=self.folder,
            env=self.environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return called.stdout

    def environment(self) -> dict[str, str]:
        """What its processes inherit: nothing of our settings, and the mark."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTSTELLE_")}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1", MARK: self._mark}

    def _live(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._last_words()
        try:
            answer = httpx.get(f"{self.url}/health/live", timeout=30, trust_env=False, verify=NO_TLS)
        except httpx.TransportError:
            return False
        return answer.is_success and (self.data / "command-line.key").exists()

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with process:  # closes our end of its standard input, whatever it died of
            process.send_signal(number)
            code = process.wait(WITHIN_S)
        assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0), (code, self._last_words())
        self.leave()
        eventually(lambda: not self.processes())
        assert process.stdin is not None
        process.stdin.close()

    def _last_words(self) -> str:
        """The end of what it logged; of a crash its beginning, where alone the thread stands that died."""
        crash = self.logged.rfind("Fatal Python error")
        return self.logged[crash:][:4000] if crash >= 0 else self.logged[-2000:]

    def processes(self) -> list[Identity]:
        """What runs for this instance: the mail room, Tika's machines, the recognising workers."""
        found = (identify(int(path.name)) for path in Path("/proc").glob("[0-9]*") if _bears(path, self._mark))
        return [process for process in found if process]


def deliver(session: smtplib.SMTP, mail: EmailMessage | bytes) -> str:
    """The receipt of a mail given in an open session; SMTPException where it is refused."""
    session.ehlo_or_helo_if_needed()
    content = mail if isinstance(mail, bytes) else mail.as_bytes()
    for code, said in (session.mail("erika@example.org"), session.rcpt("post@musterstadt.example")):
        if code != 250:  # RFC 5321: done
            raise smtplib.SMTPResponseException(code, said)
    code, said = session.data(content)
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)
    return said.decode().split()[-1]


def eventually(true: Callable[[], object], within_s: float = WITHIN_S, *, every_s: float = 0.1) -> None:
    """Wait until something is true; looking takes no more than half of the time, and leaves the other to the work."""
    deadline = (looked := time.monotonic()) + within_s
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(max(every_s, time.monotonic() - looked))
        looked = time.monotonic()


def _bears(process: Path, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # it ended between the look at the list and this one, or is another user's


def _toml(tables: Tables) -> str:
    top = [f"{name} = {json.dumps(value)}" for name, value in tables.items() if isinstance(value, str)]
    for name, section in tables.items():
        if not isinstance(section, str):
            top += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items())]
    return "\n".join(top) + "\n"
