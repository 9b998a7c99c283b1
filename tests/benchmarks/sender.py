"""A mail gateway: sends the mails of a file by SMTP over several connections, as fast as they are taken."""

import queue
import smtplib
import sys
import threading
from pathlib import Path

import msgspec

CONNECTIONS = 8


def main() -> None:
    """`python -m tests.benchmarks.sender PORT FILE`; ends with 1 where a mail was not taken."""
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    mails: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for mail in msgspec.msgpack.decode(file.read_bytes(), type=list[bytes]):
        mails.put(mail)
    threads = [threading.Thread(target=_send, args=(port, mails)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(0 if mails.empty() else 1)


def _send(port: int, mails: "queue.SimpleQueue[bytes]") -> None:
    with smtplib.SMTP("127.0.0.1", port) as session:
        while True:
            try:
                mail = mails.get_nowait()
            except queue.Empty:
                return
            session.sendmail("absender@example.org", ["poststelle@example.net"], mail)


if __name__ == "__main__":
    main()
