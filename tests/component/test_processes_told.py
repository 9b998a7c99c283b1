"""A city's status page, overview and check tell of all processes, not of the one that is asked."""

from datetime import UTC, datetime, timedelta

from services.core import keys
from services.core.keys import Bucket
from services.runtime.operations import heartbeat as heartbeats
from services.runtime.operations.heartbeat import Found, Heartbeat
from tests.component.city_hall import API, CityHall


def a_word(hall: CityHall, service: str, *, age: timedelta = timedelta(0), **told: object) -> None:
    """A process of another machine told this of itself."""
    at = datetime.now(UTC) - age
    facts = {"ready": True, "ports": {"log": True}} | told
    beat = Heartbeat(process=f"{service}-1:7", services=(service,), version="9.9", started_at=at, at=at, **facts)  # type: ignore[arg-type]  # as given
    key = keys.heartbeat("main", service, "0123456789abcdef", 1)
    assert hall.ports.blobs.create(Bucket.RECORDS, key, heartbeats.encode(beat))


def test_the_overview_tells_of_every_process(hall: CityHall) -> None:
    """A service that died elsewhere is red here, and a port that one process does not reach is not ready."""
    a_word(hall, "retention", ready=False, ports={"log": False, "tape": True}, red={"retention": "loop_died"})
    told = hall.key("administer").get(f"{API}/overview").json()
    assert told["red"] == {"retention": "loop_died"}
    assert (told["ports"]["log"], told["ports"]["tape"], told["ports"]["blobs"]) == (False, True, True)
    assert [(one["process"], one["ready"], one["silent"]) for one in told["processes"]][-1] == (
        "retention-1:7",
        False,
        False,
    )


def test_the_check_names_the_process_that_died(hall: CityHall) -> None:
    """It is asked at another one, which is well."""
    a_word(hall, "retention", age=timedelta(minutes=5))
    items = hall.key("administer").get(f"{API}/checks").json()["items"]
    (found,) = [item for item in items if item["name"] == "retention at retention-1:7"]
    assert not found["good"]
    assert "silent since" in found["text"]
    assert found["todo"]


def test_status_tells_what_a_service_lacks(hall: CityHall) -> None:
    """The page in words for clerks, the overview as the service said it; what is good is not told."""
    lacks = Found(name="classification", good=False, text="encoder_unusable: the weights are broken", todo="Mend it.")
    a_word(hall, "classification", found=(lacks, Found(name="ledger", good=True, text="all is well")))
    assert hall.key("administer").get(f"{API}/overview").json()["faults"] == {"classification": lacks.text}
    page = hall.clerk(rights=("administer",), all_offices=True).get("/status").text
    for words in ("Dem Dienst classification fehlt etwas", "nur nach ihren Wörtern verglichen", lacks.text):
        assert words in page


def test_the_status_page_shows_the_processes(hall: CityHall) -> None:
    """Each with its state, in German; a mail room of one process has no such list."""
    clerk = hall.clerk(rights=("administer",), all_offices=True)
    assert "Prozesse" not in clerk.get("/status").text
    a_word(hall, "retention", age=timedelta(minutes=5))
    page = clerk.get("/status").text
    for words in ("Prozesse", "retention-1:7", "ohne Lebenszeichen", "Vom Dienst retention kommt kein Lebenszeichen"):
        assert words in page
