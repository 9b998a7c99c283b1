"""OpenSearch is there and refuses to write: with 429, and with blocks as an operator or a full disk sets them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.servers import OpenSearch
from tests.faults.conftest import Delivering
from tests.faults.post import Post
from tests.journeys.instance import Json, eventually
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

CLUSTER = "/_cluster/settings"
INDICES = "/documents-*/_settings"
BREAKER = "network.breaker.inflight_requests.limit"
"""A cluster whose requests under way weigh more answers 429 to further ones; to its settings it always listens."""
BLOCKS = ("index.blocks.read_only_allow_delete", "index.blocks.write")
"""The first is what the node itself sets when its disk runs full (429), the second is an operator's (403)."""


@contextmanager
def _set(node: OpenSearch, path: str, name: str, value: object) -> Iterator[None]:
    """With this setting, by the node's own listener for settings."""
    _put(node, path, {name: value})
    try:
        yield
    finally:
        _put(node, path, {name: None})


def _put(node: OpenSearch, path: str, settings: Json) -> None:
    told = node.ask("PUT", path, {"transient": settings} if path == CLUSTER else settings, patience_s=30)
    assert told.get("acknowledged"), told


def test_a_cluster_that_answers_429_gets_everything_later(city: Metropolis, delivering: Delivering) -> None:
    """Post is accepted and filed meanwhile, nothing is given up, and nothing is missing in the index afterwards."""
    node = city.city.server(OpenSearch)
    with _set(node, CLUSTER, BREAKER, "1b"):
        refused = node.ask("POST", "/_bulk", {"index": {}})
        assert refused["status"] == 429, refused
        post = _refused(city, delivering)
    post.arrives()
    eventually(city.well, 180)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_blocked_index_gets_everything_later(city: Metropolis, delivering: Delivering, block: str) -> None:
    """The same; what is there already is found meanwhile."""
    before = delivering(3)
    before.arrives()
    node = city.city.server(OpenSearch)
    with _set(node, INDICES, block, value=True):
        post = _refused(city, delivering)
        assert len(city.search(before.word(0))) == 1
        assert city.search(post.word(0)) == []
    post.arrives()
    eventually(city.well, 180)


def _refused(city: Metropolis, delivering: Delivering) -> Post:
    """Post that is accepted and filed, and whose entries the index has refused."""
    before = city.hindered("indexing")
    post = delivering()
    receipts = set(post.gateway.finish().values())
    eventually(lambda: city.hindered("indexing") > before, 180)
    eventually(lambda: receipts <= city.settled(), 180)
    return post
