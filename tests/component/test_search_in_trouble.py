"""Searching on a bad day: an index that is away, a letter erased since it was found, weights that are gone."""

from pathlib import Path

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.record_files import Erased
from services.runtime.meaning import encoder
from services.search.service import condition
from tests.component.city_hall import API, CityHall, a_mail


def test_an_index_that_is_away_is_said_and_post_goes_on(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page and API answer 503 and when to come again; a letter that comes meanwhile is found afterwards."""
    clerk = hall.clerk(all_offices=True)

    def away(*_: object) -> None:
        raise TryLater("index_away")

    with monkeypatch.context() as gone:
        gone.setattr(hall.ports.index, "search", away)
        answers = [clerk.get("/suche", params={"q": "Zaun"}), clerk.get(f"{API}/search", params={"q": "Zaun"})]
        assert hall.deliver(a_mail("Zaun", "Der Zaun ist schief."))["receipt"]
    assert [(answer.status_code, "Retry-After" in answer.headers) for answer in answers] == [(503, True)] * 2
    assert "<h1" in answers[0].text
    assert clerk.get(f"{API}/search", params={"q": "Zaun"}).json()["total"] == 1


def test_a_letter_erased_between_hit_and_click_is_gone(hall: CityHall) -> None:
    """The list still has it for a moment; page, text and download say 410 and no word of it."""
    document = str(hall.deliver(a_mail("Quittengelee", "Es geht um Quittengelee."))["document"])
    clerk = hall.clerk(all_offices=True)
    assert clerk.get(f"{API}/search", params={"q": "Quittengelee"}).json()["total"] == 1
    decision = record.load(hall.ports.blobs, "main", document).filings[0].decision
    tombstone = Erased(incarnation=0, decision=decision, erased_at=hall.ports.clock.now())
    hall.ports.blobs.create(Bucket.RECORDS, keys.stage("main", document, "erased", 1), record_files.encode(tombstone))
    for path in (
        f"/dokumente/{document}?treffer=x",
        f"{API}/documents/{document}",
        f"{API}/documents/{document}/original",
    ):
        answer = clerk.get(path)
        assert (answer.status_code, "Quittengelee" in answer.text) == (410, False), path


@pytest.mark.parametrize(("content", "fault"), [(None, "missing"), (b"no archive", "broken"), (b"", "broken")])
def test_weights_that_are_gone_are_told_with_what_to_do(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, fault: str
) -> None:
    """`poststelle check` looks at the files themselves."""
    if content is not None:
        (tmp_path / "weights.npz").write_bytes(content)
    monkeypatch.setattr(encoder, "FILES", tmp_path)
    good, told, todo = condition(hall.contexts["search"]) or (True, "", "")
    assert (good, f"its weights are {fault}" in told, "install the package" in todo) == (False, True, True)
