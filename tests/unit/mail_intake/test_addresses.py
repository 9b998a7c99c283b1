"""The quick way to read an address in a command gives what aiosmtpd's reader of header fields gives."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP

from services.mail_intake.policy import plain_address

_READER = cast("Any", SimpleNamespace(local_part_limit=0))


@pytest.mark.parametrize(
    "text",
    [
        "<a@example.org>",
        "<Vor.Nach+akte_1@post.example.org> SIZE=12 BODY=8BITMIME",
        "<=?x@example.org>",
        "<>",
        "<postmaster>",
        '<"a b"@example.org>',
        "<@relay.example.org:a@example.org>",
        "<a@[127.0.0.1]>",
        "<müller@example.org> SMTPUTF8",
        "a@example.org",
        "<a@example.org",
        "<a@example.org>SIZE=1",
        "<a@example..org>",
        "<a@example.org>  SIZE=1",
    ],
)
def test_a_plain_address_is_read_as_the_parser_reads_it(text: str) -> None:
    """Address and parameters are the same, or the quick way leaves it to the parser."""
    quick = plain_address(text)
    if quick is not None:
        address, rest = SMTP._getaddr(_READER, text)
        assert (quick[0], quick[1].split()) == (address, (rest or "").split())


def test_addresses_of_daily_life_go_the_quick_way() -> None:
    """As gateways write them, with the parameters that they add."""
    assert plain_address("<poststelle@example.net>") == ("poststelle@example.net", "")
    assert plain_address("<a.b-c@example.net> SIZE=5 BODY=8BITMIME") == ("a.b-c@example.net", " SIZE=5 BODY=8BITMIME")
