"""The keys of a city's services on a real store: each does its part, and no more than its part."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from deploy.servers import S3
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.adapters.blob_store.s3.keyring import Keyring
from services.core.errors import Misconfigured, NotPermitted, TryLater
from services.core.keys import Bucket
from services.core.ports import store_rights
from services.core.ports.store_rights import BucketRight, cover, rights_of

pytestmark = pytest.mark.stack

PREFIX = "stadt-"
RECEIPT = "main/documents/d1/receipts/PE-1.json"


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    """A store with our buckets, and a key for every user; its secret holds its name."""
    with S3.start() as running:
        keyring = Keyring(_root(running), prefix=PREFIX)
        keyring.make_buckets()
        for user in store_rights.users():
            keyring.apply(user, _secret(user), rights_of(user))
        yield running


@pytest.fixture
def store(server: S3) -> Callable[[str], S3BlobStore]:
    """The store as this user has it."""
    return lambda user: S3BlobStore(_access(server, user), prefix=PREFIX)


@pytest.fixture
def client(server: S3) -> Callable[[str], Minio]:
    """The bare client of this user, past our code."""
    return lambda user: Minio(server.endpoint, PREFIX + user, _secret(user), secure=False, region="us-east-1")


def _root(server: S3) -> S3Access:
    return S3Access(endpoint=server.endpoint, access_key=server.access_key, secret_key=server.secret_key, secure=False)


def _access(server: S3, user: str) -> S3Access:
    return S3Access(endpoint=server.endpoint, access_key=PREFIX + user, secret_key=_secret(user), secure=False)


def _secret(user: str) -> str:
    return f"secret-{user}"


def _refused(attempt: Callable[[], object]) -> bool:
    with pytest.raises(S3Error) as raised:
        attempt()
    return raised.value.code == "AccessDenied"


Store = Callable[[str], S3BlobStore]
Client = Callable[[str], Minio]


@pytest.mark.parametrize("user", ["mail_intake", "scan_intake", "procedures"])
def test_an_intake_stores_and_deletes_no_original(store: Store, client: Client, user: str) -> None:
    """It stores originals and receipts once; neither the blob nor one of its versions can it delete."""
    intake, bare = store(user), client(user)
    assert intake.create(Bucket.ORIGINALS, f"main/{user}", b"content") is True
    assert intake.create(Bucket.ORIGINALS, f"main/{user}", b"content") is False
    assert intake.read(Bucket.ORIGINALS, f"main/{user}") == b"content"
    assert intake.create(Bucket.RECORDS, RECEIPT.replace("d1", user), b"{}") is True
    with pytest.raises(NotPermitted):
        intake.delete(Bucket.ORIGINALS, f"main/{user}")
    version = bare.stat_object(f"{PREFIX}originals", f"main/{user}").version_id
    assert version
    assert _refused(lambda: bare.remove_object(f"{PREFIX}originals", f"main/{user}", version_id=version))


def test_an_intake_shortens_nothing(store: Store, client: Client) -> None:
    """What the store keeps of itself, and for how long, is not the intake's to change; nor is a legal hold."""
    store("mail_intake").create(Bucket.ORIGINALS, "main/kept", b"content")
    bare, name = client("mail_intake"), f"{PREFIX}originals"
    soon = Retention(COMPLIANCE, datetime.now(UTC) + timedelta(minutes=1))
    with pytest.raises(S3Error):
        bare.set_object_retention(name, "main/kept", soon)
    kept = client("retention").get_object_retention(name, "main/kept")
    assert kept
    assert kept.retain_until_date > datetime.now(UTC) + timedelta(hours=23)
    assert _refused(lambda: bare.enable_object_legal_hold(name, "main/kept"))
    assert _refused(lambda: bare.disable_object_legal_hold(name, "main/kept"))
    assert _refused(lambda: bare.delete_object_lock_config(name))


def test_an_intake_writes_no_stage_of_others(store: Store) -> None:
    """Registers, decisions and derived texts are not an intake's."""
    intake = store("mail_intake")
    for bucket, key in (
        (Bucket.RECORDS, "main/files/1/1.json"),
        (Bucket.RECORDS, "main/documents/d1/filing/1.json"),
        (Bucket.RECORDS, "main/dead/filing/1"),
        (Bucket.DERIVED, "main/abc/tika-1"),
    ):
        with pytest.raises(NotPermitted):
            intake.create(bucket, key, b"{}")
        with pytest.raises(NotPermitted):
            intake.delete(bucket, key)


def test_the_search_only_reads(store: Store) -> None:
    """It reads every bucket and writes into none; asked whether it is ready it says so."""
    store("mail_intake").create(Bucket.ORIGINALS, "main/shown", b"content")
    search = store("search")
    assert search.read(Bucket.ORIGINALS, "main/shown") == b"content"
    assert list(search.keys(Bucket.RECORDS, "main/documents/nobody/")) == []
    assert search.ready()
    for bucket in Bucket:
        with pytest.raises(NotPermitted):
            search.create(bucket, "main/written", b"x")
        with pytest.raises(NotPermitted):
            search.delete(bucket, "main/shown")


def test_extraction_adds_and_takes_nothing_away(store: Store) -> None:
    """It reads originals, writes what it read and its own stage, adds documents of a batch, and ends no original."""
    store("mail_intake").create(Bucket.ORIGINALS, "main/letter", b"content")
    extraction = store("extraction")
    assert extraction.read(Bucket.ORIGINALS, "main/letter") == b"content"
    assert extraction.create(Bucket.DERIVED, "main/abc/tika-1", b"text")
    assert extraction.create(Bucket.RECORDS, "main/documents/d2/extraction/1.json", b"{}")
    extraction.delete(Bucket.RECORDS, "main/documents/d2/extraction/1.json")
    assert extraction.create(Bucket.ORIGINALS, "main/part", b"two of its pages")
    assert extraction.create(Bucket.RECORDS, RECEIPT, b"{}")
    for stage in ("classification", "filing"):
        with pytest.raises(NotPermitted):
            extraction.create(Bucket.RECORDS, f"main/documents/d2/{stage}/1.json", b"{}")
    for original in ("main/letter", "main/part"):
        with pytest.raises(NotPermitted):
            extraction.delete(Bucket.ORIGINALS, original)


def test_only_retention_lifts_a_hold(server: S3, store: Store, client: Client) -> None:
    """Intakes may put originals under hold; not even the one key that lifts it deletes before the store's own time."""
    keyring = Keyring(_root(server), prefix=PREFIX)
    keyring.apply("scan_intake", _secret("scan_intake"), rights_of("scan_intake", legal_hold=True))
    intake = S3BlobStore(_access(server, "scan_intake"), prefix=PREFIX, legal_hold=True)
    assert intake.create(Bucket.ORIGINALS, "main/held", b"content")
    name, retention = f"{PREFIX}originals", client("retention")
    assert retention.is_object_legal_hold_enabled(name, "main/held")
    assert _refused(lambda: client("scan_intake").disable_object_legal_hold(name, "main/held"))
    retention.disable_object_legal_hold(name, "main/held")
    assert not retention.is_object_legal_hold_enabled(name, "main/held")
    version = retention.stat_object(name, "main/held").version_id
    with pytest.raises(S3Error, match="WORM"):
        retention.remove_object(name, "main/held", version_id=version)
    store("retention").delete(Bucket.ORIGINALS, "main/held")
    assert intake.size(Bucket.ORIGINALS, "main/held") is None
    keyring.apply("scan_intake", _secret("scan_intake"), rights_of("scan_intake"))


def test_applying_again_changes_nothing_and_mends_what_differs(server: S3, client: Client) -> None:
    """Users keep working; a policy that somebody widened is set back, a user that was removed comes back."""
    keyring = Keyring(_root(server), prefix=PREFIX)
    assert not any(keyring.differs(user, rights_of(user)) for user in store_rights.users())
    keyring.apply("search", _secret("search"), rights_of(store_rights.EVERY_SERVICE))
    assert keyring.differs("search", rights_of("search"))
    assert keyring.differs("nobody", rights_of("search"))
    keyring.make_buckets()
    keyring.apply("search", _secret("search"), rights_of("search"))
    assert not keyring.differs("search", rights_of("search"))
    assert _refused(lambda: client("search").put_object(f"{PREFIX}records", "x", io.BytesIO(b""), 0))


def test_every_user_starts_with_its_own_key(store: Store) -> None:
    """What the start looks for is there for each user, also when it starts again."""
    for user in store_rights.users():
        for _ in range(2):
            store(user).check(rights_of(user))


@pytest.mark.parametrize(
    ("user", "needed"),
    [
        ("search", "mail_intake"),
        ("indexing", "mail_intake"),
        ("retention", "mail_intake"),
        ("mail_intake", "search"),
    ],
)
def test_a_key_of_others_is_refused_at_start(store: Store, user: str, needed: str) -> None:
    """One that may do less than its services need, or delete originals, or write where the process only reads."""
    with pytest.raises(Misconfigured, match=r"s3\.access_key_file"):
        store(user).check(rights_of(needed))


def test_what_a_reader_may_write_besides_changes_nothing_of_that(store: Store) -> None:
    """A key that writes records is refused for a process whose rights do not cover that, whatever else it tells."""
    more = BucketRight("create", Bucket.RECORDS, "*/notes-of-readers/*")
    for user in store_rights.users():
        own = rights_of(user)
        if cover(own, "create", Bucket.RECORDS, "start/probes/absent"):
            store(user).check(own)
            continue
        with pytest.raises(Misconfigured, match=r"may write records"):
            store("mail_intake").check(own | {more})
    assert not cover(rights_of("search"), "create", Bucket.RECORDS, "start/probes/absent")


def test_what_is_missing_is_said_at_start(server: S3) -> None:
    """A bucket that is not there, a retention that is another, a secret that is wrong: the setting is named."""
    access = _access(server, "mail_intake")
    rights = rights_of("mail_intake")
    with pytest.raises(Misconfigured, match=r"s3\.retention_days"):
        S3BlobStore(access, prefix=PREFIX, retention_days=9).check(rights)
    with pytest.raises(Misconfigured, match=r"s3\.endpoint.*dorf-originals"):
        S3BlobStore(_root(server), prefix="dorf-").check(rights)
    wrong = S3Access(endpoint=server.endpoint, access_key=access.access_key, secret_key="not the secret", secure=False)
    with pytest.raises(Misconfigured, match=r"s3\.secret_key_file"):
        S3BlobStore(wrong, prefix=PREFIX).check(rights)
    away = S3Access(endpoint="127.0.0.1:9", access_key="town", secret_key="secret", secure=False)
    with pytest.raises(TryLater):  # whoever starts names the setting
        S3BlobStore(away, prefix=PREFIX).check(rights)
