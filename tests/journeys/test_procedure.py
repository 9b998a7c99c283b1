"""The procedure of the documentation takes part in a real mail room, which is killed: nothing missing or doubled."""

import importlib.util
import urllib.error
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.cluster.service_process import NO_TLS
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import decode
from services.core.messages.events import SearchMatched
from tests.journeys.filing import file_into, settled
from tests.journeys.instance import ROOT, Tables, eventually
from tests.journeys.letters import a_mail
from tests.journeys.stacks import STACKS, Stack

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

NAME, POSITION, CLOSED_PORT = "bauverfahren", "11.10.02", "11.10.03"
LETTERS, SUBMISSIONS = 6, 4
MATCHED = "poststelle.search.matched.v1"


class Aftermath:
    """The mail room when everything was exchanged, and the folder of the procedure."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.process = stack.process
        self.documents: list[str] = []
        self.key = self.search = ""

    def keep_search(self, text: str) -> None:
        """It wants to be told of what is found for this."""
        answer = httpx.post(
            f"{self.process.url}/api/v1/procedures/{NAME}/searches",
            json={"name": text, "q": text},
            headers={"Authorization": f"Bearer {self.key}"},
            trust_env=False,
            verify=NO_TLS,
        )
        assert answer.status_code == 201, answer.text
        self.search = answer.json()["search"]

    def inbox(self) -> list[dict[str, Any]]:
        """Everything that the procedure was ever told."""
        answer = httpx.get(
            f"{self.process.url}/api/v1/procedures/{NAME}/inbox",
            params={"limit": "200"},
            headers={"Authorization": f"Bearer {self.key}"},
            trust_env=False,
            verify=NO_TLS,
        )
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def client(self) -> Any:
        """The procedure as after a start of its own."""
        spec = importlib.util.spec_from_file_location("example", ROOT / "docs/examples/procedure.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.Procedure(self.process.url, NAME, self.key, self.folder)


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.stack)])
def aftermath(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """It registers, post is filed with it and elsewhere, it submits, and the mail room dies twice in between."""
    often: Tables = {"search": {"matches_every": "PT1S"}}
    with STACKS[request.param](tmp_path_factory.mktemp("procedure"), often) as stack:
        process = stack.process.start()
        told = process.command("procedure", "add", NAME, "--position", POSITION)
        assert NAME in told
        after = Aftermath(stack, tmp_path_factory.mktemp("folder"))
        after.key = process.command("key", "add", NAME, "--procedure", NAME).strip()
        after.keep_search("Anliegen")
        (after.folder / "out").mkdir()
        for number in range(SUBMISSIONS):
            (after.folder / "out" / f"bescheid-{number}.txt").write_text(f"Bescheid Nummer {number}")
        for number in range(LETTERS):
            receipt = process.send(a_mail(f"Anliegen {number}"))
            document = settled(process, receipt, "held")["document"]
            file_into(process, document, POSITION if number % 3 else CLOSED_PORT)
            after.documents += [document] if number % 3 else []
            if number in (1, 3):
                _turn(after)
                process.kill()
                process.start()
        eventually(lambda: _exchanged(after) and _turn(after), 120)
        yield after


def _turn(after: Aftermath) -> bool:
    try:
        after.client().turn(wait_s=1)
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def _exchanged(after: Aftermath) -> bool:
    """Each document is delivered, and is a hit of its search; each submission is answered."""
    return len(after.inbox()) >= 2 * len(after.documents) + SUBMISSIONS


def test_each_filed_document_is_delivered_once(aftermath: Aftermath) -> None:
    """By its id, in the inbox and in the procedure's folder; what was filed elsewhere is not."""
    delivered = [e["data"] for e in aftermath.inbox() if e["type"] == "poststelle.procedure.delivered.v1"]
    assert Counter(facts["document"] for facts in delivered) == Counter(aftermath.documents)
    files = {path.name for path in (aftermath.folder / "in").iterdir() if path.suffix != ".json"}
    assert files == {facts["delivery"] for facts in delivered}


def test_each_hit_at_its_places_is_told_once(aftermath: Aftermath) -> None:
    """Over the broker under the same ids as by HTTP; what was filed elsewhere is not told, nor what it brought."""
    matched = [event for event in aftermath.inbox() if event["type"] == MATCHED]
    told = Counter((event["data"]["search"], event["data"]["document"]) for event in matched)
    assert told == Counter((aftermath.search, document) for document in aftermath.documents)
    if aftermath.stack.told:
        over_kafka = [decode(one) for one in aftermath.stack.told(NAME) if one.topic == topics.inbox_of(NAME)]
        hits = {event.id for event in over_kafka if isinstance(event.facts, SearchMatched)}
        assert hits == {event["id"] for event in matched}


def test_each_submission_is_received_once(aftermath: Aftermath) -> None:
    """One receipt for each file, of the channel of procedures, and the document is findable."""
    accepted = [e["data"] for e in aftermath.inbox() if e["type"] == "poststelle.submission.accepted.v1"]
    assert len({facts["submission"] for facts in accepted}) == len(accepted) == SUBMISSIONS
    lines = [line for line in aftermath.process.pages("/receipts") if line["channel"] == "procedure"]
    assert {line["receipt"] for line in lines} == {facts["receipt"] for facts in accepted}
    assert len(lines) == SUBMISSIONS
    eventually(lambda: len(aftermath.process.search("Bescheid")) == SUBMISSIONS)


def test_every_delivery_is_acknowledged_and_no_upload_stays(aftermath: Aftermath) -> None:
    """In the store: an answer for each delivery, content of no upload, nothing given up."""
    eventually(lambda: not {"content", "uploads"} & set(_kinds(aftermath)))
    kinds = _kinds(aftermath)
    assert kinds["delivered"] == kinds["answered"] == len(aftermath.documents)
    assert kinds["submitted"] == kinds["outcomes"] == SUBMISSIONS
    assert aftermath.stack.dead_letters() == []
    assert aftermath.process.ready()["red"] == {}


def _kinds(aftermath: Aftermath) -> Counter[str]:
    keys = aftermath.stack.blobs.keys(Bucket.RECORDS, f"main/procedures/{NAME}/")
    return Counter(key.split("/")[3] for key in keys)
