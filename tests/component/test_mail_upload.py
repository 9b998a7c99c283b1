"""`POST /mails`: a mail from a gateway that speaks HTTP."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.component.surroundings import Doors
from tests.component.web import API, converse, send

MAIL = b"Subject: Antrag\nMessage-ID: <1@example.org>\n\nGuten Tag\n"
TYPE = "message/rfc822"


def post(doors: Doors, mail: bytes = MAIL, **headers: str) -> Any:
    """The answer to one mail."""
    return send(doors, "POST", "/mails", content=mail, **({"content_type": TYPE} | headers))


def test_a_mail_is_stored_acknowledged_and_told(doors: Doors) -> None:
    """202 names the receipt and where to ask for it; the key's owner is the source."""
    answer = post(doors, mail_from="<a@example.org>", rcpt_to="bau@stadt.example, <x@stadt.example>")
    [receipt] = doors.receipts()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{API}/receipts/{receipt.receipt}"
    assert answer.json() == {"receipt": receipt.receipt, "document": receipt.document, "duplicate": False}
    assert doors.original(receipt.document) == MAIL
    assert receipt.envelope
    assert receipt.envelope.mail_from == "a@example.org"
    assert receipt.envelope.recipients == ("bau@stadt.example", "x@stadt.example")
    assert (receipt.source, receipt.channel) == ("scanner-1", "mail")
    assert [facts.receipt for facts in doors.log.received] == [receipt.receipt]


def test_the_same_mail_by_another_way_is_the_same_document(doors: Doors) -> None:
    """Trace headers and line ends do not make another document; the second answer says so."""
    first = post(doors).json()
    second = post(doors, b"Received: from x\r\n" + MAIL.replace(b"\n", b"\r\n")).json()
    assert (first["document"], first["duplicate"], second["duplicate"]) == (second["document"], False, True)
    assert first["receipt"] != second["receipt"]
    assert len(doors.log.received) == 2


def test_a_repeated_idempotency_key_gets_the_same_receipt(doors: Doors) -> None:
    """A sender that did not hear the answer may ask again."""
    first, second = post(doors, idempotency_key="k-1").json(), post(doors, idempotency_key="k-1").json()
    assert first["receipt"] == second["receipt"]
    assert len(doors.receipts()) == 1
    assert len({event.id for event in doors.log.events if event.document}) == 1


def test_a_key_reused_for_other_content_is_refused(doors: Doors) -> None:
    """422 key_reused; nothing of the second is kept."""
    post(doors, idempotency_key="k-1")
    answer = post(doors, b"Subject: other\n\nx\n", idempotency_key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert len(doors.receipts()) == 1


@pytest.mark.parametrize(
    ("digest", "status", "code"),
    [
        (f"sha-256=:{base64.b64encode(hashlib.sha256(MAIL).digest()).decode()}:", 202, None),
        (f"md5=:AAAA:, sha-256=:{base64.b64encode(hashlib.sha256(MAIL).digest()).decode()}:", 202, None),
        ("sha-512=:AAAA:", 202, None),
        (f"sha-256=:{base64.b64encode(hashlib.sha256(b'other').digest()).decode()}:", 422, "digest_mismatch"),
        ("sha-256=abc", 400, "bad_request"),
        ("sha-256=:a:", 400, "bad_request"),
        ("rubbish", 400, "bad_request"),
        ("sha-256", 400, "bad_request"),
        ("SHA-256=:AAAA:", 400, "bad_request"),
        ("sha-512=:AAAA:, ", 400, "bad_request"),
        ("sha-512=:AAAA: md5=:AAAA:", 400, "bad_request"),
        ("sha-512=:AAAA:;q=1,md5=:AAAA:", 202, None),
    ],
)
def test_the_digest_is_compared(doors: Doors, digest: str, status: int, code: str | None) -> None:
    """Content-Digest by SHA-256 must fit; other algorithms are left alone, what is no such header is refused."""
    answer = post(doors, content_digest=digest)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert len(doors.receipts()) == (1 if status == 202 else 0)


@pytest.mark.parametrize("media_type", ["", "text/plain", "multipart/form-data; boundary=x", "message/rfc822x"])
def test_only_mails_are_mails(doors: Doors, media_type: str) -> None:
    """Any other content type is 415."""
    assert post(doors, content_type=media_type).status_code == 415


def test_an_empty_mail_is_refused(doors: Doors) -> None:
    """400 empty."""
    answer = post(doors, b"")
    assert (answer.status_code, answer.json()["code"]) == (400, "empty")


def test_a_mail_over_the_limit_is_refused(doors: Doors) -> None:
    """413, whether the size was announced or turns out while it comes in; nothing is kept."""
    announced = post(doors, b"x" * 100_001)
    streamed = send(doors, "POST", "/mails", content=[b"x" * 50_000] * 3, content_type=TYPE)
    assert announced.status_code == streamed.status_code == 413
    assert not doors.receipts()
    assert not doors.left_lying()


def test_strangers_and_readers_deliver_nothing(doors: Doors) -> None:
    """401 without a key, 403 with one that may not deliver."""
    assert post(doors, authorization="Bearer psk_k-1_x").status_code == 401
    assert post(doors, authorization=f"Bearer {doors.reader_token}").status_code == 403


@pytest.mark.parametrize(("switch", "code"), [("away", "unavailable"), ("full", "store_full")])
def test_a_store_that_is_away_or_full_accepts_nothing(doors: Doors, switch: str, code: str) -> None:
    """503 with Retry-After; nothing counts as accepted, and later it is taken."""
    assert doors.token
    setattr(doors.store, switch, True)
    answer = post(doors)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["retry-after"]) > 0
    assert not doors.receipts()
    setattr(doors.store, switch, False)
    assert post(doors).status_code == 202


def test_mail_is_accepted_while_the_log_is_away(doors: Doors) -> None:
    """The receipt is given, the event is left to the sweeper; a log that came back is used after a rest."""
    assert doors.token
    doors.log.away = True
    assert post(doors).status_code == 202
    doors.log.away, doors.log.asked = False, 0
    assert post(doors, MAIL + b"x").status_code == 202
    assert doors.log.asked == 0
    assert len(doors.receipts()) == 2


def test_a_full_budget_is_told(doors: Doors) -> None:
    """503 busy while other mails fill it."""
    with doors.rooms["mail_intake"].under_way.share(249_999, budget=250_000):
        answer = post(doors)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert post(doors).status_code == 202


def test_too_many_recipients_and_too_long_a_key_are_refused(doors: Doors) -> None:
    """Limits hold for headers too."""
    assert post(doors, rcpt_to=",".join(["a@b.example"] * 1001)).json()["code"] == "too_many_recipients"
    assert post(doors, idempotency_key="k" * 256).status_code == 400


def test_a_client_that_breaks_off_leaves_nothing(doors: Doors) -> None:
    """No receipt, no file, no claim on the budget, no fault of ours."""
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"x" * 60_000, "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    status, _ = converse(doors.app, "/mails", receive, authorization=f"Bearer {doors.token}", content_type=TYPE)
    assert status == 400
    assert not doors.receipts()
    assert not doors.left_lying()
    assert doors.rooms["mail_intake"].under_way.size_bytes == 0


def test_a_silent_client_is_not_waited_for(tmp_path: Path) -> None:
    """408 after the silence of the settings."""
    doors = Doors(tmp_path, http={"upload_timeout": 0.1})

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(5)
        return {}

    status, answer = converse(doors.app, "/mails", receive, authorization=f"Bearer {doors.token}", content_type=TYPE)
    assert (status, answer["code"]) == (408, "timed_out")


def test_the_api_page_names_body_answers_and_problems(doors: Doors) -> None:
    """OpenAPI knows what is sent, what comes back, and every refusal."""
    page = send(doors, "GET", "/openapi.json").json()["paths"][f"{API}/mails"]["post"]
    assert TYPE in page["requestBody"]["content"]
    assert {"202", "400", "401", "403", "413", "415", "422", "503"} <= set(page["responses"])


def test_a_mail_to_a_scanner_is_a_scan(tmp_path: Path) -> None:
    """By the address of the envelope: channel, source and office are the scanner's; the mail is kept whole."""
    doors = Doors(
        tmp_path,
        mail_intake={"scanners": {"foyer@stadt.example": "scanner-foyer"}, "offices": {"foyer@stadt.example": "amt"}},
        scan_intake={"offices": {"scanner-foyer": "bauamt"}},
    )
    post(doors, rcpt_to="Foyer@stadt.example")
    post(doors, rcpt_to="bau@stadt.example")
    scan, mail = sorted(doors.receipts(), key=lambda receipt: receipt.channel, reverse=True)
    assert (scan.channel, scan.source, scan.office) == ("scan", "scanner-foyer", "bauamt")
    assert (mail.channel, mail.source, mail.office) == ("mail", "scanner-1", "poststelle")
    assert scan.document == mail.document
    assert doors.original(scan.document) == MAIL
    assert [facts.channel for facts in doors.log.received] == ["scan", "mail"]
