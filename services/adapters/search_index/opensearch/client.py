"""Requests to the cluster: the only file that speaks opensearch-py, and the place where its errors end."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, NamedTuple

import opensearchpy
from opensearchpy import OpenSearch, Urllib3HttpConnection
from opensearchpy.exceptions import OpenSearchException, TransportError
from opensearchpy.serializer import Serializer

from services.adapters.retrying import pause_s
from services.core.errors import Misconfigured, TryLater

ATTEMPTS = 3
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
PATIENCE_S = 30.0
BUSY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""What a second attempt may mend."""


Why = Literal["unreachable", "untrusted", "not_known", "not_allowed", "refused", "busy", "failed", "closed"]


_WHY: dict[int, Why] = {
    HTTPStatus.UNAUTHORIZED: "not_known",
    HTTPStatus.FORBIDDEN: "not_allowed",
    **dict.fromkeys(BUSY, "busy"),
}


class Away(TryLater):
    """The cluster does not serve us now; `why` is for the sentence at start."""

    def __init__(self, why: Why) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenSearchAccess:
    """Where the cluster is and who we are there; no user, no password asked."""

    endpoints: tuple[str, ...]
    username: str = ""
    password: str = ""
    ca_file: Path | None = None
    connections: int = 16
    """Kept open to each endpoint."""


class Answer(NamedTuple):
    """What the cluster said: 2xx with its JSON as text, or a refusal with the type of its error."""

    status: int
    text: str
    error: str = ""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return self.status == HTTPStatus.OK


class _Connection(Urllib3HttpConnection):
    """Says nothing: what is sent and answered holds names and texts; the server's warnings are for its operator."""

    def log_request_success(self, *_: Any, **__: Any) -> None:
        """Nothing is written."""

    def log_request_fail(self, *_: Any, **__: Any) -> None:
        """Nothing is written."""

    def _raise_warnings(self, _: Any) -> None:
        """Nothing is raised."""


class _AsItIs(Serializer):
    """JSON is made and read by those who know its types."""

    mimetype = "application/json"

    def dumps(self, data: Any) -> Any:
        """Bytes go out as they are."""
        return data

    def loads(self, data: str) -> Any:
        """Text comes in as it is."""
        return data


class Client:
    """One for all threads; connects when it is used. Misconfigured for an address or a file that is none."""

    def __init__(self, access: OpenSearchAccess) -> None:
        tls: dict[str, Any] = {"ca_certs": str(access.ca_file)} if access.ca_file else {}
        self._closed = threading.Event()
        if access.ca_file and not access.ca_file.is_file():
            raise Misconfigured("opensearch.ca_file: no such file")
        try:
            self._client = OpenSearch(
                list(access.endpoints),
                http_auth=(access.username, access.password) if access.username else None,
                connection_class=_Connection,
                serializer=_AsItIs(),
                max_retries=0,
                pool_maxsize=access.connections,
                dead_timeout=1,
                **tls,
            )
        except ValueError:
            raise Misconfigured("opensearch.endpoints: an address is like https://opensearch-1:9200") from None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        patience_s: float = PATIENCE_S,
        attempts: int = ATTEMPTS,
    ) -> Answer:
        """The answer, also where it is a refusal (400, 404, 409, 413); everything asked may be asked twice.

        Away when the cluster cannot be reached, does not know or allow us, fails, or is still busy after the attempts.
        """
        attempt = 1
        while not self._closed.is_set():
            answer, why = self._once(method, path, body, patience_s=patience_s)
            if answer is not None:
                return answer
            if why not in {"unreachable", "busy"} or attempt >= attempts:
                raise Away(why)
            self.rest(attempt)
            attempt += 1
        raise Away("closed")

    def rest(self, attempt: int) -> None:
        """Sleep before the next attempt, longer each time, and not all of us as long."""
        self._closed.wait(pause_s(attempt, first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S))

    def _once(self, method: str, path: str, body: bytes | None, *, patience_s: float) -> tuple[Answer | None, Why]:
        try:
            text = self._client.transport.perform_request(
                method, path, params={"request_timeout": patience_s}, body=body
            )
        except TransportError as refusal:
            return _refused(refusal)
        except (OpenSearchException, UnicodeDecodeError):
            return None, "failed"
        return Answer(HTTPStatus.OK, text if isinstance(text, str) else ""), "failed"

    def close(self) -> None:
        """Nothing is asked any more."""
        if not self._closed.is_set():
            self._closed.set()
            self._client.close()


def _refused(refusal: TransportError) -> tuple[Answer | None, Why]:
    status = refusal.status_code
    if not isinstance(status, int):  # "N/A" or "TIMEOUT"
        return None, _away(refusal)
    if status in _WHY:
        return None, _WHY[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None, "failed"
    return Answer(status, "", _kind(refusal.info)), "failed"


def _away(failure: TransportError) -> Why:
    if isinstance(failure, opensearchpy.SSLError):
        return "untrusted"
    return "failed" if isinstance(failure, opensearchpy.ConnectionTimeout) else "unreachable"


def _kind(info: object) -> str:
    error = info.get("error") if isinstance(info, Mapping) else None
    kind = error.get("type") if isinstance(error, Mapping) else None
    return kind if isinstance(kind, str) else ""
