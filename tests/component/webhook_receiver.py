"""The procedure's side of a webhook: a small HTTP server that notes what comes, and answers as a test tells it."""

import base64
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HUGE = 64 * 1024 * 1024


@dataclass(kw_only=True)
class Post:
    """What came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        made: dict[str, Any] = json.loads(self.body)
        return made

    def is_signed_by(self, secret: str) -> bool:
        """As https://www.standardwebhooks.com tells receivers to look."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


@dataclass(kw_only=True)
class Receiver:
    """`answer` is the status; None: never any, `drip`: one byte after another without an end, `slow`: so its body.

    `huge`: 200, with a body of `HUGE` bytes.
    """

    answer: int | str | None = 204
    location: str = ""
    posts: list[Post] = field(default_factory=list)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    def taken(self) -> list[str]:
        """The ids of what came."""
        return [post.headers["webhook-id"] for post in self.posts]


@contextmanager
def receiving(*, tls: ssl.SSLContext | None = None, **how: Any) -> Iterator[Receiver]:
    """A receiver that listens on loopback."""
    receiver = Receiver(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.posts.append(Post(path=self.path, headers=headers, body=body))
            _answer(self, receiver)

        def log_message(self, *_: object) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever is hung up on has nothing to tell
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}/eingang?amt=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    if receiver.answer is None:
        receiver.closing.wait()
    elif receiver.answer == "drip":
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not receiver.closing.wait(0.05):
            handler.wfile.write(b"x")
    elif receiver.answer in {"slow", "huge"}:
        handler.send_response(200)
        handler.send_header("Content-Length", str(HUGE))
        handler.end_headers()
        while receiver.answer == "slow" and not receiver.closing.wait(0.05):
            handler.wfile.write(b"x")
        handler.wfile.write(bytes(HUGE))
    else:
        handler.send_response(int(receiver.answer))
        if receiver.location:
            handler.send_header("Location", receiver.location)
        handler.end_headers()
