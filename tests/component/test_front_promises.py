"""What a browser, a proxy and a generator of clients rely on at every path: origins, methods, and what OpenAPI says."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.routing import APIRoute

from services.runtime.access.origin import SAFE
from services.runtime.desk.forms import _fields
from services.runtime.web.http import API, caller_with
from tests.component.city_hall import CityHall, a_mail

OWN = "http://poststelle"


def _routes(hall: CityHall) -> Iterator[tuple[str, APIRoute]]:
    for included in hall.app.router.routes:
        prefix = getattr(getattr(included, "include_context", None), "prefix", "")
        for route in getattr(getattr(included, "original_router", None), "routes", ()):
            if isinstance(route, APIRoute):
                yield prefix + route.path, route


WITH_FILES = frozenset({"/hochladen"})
"""Pages whose form brings files: its word is looked for when all of it is laid down."""


def _depends_on(route: APIRoute) -> set[str]:
    asked, found = [route.dependant], set()
    while asked:
        one = asked.pop()
        asked += one.dependencies
        found.add(getattr(one.call, "__qualname__", ""))
    return found


def test_whatever_changes_something_asks_for_the_word_of_a_form_or_who_sends_it(hall: CityHall) -> None:
    """Each page's form brings its word; in the API each operation knows its caller, who is asked for the origin."""
    looked = [(path, route) for path, route in _routes(hall) if not (route.methods or set()) <= SAFE]
    pages = [(path, route) for path, route in looked if not path.startswith(API)]
    assert len(pages) > 5
    assert len(looked) - len(pages) > 10
    clerk = hall.clerk(rights=("deliver",))
    for path, route in pages:
        if path in WITH_FILES:  # too large to be read before it is known who sends it
            sent = clerk.post(path, data={"form": "falsch"}, files={"file": ("a.txt", b"Inhalt", "text/plain")})
            assert (sent.status_code, sent.headers.get("location")) == (403, None), path
        else:
            assert _fields.__qualname__ in _depends_on(route), path
    for path, route in looked:
        if path.startswith(API):
            assert f"{caller_with.__qualname__}.<locals>.find" in _depends_on(route), path


@pytest.mark.parametrize("origin", ["", "null", "https://evil.test", "http://poststelle.evil.test", f"{OWN}:81"])
def test_a_session_changes_nothing_for_another_site(hall: CityHall, origin: str) -> None:
    """The browser adds the cookie by itself; whose page it was is in `Origin`, and without one it is refused."""
    clerk, path = hall.clerk(all_offices=True), _decisions(hall)
    headers = {"If-Match": '"4"'} | ({"Origin": origin} if origin else {})
    answer = clerk.post(path, json={"action": "no_record"}, headers=headers)
    assert answer.status_code == 403
    assert "Diese Anfrage kommt nicht von einer Seite der Poststelle." in answer.text
    assert _state(hall, path) == "held"


def test_a_session_changes_something_from_our_own_pages(hall: CityHall) -> None:
    """The same request with our origin is carried out, and so is a key's without any."""
    clerk, path = hall.clerk(all_offices=True), _decisions(hall)
    headers = {"If-Match": _version(hall, path), "Origin": OWN}
    assert clerk.post(path, json={"action": "no_record"}, headers=headers).status_code == 202
    other = _decisions(hall, "Zweiter Antrag")
    key = hall.key("decide", "search", all_offices=True)
    headers = {"If-Match": _version(hall, other), "Origin": "https://evil.test"}
    assert key.post(other, json={"action": "no_record"}, headers=headers).status_code == 202


def test_a_public_address_is_our_origin_behind_a_proxy_that_puts_its_own_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """`Host` is the proxy's then, and the browser still says what it sees."""
    hall = CityHall(tmp_path_factory.mktemp("hall"), http={"public_url": "http://post.stadt.test"})
    clerk, path = hall.clerk(all_offices=True), _decisions(hall)
    headers = {"If-Match": _version(hall, path), "Origin": "http://post.stadt.test"}
    assert clerk.post(path, json={"action": "no_record"}, headers=headers).status_code == 202
    hall.close()


def _decisions(hall: CityHall, subject: str = "Antrag") -> str:
    return f"{API}/documents/{hall.deliver(a_mail(subject))['document']}/decisions"


def _document(hall: CityHall, path: str) -> httpx.Response:
    return hall.key("search", all_offices=True).get(path.removesuffix("/decisions"))


def _state(hall: CityHall, path: str) -> str:
    state: str = _document(hall, path).json()["state"]
    return state


def _version(hall: CityHall, path: str) -> str:
    version: str = _document(hall, path).headers["ETag"]
    return version


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", f"{API}/accounts", {"GET", "POST"}),
        ("PUT", "/anmelden", {"GET", "POST"}),
        ("POST", "/suche", {"GET"}),
        ("GET", f"{API}/scans/brief.pdf", {"PUT"}),
        ("DELETE", f"{API}/search", {"GET", "POST"}),
        ("POST", "/static/desk.css", {"GET", "HEAD"}),
        ("POST", "/health/live", {"GET"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(hall: CityHall, method: str, path: str, allowed: set[str]) -> None:
    """405 names every method of the path (RFC 9110 §15.5.6), also where several routes share it."""
    answer = hall.stranger().ask(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed


def test_openapi_says_who_may_ask_and_names_its_schemas_itself(hall: CityHall) -> None:
    """A key or a session at every operation, and no name made of our folders."""
    told = hall.stranger().get(f"{API}/openapi.json").json()
    assert told["security"] == [{"key": []}, {"session": []}]
    schemes = told["components"]["securitySchemes"]
    assert (schemes["key"]["scheme"], schemes["session"]["in"]) == ("bearer", "cookie")
    assert [name for name in told["components"]["schemas"] if not name.isalnum()] == []
    for path, route in _routes(hall):
        if path.startswith(API) and route.include_in_schema:
            assert f"{caller_with.__qualname__}.<locals>.find" in _depends_on(route), path
