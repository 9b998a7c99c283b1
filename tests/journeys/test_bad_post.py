"""Bad post through the real intakes: typed answers, originals kept, problems told, good post found, logs silent."""

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from services.core.catalogue import PROBLEMS
from tests.journeys.instance import Instance, Json, eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import Stack, embedded
from tests.ports import files

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

MIB = 1024 * 1024
SECRET = "Quastenflosser"
"""Stands in names, subjects, addresses, headers and texts; must stand in no log line."""
HEAD = f"From: {SECRET} <{SECRET}@example.org>\r\nSubject: {SECRET}\r\nMIME-Version: 1.0\r\n".encode()
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=grenze\r\n\r\n"
ATTACHED = b"\r\n--grenze\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=%s\r\n"


def _part(content: bytes, media_type: bytes = b"application/pdf", name: bytes = b"brief.pdf") -> bytes:
    return ATTACHED % (media_type, name) + b"\r\n" + content


def _nested(count: int) -> bytes:
    """So many multiparts, each inside the one before, never closed."""
    opened = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count))
    return HEAD + b"".join(opened) + b"Content-Type: text/plain\r\n\r\nganz innen " + SECRET.encode()


MAILS: dict[str, tuple[bytes, set[str]]] = {
    "attachment of no bytes": (MIXED + _part(b"") + b"\r\n--grenze--\r\n", {"empty"}),
    "parts without an end": (MIXED + b"\r\n--grenze\r\nContent-Transfer-Encoding: base64\r\n\r\n!!! kein ===", set()),
    "boundary that never comes": (MIXED + SECRET.encode() + b"\r\n--anders--\r\n", set()),
    "another charset than it says": (
        HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdfe vom Bolzplatz " + SECRET.encode(),
        set(),
    ),
    "charset that nobody knows": (HEAD + b"Content-Type: text/plain; charset=klingonisch\r\n\r\nqapla", set()),
    "header of a megabyte": (HEAD + b"X-Junk: " + b"j" * MIB + b"\r\n\r\nhinter dem Kopf", set()),
    "two thousand nested parts": (_nested(2000), {"too_deep"}),
    "two thousand parts side by side": (MIXED + _part(b"x", b"text/plain") * 2100, {"too_many_parts"}),
    "names that are paths": (
        MIXED + _part(b"gut", b"text/plain", f'"../../{SECRET}\x1b[31m\x07/etc/passwd"'.encode()),
        set(),
    ),
}
"""Mails, and the codes of which at least one must be told; none where they can be read after all."""

SCANS: dict[str, tuple[bytes, set[str]]] = {
    "encrypted.pdf": (files.pdf(SECRET, password="geheim"), {"encrypted"}),
    "broken.pdf": (files.pdf(*[SECRET] * 9)[:900], {"broken"}),
    "noise.bin": (files.noise(4000), {"unsupported"}),
    "bomb.zip": (files.archive({"bombe.txt": (SECRET.encode() + b" ") * 10_000_000}), {"bomb", "too_large"}),
    "bomb.png": (files.claimed_png(60_000, 60_000), {"bomb"}),
    f"..%2F..%2F{SECRET}%00%1B%5B31m": (b"Ein Text mit boesem Namen", set()),
}


@dataclass
class Context:
    """The mail room, what was accepted in it, and the codes that each must tell."""

    process: Instance
    accepted: dict[str, tuple[str, set[str]]] = field(default_factory=dict)

    def tell(self, name: str) -> Json:
        """What the mail room tells of the document, once it is at rest and in the index."""
        receipt, _ = self.accepted[name]
        told: Json = {}

        def at_rest() -> bool:
            told.update(self.process.get(f"/receipts/{receipt}"))
            return told["state"] == "held" and bool(told["indexed"])

        eventually(lambda: self.process.http.get(f"/receipts/{receipt}").is_success)
        eventually(at_rest, 120)
        return self.process.get(f"/documents/{told['document']}")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A process that takes mails and scans up to eight megabytes."""
    limit = {"max_size": "8MiB"}
    with embedded(tmp_path_factory.mktemp("bad"), {"scan_intake": limit, "mail_intake": limit}) as stack:
        stack.process.start()
        yield stack


@pytest.fixture(scope="module")
def context(stack: Stack) -> Context:
    """Everything bad that is accepted, delivered at once, with good mails in between."""
    context = Context(stack.process)
    for number, (name, (content, codes)) in enumerate((MAILS | SCANS).items()):
        receipt = stack.process.send(content) if name in MAILS else _put(stack.process, name, content)["receipt"]
        context.accepted[name] = receipt, codes
        stack.process.send(a_mail(f"Nachbarbrief nachbar{number:02d}"))
    return context


def _put(process: Instance, name: str, content: bytes) -> Json:
    answer = process.http.put(f"/scans/{name}", content=content)
    assert answer.status_code == 202, answer.text
    told: Json = answer.json()
    return told


@pytest.mark.parametrize("name", [*MAILS, *SCANS])
def test_what_was_accepted_is_kept_and_its_problem_told(context: Context, name: str) -> None:
    """The original is there, byte for byte; the document tells what is wrong with it in words of the catalogue."""
    document = context.tell(name)
    codes = {problem["code"] for problem in document["problems"]}
    expected = context.accepted[name][1]
    original = context.process.http.get(f"/documents/{document['document']}/original")
    sent = (MAILS | SCANS)[name][0]
    # smtplib ends the last line where it has no end.
    assert original.content in {sent, sent + b"\r\n"}
    assert codes & expected or not expected, codes
    assert codes <= set(PROBLEMS)
    shown = [document["title"], *(part["name"] for part in document["parts"])]
    assert not re.search(r"[\x00-\x1f\x7f/\\]", "".join(shown))


def test_the_text_of_what_could_be_read_is_found(context: Context) -> None:
    """Wrong charsets and long headers hide nothing."""
    for name, word in (("another charset than it says", "Bolzplatz"), ("header of a megabyte", '"hinter dem Kopf"')):
        document = context.tell(name)["document"]
        assert [hit["document"] for hit in context.process.search(word)] == [document]


def test_neighbours_are_not_disturbed(context: Context) -> None:
    """Every good mail that was sent in between is found."""
    for number in range(len(MAILS | SCANS)):
        eventually(lambda number=number: len(context.process.search(f"nachbar{number:02d}")) == 1)  # type: ignore[misc]


def test_smtp_refuses_with_typed_answers(context: Context) -> None:
    """Too large: 552 5.3.4, whether it was announced or not; nothing at all: 554 5.6.0."""
    with smtplib.SMTP("127.0.0.1", context.process.smtp_port, timeout=60) as session:
        session.ehlo()
        assert session.mail("a@example.org", [f"SIZE={9 * MIB}"])[0] == 552
        assert session.mail("a@example.org")[0] == session.rcpt("b@example.org")[0] == 250
        assert _answer(session.data(b"x" * 9 * MIB)) == "552 5.3.4"
        assert session.mail("a@example.org")[0] == session.rcpt("b@example.org")[0] == 250
        assert session.docmd("DATA")[0] == 354
        assert _answer(session.docmd(".")) == "554 5.6.0"


def _answer(told: tuple[int, bytes]) -> str:
    return f"{told[0]} {told[1].decode().split()[0]}"


def test_http_refuses_with_typed_answers(context: Context) -> None:
    """Each refusal is a problem (RFC 9457) with its code."""
    http, pdf = context.process.http, {"Content-Type": "application/pdf"}
    mail = {"Content-Type": "message/rfc822"}
    assert _refusal(http.put("/scans/leer.pdf", content=b"")) == (400, "empty")
    assert _refusal(http.put("/scans/gross.pdf", content=b"x" * 9 * MIB)) == (413, "too_large")
    assert _refusal(http.post("/mails", content=b"x" * 9 * MIB, headers=mail)) == (413, "too_large")
    assert _refusal(http.post("/mails", content=HEAD, headers=pdf)) == (415, "wrong_media_type")
    assert _refusal(http.post("/scans", files={"file": b"x"})) == (415, "wrong_media_type")
    assert _refusal(http.get("/receipts/PE-261123-0000-0000-1"))[0] == 404
    malformed = http.get("/search", params={"q": '"offen'})
    assert _refusal(malformed) == (400, "bad_query")
    assert malformed.json()["position"] == 1


def test_an_idempotency_key_stands_for_one_content(context: Context) -> None:
    """The same again has the same receipt; other content under the key is refused."""
    key = {"Idempotency-Key": "schluessel-1", "Content-Type": "message/rfc822"}
    content = a_mail("Zweimal gesendet").as_bytes()
    first, second = (context.process.http.post("/mails", content=content, headers=key).json() for _ in range(2))
    assert first["receipt"] == second["receipt"]
    other = context.process.http.post("/mails", content=a_mail("Anderes").as_bytes(), headers=key)
    assert _refusal(other) == (422, "key_reused")


def test_two_identical_deliveries_are_one_document(context: Context) -> None:
    """With a receipt each."""
    first, second = (_put(context.process, "gleich.txt", b"zweimal das Gleiche") for _ in range(2))
    assert (first["document"], second["duplicate"]) == (second["document"], True)
    assert first["receipt"] != second["receipt"]


def test_the_process_stays_calm(context: Context, stack: Stack) -> None:
    """No dead letter, no stopped service, no stack trace, and not a word of a document in any log line."""
    for name in context.accepted:
        context.tell(name)
    assert stack.dead_letters() == []
    assert context.process.ready()["red"] == {}
    logged = context.process.logged
    for word in (SECRET, "Traceback", "nachbar", "Bolzplatz", "erika@", '"bug"', "round_failed"):
        assert word.lower() not in logged.lower(), word


def _refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]
