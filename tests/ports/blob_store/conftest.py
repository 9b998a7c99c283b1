"""The store under test, one adapter after another; one more joins by a line in ADAPTERS and its fixture."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from deploy.servers import S3
from services.adapters.blob_store.files import FileBlobStore
from services.adapters.blob_store.remembering import RememberingBlobStore
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.core.ports.blob_store import BlobStore

ADAPTERS = ["files", "remembering", pytest.param("s3", marks=pytest.mark.stack)]


@pytest.fixture
def files(tmp_path: Path) -> BlobStore:
    """A store in an empty folder."""
    return FileBlobStore(tmp_path / "blobs", reserve_bytes=0)


@pytest.fixture
def remembering(files: BlobStore) -> BlobStore:
    """What every process puts before its store."""
    return RememberingBlobStore(files)


@pytest.fixture(scope="module")
def s3() -> Iterator[BlobStore]:
    """A store on a real server, shared by the tests, which keep to tenants of their own."""
    with S3.start() as server:
        access = S3Access(
            endpoint=server.endpoint, access_key=server.access_key, secret_key=server.secret_key, secure=False
        )
        store = S3BlobStore(access, prefix="town-")
        store.prepare()
        yield store


@pytest.fixture(params=ADAPTERS)
def blobs(request: pytest.FixtureRequest) -> BlobStore:
    """Each store in turn."""
    return cast("BlobStore", request.getfixturevalue(request.param))


@pytest.fixture
def tenant() -> str:
    """A tenant nobody else uses."""
    return f"t{secrets.token_hex(8)}"
