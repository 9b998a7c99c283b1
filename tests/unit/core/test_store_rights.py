"""Who may do what in the store, as the table says."""

from fnmatch import fnmatchcase

import pytest

from services.adapters.blob_store.s3.policies import policy
from services.core.keys import Bucket
from services.core.ports import store_rights
from services.core.ports.store_rights import EVERY_SERVICE, RETENTION, rights_of, users


def test_one_user_alone_removes_originals() -> None:
    """Whatever service is taken over, originals stay; only who erases has that key, and lifts holds."""
    deeds = ("remove", "hold", "destroy")
    able = {
        user
        for user in store_rights.users()
        if any(right.bucket == Bucket.ORIGINALS and right.deed in deeds for right in rights_of(user))
    }
    assert able == {RETENTION}


def test_the_search_changes_no_document() -> None:
    """It writes that it lives, how it found an original, who looked at what is protected, and what people look for."""
    beyond = {right.keys for right in rights_of("search") if right.deed != "read"}
    told = {"*/heartbeats/search/*", "*/documents/*/check/*", "*/audit/*", "*/audit/heads/*"}
    assert beyond == told | {"*/searches/*"}


def test_one_process_may_do_what_its_services_may() -> None:
    """One process that runs all services needs one key; to erase is not among it."""
    services = [user for user in store_rights.users() if user not in {EVERY_SERVICE, RETENTION}]
    assert rights_of(EVERY_SERVICE) == store_rights.rights_of_all(services)
    assert "destroy" not in {right.deed for right in rights_of(EVERY_SERVICE)}


def test_a_hold_is_set_by_those_who_store_originals() -> None:
    """Only where the settings want it, and by a right that sets and does not lift."""
    assert all(right.deed != "hold" for right in rights_of("mail_intake"))
    told = str(policy(rights_of("mail_intake", legal_hold=True)))
    assert "'s3:object-lock-legal-hold': ['ON']" in told
    assert "LegalHold" not in str(policy(rights_of("ocr", legal_hold=True)))


def test_nobody_shortens_what_the_store_keeps() -> None:
    """No policy has a right on retention periods, on the buckets' own settings, or on everything."""
    told = "".join(str(policy(rights_of(user, legal_hold=True))) for user in store_rights.users())
    for word in ("PutObjectRetention", "Bypass", "PutBucket", "DeleteBucket", "s3:*"):
        assert word not in told


def test_the_prefix_goes_before_every_bucket() -> None:
    """Two installations on one store do not see each other's buckets."""
    resources = [
        resource
        for statement in policy(rights_of("filing"), prefix="stadt-")["Statement"]  # type: ignore[attr-defined]
        for resource in statement["Resource"]
    ]
    assert all(resource.startswith("arn:aws:s3:::stadt-") for resource in resources)


def test_a_stranger_has_no_rights() -> None:
    """A name that is no service is refused, not given nothing."""
    with pytest.raises(ValueError, match="no service"):
        rights_of("bureau")


def test_no_service_removes_an_entry_of_the_audit_log() -> None:
    """Whoever shows documents puts looks down; an entry goes only with the one key that erases."""
    for user in set(users()) - {RETENTION}:
        removing = [
            right.keys for right in rights_of(user) if right.deed == "remove" and right.bucket is Bucket.RECORDS
        ]
        assert not any(fnmatchcase("main/audit/entries/000000000001.json", keys) for keys in removing), user
