"""A gateway that speaks HTTP: posts mails over several connections, each mail its own."""

import http.client
import os
import sys
import threading

from tests.benchmarks.http_intake import BODY_BYTES

CONNECTIONS = 16


def main() -> None:
    """`python -m tests.benchmarks.poster PORT PATH COUNT`; ends with 1 where a mail was not taken."""
    port, path, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    taken: list[int] = []
    threads = [
        threading.Thread(target=_post, args=(port, path, range(first, count, CONNECTIONS), taken))
        for first in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(0 if len(taken) == count else 1)


def _post(port: int, path: str, numbers: range, taken: list[int]) -> None:
    headers = {"Authorization": f"Bearer {os.environ['BENCH_KEY']}", "Content-Type": "message/rfc822"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        connection.request("POST", path, body=_mail(number), headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == http.client.ACCEPTED:
            taken.append(number)
    connection.close()


def _mail(number: int) -> bytes:
    head = f"From: a@example.org\r\nTo: poststelle@example.net\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
    return head.encode() + b"Guten Tag, anbei das Schreiben.\r\n" * (BODY_BYTES // 33)


if __name__ == "__main__":
    main()
