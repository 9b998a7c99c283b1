"""The certificate with which the SMTP listener offers STARTTLS: a given one, or one made at the first start."""

import os
import socket
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.core.errors import Misconfigured
from services.settings.sections import MailIntake

VALID = timedelta(days=3650)
"""Nobody checks a certificate that nobody signed; mail servers use it so that nobody can listen (RFC 7435)."""
_BEFORE = timedelta(days=1)
_FOLDER, _CERTIFICATE, _KEY = "smtp-tls", "certificate.pem", "key.pem"


class Certificate:
    """Certificate and key, read again when their files change; belongs to the event loop of the listener."""

    def __init__(self, settings: MailIntake, folder: Path) -> None:
        """Misconfigured where they cannot be read or made."""
        self._certificate, self._key = _files(settings, folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._stamp = self._stamped()
            self.context.load_cert_chain(self._certificate, self._key)
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured("settings mail_intake.tls_certificate and tls_key: they cannot be read") from error

    def renew(self) -> bool:
        """Take changed files for handshakes from now on; False where they cannot be read: the old ones stay."""
        try:
            stamp = self._stamped()
            if stamp != self._stamp:
                self.context.load_cert_chain(self._certificate, self._key)
                self._stamp = stamp
        except (OSError, ssl.SSLError):
            return False
        return True

    def _stamped(self) -> tuple[int, int]:
        return self._certificate.stat().st_mtime_ns, self._key.stat().st_mtime_ns


def _files(settings: MailIntake, folder: Path) -> tuple[Path, Path]:
    given, key = settings.tls_certificate, settings.tls_key
    if bool(given) != bool(key):
        raise Misconfigured("settings mail_intake.tls_certificate and tls_key: one needs the other")
    if given and key:
        return given, key
    own = folder / _FOLDER
    try:
        if not (own / _KEY).exists() or not (own / _CERTIFICATE).exists():
            own.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(own)
    except OSError as error:
        raise Misconfigured("setting mail_intake.tls: no certificate can be made in the data folder") from error
    return own / _CERTIFICATE, own / _KEY


def _make(own: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()[:64] or "poststelle"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    _write(own / _KEY, key.private_bytes(serialization.Encoding.PEM, form, plain))
    _write(own / _CERTIFICATE, made.public_bytes(serialization.Encoding.PEM))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and for its owner only."""
    number, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(number, "wb") as file:
        file.write(content)
    Path(name).replace(path)
