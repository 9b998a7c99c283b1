"""`python -m tests.benchmarks.desk_pages`: what the server takes for each page of the desk, and for a page's picture.

Without a network between: requests to the app over real stores, each measured by the clock and by the CPU, one after
the other, and weighed. Goals: 50 ms a page and 40 ms a picture from the cache, 19 times of 20, by the CPU where others
use the machine too; 100 kB a page with all that it brings along. Ends with 1 where one is missed.
"""

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.component.city_hall import API, CityHall
from tests.component.every_page import everybody, full, pieces, unopened

ROUNDS = 40
PAGE_MS, PICTURE_MS = 50.0, 40.0
HEAVIEST = 100_000
_BROUGHT = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def main() -> None:
    """Measure, print a line for each page."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        hall = CityHall(Path(folder), http={"requests_per_minute": 1_000_000})
        cookies = everybody(hall).cookies
        places = full(hall)
        assert not unopened(hall, places)
        missed = asyncio.run(_all(hall, places, cookies))
        hall.close()
    sys.exit(missed)


async def _all(hall: CityHall, places: list[str], cookies: httpx.Cookies) -> bool:
    pictures = [f"{API}/documents/{_scan(places)}/parts/0/pages/{n}.webp?w={w}" for n in (1, 20) for w in (160, 960)]
    transport = httpx.ASGITransport(hall.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://poststelle", cookies=cookies) as client:
        found = [await _measured(client, path, PAGE_MS) for path in (*places, *pieces(places))]
        return any([*found, *[await _measured(client, picture, PICTURE_MS) for picture in pictures]])


def _scan(places: list[str]) -> str:
    """The document of the pile of twenty pages."""
    return next(place for place in places if place.endswith("/seiten")).split("/")[2]


async def _measured(client: httpx.AsyncClient, path: str, goal: float) -> bool:
    """Whether a goal was missed."""
    weight = await _weight(client, path)
    clock, cpu = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        (await client.get(path)).raise_for_status()
        clock.append((time.perf_counter() - began) * 1_000)
        cpu.append((time.process_time() - used) * 1_000)
    late, busy = sorted(clock)[ROUNDS * 19 // 20], sorted(cpu)[ROUNDS * 19 // 20]
    missed = min(late, busy) > goal or weight > HEAVIEST
    told = f"{late:8.1f} ms {busy:8.1f} ms CPU {weight / 1_000:7.1f} kB"
    sys.stdout.write(f"{told}  {'missed' if missed else 'met':7} {path}\n")
    sys.stdout.flush()
    return missed


async def _weight(client: httpx.AsyncClient, path: str) -> int:
    """Bytes of the answer, and of what a page brings along."""
    answer = (await client.get(path)).raise_for_status()
    is_page = answer.headers["content-type"].startswith("text/html")
    brought = set(_BROUGHT.findall(answer.text)) if is_page else set()
    return len(answer.content) + sum([len((await client.get(one)).content) for one in brought])


if __name__ == "__main__":
    main()
