"""`make test-compose`: fetches what is needed, and runs the tests in a place of their own."""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator

from deploy.servers import S3, Kafka, OpenSearch, Tika
from deploy.servers.fetching import FetchFailed, say
from deploy.servers.server import ServerFailed
from tests.compose import alone, packages


def main() -> int:
    """The exit code of the tests; 1 with a sentence where they cannot run here."""
    try:
        alone.check()
        packages.debian()
        for server in (Kafka, S3, OpenSearch, Tika):
            server.fetch()
        pytest = [sys.executable, "-m", "pytest", "-m", "compose", "tests/compose", *sys.argv[1:]]
        with _one_at_a_time():
            return alone.run(pytest, os.environ)
    except (FetchFailed, ServerFailed) as problem:
        say(f"test-compose: {problem}")
        return 1


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two engines on the same images would harm each other."""
    with (packages.home() / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
