"""The command line: `python -m deploy.servers fetch|up|status|down [server …]`."""

import argparse
import sys
from pathlib import Path

from deploy.servers import S3, Kafka, OpenSearch, Server, ServerFailed, Tika
from deploy.servers.fetching import FetchFailed, cache, say
from deploy.servers.server import read_record

SERVERS: dict[str, type[Kafka] | type[S3] | type[OpenSearch] | type[Tika]] = {
    "kafka": Kafka,
    "s3": S3,
    "opensearch": OpenSearch,
    "tika": Tika,
}


def fetch(names: list[str]) -> None:
    """Fill the cache."""
    for name in names:
        SERVERS[name].fetch()
        say(f"{name}: ready to start")


def up(names: list[str], folder: Path) -> None:
    """Start what does not run yet; it runs until `down`."""
    for name in names:
        if _running(folder / name):
            say(f"{name}: runs already")
            continue
        server: Server = SERVERS[name].start(folder / name, until_down=True)
        server.let_go()
    status(names, folder)


def down(names: list[str], folder: Path) -> None:
    """Stop the recorded processes and nothing else; what they stored stays."""
    for name in names:
        record = read_record(folder / name)
        if record and record.process:
            record.process.stop()
        say(f"{name}: stopped")


def status(names: list[str], folder: Path) -> None:
    """One line a server: address and process; secrets stay in `server.json`."""
    for name in names:
        record = read_record(folder / name)
        if record and record.process and record.process.alive:
            print(f"{name}\t{record.address}\tprocess {record.process.pid}\t{folder / name}")
        else:
            print(f"{name}\tdown")


def _running(folder: Path) -> bool:
    record = read_record(folder)
    return bool(record and record.process and record.process.alive)


def main() -> int:
    """Read the arguments and act; 1 with one sentence when a server cannot be fetched or started."""
    parser = argparse.ArgumentParser(prog="python -m deploy.servers", description=__doc__)
    parser.add_argument("act", nargs="?", default="up", choices=["fetch", "up", "status", "down"])
    parser.add_argument("server", nargs="*", help=f"of {', '.join(SERVERS)}; all when none is named")
    parser.add_argument("--folder", type=Path, help="where the servers keep their files (default: in the cache)")
    given = parser.parse_args()
    names = given.server or list(SERVERS)
    if unknown := sorted(set(names) - SERVERS.keys()):
        parser.error(f"no such server: {', '.join(unknown)}")
    folder = (given.folder or cache() / "up").absolute()
    try:
        if given.act == "fetch":
            fetch(names)
        else:
            {"up": up, "status": status, "down": down}[given.act](names, folder)
    except (FetchFailed, ServerFailed) as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
