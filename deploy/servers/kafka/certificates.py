"""Certificates of a test run, made by the openssl command: an authority, a server on loopback, clients by name."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.servers.fetching import tool

DAYS = "2"
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority of its own in a folder; whoever trusts `certificate` trusts what it signed and nothing else."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        """A fresh one."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = cls(folder)
        subject = ("-subj", "/CN=Poststelle test authority")
        _openssl(
            "req", "-x509", *_KEY, *subject, "-days", DAYS, "-keyout", str(made._key), "-out", str(made.certificate)
        )
        return made

    @property
    def certificate(self) -> Path:
        """What others trust, PEM."""
        return self.folder / "authority.pem"

    def sign(self, name: str) -> tuple[Path, Path]:
        """A certificate for this name, good on loopback, and its key; both PEM."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, more = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        more.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="ascii")
        _openssl("req", "-new", *_KEY, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        signed = ("-CA", str(self.certificate), "-CAkey", str(self._key), "-CAcreateserial", "-days", DAYS)
        _openssl("x509", "-req", "-in", str(request), *signed, "-extfile", str(more), "-out", str(certificate))
        return certificate, key

    @property
    def _key(self) -> Path:
        return self.folder / "authority.key"


def _openssl(*words: str) -> None:
    openssl = tool("openssl", "it makes the certificates of a test run")
    subprocess.run([openssl, *words], check=True, capture_output=True, timeout=60)
