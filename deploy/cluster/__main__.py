"""The command line: `python -m deploy.cluster`, which is `make run-cluster`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from deploy.cluster.city import City, Wanted
from deploy.cluster.service_process import ServiceFailed
from deploy.servers import ServerFailed
from deploy.servers.fetching import FetchFailed, say
from services import stack


def main() -> int:
    """Run a city until Ctrl-C; 1 with one sentence where it cannot start."""
    given = _arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        wanted = Wanted(port=given.port, smtp_port=given.smtp_port, copies=dict(given.copies))
        with City(given.folder, wanted, tell=say) as city:
            _announce(city)
            while not stop.wait(1):
                city.tend()
            say("Stopping …")
    except (FetchFailed, ServerFailed, ServiceFailed, OSError) as problem:
        say(f"run-cluster: {problem}")
        return 1
    return 0


def _announce(city: City) -> None:
    print(f"Poststelle answers at {city.url}, SMTP at port {city.smtp_port}; {len(city.processes)} processes work.")
    if city.link:
        print(f"First account (administrator), one-time link, good for 24 hours:\n  {city.link}")
    print(f"The key for `poststelle` and curl lies in {city.folder}/desk/command-line.key. Ctrl-C stops.", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run-cluster", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("data-cluster"), help="where everything is kept")
    parser.add_argument("--port", type=int, default=8025, help="of the one address before all processes")
    parser.add_argument("--smtp-port", type=int, default=2525, help="of the first mail intake")
    parser.add_argument(
        "--copies",
        type=_copies,
        nargs="*",
        default=[],
        metavar="SERVICE=N",
        help="processes of a service, 1 by default",
    )
    return parser.parse_args()


def _copies(text: str) -> tuple[str, int]:
    service, _, number = text.partition("=")
    any_number = [one.name for one in stack.load_services() if not stack.lives_once(one)]
    if service not in any_number or not number.isdecimal() or not int(number):
        raise argparse.ArgumentTypeError(f"{text}: SERVICE=N, of {', '.join(any_number)}")
    return service, int(number)


if __name__ == "__main__":
    sys.exit(main())
