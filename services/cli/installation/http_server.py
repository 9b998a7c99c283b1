"""uvicorn in a thread of its own, with an end to its waiting for those who never finish a request."""

import asyncio
import sys
import threading
from datetime import timedelta
from typing import ClassVar, Literal, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.process import Process
from services.settings import Settings

KEPT_OPEN_SECONDS = 75
"""How long a silent connection stays. Proxies close theirs after 60; who closes last never resets a request."""

Awaited = Literal["", "head", "rest"]
"""What the client owes: nothing, the rest of a header block, or of a body that was answered already."""


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, which itself ends only the silence between two requests (its issue 157)."""

    patience: ClassVar[timedelta] = timedelta(seconds=20)
    """From the connection, or the first byte of a further request, to the end of its header block."""
    _awaited: Awaited = ""
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wait_for("")

    def _look(self) -> None:
        """Whether the client owes us something: from now on it has so much time, however it drips."""
        state, behind = self.conn.their_state, self.conn.trailing_data[0]
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        answered = cycle is not None and cycle.response_complete
        if state is h11.IDLE and (cycle is None or behind):
            self._wait_for("head")
        elif state is h11.SEND_BODY and answered:
            self._wait_for("rest")
        else:
            self._wait_for("")
            if state is h11.IDLE and answered and self.timeout_keep_alive_task is None:
                # The rest of a body that nobody wanted stopped uvicorn's own timer.
                handler = self.timeout_keep_alive_handler
                self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, handler)

    def _wait_for(self, what: Awaited) -> None:
        if what == self._awaited:
            return
        self._awaited = what
        if self._end:
            self._end.cancel()
        self._end = self.loop.call_later(self.patience.total_seconds(), self._give_up) if what else None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class HttpServer:
    """The HTTP interface of a process; the main thread waits for signals."""

    def __init__(self, process: Process, access: Access, settings: Settings) -> None:
        self._app = app = create_app(process, access, settings)
        self._http = http = settings.http
        config = uvicorn.Config(
            app,
            host=http.host,
            port=http.port,
            http=_timed(http.header_timeout),
            proxy_headers=bool(http.proxies),
            forwarded_allow_ips=[str(network) for network in http.proxies],  # given, so no environment is asked
            timeout_keep_alive=KEPT_OPEN_SECONDS,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on, also where the settings left the choice open."""
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where people find it."""
        return self._http.address(self.port)

    def start(self) -> None:
        """Listen; ends the program where the address cannot be had."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                sys.exit("poststelle: setting http.port: the address is taken or not ours")
            self._thread.join(0.02)

    def stop(self) -> None:
        """Answer whoever waits for news, and close."""
        self._app.state.closing = True
        self._server.should_exit = True
        self._thread.join(10)

    def _run(self) -> None:
        try:
            self._server.run()
        except SystemExit:
            return  # uvicorn could not bind; start() sees the thread end and says so


def _timed(patience_: timedelta) -> type[TimedProtocol]:
    class Timed(TimedProtocol):
        patience = patience_

    return Timed
