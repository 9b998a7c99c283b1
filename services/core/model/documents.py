"""What makes two deliveries the same document: canonical content, and the id hashed from it.

The specification with test vectors is `docs/identity.md`. A change of the canonical form needs a new version here,
because ids are never recomputed.
"""

import hashlib
import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal, Protocol

from services.core import crockford

Kind = Literal["mail", "bytes", "part"]
CANONICAL_VERSION = "1"

IDENTITY_HEADERS = (
    b"from",
    b"sender",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
"""Headers the author wrote (RFC 5322 §3.6); trace headers differ from copy to copy and do not count."""

MAX_HEADER_BYTES = 262_144
"""A header block ends at an empty line that lies wholly in so many bytes, or behind them. Never a reason to refuse."""

_LONE_CR = re.compile(rb"\r[^\n]")
_BREAK = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_BLANKS = re.compile(rb"[ \t]+")


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def document_id(tenant: str, kind: Kind, digest: str, *, incarnation: int) -> str:
    """`d` and the first 130 bits of SHA-256 over tenant, canonical version, canonical digest and incarnation."""
    text = "\n".join(("poststelle", tenant, f"{kind}-{CANONICAL_VERSION}", digest, str(incarnation)))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") >> (256 - 130)
    return "d" + crockford.encode(number, 26).lower()


def part_digest(batch: str, pages: Sequence[int], turns: Sequence[int] = ()) -> str:
    """The canonical digest of a document that was separated: the batch and the pages it was taken from, as turned.

    Not its bytes: another version of the program may write the same pages in another way.
    """
    turned = zip_longest(pages, turns, fillvalue=0)
    text = "\n".join((batch, ",".join(f"{page}@{turn}" if turn else str(page) for page, turn in turned)))
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_headers(block: bytes) -> bytes:
    """The identity headers of a header block: unfolded, names in lower case, in our order, repeats in theirs."""
    found: dict[bytes, list[bytes]] = {}
    for line in _FOLD.sub(b" ", block).splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().lower(), []).append(_BLANKS.sub(b" ", value.strip()))
    rows = [name + b":" + value for name in IDENTITY_HEADERS for value in found.get(name, ())]
    return b"\n".join(rows)


class BytesIdentity:
    """The digest of a document whose bytes are its content: scans and uploads."""

    kind: Kind = "bytes"
    header_block = b""

    def __init__(self) -> None:
        self._raw = hashlib.sha256()
        self.size_bytes = 0

    def update(self, chunk: bytes) -> None:
        """Take the next bytes, in order, in pieces of any size."""
        self._raw.update(chunk)
        self.size_bytes += len(chunk)

    def digest(self) -> str:
        """SHA-256 of the canonical content, in hexadecimal."""
        return self._raw.hexdigest()

    def sha256(self) -> str:
        """SHA-256 of the bytes as delivered, in hexadecimal."""
        return self._raw.hexdigest()


class MailIdentity:
    """The digest of a mail: its identity headers, an empty line, and the raw body with CRLF read as LF.

    Line ends are folded because gateways rewrite them in transit (RFC 5321 §2.3.8); nothing else of the body changes.
    """

    kind: Kind = "mail"

    def __init__(self) -> None:
        self._raw = hashlib.sha256()
        self._canonical: _Hash = hashlib.sha256()
        self._head: bytearray | None = bytearray()
        self._held = b""
        self.header_block = b""
        self.size_bytes = 0

    def update(self, chunk: bytes) -> None:
        """Take the next bytes, in order, in pieces of any size."""
        self._raw.update(chunk)
        self.size_bytes += len(chunk)
        if self._head is None:
            self._take_body(chunk)
            return
        self._head += chunk
        # Only in those first bytes: else a large piece would show a break behind them, which small pieces never reach.
        end = _BREAK.search(self._head, max(0, len(self._head) - len(chunk) - 4), MAX_HEADER_BYTES)
        if end:
            self._close_head(bytes(self._head[: end.start()]), bytes(self._head[end.end() :]))
        elif len(self._head) > MAX_HEADER_BYTES:
            self._close_endless(bytes(self._head[:MAX_HEADER_BYTES]), bytes(self._head[MAX_HEADER_BYTES:]))

    def digest(self) -> str:
        """SHA-256 of the canonical content, in hexadecimal; call once, at the end."""
        if self._head is not None:
            self._close_endless(bytes(self._head), b"")
        self._canonical.update(self._held)
        self._held = b""
        return self._canonical.hexdigest()

    def sha256(self) -> str:
        """SHA-256 of the bytes as delivered, in hexadecimal."""
        return self._raw.hexdigest()

    def _close_endless(self, block: bytes, rest: bytes) -> None:
        """No empty line ends the header: of lines that end in CR alone, the letter itself lies in it and counts."""
        self._close_head(block, block + rest if _LONE_CR.search(block) else rest)

    def _close_head(self, block: bytes, rest: bytes) -> None:
        self._head = None
        self.header_block = block
        self._canonical.update(canonical_headers(block) + b"\n\n")
        self._take_body(rest)

    def _take_body(self, chunk: bytes) -> None:
        # A CR at the end of a chunk waits for its LF, so that pieces of any size give one digest.
        chunk = self._held + chunk
        self._held = b"\r" if chunk.endswith(b"\r") else b""
        if self._held:
            chunk = chunk[:-1]
        self._canonical.update(chunk.replace(b"\r\n", b"\n"))


Identity = BytesIdentity | MailIdentity
