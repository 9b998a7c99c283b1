"""Mails as they come: what is body, what hangs on it, and what broken ones still give."""

import time

import pytest

from services.extraction.mail.tree import Mail, MailLimits, open_mail

LIMITS = MailLimits(depth=20, parts=2000)


def opened(content: bytes, limits: MailLimits = LIMITS) -> Mail:
    """The mail, opened."""
    return open_mail(content, 0, len(content), limits=limits)


def multipart(kind: str, *parts: bytes, boundary: bytes = b"xx", end: bytes = b"--xx--\r\n") -> bytes:
    """A multipart mail, written by hand."""
    head = (
        b"Subject: Test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/" + kind.encode() + b'; boundary="xx"\r\n\r\n'
    )
    return head + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + end


TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nreiner Text"
HTML = b"Content-Type: text/html\r\n\r\n<p>reicher <b>T</b>ext</p>"
PDF = b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg=='


def test_plain_text_is_preferred() -> None:
    """Of two alternatives with the same words the plain one is the body."""
    assert opened(multipart("alternative", TEXT, HTML.replace(b"reicher", b"reiner"))).text == "reiner Text"


def test_html_stands_in_for_an_empty_alternative() -> None:
    """When the plain alternative is empty or a mere notice, the text of the HTML is the body."""
    notice = b"Content-Type: text/plain\r\n\r\nBitte HTML einschalten"
    html = b"Content-Type: text/html\r\n\r\n" + b"<p>Der eigentliche Brief</p>" * 10
    assert opened(multipart("alternative", b"Content-Type: text/plain\r\n\r\n", HTML)).text == "reicher Text"
    assert opened(multipart("alternative", notice, html)).text.startswith("Der eigentliche Brief")


def test_attachments_in_any_branch_are_kept() -> None:
    """Apple hangs files into the HTML branch of an alternative; they are attachments all the same."""
    inner = (
        multipart("mixed", HTML.replace(b"reicher", b"reiner"), PDF)
        .replace(b"xx", b"yy")
        .replace(b"Subject: Test\r\nMIME-Version: 1.0\r\n", b"")
    )
    mail = opened(multipart("alternative", TEXT, inner))
    assert mail.text == "reiner Text"
    assert [(leaf.role, leaf.entity.name) for leaf in mail.leaves] == [("attachment", "a.pdf")]
    assert mail.leaves[0].entity.content() == b"%PDF"


def test_several_texts_are_joined() -> None:
    """A footer that a gateway put below the letter is part of the body."""
    assert opened(multipart("mixed", TEXT, PDF, TEXT)).text == "reiner Text\n\nreiner Text"


def test_a_text_with_a_file_name_is_an_attachment() -> None:
    """What has a file name was attached, also when it is text."""
    mail = opened(multipart("mixed", TEXT, b"Content-Type: text/plain; name=notiz.txt\r\n\r\nNotiz"))
    assert mail.text == "reiner Text"
    assert [leaf.entity.name for leaf in mail.leaves] == ["notiz.txt"]


@pytest.mark.parametrize("kind", ["message/rfc822", "application/octet-stream; name=brief.eml"])
def test_an_attached_mail_is_a_message(kind: str) -> None:
    """Attached mails are recognised by their type, and by their name where the type says nothing."""
    mail = opened(multipart("mixed", b"Content-Type: " + kind.encode() + b"\r\n\r\nSubject: Innen\r\n\r\nText"))
    assert [leaf.role for leaf in mail.leaves] == ["message"]


def test_a_digest_holds_mails() -> None:
    """Parts of a digest without a type are mails (RFC 2046 §5.1.5)."""
    assert [leaf.role for leaf in opened(multipart("digest", b"\r\nSubject: a\r\n\r\nb")).leaves] == ["message"]


def test_a_missing_end_loses_nothing() -> None:
    """A mail cut off before its last boundary keeps its last part."""
    mail = opened(multipart("mixed", TEXT, PDF, end=b""))
    assert [leaf.entity.content() for leaf in mail.leaves] == [b"%PDF"]


def test_a_wrong_boundary_is_guessed() -> None:
    """When the boundary named does not occur, the first line that looks like one is taken."""
    mail = opened(multipart("mixed", TEXT, PDF, boundary=b"other", end=b"--other--\r\n"))
    assert mail.text == "reiner Text"
    assert len(mail.leaves) == 1


def test_a_multipart_without_boundaries_is_text() -> None:
    """What stands there was meant to be read."""
    assert opened(b"Content-Type: multipart/mixed\r\n\r\nEinfach Text").text == "Einfach Text"


def test_a_similar_boundary_is_another_one() -> None:
    """A boundary that begins like ours does not end our part."""
    inner = b'Content-Type: multipart/mixed; boundary="xxx"\r\n\r\n--xxx\r\n' + TEXT + b"\r\n--xxx--"
    assert opened(multipart("mixed", inner, PDF)).text == "reiner Text"


def test_line_feeds_alone_will_do() -> None:
    """Mails stored by Unix programs end lines with a line feed."""
    assert opened(multipart("mixed", TEXT, PDF).replace(b"\r\n", b"\n")).text == "reiner Text"


def test_a_mailbox_line_before_the_header_is_skipped() -> None:
    """`From ` lines of mailbox files are no header."""
    assert opened(b"From a@b Mon Jan 1\nSubject: Da\n\nText").head.subject == "Da"


def test_no_header_at_all_is_all_body() -> None:
    """Something that is no mail is text."""
    assert opened(b"Das ist keine Mail.\nWirklich nicht.").text == "Das ist keine Mail.\nWirklich nicht."


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"\0\0\0", b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n"]
)
def test_nothing_is_still_a_mail(content: bytes) -> None:
    """Empty and senseless input opens to a mail without attachments."""
    mail = opened(content)
    assert not mail.leaves
    assert mail.problem is None


def test_an_encrypted_mail_says_so() -> None:
    """PGP/MIME (RFC 3156) has the problem `encrypted`, and its parts are listed as sealed."""
    mail = opened(multipart("encrypted", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", PDF))
    assert mail.problem == "encrypted"
    assert [leaf.sealed for leaf in mail.leaves] == [True, True]
    assert opened(b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc").problem == "encrypted"


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("base64", b"SGFs", b"Hal"),
        ("base64", b"SGFs\nbG8*=\n=", b"Hallo"),
        ("quoted-printable", b"Gr=C3=BC=\r\n=C3=9Fe =ZZ", "Grüße =ZZ".encode()),
        ("x-uuencode", b"begin 644 a.txt\n%2&%L;&\\\n`\nend\n", b"Hallo"),
        ("uuencode", b"begin 644 a.txt\n%2&%L;&\\\n#\x80\x80\x80\x80\n", b"Hallo"),
        ("unheard-of", b"Hallo", b"Hallo"),
    ],
)
def test_transfer_encodings_give_what_can_be_saved(encoding: str, body: bytes, expected: bytes) -> None:
    """Broken base64 and quoted-printable lose as little as possible; unknown encodings are none."""
    part = b"Content-Type: a/b\r\nContent-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + body
    (leaf,) = opened(multipart("mixed", part)).leaves
    assert leaf.entity.content() == expected


def test_parts_beyond_the_limit_are_left_out() -> None:
    """A mail of 3,000 parts is read up to the limit and says `too_many_parts`."""
    mail = opened(multipart("mixed", *[PDF] * 3000))
    assert mail.problem == "too_many_parts"
    assert 1900 < len(mail.leaves) <= 2000


def test_nesting_beyond_the_limit_is_left_out() -> None:
    """2,000 multiparts inside each other say `too_deep`, and cost next to nothing."""
    levels = range(2000)
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in levels)
    started = time.process_time()
    mail = opened(b"Subject: tief\r\n" + heads + TEXT)
    assert mail.problem == "too_deep"
    assert mail.head.subject == "tief"
    assert time.process_time() - started < 1


ABSURD = {
    "empty parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 400_000,
    "no boundary lines": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a" * 300_000,
    "one long header": b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nText",
    "folded header": b"Subject:" + b"\r\n x" * 300_000 + b"\r\n\r\nText",
    "many headers": b"X: y\r\n" * 300_000 + b"\r\nText",
    "open angles": b"To: " + b"<" * 1_000_000 + b"\r\n\r\nText",
    "quotes": b"To: " + b'"' * 999_999 + b"\r\n\r\nText",
    "open words": b"To: " + b"=?a?q?" * 100_000 + b"\r\n\r\nText",
    "many words": b"Subject: " + b"=?utf-8?q?=41?= " * 60_000 + b"\r\n\r\nText",
    "parameters": b"Content-Type: a/b" + b"; name*0*=" * 100_000 + b"\r\n\r\nText",
    "open parameters": b"Content-Type: a/b" + b';a="' * 200_000 + b"\r\n\r\nText",
    "nested elements": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 150_000,
    "open attributes": b"Content-Type: text/html\r\n\r\n" + b"<a '" * 300_000,
    "open comments": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 300_000,
    "open styles": b"Content-Type: text/html\r\n\r\n" + b"<style>" * 100_000,
    "angles": b"Content-Type: text/html\r\n\r\n" + b"<" * 300_000,
    "blanks": b"Content-Type: text/html\r\n\r\n" + b" \n" * 700_000,
}


@pytest.mark.parametrize("content", ABSURD.values(), ids=list(ABSURD))
def test_absurd_input_costs_little(content: bytes) -> None:
    """Input made to be slow is read within two seconds of work."""
    started = time.process_time()
    mail = opened(content)
    assert mail.problem in {None, "too_many_parts"}
    assert time.process_time() - started < 2
