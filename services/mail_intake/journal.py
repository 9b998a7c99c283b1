"""Journal reports (MS-XJRNL): who a mail really went to, and the mail itself as an attachment that nobody changed.

Exchange and Microsoft 365 send one for each mail that they deliver, to a mailbox of our choice. The report is a
multipart: lines of text that name sender and recipients, Bcc and the members of lists among them, then the original as
message/rfc822. Decision 0056 says whom we believe and what is kept of a report.
"""

import contextlib
import mmap
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from services.core.model.documents import canonical_headers
from services.core.model.side_files import JournalReport
from services.mail_intake import policy
from services.runtime.streams.seekable import IN_MEMORY
from services.runtime.streams.spooling import PIECE_BYTES, Spool
from services.settings.sections import MailIntake, ScanIntake

MAX_RECIPIENTS = 10_000
"""Named by one report; a list of more members is kept as it came."""
MAX_AROUND_BYTES = 1024 * 1024
"""Of a report around its original; what is kept of it lies in the receipt."""
MAX_PARTS = 20

_FIELD = re.compile(r"(sender|on-behalf-of|subject|message-id|to|cc|bcc|recipient)[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_RECIPIENTS = frozenset({"to", "cc", "bcc", "recipient"})
_VIA = re.compile(r",[ \t]*(?:expanded|forwarded)[ \t]*:[ \t]*", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,256}@[^\s<>,;:\"()\[\]]{1,256}")
_MARK = re.compile(rb"^x-ms-journal-report[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIELD_LINE = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})

Buffer = bytes | mmap.mmap


class Broken(Exception):
    """A report that cannot be taken apart."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One line: an address, and the list or mailbox through which it was reached."""

    address: str
    via: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a report says, its original, and what is kept of the rest."""

    sender: str
    recipients: tuple[Recipient, ...]
    original: Spool
    kept: JournalReport

    def names(self, exclusion: policy.Exclusion) -> bool:
        """Whether it names a mailbox whose mail is not captured."""
        return self.sender in exclusion or any(
            one.address in exclusion or one.via in exclusion for one in self.recipients
        )


def is_believed(source: str, recipients: tuple[str, ...], settings: MailIntake) -> bool:
    """Whether a report of this source is one: it came to our journal boxes alone, from who may speak for the server.

    Anybody can write such lines; only the settings tell whose are true.
    """
    boxes = {box.lower() for box in settings.journal_mailboxes}
    return bool(recipients) and source in settings.journal_sources and all(one.lower() in boxes for one in recipients)


def unwrapped(spool: Spool, new_spool: Callable[[], Spool]) -> Report | None:
    """The report that lies in the spool, with the original in a spool of its own; the caller closes that one.

    None for a mail that is no report at all; Broken for one that says it is, and cannot be taken apart.
    """
    with _buffer(spool) as buffer:
        try:
            return _taken_apart(buffer, spool, new_spool)
        except Broken:
            if _MARK.search(spool.identity.header_block):
                raise
            return None


def named_in(spool: Spool, addresses: frozenset[str]) -> bool:
    """Whether one of these addresses stands anywhere in the mail, as it came."""
    if not addresses:
        return False
    wanted = re.compile(b"|".join(re.escape(one.encode()) for one in sorted(addresses)), re.IGNORECASE)
    with _buffer(spool) as buffer:
        return wanted.search(buffer) is not None


def destinations(report: Report, settings: MailIntake, scans: ScanIntake) -> dict[policy.Destination, list[str]]:
    """Every place that the mail went to, with its recipients; a list leads where its members have no box.

    Where nobody of ours got it, it is what an office of ours sent: the sender's, who knows all recipients. Nothing
    where only excluded boxes had it, or sent it out.
    """
    exclusion = policy.Exclusion(settings)
    found: dict[policy.Destination, list[str]] = {}
    places = policy.Places(settings, scans)
    for one in report.recipients:
        if one.address in exclusion or one.via in exclusion:
            continue
        boxes = [box for box in (one.address, one.via) if box and policy.is_ours(box, settings.domains)]
        if boxes:
            box = next((each for each in boxes if each in places), boxes[0])
            found.setdefault(places.of(box), []).extend(boxes)
    if found:
        return {place: list(dict.fromkeys(boxes)) for place, boxes in found.items()}
    if report.names(exclusion):
        return {}
    return {places.of(report.sender): [one.address for one in report.recipients]}


@contextlib.contextmanager
def _buffer(spool: Spool) -> Iterator[Buffer]:
    content = spool.content
    content.seek(0)
    if spool.size_bytes <= IN_MEMORY:
        yield content.read()
        return
    with mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        yield buffer


def _taken_apart(buffer: Buffer, spool: Spool, new_spool: Callable[[], Spool]) -> Report:
    parts = list(_parts(buffer, _boundary(spool.identity.header_block)))
    if not parts:
        raise Broken
    sender, recipients = _said(buffer[slice(*parts[0])])
    start, end = _original(buffer, parts[1:])
    if start + len(buffer) - end > MAX_AROUND_BYTES:
        raise Broken
    kept = JournalReport(
        sha256=spool.identity.sha256(),
        size_bytes=spool.size_bytes,
        before=bytes(buffer[:start]),
        after=bytes(buffer[end:]),
    )
    original = new_spool()
    try:
        for place in range(start, end, PIECE_BYTES):
            original.add(bytes(buffer[place : min(place + PIECE_BYTES, end)]))
            original.flush()
    except BaseException:
        original.close()
        raise
    return Report(sender=sender, recipients=recipients, original=original, kept=kept)


def _boundary(header_block: bytes) -> bytes:
    """Of the multipart, or Broken."""
    lines = canonical_headers(header_block).split(b"\n")
    named = next((line for line in lines if line.startswith(b"content-type:")), b"")
    head = _head(named[:4096])
    boundary = head.get_boundary()
    if head.get_content_maintype() != "multipart" or not boundary:
        raise Broken
    return boundary.rstrip().encode("ascii", "replace")


def _parts(buffer: Buffer, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends (RFC 2046 §5.1.1); Broken where the last delimiter is missing."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    opened, place = -1, 0
    for _ in range(MAX_PARTS):
        found = delimiter.search(buffer, place)
        if found is None:
            raise Broken
        if opened >= 0:
            yield opened, found.start()
        if found[1]:
            return
        opened = found.end()
        place = opened - 1  # the line end of one delimiter begins the next one, where a part is empty
    raise Broken


def _said(part: bytes) -> tuple[str, tuple[Recipient, ...]]:
    """Sender and recipients of the text; Broken where it names none."""
    if len(part) > MAX_AROUND_BYTES:
        raise Broken
    message = message_from_bytes(part)
    text = message.get_payload(decode=True)
    if message.get_content_maintype() != "text" or not isinstance(text, bytes):
        raise Broken
    found = [(line[1].lower(), line[2].strip()) for line in map(_FIELD.fullmatch, _lines(text)) if line]
    if not found or found[0][0] != "sender":
        raise Broken
    # A subject may hold a line feed that looks like a recipient: only what stands behind the Message-ID counts.
    last = max((number for number, (name, _) in enumerate(found) if name in {"subject", "message-id"}), default=0)
    told = [_recipient(value) for name, value in found[last + 1 :] if name in _RECIPIENTS]
    recipients = tuple(dict.fromkeys(one for one in told if one.address))
    if not recipients or len(recipients) > MAX_RECIPIENTS:
        raise Broken
    return _address(found[0][1]), recipients


def _lines(text: bytes) -> list[str]:
    return [line.strip() for line in text.decode("utf-8", "replace").split("\n")]


def _recipient(value: str) -> Recipient:
    address, *via = _VIA.split(value, maxsplit=1)
    return Recipient(_address(address), _address(via[0]) if via else "")


def _address(value: str) -> str:
    found = _ADDRESS.search(value)
    return policy.readable(found[0]) if found else ""


def _original(buffer: Buffer, parts: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the attached mail lies; Broken where there is not exactly one, or not as it was."""
    attached = [place for place in (_attached(buffer, *part) for part in parts) if place]
    if len(attached) != 1:
        raise Broken
    start, end = attached[0]
    if not _FIELD_LINE.match(buffer, start, end):
        raise Broken
    return start, end


def _attached(buffer: Buffer, start: int, end: int) -> tuple[int, int] | None:
    """The mail in a part that holds one; encoded (RFC 2046 §5.2.1 forbids it) it could not be given back."""
    head_end = _HEAD_END.search(buffer, start, min(end, start + MAX_AROUND_BYTES))
    head = _head(bytes(buffer[start : head_end.start() if head_end else start]))
    if head.get_content_type() != "message/rfc822":
        return None
    if not head_end or str(head.get("content-transfer-encoding", "")).strip().lower() not in _PLAIN:
        raise Broken
    return head_end.end(), end


def _head(block: bytes) -> Message:
    return message_from_bytes(block + b"\r\n\r\n")
