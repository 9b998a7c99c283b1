"""The front before the processes of a city."""

from deploy.cluster.front import Front
from deploy.servers.server import free_port


def test_a_front_that_never_listened_has_nothing_to_stop() -> None:
    """So a city whose processes do not come up says why, and ends its servers."""
    Front(lambda _: (), port=free_port()).stop()
