"""How clients prove who they are: the settings of the section `kafka`, in the words of the client library."""

from ipaddress import ip_address
from pathlib import Path

from services.core.errors import Misconfigured
from services.settings.sections import Kafka

MECHANISM = "SCRAM-SHA-512"
_PEM = b"-----BEGIN "


def login(kafka: Kafka, password: str) -> dict[str, str]:
    """What every client of this process is given beside the brokers; Misconfigured names the wrong setting.

    Names in certificates are compared, always. The options hold the password: they are never logged.
    """
    if kafka.username and kafka.security == "plaintext" and not _stays_here(kafka.bootstrap):
        raise Misconfigured("setting kafka.security: a password does not leave this machine without tls")
    options = {"security.protocol": _PROTOCOLS[kafka.security == "tls", bool(kafka.username)]}
    if kafka.username:
        options |= {"sasl.mechanism": MECHANISM, "sasl.username": kafka.username, "sasl.password": password}
    for option, setting, file in (
        ("ssl.ca.location", "kafka.ca_file", kafka.ca_file),
        ("ssl.certificate.location", "kafka.certificate_file", kafka.certificate_file),
        ("ssl.key.location", "kafka.key_file", kafka.key_file),
    ):
        if file is not None:
            options[option] = _checked(file, setting, encrypted=kafka.security == "tls")
    if (kafka.certificate_file is None) != (kafka.key_file is None):
        raise Misconfigured("settings kafka.certificate_file and kafka.key_file: one is no use without the other")
    return options


_PROTOCOLS = {
    (False, False): "plaintext",
    (False, True): "sasl_plaintext",
    (True, False): "ssl",
    (True, True): "sasl_ssl",
}


def _checked(file: Path, setting: str, *, encrypted: bool) -> str:
    if not encrypted:
        raise Misconfigured(f"setting {setting}: certificates are for kafka.security = tls")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"setting {setting}: {file} cannot be read") from error
    if _PEM not in content:
        raise Misconfigured(f"setting {setting}: {file} is no PEM file")
    return str(file)


def _stays_here(bootstrap: str) -> bool:
    return all(_is_loopback(broker.strip().rpartition(":")[0].strip("[]")) for broker in bootstrap.split(","))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
