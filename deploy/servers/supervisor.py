"""Runs one server as its child and ends it as soon as the process that asked for it is gone.

Called as `supervisor.py PARENT REMOVES COMMAND…`: PARENT is a pid or 0 (nobody to follow), REMOVES a folder to
delete when the parent dies, or empty. Writes the server's pid to standard output; what the server says goes to
standard error. It imports nothing of ours, so that it stays small and starts in 20 ms.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def _die_with_supervisor() -> None:
    """Let the kernel kill the server when the supervisor itself is killed.

    Bound to the thread that forks, which is why the suites' own threads must not start servers directly.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _server_ended_first(server: int, parent: int) -> bool:
    """Sleep until the server or the parent ends; true when it was the server."""
    watched = [server_ended := os.pidfd_open(server)]
    if parent:
        try:
            watched.append(os.pidfd_open(parent))
        except ProcessLookupError:
            return False
        if os.getppid() != parent:
            return False
    ended, _, _ = select.select(watched, [], [])
    return server_ended in ended


def main(parent: int, removes: str, command: list[str]) -> int:
    """Run `command` in a process group of its own; answer with its exit code."""
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        process_group=0,
        preexec_fn=_die_with_supervisor,  # noqa: PLW1509  safe here: the supervisor has one thread
    )
    print(server.pid, flush=True)
    if not _server_ended_first(server.pid, parent):
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        if removes:
            shutil.rmtree(removes, ignore_errors=True)
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
