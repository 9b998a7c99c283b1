"""A specialist procedure in one file: fetches what is delivered to it, acknowledges it, submits what lies in a folder.

    python procedure.py http://127.0.0.1:8025 bauverfahren bauverfahren.key folder

It may be killed at any moment and started again: `folder/in` holds each delivery once, by its id, and each file of
`folder/out` is received once. What is still being written there has a name with a dot first. Only the standard library
is needed.
"""

import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

WAIT_S = 2
"""How long the inbox is waited for at one time, and so how long a new file in `out` waits at most."""
GONE = 410
NAMESPACE = uuid.UUID("0d5b7a0e-4c1b-4a8f-9d1f-6b1b1a2f7c55")
"""Ours alone: the id of a submission is made from its content, so a repeat has the same."""


class Procedure:
    """What it knows lies in its folder."""

    def __init__(self, url: str, name: str, key: str, folder: Path) -> None:
        self._url, self._name, self._key = url, name, key
        self._in, self._out = folder / "in", folder / "out"
        self._cursor = folder / "cursor"
        self._said: set[str] = set()  # submissions whose outcome is not there yet
        for place in (self._in, self._out):
            place.mkdir(parents=True, exist_ok=True)

    def turn(self, wait_s: int = WAIT_S) -> None:
        """Submit what is new, then take what came; the cursor moves on when all of it is done."""
        for file in sorted(self._out.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                self._submit(file)
        cursor = self._cursor.read_text() if self._cursor.exists() else ""
        try:
            page = json.loads(self._ask("GET", f"{self._mine}/inbox?cursor={cursor}&wait={wait_s}"))
        except urllib.error.HTTPError as error:
            if error.code != GONE:
                raise
            self._cursor.unlink()  # the inbox has not this place any more: begin anew, by id nothing is doubled
            self._said.clear()
            return
        for event in page["items"]:
            self._take(event)
        _write(self._cursor, page["next"].encode())

    @property
    def _mine(self) -> str:
        return f"/api/v1/procedures/{self._name}"

    def _take(self, event: dict[str, Any]) -> None:
        facts = event["data"]
        if event["type"] == "poststelle.procedure.delivered.v1":
            file = self._in / facts["delivery"]
            if not file.exists():
                _write(file, self._ask("GET", facts["content_path"]))
            self._say("procedure.acknowledged", {"delivery": facts["delivery"]})
        elif event["type"] == "poststelle.procedure.tested.v1":  # whoever looks after the mail room tries us
            self._say("procedure.acknowledged", {"delivery": facts["delivery"]})
        elif "submission" in facts:  # submission.accepted or submission.refused; what else comes is for people
            _write(self._in / f"{facts['submission']}.json", json.dumps(facts).encode())

    def _submit(self, file: Path) -> None:
        content = file.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        submission = str(uuid.uuid5(NAMESPACE, f"{self._name}/{sha256}"))
        if submission in self._said or (self._in / f"{submission}.json").exists():
            return
        headers = {"Content-Type": "text/plain", "Content-Disposition": f'attachment; filename="{file.name}"'}
        upload = json.loads(self._ask("POST", f"{self._mine}/uploads", content, headers))
        self._say("procedure.submitted", {"submission": submission, "upload": upload["upload"], "sha256": sha256})
        self._said.add(submission)

    def _say(self, name: str, facts: dict[str, str]) -> None:
        event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": f"/{self._name}"}
        event |= {"type": f"poststelle.{name}.v1", "data": facts}  # type: ignore[dict-item]  # JSON
        headers = {"Content-Type": "application/cloudevents+json"}
        self._ask("POST", f"{self._mine}/outbox", json.dumps(event).encode(), headers)

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        named = {"Authorization": f"Bearer {self._key}"} | (headers or {})
        request = urllib.request.Request(self._url + path, data=body, headers=named, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=WAIT_S + 30) as answer:  # noqa: S310  # the operator's address
            content: bytes = answer.read()
            return content


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all."""
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(content)
    os.replace(new, file)  # noqa: PTH105


def main() -> None:
    """Take part until it is stopped."""
    url, name, key_file, folder = sys.argv[1:]
    procedure = Procedure(url, name, Path(key_file).read_text(encoding="ascii").strip(), Path(folder))
    while True:
        procedure.turn()


if __name__ == "__main__":
    main()
