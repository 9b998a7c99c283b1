"""How settings become the words of the client library, and which of them are refused with a sentence."""

from pathlib import Path

import pytest

from services.adapters.event_log.kafka.login import login
from services.core.errors import Misconfigured
from services.settings.sections import Kafka

PEM = "-----BEGIN CERTIFICATE-----\n"


def test_a_town_that_knows_no_users_sends_no_password() -> None:
    """Without a user and without TLS nothing is given but the brokers' addresses."""
    assert login(Kafka(), "") == {"security.protocol": "plaintext"}


def test_user_authority_and_certificate_are_handed_over(tmp_path: Path) -> None:
    """With TLS the user proves himself by SCRAM, the brokers by our authority, and we by our certificate."""
    file = tmp_path / "any.pem"
    file.write_text(PEM)
    given = Kafka(security="tls", ca_file=file, certificate_file=file, key_file=file, username="ocr")
    assert login(given, "secret") == {
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "ocr",
        "sasl.password": "secret",
        "ssl.ca.location": str(file),
        "ssl.certificate.location": str(file),
        "ssl.key.location": str(file),
    }


@pytest.mark.parametrize("bootstrap", ["kafka:9092", "127.0.0.1:9092,10.0.0.7:9092", "[2001:db8::1]:9092"])
def test_a_password_does_not_leave_the_machine_in_the_clear(bootstrap: str) -> None:
    """A user needs TLS as soon as one broker is elsewhere; the sentence names the setting and not the password."""
    with pytest.raises(Misconfigured, match=r"kafka\.security") as raised:
        login(Kafka(bootstrap=bootstrap, username="ocr"), "hidden")
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("bootstrap", ["127.0.0.1:9092", "localhost:9092", "[::1]:9092"])
def test_on_one_machine_a_password_may_go_in_the_clear(bootstrap: str) -> None:
    """What never leaves the machine needs no TLS."""
    assert login(Kafka(bootstrap=bootstrap, username="ocr"), "x")["security.protocol"] == "sasl_plaintext"


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    """A file that is missing, holds no PEM, stands alone or is given without TLS is refused by the setting's name."""
    pem, other = tmp_path / "any.pem", tmp_path / "other"
    pem.write_text(PEM)
    other.write_text("no certificate")
    for setting, given in (
        ("kafka.ca_file", Kafka(security="tls", ca_file=tmp_path / "absent")),
        ("kafka.ca_file", Kafka(security="tls", ca_file=other)),
        ("kafka.key_file", Kafka(security="tls", certificate_file=pem)),
        ("kafka.ca_file", Kafka(ca_file=pem)),
    ):
        with pytest.raises(Misconfigured, match=setting.replace(".", r"\.")):
            login(given, "")
