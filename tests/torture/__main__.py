"""`python -m tests.torture`: small mails come in alone, then beside files made to harm; what they feel of them.

Prints how long a mail took until it was acknowledged and until it was found (median, 99 of 100), what became of each
file with the time it took, and the most memory that any process had. Ends with 1 where a mail or a file is not at rest.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from services.core.ports.ledger_store import SETTLED
from tests.journeys.instance import Instance
from tests.journeys.letters import a_mail
from tests.torture import files

PATIENCE_S = 900.0
LOOK_EVERY_S = 0.05
MIB = 1024 * 1024
PDF, TIFF, ZIP, MAIL = "application/pdf", "image/tiff", "application/zip", "message/rfc822"
PART = b"--x\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nText\r\n"
LETTER = b"From: a@b.example\r\nTo: post@musterstadt.example\r\nSubject: Der Brief\r\n"

SET: dict[str, tuple[str, Callable[[], bytes]]] = {
    "quine zip": (ZIP, files.quine_zip),
    "TIFF whose directories lead in a circle": (TIFF, files.looping_tiff),
    "PDF with 50,000 pages": (PDF, files.many_pages_pdf),
    "header of 5 MB": (MAIL, files.long_header),
    "mail of 20,000 parts": (
        MAIL,
        lambda: LETTER + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + PART * 20_000 + b"--x--\r\n",
    ),
    "mail in 200 mails": (MAIL, lambda: (LETTER + b"Content-Type: message/rfc822\r\n\r\n") * 200 + LETTER + b"\r\nx"),
}


@dataclass(kw_only=True)
class Felt:
    """Seconds of each small mail until it was acknowledged, and until it was at rest and found."""

    acknowledged: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)

    def told(self) -> str:
        """A line of a table."""
        return " | ".join(
            f"{_share(times, 50):.3f} s | {_share(times, 99):.3f} s" for times in (self.acknowledged, self.found)
        )


def main() -> None:
    """Both phases, and the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--mails", type=int, default=100, help="small mails in each phase")
    parser.add_argument("--every", type=float, default=0.5, help="seconds from one to the next")
    parser.add_argument("--copies", type=int, default=3_000, help="copies of one mail beside the files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, Instance(Path(folder)) as process:
        alone = neighbours(process, options.mails, every=options.every, name="allein")
        with ThreadPoolExecutor(2) as pool:
            outcomes = pool.submit(harm, process)
            copies = pool.submit(copied, process, options.copies)
            beside = neighbours(process, options.mails, every=options.every, name="daneben")
            lines = outcomes.result()
            seconds = copies.result()
        _print(
            process, alone, beside, [*lines, f"{options.copies} copies of one mail | {seconds:.1f} s | one document"]
        )


def neighbours(process: Instance, count: int, *, every: float, name: str) -> Felt:
    """Small mails at a steady pace, whatever becomes of those before."""
    felt, waiting = Felt(), []
    for number in range(count):
        begun = time.monotonic()
        receipt = process.send(a_mail(f"Mein Anliegen {name} {number}", subject=f"{name} {number}"))
        felt.acknowledged.append(time.monotonic() - begun)
        waiting.append(threading.Thread(target=lambda r=receipt, b=begun: felt.found.append(at_rest(process, r) - b)))
        waiting[-1].start()
        time.sleep(max(0.0, every - (time.monotonic() - begun)))
    for one in waiting:
        one.join()
    assert len(felt.found) == count, "a small mail was not found"
    return felt


def harm(process: Instance) -> list[str]:
    """Every file once, one after the other; what became of it."""
    lines = []
    for name, (media_type, made) in SET.items():
        content, begun = made(), time.monotonic()
        path = "/mails" if media_type == MAIL else "/scans"
        answer = process.http.post(path, content=content, headers={"Content-Type": media_type}, timeout=PATIENCE_S)
        if answer.is_success:
            receipt = answer.json()["receipt"]
            seconds = at_rest(process, receipt) - begun
            document = process.get(f"/documents/{process.get(f'/receipts/{receipt}')['document']}")
            became = ", ".join([document["state"], *(problem["code"] for problem in document["problems"])])
        else:
            seconds, became = time.monotonic() - begun, f"refused: {answer.json()['code']}"
        lines.append(f"{name} ({len(content)} bytes) | {seconds:.1f} s | {became}")
    return lines


def copied(process: Instance, count: int) -> float:
    """The same mail again and again; the seconds until all are acknowledged."""
    begun, content = time.monotonic(), LETTER + b"Message-ID: <1@b.example>\r\n\r\nImmer derselbe Brief.\r\n"
    documents = set()
    for _ in range(count):
        answer = process.http.post("/mails", content=content, headers={"Content-Type": MAIL}, timeout=PATIENCE_S)
        documents.add(answer.json()["document"])
    assert len(documents) <= 1, "copies became several documents"
    return time.monotonic() - begun


def at_rest(process: Instance, receipt: str) -> float:
    """When a document was where it stays, and in the index."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = process.http.get(f"/receipts/{receipt}", timeout=PATIENCE_S)
        if answer.is_success and answer.json()["state"] in SETTLED and answer.json()["indexed"]:
            return time.monotonic()
        time.sleep(LOOK_EVERY_S)
    sys.exit(f"{receipt} is not at rest")


def _print(process: Instance, alone: Felt, beside: Felt, lines: list[str]) -> None:
    most = max(_peak(one.pid) for one in process.processes())
    ratio = _share(beside.found, 99) / _share(alone.found, 99)
    told = ["small mails | acknowledged, median | p99 | found, median | p99", f"alone | {alone.told()}"]
    told += [f"beside | {beside.told()}", f"p99 until found: {ratio:.1f} times", "", "file | time | became", *lines]
    told += ["", f"most memory of one process: {most // MIB} MiB"]
    sys.stdout.write("\n".join(told) + "\n")


def _share(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    main()
