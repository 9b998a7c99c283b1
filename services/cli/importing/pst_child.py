"""A process that reads an Outlook archive for its parent, message by message, and may be ended over any of them.

Started by its path, so it is one file that knows nothing of us. libpff is C that reads a stranger's bytes: a message
over which this process dies costs that message, the parent starts another behind it. Each message is written to
standard output as a head (JSON) and the mail, each behind its length.
"""

import hashlib
import json
import re
import resource
import struct
import sys
from collections.abc import Iterator
from datetime import UTC
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, BinaryIO

HEAD = struct.Struct("!IQ")
DEEPEST_FOLDER, DEEPEST_MESSAGE = 64, 8
MAILS = ("IPM.NOTE", "REPORT.", "IPM.SCHEDULE.", "IPM.POST", "IPM.OUTLOOK.RECALL", "IPM.RECALL")
"""Classes of messages that are mail (MS-OXOMSG): all else in an archive is an address, a date, a task, a note."""
CONVERTED = "X-Converted-From: Outlook archive (PST)\r\n"
_CLASS, _MESSAGE_ID, _REFERENCES, _IN_REPLY_TO = 0x001A, 0x1035, 0x1039, 0x1042
_SENDER_ADDRESS, _SENDER_NAME, _SENDER_SMTP = 0x0C1F, 0x0C1A, 0x5D01
_TO, _CC, _CODE_PAGE = 0x0E04, 0x0E03, 0x3FDE
_LONG_NAME, _SHORT_NAME, _METHOD, _MIME, _CONTENT_ID = 0x3707, 0x3704, 0x3705, 0x370E, 0x3712
_EMBEDDED = 5
_CHARSETS = {20127: "us-ascii", 28591: "iso-8859-1", 28592: "iso-8859-2", 28605: "iso-8859-15", 65001: "utf-8"}
_WINDOWS = range(1250, 1259)
_OURS = re.compile(r"(?i)(content-[a-z-]+|mime-version|x-converted-from)\s*:")
"""Headers that say how the body is packed: it is packed anew here."""
_HEADER = re.compile(r"[!-9;-~]+[ \t]*:")
_MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_PIECE = 1024 * 1024


class TooLarge(Exception):
    """The message has more bytes than one mail may have."""


class Properties:
    """What an item says of itself, by the numbers of MS-OXPROPS; what cannot be read is not there."""

    def __init__(self, item: Any) -> None:
        self._entries: dict[int, Any] = {}
        for record_set in _each(item, "number_of_record_sets", "get_record_set"):
            for entry in record_set.entries:
                self._entries.setdefault(entry.entry_type, entry)

    def text(self, number: int) -> str:
        """A word of it; empty where there is none."""
        try:
            return str(self._entries[number].get_data_as_string() or "").strip("\0") if number in self._entries else ""
        except (OSError, ValueError):
            return ""

    def number(self, number: int) -> int:
        """A number of it; 0 where there is none."""
        try:
            return int(self._entries[number].get_data_as_integer()) if number in self._entries else 0
        except (OSError, ValueError):
            return 0


def mail_of(message: Any, *, largest: int, depth: int = 0) -> bytes:
    """The message as it travelled: its headers as they are, its bodies and attachments packed anew, always alike.

    OSError where libpff cannot read it; `TooLarge`.
    """
    said = Properties(message)
    packed = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    _bodies(message, said, packed)
    room = largest
    for attachment in _each(message, "number_of_attachments", "get_attachment"):
        room -= _attach(packed, attachment, room, depth)
    head = _head(message, said)
    mark = hashlib.sha256(f"{head}{getattr(message, 'identifier', 0)}".encode("utf-8", "surrogatepass")).hexdigest()
    for number, part in enumerate(part for part in packed.walk() if part.is_multipart()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{mark[:24]}_{depth}_{number}")
    return head.encode("utf-8", "replace") + packed.as_bytes()


def _head(message: Any, said: Properties) -> str:
    """The headers it travelled with; of what was never sent those that its properties make."""
    kept: list[str] = []
    keeps = False
    for line in (message.transport_headers or "").replace("\r\n", "\n").split("\n"):
        if line[:1] in {" ", "\t"}:
            kept += [line] if keeps and line.strip() else []
            continue
        keeps = bool(_HEADER.match(line)) and not _OURS.match(line)
        kept += [line] if keeps else []
    lines = kept or list(_made(message, said))
    return "".join(f"{line}\r\n" for line in lines) + CONVERTED


def _made(message: Any, said: Properties) -> Iterator[str]:
    made = EmailMessage(policy=policy.SMTP)
    address = said.text(_SENDER_SMTP) or said.text(_SENDER_ADDRESS)
    name = _line(said.text(_SENDER_NAME) or message.sender_name or "")
    local, at, domain = _line(address).rpartition("@")
    try:
        made["From"] = Address(name, local, domain) if at else Address(name or _line(address) or "?", "unknown")
    except (ValueError, IndexError):
        made["From"] = Address(name or "?", "unknown")
    made["Subject"] = _line(message.subject or "")
    if message.client_submit_time:
        made["Date"] = format_datetime(message.client_submit_time.replace(tzinfo=UTC))  # libpff tells UTC
    for header, number in (("Message-ID", _MESSAGE_ID), ("In-Reply-To", _IN_REPLY_TO), ("References", _REFERENCES)):
        if value := _line(said.text(number)):
            yield f"{header}: {value}"
    for header, number in (("To", _TO), ("Cc", _CC)):  # names as they were shown, by semicolons: no addresses
        if value := _line(said.text(number)):
            made[f"X-Outlook-Display-{header}"] = value
    yield from made.as_string().rstrip("\r\n").split("\r\n")


def _bodies(message: Any, said: Properties, packed: EmailMessage) -> None:
    """Text and page as alternatives; what was written as RTF is attached as it is, beside its plain text."""
    page = said.number(_CODE_PAGE)
    charset = _CHARSETS.get(page) or (f"windows-{page}" if page in _WINDOWS else "")
    plain, html = message.plain_text_body, message.html_body
    if plain is not None or html is None:
        packed.set_content(_decoded(plain or b"", charset))
    if html is not None:
        _page(packed, html, charset)
    rtf = message.rtf_body if html is None else None
    if rtf and (plain is None or b"\\fromtext" not in rtf[:_PIECE]):
        packed.add_attachment(rtf, maintype="application", subtype="rtf", filename="nachricht.rtf")


def _page(packed: EmailMessage, html: bytes, charset: str) -> None:
    """Its bytes stay: it may say itself in which letters it is written."""
    add = packed.add_alternative if packed.get("Content-Type") else packed.set_content
    add(html, maintype="text", subtype="html", cte="base64")
    part = packed.get_payload()[-1] if packed.is_multipart() else packed  # type: ignore[index]
    if charset and isinstance(part, EmailMessage):
        part.set_param("charset", charset)
    if isinstance(part, EmailMessage):
        del part["Content-Disposition"]


def _attach(packed: EmailMessage, attachment: Any, room: int, depth: int) -> int:
    """Attach it, and say how many bytes that took."""
    said = Properties(attachment)
    name = _line(said.text(_LONG_NAME) or said.text(_SHORT_NAME) or attachment.long_filename or "")
    if said.number(_METHOD) == _EMBEDDED and attachment.number_of_sub_items and depth < DEEPEST_MESSAGE:
        content = mail_of(attachment.get_sub_item(0), largest=room, depth=depth + 1)
        if packed.get_content_type() != "multipart/mixed":
            packed.make_mixed()
        inner = EmailMessage(policy=packed.policy)
        inner["Content-Type"] = "message/rfc822"
        inner.add_header("Content-Disposition", "attachment", filename=f"{name or 'nachricht'}.eml")
        inner.set_payload([message_from_bytes(content, policy=packed.policy)])
        packed.attach(inner)
        return len(content)
    if attachment.get_size() > room:
        raise TooLarge
    content = _content(attachment)
    kind = said.text(_MIME).lower()
    kind = kind if _MIME_TYPE.fullmatch(kind) and not kind.startswith(("multipart/", "message/")) else ""
    main, _, sub = (kind or "application/octet-stream").partition("/")
    packed.add_attachment(content, maintype=main, subtype=sub, filename=name or "anlage", cte="base64")
    if cid := _line(said.text(_CONTENT_ID)).strip("<>"):
        packed.get_payload()[-1]["Content-ID"] = f"<{cid}>"  # type: ignore[index]
    return len(content)


def _content(attachment: Any) -> bytes:
    found = bytearray()
    attachment.seek_offset(0)
    while piece := attachment.read_buffer(min(_PIECE, attachment.get_size() - len(found))):
        found += piece
        if len(found) >= attachment.get_size():
            break
    return bytes(found)


def _decoded(text: bytes, charset: str) -> str:
    for known in ("utf-8", charset or "windows-1252"):
        try:
            return text.decode(known)
        except (UnicodeDecodeError, LookupError):
            continue
    return text.decode("latin-1")


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _each(item: Any, count: str, get: str) -> Iterator[Any]:
    for number in range(getattr(item, count)):
        yield getattr(item, get)(number)


def heads(folder: Any, largest: int, path: str = "", depth: int = 0) -> Iterator[tuple[str, str, Any]]:
    """Folder, problem and message of everything below a folder, in the order of the archive.

    A folder that cannot be read is one thing that is refused, and the next one's turn.
    """
    try:
        count = folder.number_of_sub_messages
    except OSError:
        yield path, "broken", None
        count = 0
    for number in range(count):
        try:
            yield path, "", folder.get_sub_message(number)
        except OSError:
            yield path, "broken", None
    try:
        count = folder.number_of_sub_folders
    except OSError:
        yield path, "broken", None
        return
    if count and depth >= DEEPEST_FOLDER:
        yield path, "too_deep", None
        return
    for number in range(count):
        try:
            below = folder.get_sub_folder(number)
            name = _line(below.name or "").replace("/", "-")
        except OSError:
            yield path, "broken", None
            continue
        yield from heads(below, largest, f"{path}/{name}" if path else name, depth + 1)


def told(message: Any, largest: int) -> tuple[str, bytes]:
    """The problem of a message, or the mail it is."""
    try:
        kind = Properties(message).text(_CLASS).upper()
        if kind and not kind.startswith(MAILS):
            return "no_mail", b""
        content = mail_of(message, largest=largest)
    except TooLarge:
        return "too_large", b""
    except (OSError, ValueError, LookupError, MemoryError, RecursionError):
        return "broken", b""
    return ("too_large", b"") if len(content) > 2 * largest else ("", content)


def send(out: BinaryIO, head: dict[str, object], content: bytes) -> None:
    """One thing of the archive."""
    packed = json.dumps(head).encode()
    out.write(HEAD.pack(len(packed), len(content)) + packed)
    out.write(content)
    out.flush()


def everything(archive: Any, largest: int) -> Iterator[tuple[str, str, Any]]:
    """All folders from the root, then messages that belong to none: of those a folder was lost."""
    yield from heads(archive.root_folder, largest)
    for number in range(archive.number_of_orphan_items):
        try:
            item = archive.get_orphan_item(number)
        except OSError:
            yield "", "broken", None
            continue
        if hasattr(item, "transport_headers"):
            yield "", "", item


def main() -> None:
    """`FILE FIRST LARGEST MEMORY`: everything from the FIRST thing on."""
    import pypff  # noqa: PLC0415  # only this process may meet its bytes

    file, first, largest, memory = sys.argv[1], *map(int, sys.argv[2:5])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    archive = pypff.file()
    try:
        archive.open(file)
        found = everything(archive, largest)
    except OSError:
        send(out, {"end": True, "problem": "broken"}, b"")
        return
    for number, (folder, problem, message) in enumerate(found):
        if number >= first:
            send(out, {"number": number, "begins": True, "folder": folder}, b"")
            reason, content = (problem, b"") if problem else told(message, largest)
            send(out, {"number": number, "folder": folder, "problem": reason}, content)
    send(out, {"end": True, "problem": ""}, b"")


if __name__ == "__main__":
    main()
