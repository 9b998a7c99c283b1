"""Webhooks over HTTP: one connection for each event, to an address that was looked at, within a time that holds."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from services.adapters.webhook_client.pinned.targets import NotAllowed, Target, Targets
from services.core.errors import Misconfigured
from services.core.ports.webhook_client import MOST_BYTES_READ

_REDIRECTS, _REFUSALS, _FAILURES = 300, 400, 500


class HttpWebhookClient:
    """Trusts the authorities of the system, or those of `ca_file` alone."""

    def __init__(self, targets: Targets, *, timeout: timedelta, ca_file: Path | None = None) -> None:
        self._targets, self._timeout = targets, timeout.total_seconds()
        try:
            self._trusted = ssl.create_default_context(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(f"setting procedures.webhook_ca_file: {ca_file} holds no certificates") from error

    def refusal(self, url: str) -> str:
        """Why nothing goes there; a host that is not known now may be known later."""
        try:
            self._targets.of(url)
        except NotAllowed as error:
            return error.code
        except OSError:
            return "webhook_away"
        return ""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Post once; all of it, from the first packet to the status, within the time allowed."""
        try:
            target = self._targets.of(url)
        except NotAllowed as error:
            return error.code
        except OSError:
            return "webhook_away"
        with _Deadline(self._timeout) as deadline:
            try:
                word = _word_of(self._asked(target, headers, body, deadline=deadline))
            except (OSError, http.client.HTTPException, ValueError):
                word = "webhook_away"
        # A head that was cut off by us may begin with 200: what was not said in time was not said.
        return "webhook_silent" if deadline.passed else word

    def _asked(self, target: Target, headers: Mapping[str, str], body: bytes, *, deadline: "_Deadline") -> int:
        connection = http.client.HTTPConnection(target.host, target.port, timeout=self._timeout)
        try:
            plain = self._connected(target)
            deadline.watch(plain)
            secured = target.secured and self._trusted.wrap_socket(plain, server_hostname=target.host)
            connection.sock = secured or plain
            connection.request("POST", target.path, body, {**headers, "Host": _named(target), "Connection": "close"})
            answer = connection.getresponse()
            answer.read(MOST_BYTES_READ)  # so that its sender need not see a broken connection
            return answer.status
        finally:
            connection.close()

    def _connected(self, target: Target) -> socket.socket:
        """To one of the addresses that were allowed: the name is not looked up again."""
        for address in target.addresses[:-1]:
            try:
                return socket.create_connection((address, target.port), self._timeout / len(target.addresses))
            except OSError:
                continue
        return socket.create_connection((target.addresses[-1], target.port), self._timeout / len(target.addresses))


class _Deadline:
    """Ends a connection when its time is over: one that drips a byte a second would else never end."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._watched: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watched:
            self._watched.close()

    def watch(self, connection: socket.socket) -> None:
        """End this one; of TLS only the socket beneath is ours to end, so a second handle of it is kept."""
        self._watched = connection.dup()
        if self.passed:
            raise TimeoutError

    def _end(self) -> None:
        self.passed = True
        if self._watched:
            try:
                self._watched.shutdown(socket.SHUT_RDWR)
            except OSError:
                self._watched = None  # it has ended by itself


def _named(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port in (80, 443) else f"{host}:{target.port}"


def _word_of(status: int) -> str:
    if HTTPStatus.OK <= status < _REDIRECTS:
        return ""
    if _REDIRECTS <= status < _REFUSALS:
        return "webhook_redirected"
    if status == HTTPStatus.GONE:
        return "webhook_gone"
    return "webhook_refused" if _REFUSALS <= status < _FAILURES else "webhook_failed"
