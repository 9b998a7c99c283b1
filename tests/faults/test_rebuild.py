"""The index of a city is written anew while everyone searches: no fault, and nobody notices."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.cluster.service_process import run
from deploy.servers import OpenSearch
from tests.faults.conftest import Delivering
from tests.journeys.instance import Json
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

ALIAS = "documents-v"

Answer = tuple[int, set[str]]
"""Status and documents."""


def test_no_search_notices_a_rebuild(city: Metropolis, delivering: Delivering) -> None:
    """A second index fills beside the living one, no search fails or lacks a hit, then the alias moves."""
    post = delivering()
    post.arrives()
    before = _living(city)
    documents = {hit["document"] for hit in city.search(f"anliegen{post.mark}*")}
    with _watching(city, f"anliegen{post.mark}*") as (found, seen):
        later = delivering()
        key = f"{city.city.folder}/desk/command-line.key"
        said = run(["rebuild", "--url", city.url, "--key-file", key], {})
        later.gateway.finish()
    assert said.splitlines()[-1].startswith("index: ")
    assert len(documents) == post.mails
    assert {(status, len(hits ^ documents)) for status, hits in found} == {(200, 0)}
    assert {len(indices) for indices in seen} == {1, 2}
    assert _living(city) != before
    assert before not in seen[-1]
    later.arrives()


@contextmanager
def _watching(city: Metropolis, words: str) -> Iterator[tuple[list[Answer], list[set[str]]]]:
    """All the time: what a search answers, and which indices there are."""
    found: list[Answer] = []
    seen: list[set[str]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            answer = city.http.post("/search", json={"q": words, "limit": 100})
            hits: list[Json] = answer.json()["items"] if answer.is_success else []
            found.append((answer.status_code, {hit["document"] for hit in hits}))
            seen.append(set(_indices(city)))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found, seen
    finally:
        over.set()
        thread.join()


def _indices(city: Metropolis) -> Json:
    return city.city.server(OpenSearch).ask("GET", f"/{ALIAS}*/_alias", patience_s=30)


def _living(city: Metropolis) -> str:
    """The index that searches see."""
    (living,) = [name for name, told in _indices(city).items() if any(_is_living(a) for a in told["aliases"])]
    return living


def _is_living(alias: str) -> bool:
    return alias.removeprefix(ALIAS).isdecimal()
