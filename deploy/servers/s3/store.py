"""The S3 store: MinIO, built once from its Go module, one drive, loopback only."""

import platform
import secrets
from pathlib import Path
from typing import Self

import urllib3
from minio import Minio
from minio.error import MinioException

from deploy.servers.fetching import cache, fingerprint, made_once, run_tool, tool
from deploy.servers.processes import Command
from deploy.servers.server import LOOPBACK, Server, free_port

HERE = Path(__file__).parent
MODULE = "github.com/minio/minio"


def binary() -> Path:
    """The store's program, built once per module version."""
    key = fingerprint(HERE / "go.mod", HERE / "go.sum", platform.machine())
    return made_once(cache() / f"s3-{key}" / "minio", _build)


def _build(target: Path) -> None:
    go = tool("go", "Go 1.24 or newer builds the S3 store from its module")
    options = ["-mod=readonly", "-trimpath", "-ldflags", "-s -w"]
    words = [tool("env", "it is part of every Linux"), "CGO_ENABLED=0", "nice", "-n", "10", go, "build", *options]
    run_tool(
        "s3: building the store from its Go module (minutes the first time)",
        [*words, "-o", str(target), MODULE],
        folder=HERE,
    )


class S3(Server):
    """A store with root keys of its own; buckets are made by whoever uses it."""

    name = "s3"

    @classmethod
    def start(
        cls, folder: Path | None = None, *, access_key: str = "", secret_key: str = "", until_down: bool = False
    ) -> Self:
        """Start the store and wait until it lists buckets; keys are random unless given."""
        cls.fetch()
        return cls(folder, access_key=access_key, secret_key=secret_key, until_down=until_down).begin()

    def __init__(
        self, folder: Path | None = None, *, access_key: str = "", secret_key: str = "", until_down: bool = False
    ) -> None:
        super().__init__(folder, until_down=until_down)
        self._given_keys = access_key, secret_key

    @classmethod
    def fetch(cls) -> None:
        """Build the store once per module version."""
        binary()

    @property
    def endpoint(self) -> str:
        """Host and port, as the minio client takes it (no TLS)."""
        return f"{LOOPBACK}:{self.settings['port']}"

    @property
    def access_key(self) -> str:
        """The root user."""
        return self.settings["access_key"]

    @property
    def secret_key(self) -> str:
        """The root user's password."""
        return self.settings["secret_key"]

    def address(self) -> str:
        """Where the S3 interface listens."""
        return self.endpoint

    def fresh_settings(self) -> dict[str, str]:
        """A port and the root keys."""
        access_key, secret_key = self._given_keys
        return {
            "port": str(free_port()),
            "access_key": access_key or secrets.token_hex(8),
            "secret_key": secret_key or secrets.token_urlsafe(24),
        }

    def prepare(self) -> None:
        """An empty drive."""
        (self.folder / "drive").mkdir(exist_ok=True)

    def command(self) -> Command:
        """The store without browser pages, update checks or anything outside its folder."""
        words = [str(binary()), "server", "--quiet", "--certs-dir", str(self.folder / "certs")]
        return Command(
            [*words, "--address", self.endpoint, str(self.folder / "drive")],
            {
                "HOME": str(self.folder),
                "MINIO_BROWSER": "off",
                "MINIO_UPDATE": "off",
                "MINIO_PROMETHEUS_AUTH_TYPE": "public",  # whoever is on the loopback may count requests
                "MINIO_ROOT_USER": self.access_key,
                "MINIO_ROOT_PASSWORD": self.secret_key,
            },
        )

    def answers(self) -> bool:
        """Whether the store lists buckets for our keys: a stranger on the port would refuse them."""
        with urllib3.PoolManager(timeout=2, retries=False) as pool:
            client = Minio(
                self.endpoint, self.access_key, self.secret_key, secure=False, region="us-east-1", http_client=pool
            )
            try:
                client.list_buckets()
            except (MinioException, urllib3.exceptions.HTTPError):
                return False
        return True
