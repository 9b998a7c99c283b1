"""How commands talk to the running instance: HTTP, with the key that lies in its data folder or is given."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
import httpx

from services import settings as settings_page
from services.cli.errors import Away, Refused
from services.cli.output import Output, output_options
from services.runtime.operations.instance_folder import read_secret

KEY_FILE = "command-line.key"
"""In the data folder: the key that the first start made for this command line."""
PIECE = 1024 * 1024
PATIENCE = 60.0
"""Seconds that an answer is waited for."""
_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority. Reading the list of all of them takes 40 ms at each call, and plain HTTP asks none."""


@dataclass(frozen=True, slots=True)
class Instance(Output):
    """The running instance, and how the caller wants to hear of it."""

    url: str
    key: str

    def get(self, path: str, **params: str) -> dict[str, Any]:
        """The JSON at a path below /api/v1."""
        return self._call("GET", path, params=params)

    def post(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        *,
        patience: float = PATIENCE,
    ) -> dict[str, Any]:
        """The answer to a JSON body, waited for so many seconds."""
        return self._call("POST", path, json=body or {}, headers=headers or {}, timeout=patience)

    def put(self, path: str, content: bytes, *, method: str = "PUT", **params: str) -> dict[str, Any]:
        """The answer to a JSON file as it is."""
        headers = {"Content-Type": "application/json"}
        return self._call(method, path, content=content, params=params, headers=headers)

    def fetch(self, path: str, **params: str) -> bytes:
        """The file at a path below /api/v1."""
        return self._ask("GET", path, params=params).content

    def upload(self, path: str, stream: BinaryIO, headers: dict[str, str]) -> dict[str, Any]:
        """The answer to a stream of bytes."""
        return self._call("POST", path, content=_pieces(stream), headers=headers)

    @contextmanager
    def deliveries(self) -> Iterator[Callable[[str, bytes, dict[str, str]], dict[str, Any]]]:
        """Posts many bodies over connections that stay open, from any thread."""
        head = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(headers=head, timeout=60, verify=self._trusted) as client:

            def deliver(path: str, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
                try:
                    response = client.post(f"{self.url}/api/v1{path}", content=content, headers=headers)
                except httpx.TransportError as error:
                    raise Away(self.url) from error
                if response.is_success:
                    return cast("dict[str, Any]", response.json())
                raise _refused(response)

            yield deliver

    def listen(self, path: str) -> Iterator[dict[str, Any]]:
        """Ask for something that takes its time, and hear of it line by line; the last one is what became of it."""
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            url = f"{self.url}/api/v1{path}"
            with httpx.stream("POST", url, headers=headers, timeout=60, verify=self._trusted) as response:
                if not response.is_success:
                    response.read()
                    raise _refused(response)
                yield from map(json.loads, response.iter_lines())
        except httpx.TransportError as error:
            raise Away(self.url) from error

    @property
    def _trusted(self) -> ssl.SSLContext | bool:
        """Who may vouch for the instance: the authorities of this machine, where they are asked."""
        return self.url.startswith("https:") or _NOBODY

    def _call(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        return cast("dict[str, Any]", self._ask(method, path, **how).json())

    def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"} | how.pop("headers", {})
        url = f"{self.url}/api/v1{path}"
        try:
            given = {"timeout": PATIENCE, "verify": self._trusted, **how}
            response = httpx.request(method, url, headers=headers, **given)
        except httpx.TransportError as error:
            raise Away(self.url) from error
        if response.is_success:
            return response
        raise _refused(response)


def instance_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command which asks the running instance has."""
    for option in (
        click.option("--url", default="", help="Address of the instance; the one of the settings by default."),
        click.option("--key-file", type=click.Path(path_type=Path), help="File with a key; else the data folder's."),
    ):
        command = option(command)
    return output_options(command)


@contextmanager
def where_not_found(sentence: str) -> Iterator[None]:
    """Say what was not found, where the instance only says that it was not."""
    try:
        yield
    except Refused as error:
        if error.code != "not_found":
            raise
        raise Refused(sentence, status=error.status, code=error.code) from error


def connect(url: str, key_file: Path | None, *, as_json: bool, quiet: bool) -> Instance:
    """The instance that the options or the settings name."""
    settings = settings_page.load()
    file = key_file or settings.storage.folder / KEY_FILE
    address = url or settings.http.address(settings.http.port)
    return Instance(address.rstrip("/"), read_secret(file, setting="--key-file"), as_json=as_json, quiet=quiet)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _refused(response: httpx.Response) -> Refused:
    status = response.status_code
    try:
        body = response.json()
    except ValueError:
        return Refused(f"the instance answered {status}", status=status)
    place = f" (position {body['position']})" if "position" in body else ""
    return Refused(f"{body.get('title', status)}{place}", status=status, code=str(body.get("code", "")))
