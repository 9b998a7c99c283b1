"""One specialist procedure with a webhook, as a process of its own: takes what it is sent, and acknowledges it by HTTP.

`python being_called.py SETTINGS`: JSON with `port`, `told` (a file), `url`, `name`, `key` and `secret`. Each line of
the file is what one message said that was taken, with `repeat`. What comes first is often not taken: see `TROUBLES`.
`gone` lets it say once that it wants no more; `kills` names a file with the pid of who sends, who dies with the first.
"""

import base64
import hmac
import json
import os
import queue
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
import zlib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SAID: dict[str, Any] = json.loads(sys.argv[1])
TROUBLES = ("", "", "500", "", "", "301", "", "", "never", "", "", "slow body", "", "", "huge body")
"""What becomes of a message that comes for the first time, by its id; of the last one the status counts."""
HUGE = 64 * 1024 * 1024
LONGER_THAN_IT_MAY_TAKE_S = 15.0
KNOWN: set[str] = set()
MET: set[str] = set()
ANSWERS: "queue.Queue[str]" = queue.Queue()
TOLD = Path(SAID["told"]).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115  # as long as the process is there


class Webhook(BaseHTTPRequestHandler):
    """Where it listens."""

    def do_POST(self) -> None:
        """Taken, or not for once."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_signed(body):
            self._answer(401)
            return
        event = json.loads(body)
        trouble = _trouble_of(event["id"])
        MET.add(event["id"])
        with suppress(OSError):  # who sends has given up, or is dead
            self._troubled(trouble, event)

    def log_message(self, *_: object) -> None:
        """Nothing is written."""

    def _troubled(self, trouble: str, event: dict[str, Any]) -> None:
        if trouble in {"410", "500", "301"}:
            self._answer(int(trouble))
        elif trouble == "never":
            time.sleep(LONGER_THAN_IT_MAY_TAKE_S)
        elif trouble == "slow body":
            self._answer(200, length=1000)
            for _ in range(int(LONGER_THAN_IT_MAY_TAKE_S * 2)):
                self.wfile.write(b"x")
                time.sleep(0.5)
        else:
            _take(event["data"])
            if trouble == "kills":
                os.kill(int(Path(SAID["kills"]).read_text(encoding="ascii")), signal.SIGKILL)
            self._answer(200, length=HUGE if trouble == "huge body" else 0)
            if trouble == "huge body":
                self.wfile.write(bytes(HUGE))

    def _answer(self, status: int, length: int = 0) -> None:
        self.send_response(status)
        self.send_header("Location", SAID["url"])
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _is_signed(self, body: bytes) -> bool:
        key = base64.b64decode(SAID["secret"].removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


def _trouble_of(event: str) -> str:
    """The first message of all may be the last for a while; who wants no more says so until that was heard."""
    if SAID["gone"] and not Path(SAID["gone"]).exists():
        return "410"
    if event in MET:
        return ""
    if SAID["kills"] and not MET:
        return "kills"
    return TROUBLES[zlib.crc32(event.encode()) % len(TROUBLES)]


def _take(facts: dict[str, Any]) -> None:
    said = {name: facts[name] for name in ("delivery", "position", "entry")}
    TOLD.write(json.dumps({**said, "repeat": facts["delivery"] in KNOWN}) + "\n")
    if facts["delivery"] not in KNOWN:
        KNOWN.add(facts["delivery"])
        ANSWERS.put(facts["delivery"])


def acknowledge() -> None:
    """Say so by HTTP, again and again while nobody listens; a refusal is a line of its own."""
    head = {"Authorization": f"Bearer {SAID['key']}", "Content-Type": "application/cloudevents+json"}
    while True:
        delivery = ANSWERS.get()
        event = {"specversion": "1.0", "id": str(uuid.uuid5(uuid.NAMESPACE_OID, delivery)), "source": "/webhook"}
        event |= {"type": "poststelle.procedure.acknowledged.v1", "data": {"delivery": delivery}}  # type: ignore[dict-item]  # JSON
        address = f"{SAID['url']}/api/v1/procedures/{SAID['name']}/outbox"
        request = urllib.request.Request(address, json.dumps(event).encode(), head)  # noqa: S310  # the test's own
        while not _said(request):
            time.sleep(0.5)


def _said(request: urllib.request.Request) -> bool:
    try:
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  # the same
    except urllib.error.HTTPError as refused:
        if refused.code not in {429, 503}:
            TOLD.write(json.dumps({"refused": refused.code, "repeat": True}) + "\n")
            return True
        return False
    except OSError:
        return False
    return True


if __name__ == "__main__":
    threading.Thread(target=acknowledge, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", SAID["port"]), Webhook).serve_forever()
