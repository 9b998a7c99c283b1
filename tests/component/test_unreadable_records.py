"""Records that nobody can read, and rounds that go on behind them."""

import json

from services.core import keys
from services.core.keys import Bucket
from tests.component.clerks import Clerk


def test_a_record_that_nobody_can_read_does_not_end_the_round() -> None:
    """Neither a pointer nor a document's record: the decisions behind them are told again."""
    desk = Clerk()
    documents = [desk.office.held(), desk.office.held()]
    desk.office.log.away = True
    for document in documents:
        assert desk.decide(document, {"action": "file", "position": "52.10.02"}).status_code == 202
    desk.office.log.away = False
    blobs = desk.office.blobs
    assert blobs.create(Bucket.RECORDS, keys.decided_pointer("main", "00000000-0000-5000-8000-000000000000"), b"{")
    first = next(iter(desk.pointers()[1:]))
    spoiled = json.loads(blobs.read(Bucket.RECORDS, first))["document"]
    blobs.delete(Bucket.RECORDS, keys.stage("main", spoiled, "extraction", 1))
    assert blobs.create(Bucket.RECORDS, keys.stage("main", spoiled, "extraction", 1), b"not JSON")
    desk.repair()
    [event] = desk.office.log.events
    assert event.document in set(documents) - {spoiled}
