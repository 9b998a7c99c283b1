"""`python -m tests.benchmarks.desk_pages`: what the server takes for a page of the desk, and for a page's picture.

Without a network between: requests to the app over real stores, each measured by the clock and by the CPU, one after
the other. Goals: 50 ms a page and 40 ms a picture from the cache, 19 times of 20; ends with 1 where one is missed.
"""

import asyncio
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

import httpx

from tests.component.city_hall import API, CityHall, a_mail

LETTERS, ROUNDS = 25, 60
PAGE_MS, PICTURE_MS = 50.0, 40.0


def main() -> None:
    """Measure, print a line for each page."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        hall = CityHall(Path(folder), http={"requests_per_minute": 1_000_000})
        letters = [str(hall.deliver(_attached())["document"])]
        mails = [a_mail(f"Bauantrag {number}", "Wir bitten. " * 300) for number in range(LETTERS)]
        letters += [str(hall.deliver(mail)["document"]) for mail in mails]
        missed = asyncio.run(_all(hall, letters, hall.clerk(all_offices=True).cookies))
        hall.close()
    sys.exit(missed)


async def _all(hall: CityHall, letters: list[str], cookies: httpx.Cookies) -> bool:
    picture = f"{API}/documents/{letters[0]}/parts/1/pages/1.webp"
    pages = ["/posteingang", f"/posteingang/{letters[1]}", "/posteingang/neues", f"/dokumente/{letters[1]}"]
    pages += ["/suche?q=Bauantrag", "/aktenplan", f"/dokumente/{letters[1]}/nachrichten/0"]
    transport = httpx.ASGITransport(hall.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://poststelle", cookies=cookies) as client:
        found = [await _measured(client, path, PAGE_MS) for path in pages]
        return any([*found, await _measured(client, picture, PICTURE_MS)])


async def _measured(client: httpx.AsyncClient, path: str, goal: float) -> bool:
    """Whether the goal was missed."""
    clock, cpu = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        (await client.get(path)).raise_for_status()
        clock.append((time.perf_counter() - began) * 1_000)
        cpu.append((time.process_time() - used) * 1_000)
    late, busy = sorted(clock)[ROUNDS * 19 // 20], sorted(cpu)[ROUNDS * 19 // 20]
    sys.stdout.write(f"{late:8.1f} ms {busy:8.1f} ms CPU  {'missed' if late > goal else 'met':7} {path}\n")
    return late > goal


def _attached() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "anna@beispiel.test", "Bescheid"
    message.set_content("Anbei.")
    message.add_attachment(b"PICTURE\fA\fB", maintype="application", subtype="pdf", filename="bescheid.pdf")
    return message.as_bytes()


if __name__ == "__main__":
    main()
