"""Apache Tika as a child process: started, watched, started again, and never outliving us. Standard library only."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from services.adapters.telling import warn
from services.adapters.text_extractor.tika.configuration import ServerOptions, configuration, java_options

Programs = Callable[[], tuple[Path, Path]]
"""Finds, and where necessary fetches, the java command and the server's jar."""

# The shell's place is taken by java, so its process id and group are ours to end. The cat in the background holds our
# end of a pipe: when we die, however hard, it wakes up and takes the whole group with it.
_TIED_TO_US = 'exec 3<&0; (cat <&3 >/dev/null 2>&1; kill -9 0) & exec 3<&-; exec "$@" </dev/null'
# Only our own child writes into our pipe: somebody else's server on that port never says this to us.
_STARTED = re.compile(r"Started Apache Tika server \S+ at http://127\.0\.0\.1:(\d+)")
_PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)


class TikaServer:
    """One process; constructing starts it in the background.

    Tika's own watching process is left out (`-noFork`): we watch better. It gives up for good, and takes every fork
    with it, when a fork dies while it starts, which is what a file does that kills a fork and is tried again.
    """

    def __init__(self, programs: Programs, folder: Path, options: ServerOptions) -> None:
        """The folder is ours alone and is emptied: killed processes leave what they spooled."""
        self._programs = programs
        self._folder = folder
        self._options = options
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._port = 0
        self._thread = threading.Thread(target=self._keep_alive, name="tika", daemon=True)
        self._thread.start()

    def address(self) -> str | None:
        """Where it answers, once it has started."""
        return f"http://127.0.0.1:{self._port}" if self._port else None

    def restart(self) -> None:
        """End what it does, however busy it is; it comes again by itself."""
        self._port = 0
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                _kill_group(self._child)

    def close(self) -> None:
        """Stop it and empty the folder."""
        self._closed.set()
        self.restart()
        self._thread.join(timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _keep_alive(self) -> None:
        failures = 0
        while not self._closed.wait(_PAUSES[min(failures, len(_PAUSES) - 1)]):
            try:
                failures = 0 if self._live_once() else failures + 1
            except Exception as error:  # noqa: BLE001 - no fault of a start may end the starting
                failures += 1
                warn("tika", "tika_start_failed", error=type(error).__name__)

    def _live_once(self) -> bool:
        """Start, wait for the end, clear up; whether it had been up at all."""
        java, jar = self._programs()
        child = self._start([str(java), *self._arguments(jar)])
        if child is None or child.stdout is None:
            return False
        started: list[int] = []
        reader = threading.Thread(target=self._listen, args=(child.stdout, started), name="tika-output", daemon=True)
        reader.start()
        child.wait()
        self._port = 0
        _end(child)
        reader.join()
        if not self._closed.is_set():
            warn("tika", "tika_ended", exit_code=child.returncode)
        return bool(started)

    def _arguments(self, jar: Path) -> list[str]:
        shutil.rmtree(self._folder, ignore_errors=True)
        spool = self._folder / "spool"
        spool.mkdir(parents=True, mode=0o700)
        path = self._folder / "tika.xml"
        path.write_text(configuration(), encoding="utf-8")
        server = ["-noFork", "-h", "127.0.0.1", "-p", str(_free_port()), "-c", str(path)]
        return [*java_options(spool, self._options), "-jar", str(jar), *server]

    def _start(self, command: list[str]) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._closed.is_set():
                return None
            self._child = subprocess.Popen(  # noqa: S603 - our own command line, nothing of a document in it
                ["/bin/sh", "-c", _TIED_TO_US, "tika", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            return self._child

    def _listen(self, output: TextIO, started: list[int]) -> None:
        """Note when it is up; nothing else is kept, the server logs names of files."""
        with output:
            for line in output:
                if told := _STARTED.search(line):
                    self._port = int(told[1])
                    started.append(self._port)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _end(child: subprocess.Popen[str]) -> None:
    """End the whole group: the server, and the cat that waits for our death."""
    _kill_group(child)
    if child.stdin is not None:
        child.stdin.close()
    child.wait()


def _kill_group(child: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it is gone already
        os.killpg(child.pid, signal.SIGKILL)
