"""What every request meets: who asks, how often, how much, and in which words it is refused."""

import re
from typing import Any, cast

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from services.core.errors import BlobMissing, Rejected, StoreFull, TryLater
from services.runtime.access.credentials import Access
from services.runtime.context.service import Context, Service
from services.runtime.web.http import API, MOST_PARSED_BYTES, Administrator, Deliverer, RateLimits
from services.runtime.web.problems import STATUS
from tests.component.browser import Browser
from tests.unit.runtime.app import app_of
from tests.unit.runtime.loop import Loop
from tests.unit.runtime.test_lifecycle import process_of

SECRET = "erika.muster@example.org"
BIG = MOST_PARSED_BYTES + 1


class Order(BaseModel):
    """What the test's route takes."""

    count: int


class Listening:
    """An app with routes that fail in every way, and keys for it."""

    def __init__(self, **http: Any) -> None:
        self.loop = Loop()
        self.failure: Exception = Rejected("not_yet")
        self.app: FastAPI = app_of(
            self.loop, process_of(self.loop, Service(name="ledger", routes=self._routes)), **http
        )
        self.access: Access = self.app.state.access
        self.key = self.access.add_key("gateway", rights=("deliver",))

    def ask(self, method: str = "GET", path: str = "/fail", **how: Any) -> Any:
        """The answer to the key's owner."""
        return Browser(self.app, Authorization=f"Bearer {self.key}").ask(method, API + path, **how)

    def fails(self, error: Exception) -> Any:
        """The answer when the route ends like this."""
        self.failure = error
        return self.ask()

    def _routes(self, _: Context) -> APIRouter:
        router = APIRouter()

        @router.get("/fail")
        def fail(_: Deliverer) -> None:
            raise self.failure

        @router.get("/secret")
        def secret(_: Administrator) -> None:
            """For administrators."""

        @router.post("/orders")
        def order(_: Deliverer, wanted: Order) -> dict[str, int]:
            return {"count": wanted.count}

        return router


@pytest.fixture(scope="module")
def listener() -> Listening:
    """With the default limits."""
    return Listening()


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is a problem in the one shape of the mail room."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:poststelle:problem:{code}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"] != body["title"]
    return body


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer psk_k-1_x", "Basic dXNlcjpwdw==", "Bearer " + "x" * 5000])
def test_strangers_get_401(listener: Listening, token: str) -> None:
    """Without a key, with a wrong one, or with another scheme."""
    answer = Browser(listener.app, Authorization=token).get(f"{API}/fail")
    assert_problem(answer, 401, "unauthorised")


def test_forged_session_gets_401(listener: Listening) -> None:
    """A cookie that we did not sign is no session."""
    answer = Browser(listener.app, Cookie="poststelle_session=WyJhLTEiLDFd.x.y").get(f"{API}/fail")
    assert_problem(answer, 401, "unauthorised")


def test_missing_right_gets_403(listener: Listening) -> None:
    """A gateway does not administer."""
    assert_problem(listener.ask(path="/secret"), 403, "forbidden")


def test_unknown_path_gets_404(listener: Listening) -> None:
    """And says nothing of the path."""
    answer = listener.ask(path=f"/{SECRET}")
    assert_problem(answer, 404, "not_found")
    assert SECRET not in answer.text


def test_wrong_method_keeps_its_status(listener: Listening) -> None:
    """405 in the shape of all others."""
    assert_problem(listener.ask("DELETE"), 405, "bad_request")


def test_one_request_too_many_gets_429() -> None:
    """By caller: others are not held up."""
    listener = Listening(requests_per_minute=2)
    other = Browser(listener.app, Authorization=f"Bearer {listener.access.add_key('scanner', rights=('deliver',))}")
    answer = [listener.ask() for _ in range(5)][-1]  # five, for the minute may turn once between them
    assert_problem(answer, 429, "too_many_requests")
    assert answer.headers["retry-after"]
    assert other.get(f"{API}/fail").status_code == 409


def test_the_hasty_are_counted_by_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next minute begins at nothing, and many callers cost bounded memory."""
    now = [60.0]
    monkeypatch.setattr("services.runtime.web.http.time.monotonic", lambda: now[0])
    limits = RateLimits(per_minute=1)
    assert [limits.admits("a"), limits.admits("a"), limits.admits("b")] == [True, False, True]
    now[0] = 120.0
    assert limits.admits("a")
    for n in range(30_000):
        limits.admits(f"caller-{n}")
    assert len(limits._counts) <= 10_001


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (TryLater(), 503, "unavailable"),
        (TryLater("busy"), 503, "busy"),
        (TryLater("ledger_away"), 503, "unavailable"),
        (StoreFull(), 503, "store_full"),
        (BlobMissing(SECRET), 404, "not_found"),
        (Rejected("too_large"), 413, "too_large"),
        (Rejected("unknown_file"), 422, "unknown_file"),
        (KeyError(SECRET), 500, "internal"),
    ],
)
def test_failures_have_one_shape(listener: Listening, error: Exception, status: int, code: str) -> None:
    """Whoever's fault it is: a code, two sentences of ours, and nothing of the exception's text."""
    answer = listener.fails(error)
    assert_problem(answer, status, code)
    assert SECRET not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("code", sorted(STATUS))
def test_every_code_has_its_status(listener: Listening, code: str) -> None:
    """As the contract lists them."""
    assert_problem(listener.fails(Rejected(code)), STATUS[code], code)


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"count": "%s"}' % SECRET.encode(), b'{"%s": 1}' % SECRET.encode(), b"[" * 20_000, b"\xff", b""],
)
def test_malformed_body_is_not_quoted(listener: Listening, body: bytes) -> None:
    """The answer names the place, never what stood there."""
    answer = listener.ask("POST", "/orders", content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, "bad_request")
    assert SECRET not in answer.text


def test_wrong_field_is_named(listener: Listening) -> None:
    """So that a programmer finds it."""
    answer = listener.ask("POST", "/orders", json={"count": "many"})
    assert assert_problem(answer, 400, "bad_request")["field"] == "count"


@pytest.mark.parametrize(
    "kind", ["application/json", "APPLICATION/JSON", "application/vnd.x+json", "text/plain", "multipart/form-data", ""]
)
@pytest.mark.parametrize("known", [True, False])
def test_body_that_is_read_as_a_whole_is_bounded(listener: Listening, kind: str, *, known: bool) -> None:
    """One byte too many gets 413 whatever the body calls itself, also from strangers, and no more is read."""
    taken: list[int] = []

    async def endless() -> Any:
        while True:
            taken.append(1)
            yield b" " * 65536

    headers = {"Content-Type": kind} if kind else {}
    if known:
        answer = listener.ask("POST", "/orders", content=endless(), headers=headers)
    else:
        answer = Browser(listener.app).ask("POST", f"{API}/orders", content=endless(), headers=headers)
    assert_problem(answer, 413, "too_large")
    assert len(taken) <= BIG // 65536 + 2


def test_body_within_the_bound_is_read(listener: Listening) -> None:
    """A megabyte is not too much."""
    body = b'{"count": 1}'.ljust(MOST_PARSED_BYTES)
    answer = listener.ask("POST", "/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.json() == {"count": 1}


@pytest.mark.parametrize("path", ["/health/live", "/metrics", f"{API}/fail", f"{API}/nowhere", "/static/desk.css"])
def test_every_answer_is_accompanied(listener: Listening, path: str) -> None:
    """An id of its own, and headers that keep browsers from harm; ours, not the client's."""
    browser = Browser(listener.app, X_Request_Id="mine")
    first, second = browser.get(path), browser.get(path)
    assert re.fullmatch("[0-9a-f]{16}", first.headers["x-request-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["x-frame-options"] == "DENY"
    assert first.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in first.headers["content-security-policy"]


def test_fault_is_logged_by_kind_and_place(listener: Listening, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever looks after the mail room finds the line and the request, and nobody's name."""
    request_id = listener.fails(KeyError(SECRET)).headers["x-request-id"]
    written = "".join(capsys.readouterr())
    assert "KeyError" in written
    assert "test_http.py:" in written
    assert request_id in written
    assert SECRET not in written


def test_port_that_is_not_ready_is_named() -> None:
    """Readiness answers 503 and says which; liveness does not care."""
    listener = Listening()
    cast("Any", listener.loop.blobs).ready = lambda: False
    browser = Browser(listener.app)
    answer = browser.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not_ready"
    assert [name for name, good in answer.json()["ports"].items() if not good] == ["blobs"]
    assert browser.get("/health/live").json() == {"status": "live"}
