"""`POST /mails`: a mail from a gateway that speaks HTTP."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.component.surroundings import Intakes
from tests.component.web import API, converse, send

MAIL = b"Subject: Antrag\nMessage-ID: <1@example.org>\n\nGuten Tag\n"
TYPE = "message/rfc822"


def post(intakes: Intakes, mail: bytes = MAIL, **headers: str) -> Any:
    """The answer to one mail."""
    return send(intakes, "POST", "/mails", content=mail, **({"content_type": TYPE} | headers))


def test_a_mail_is_stored_acknowledged_and_told(intakes: Intakes) -> None:
    """202 names the receipt and where to ask for it; the key's owner is the source."""
    answer = post(intakes, mail_from="<a@example.org>", rcpt_to="bau@stadt.example, <x@stadt.example>")
    [receipt] = intakes.receipts()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{API}/receipts/{receipt.receipt}"
    assert answer.json() == {
        "receipt": receipt.receipt,
        "document": receipt.document,
        "duplicate": False,
        "receipts": [receipt.receipt],
    }
    assert intakes.original(receipt.document) == MAIL
    assert receipt.envelope
    assert receipt.envelope.mail_from == "a@example.org"
    assert receipt.envelope.recipients == ("bau@stadt.example", "x@stadt.example")
    assert (receipt.source, receipt.channel) == ("scanner-1", "mail")
    assert [facts.receipt for facts in intakes.log.received] == [receipt.receipt]


def test_the_same_mail_by_another_way_is_the_same_document(intakes: Intakes) -> None:
    """Trace headers and line ends do not make another document; the second answer says so."""
    first = post(intakes).json()
    second = post(intakes, b"Received: from x\r\n" + MAIL.replace(b"\n", b"\r\n")).json()
    assert (first["document"], first["duplicate"], second["duplicate"]) == (second["document"], False, True)
    assert first["receipt"] != second["receipt"]
    assert len(intakes.log.received) == 2


def test_a_repeated_idempotency_key_gets_the_same_receipt(intakes: Intakes) -> None:
    """A sender that did not hear the answer may ask again."""
    first, second = post(intakes, idempotency_key="k-1").json(), post(intakes, idempotency_key="k-1").json()
    assert first["receipt"] == second["receipt"]
    assert len(intakes.receipts()) == 1
    assert len({event.id for event in intakes.log.events if event.document}) == 1


def test_a_key_reused_for_other_content_is_refused(intakes: Intakes) -> None:
    """422 key_reused; nothing of the second is kept."""
    post(intakes, idempotency_key="k-1")
    answer = post(intakes, b"Subject: other\n\nx\n", idempotency_key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert len(intakes.receipts()) == 1


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
def test_the_digest_is_compared(intakes: Intakes, digest: str, status: int, code: str | None) -> None:
    """Content-Digest by SHA-256 must fit; other algorithms are left alone, what is no such header is refused."""
    answer = post(intakes, content_digest=digest)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert len(intakes.receipts()) == (1 if status == 202 else 0)


@pytest.mark.parametrize("media_type", ["", "text/plain", "multipart/form-data; boundary=x", "message/rfc822x"])
def test_only_mails_are_mails(intakes: Intakes, media_type: str) -> None:
    """Any other content type is 415."""
    assert post(intakes, content_type=media_type).status_code == 415


def test_an_empty_mail_is_refused(intakes: Intakes) -> None:
    """400 empty."""
    answer = post(intakes, b"")
    assert (answer.status_code, answer.json()["code"]) == (400, "empty")


def test_a_mail_over_the_limit_is_refused(intakes: Intakes) -> None:
    """413, whether the size was announced or turns out while it comes in; nothing is kept."""
    announced = post(intakes, b"x" * 100_001)
    streamed = send(intakes, "POST", "/mails", content=[b"x" * 50_000] * 3, content_type=TYPE)
    assert announced.status_code == streamed.status_code == 413
    assert not intakes.receipts()
    assert not intakes.left_lying()


def test_strangers_and_readers_deliver_nothing(intakes: Intakes) -> None:
    """401 without a key, 403 with one that may not deliver."""
    assert post(intakes, authorization="Bearer psk_k-1_x").status_code == 401
    assert post(intakes, authorization=f"Bearer {intakes.reader_token}").status_code == 403


@pytest.mark.parametrize(("switch", "code"), [("away", "unavailable"), ("full", "store_full")])
def test_a_store_that_is_away_or_full_accepts_nothing(intakes: Intakes, switch: str, code: str) -> None:
    """503 with Retry-After; nothing counts as accepted, and later it is taken."""
    assert intakes.token
    setattr(intakes.store, switch, True)
    answer = post(intakes)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["retry-after"]) > 0
    assert not intakes.receipts()
    setattr(intakes.store, switch, False)
    assert post(intakes).status_code == 202


def test_mail_is_accepted_while_the_log_is_away(intakes: Intakes) -> None:
    """The receipt is given, the event is left to the sweeper; a log that came back is used after a rest."""
    assert intakes.token
    intakes.log.away = True
    assert post(intakes).status_code == 202
    intakes.log.away, intakes.log.asked = False, 0
    assert post(intakes, MAIL + b"x").status_code == 202
    assert intakes.log.asked == 0
    assert len(intakes.receipts()) == 2


def test_a_full_budget_is_told(intakes: Intakes) -> None:
    """503 busy while other mails fill it."""
    with intakes.contexts["mail_intake"].under_way.share(249_999, budget=250_000):
        answer = post(intakes)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert post(intakes).status_code == 202


def test_too_many_recipients_and_too_long_a_key_are_refused(intakes: Intakes) -> None:
    """Limits hold for headers too."""
    assert post(intakes, rcpt_to=",".join(["a@b.example"] * 1001)).json()["code"] == "too_many_recipients"
    assert post(intakes, idempotency_key="k" * 256).status_code == 400


def test_a_client_that_breaks_off_leaves_nothing(intakes: Intakes) -> None:
    """No receipt, no file, no claim on the budget, no fault of ours."""
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"x" * 60_000, "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    status, _ = converse(intakes.app, "/mails", receive, authorization=f"Bearer {intakes.token}", content_type=TYPE)
    assert status == 400
    assert not intakes.receipts()
    assert not intakes.left_lying()
    assert intakes.contexts["mail_intake"].under_way.size_bytes == 0


def test_a_silent_client_is_not_waited_for(tmp_path: Path) -> None:
    """408 after the silence of the settings."""
    intakes = Intakes(tmp_path, http={"upload_timeout": 0.1})

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    status, answer = converse(
        intakes.app, "/mails", receive, authorization=f"Bearer {intakes.token}", content_type=TYPE
    )
    assert (status, answer["code"]) == (408, "timed_out")


def test_the_api_page_names_body_answers_and_problems(intakes: Intakes) -> None:
    """OpenAPI knows what is sent, what comes back, and every refusal."""
    page = send(intakes, "GET", "/openapi.json").json()["paths"][f"{API}/mails"]["post"]
    assert TYPE in page["requestBody"]["content"]
    assert {"202", "400", "401", "403", "413", "415", "422", "503"} <= set(page["responses"])


def test_a_mail_to_a_scanner_is_a_scan(tmp_path: Path) -> None:
    """By the address of the envelope: channel, source and office are the scanner's; the mail is kept whole."""
    intakes = Intakes(
        tmp_path,
        mail_intake={"scanners": {"foyer@stadt.example": "scanner-foyer"}, "offices": {"foyer@stadt.example": "amt"}},
        scan_intake={"offices": {"scanner-foyer": "bauamt"}},
    )
    post(intakes, rcpt_to="Foyer@stadt.example")
    post(intakes, rcpt_to="bau@stadt.example")
    scan, mail = sorted(intakes.receipts(), key=lambda receipt: receipt.channel, reverse=True)
    assert (scan.channel, scan.source, scan.office) == ("scan", "scanner-foyer", "bauamt")
    assert (mail.channel, mail.source, mail.office) == ("mail", "scanner-1", "poststelle")
    assert scan.document == mail.document
    assert intakes.original(scan.document) == MAIL
    assert [facts.channel for facts in intakes.log.received] == ["scan", "mail"]
