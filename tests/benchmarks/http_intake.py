"""`POST /mails` beside a bare ASGI handler that hashes: the server's CPU for each request, syncs off on both."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import uvicorn

from services import settings as settings_page
from services import stack
from services.cli.client import KEY_FILE
from services.cli.installation.first_run import prepare
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context import observing
from tests.benchmarks.measuring import Cost, Costing, Job

if TYPE_CHECKING:
    from _typeshed import HasFileno

BODY_BYTES = 59_000


def ours(job: Job) -> Cost:
    """The mail listener alone: authenticated, hashed, original and receipt and event stored."""
    os.fsync = _no_sync  # the disk is no part of this question; SQLite's own sync is one for many mails
    settings = settings_page.load(
        storage={"folder": job.folder},
        http={"port": 0, "requests_per_minute": 1_000_000_000},
        mail_intake={"port": 0},
        logging={"level": "error"},
    )
    observing.set_up(settings.logging)
    process = stack.open_process(settings, ("mail_intake",), lambda _: None)
    access = Access(process.configuration, log=process.ports.log, clock=process.ports.clock, secret=b"bench" * 8)
    process.start()
    prepare(settings, process, access, "")
    key = (job.folder / KEY_FILE).read_text().strip()
    cost = _served(create_app(process, access, settings), job, path="/api/v1/mails", key=key)
    process.stop()
    stack.close_ports(process.ports)
    return cost


def bare(job: Job) -> Cost:
    """Reads the body, hashes it, answers."""
    return _served(_hashing, job, path="/", key="none")


def _no_sync(fd: int | HasFileno) -> None:
    """Says it is done."""


async def _hashing(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    hashed, more = hashlib.sha256(), True
    while more:
        message = await receive()
        hashed.update(message.get("body", b""))
        more = message.get("more_body", False)
    answer = hashed.hexdigest().encode()
    head = [(b"content-type", b"text/plain"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 202, "headers": head})
    await send({"type": "http.response.body", "body": answer})


def _served(app: Any, job: Job, *, path: str, key: str) -> Cost:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.poster", str(port), path, str(job.size)]
    costing = Costing(job)
    subprocess.run(command, check=True, env=os.environ | {"BENCH_KEY": key})
    cost = costing.over(job.size)
    server.should_exit = True
    thread.join()
    return cost
