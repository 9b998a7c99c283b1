"""An Outlook archive becomes mails: headers as they travelled, bodies, attachments, folders; what is broken is told."""

import email
import io
import random
import sys
import zipfile
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.cli.importing import pst, pst_child
from services.cli.importing.pst import Found, found_in
from services.cli.importing.sources import items
from tests.outlook import written
from tests.outlook.written import Folder, Message, archive

MIB = 1024 * 1024
HEADERS = (
    "Received: from a.test by b.test; Mon, 2 Mar 2026 08:00:00 +0100\r\n"
    "From: =?utf-8?q?J=C3=B6rg?= <joerg@beispiel.test>\r\nTo: post@musterstadt.test\r\n"
    "Subject: Antrag {n}\r\nMessage-ID: <{n}@beispiel.test>\r\nReferences: <0@beispiel.test>\r\n <1@beispiel.test>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=alt\r\n"
)


def sent(n: int, **more: Any) -> Message:
    """The n-th mail that travelled, with an attachment."""
    properties = {
        written.SUBJECT: f"Antrag {n}", written.CLASS: "IPM.Note", written.HEADERS: HEADERS.format(n=n),
        written.PLAIN: f"Guten Tag, Nr. {n}: schöne Grüße", **more.pop("properties", {}),
    }  # fmt: skip
    plan = {written.DATA: b"Plan %d\x00\xff" % n, written.FILE_NAME: "Größe.bin", written.METHOD: 1}
    return Message(properties, more.pop("attachments", [plan]))


def read(tmp_path: Path, content: bytes, **how: Any) -> list[Found]:
    """Everything in an archive of these bytes."""
    file = tmp_path / "archiv.pst"
    file.write_bytes(content)
    return list(found_in(file, largest=how.pop("largest", MIB), **how))


def mail(found: Found) -> EmailMessage:
    """The mail that was found."""
    parsed = email.message_from_bytes(found.content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def attached(found: Found) -> list[tuple[str | None, bytes]]:
    """Names and bytes of its attachments."""
    return [(one.get_filename(), one.get_payload(decode=True)) for one in mail(found).iter_attachments()]  # type: ignore[misc]


def test_a_mail_is_as_it_travelled(tmp_path: Path) -> None:
    """Its headers to the letter, but for those that packed the body; text and attachment as they were."""
    (found,) = read(tmp_path, archive(Folder("Posteingang", [sent(7)])))
    kept = HEADERS.format(n=7).partition("MIME-Version")[0]
    assert found.content.startswith(kept.encode())
    one = mail(found)
    assert one["X-Converted-From"] == "Outlook archive (PST)"
    body = one.get_body(("plain",))
    assert body
    assert body.get_content().strip() == "Guten Tag, Nr. 7: schöne Grüße"
    assert attached(found) == [("Größe.bin", b"Plan 7\x00\xff")]


def test_folders_are_kept_and_the_order_holds(tmp_path: Path) -> None:
    """Below each other, always alike to the byte: what was taken is known the next time."""
    content = archive(
        Folder("Bau", [sent(n) for n in range(20)], [Folder("2024/25", [sent(20)])]), Folder("Kasse", [sent(21)])
    )
    first, again = read(tmp_path, content), read(tmp_path, content)
    assert first == again
    assert [one.folder for one in first[18:]] == ["Bau", "Bau", "Bau/2024-25", "Kasse"]
    assert [mail(one)["Message-ID"] for one in first] == [f"<{n}@beispiel.test>" for n in range(22)]


def test_what_was_never_sent_has_the_headers_that_its_properties_make(tmp_path: Path) -> None:
    """Sender, subject, time, Message-ID; no word of a property breaks out of its header."""
    draft = Message(
        {
            written.CLASS: "IPM.Note", written.SUBJECT: "Entwurf\r\nBcc: a@b.test", written.SENDER: "Berg, Anna",
            written.ADDRESS: "berg@musterstadt.test", written.MESSAGE_ID: "<e@musterstadt.test>",
            written.TO: "Jörg; Erika",
            written.SUBMITTED: datetime(2026, 3, 2, 8, tzinfo=UTC), written.PLAIN: "Text",
        }
    )  # fmt: skip
    one = mail(read(tmp_path, archive(Folder("Entwürfe", [draft])))[0])
    assert one["From"].addresses[0].addr_spec == "berg@musterstadt.test"
    assert (one["Subject"], one["Bcc"]) == ("Entwurf Bcc: a@b.test", None)
    assert (one["Message-ID"], one["X-Outlook-Display-To"]) == ("<e@musterstadt.test>", "Jörg; Erika")
    assert one["Date"].datetime == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_page_and_rtf_keep_their_bytes(tmp_path: Path) -> None:
    """A page stands beside the text in its own letters; what was written as RTF is attached."""
    page = "<p>Größe</p>".encode("cp1252")
    both = sent(1, properties={written.HTML: page, written.PAGE: 1252}, attachments=[])
    rich = Message({written.CLASS: "IPM.Note", written.HEADERS: HEADERS.format(n=2), written.PLAIN: "nur Text"})
    first, second = read(tmp_path, archive(Folder("A", [both, rich])))
    shown = mail(first).get_body(("html",))
    assert shown
    assert (shown.get_payload(decode=True), shown.get_content_charset()) == (page, "windows-1252")
    assert "Größe" in shown.get_content()
    assert attached(second) == []


def test_a_broken_message_costs_itself(tmp_path: Path) -> None:
    """All others are taken, it is refused, and counted where it stood."""
    found = read(tmp_path, archive(Folder("Bau", [sent(n) for n in range(6)]), broken=[2]))
    assert [one.problem for one in found] == ["", "", "broken", "", "", ""]
    assert [mail(one)["Subject"] for one in found if not one.problem] == [f"Antrag {n}" for n in (0, 1, 3, 4, 5)]


def test_what_is_no_mail_is_refused_by_its_class(tmp_path: Path) -> None:
    """An address is none; a delivery report and an invitation are."""
    kinds = ("IPM.Contact", "REPORT.IPM.Note.NDR", "IPM.Schedule.Meeting.Request", "IPM.Appointment", "IPM.Note.SMIME")
    found = read(tmp_path, archive(Folder("A", [sent(1, properties={written.CLASS: kind}) for kind in kinds])))
    assert [one.problem for one in found] == ["no_mail", "", "", "no_mail", ""]


def test_what_is_too_large_is_not_packed(tmp_path: Path) -> None:
    """By its attachments, before they are read."""
    found = read(tmp_path, archive(Folder("A", [sent(1), sent(2, attachments=[])])), largest=5)
    assert found[0].problem == "too_large"


@pytest.mark.parametrize("kept", [0, 4, 300, 600, 17_000, 20_000])
def test_a_cut_archive_is_refused(tmp_path: Path, kept: int) -> None:
    """Wherever it ends: with a reason, or with the mails that are whole."""
    found = read(tmp_path, archive(Folder("A", [sent(1)]))[:kept] or b"!")
    assert found
    assert {one.problem for one in found} <= {"broken", ""}


def test_damaged_archives_end_in_reasons(tmp_path: Path) -> None:
    """Bytes changed anywhere cost some mails, never the import."""
    whole, chance = archive(Folder("A", [sent(n) for n in range(4)], [Folder("B", [sent(9)])])), random.Random(14)
    for _ in range(12):
        content = bytearray(whole)
        for place in chance.sample(range(0x4400, len(content)), 40):
            content[place] = chance.randrange(256)
        found = read(tmp_path, bytes(content), seconds=20.0)
        assert all(one.problem in {"broken", "no_mail", "too_large", ""} for one in found)


_DYING = """
import json, struct, sys, time, os
def send(head, content=b""):
    packed = json.dumps(head).encode()
    sys.stdout.buffer.write(struct.pack("!IQ", len(packed), len(content)) + packed + content)
    sys.stdout.buffer.flush()
for number in range(int(sys.argv[2]), 5):
    send({"number": number, "begins": True, "folder": "A"})
    if number == 1:
        os.abort()
    if number == 3:
        time.sleep(600)
    send({"number": number, "folder": "A", "problem": ""}, b"mail %d" % number)
send({"end": True, "problem": ""})
"""


def test_a_reader_that_dies_or_hangs_costs_one_message(tmp_path: Path) -> None:
    """The next one begins behind it, and each message has one outcome."""
    program = tmp_path / "reader.py"
    program.write_text(_DYING)
    found = read(tmp_path, b"!BDN", program=(sys.executable, "-I", str(program)), seconds=8.0)
    told = [(one.number, one.problem, one.content) for one in found]
    assert told == [(0, "", b"mail 0"), (1, "broken", b""), (2, "", b"mail 2"), (3, "broken", b""), (4, "", b"mail 4")]


def test_an_archive_that_always_kills_its_reader_ends(tmp_path: Path) -> None:
    """It is refused as a whole, not tried for ever."""
    found = read(tmp_path, b"!BDN", program=(sys.executable, "-I", "-c", "import os; os.abort()"))
    assert [one.problem for one in found] == ["broken"]


def test_a_source_may_hold_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder by what it is, not by its name, and in a zip; without libpff it is refused with the remedy."""
    content = archive(Folder("Bau", [sent(1), sent(2)]))
    (tmp_path / "alt.dat").write_bytes(content)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("innen/alt.pst", content)
    (tmp_path / "b.zip").write_bytes(packed.getvalue())
    assert [(item.place, item.folder, item.problem) for item in items(tmp_path)] == [
        ("alt.dat#1", "alt.dat/Bau", ""), ("alt.dat#2", "alt.dat/Bau", ""),
        ("b.zip/innen/alt.pst#1", "b.zip/innen/alt/Bau", ""), ("b.zip/innen/alt.pst#2", "b.zip/innen/alt/Bau", ""),
    ]  # fmt: skip
    monkeypatch.setattr(pst, "can_be_read", lambda: False)
    assert {item.problem for item in items(tmp_path)} == {"pst_reader_missing"}


class _Item:
    """What libpff gives, as far as it is asked: our writer makes no message inside of another."""

    identifier = 5
    number_of_record_sets = 1
    html_body = rtf_body = sender_name = client_submit_time = None
    plain_text_body = b"innen"
    long_filename = "weiter"

    def __init__(self, *attachments: "_Item", embedded: "_Item | None" = None) -> None:
        self._attachments, self._embedded = attachments, embedded
        self.number_of_attachments, self.number_of_sub_items = len(attachments), int(embedded is not None)
        self.transport_headers = HEADERS.format(n=3)

    def get_record_set(self, _: int) -> Any:
        method = type("Entry", (), {"entry_type": 0x3705, "get_data_as_integer": lambda _: 5 if self._embedded else 1})
        return type("Set", (), {"entries": [method()]})

    def get_attachment(self, number: int) -> "_Item":
        return self._attachments[number]

    def get_sub_item(self, _: int) -> "_Item | None":
        return self._embedded

    def get_size(self) -> int:
        return 4

    def seek_offset(self, _: int) -> None:
        pass

    def read_buffer(self, size: int) -> bytes:
        return b"tief"[:size]


def test_a_mail_in_a_mail_is_one(tmp_path: Path) -> None:
    """As an attached mail with its own headers; what is nested without end ends somewhere."""
    packed = pst_child.mail_of(_Item(_Item(embedded=_Item())), largest=MIB)
    one = email.message_from_bytes(packed, policy=policy.default)
    (inner,) = [part for part in one.walk() if part.get_content_type() == "message/rfc822"]
    carried: Any = inner.get_payload(0)
    assert carried["Message-ID"] == "<3@beispiel.test>"
    deep = _Item()
    for _ in range(50):
        deep = _Item(_Item(embedded=deep))
    parts = [p.get_content_type() for p in email.message_from_bytes(pst_child.mail_of(deep, largest=MIB)).walk()]
    assert parts.count("message/rfc822") == pst_child.DEEPEST_MESSAGE
