"""Whether memory and the cost of a mail stay flat: the mail room's Python process while thousands of mails come in."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec

from services import stack
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.mail_path import await_all, deliver, open_process, smtp_port

CHUNK = 1000
_FEW_CHARACTERS = 400


class Sample(msgspec.Struct, frozen=True):
    """Mails so far; the highest anonymous memory (MiB) and the CPU (seconds) since the sample before."""

    mails: int
    mebibytes: float
    cpu: float


def measure(folder: Path, count: int) -> list[Sample]:
    """Run a process in a child and feed it; the samples, one for each thousand mails."""
    command = [sys.executable, "-m", "tests.benchmarks.memory", str(folder), str(count)]
    samples: list[Sample] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None  # a pipe
        for line in child.stdout:
            samples.append(msgspec.json.decode(line, type=Sample))
            sys.stderr.write(f"memory: {samples[-1].mails} mails, {samples[-1].mebibytes:.0f} MiB\n")
    if child.returncode:
        raise RuntimeError(f"memory ended with {child.returncode}")
    return samples


def main() -> None:
    """The child: small plain mails in thousands; each thousand is findable before the next is sent."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    process = open_process(folder / "data", ())
    highest = _Highest()
    corpus = Corpus(11, attachments=False)
    for sent in range(CHUNK, count + 1, CHUNK):
        mails = folder / "mails.msgpack"
        made = [_small(corpus, number) for number in range(sent - CHUNK, sent)]
        mails.write_bytes(msgspec.msgpack.encode(made))
        del made
        before = time.process_time()
        deliver(smtp_port(process), mails)
        await_all(process, sent)
        sample = Sample(sent, highest.taken(), time.process_time() - before)
        sys.stdout.buffer.write(msgspec.json.encode(sample) + b"\n")
        sys.stdout.buffer.flush()
    process.stop()
    stack.close_ports(process.ports)


def _small(corpus: Corpus, number: int) -> bytes:
    text = corpus.text(_FEW_CHARACTERS)
    head = f"From: a{number}@example.org\r\nTo: poststelle@example.net\r\nMessage-ID: <{number}@example.org>\r\n"
    kind = f"Subject: {corpus.text(30)}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return (head + kind + text + "\r\n").encode()


class _Highest:
    """Looks at our own anonymous memory ten times a second."""

    def __init__(self) -> None:
        self._highest = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def taken(self) -> float:
        """The highest since the last asking."""
        highest, self._highest = max(self._highest, anonymous(os.getpid())), 0.0
        return highest

    def _watch(self) -> None:
        while True:
            self._highest = max(self._highest, anonymous(os.getpid()))
            time.sleep(0.1)


def anonymous(pid: int = 0) -> float:
    """RssAnon of a process in MiB, of this one where none is named."""
    lines = Path(f"/proc/{pid or 'self'}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024


if __name__ == "__main__":
    main()
