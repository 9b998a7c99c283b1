"""Dead letters for tests of lists and pages, whose services work without the loop that makes them."""

from services.core.messages import topics
from services.core.messages.envelope import Cause, encode
from services.core.messages.events import DocumentExtracted
from services.runtime.worker import dead_letters
from tests.component.city_hall import CityHall

SERVICE = "classification"


def dead_letter(hall: CityHall, document: str, *, revision: int = 1, code: str = "bug") -> str:
    """Classification gives up what extraction told of this document; the id of the letter."""
    facts = DocumentExtracted(document=document, revision=revision, complete=True, part_count=1)
    now = hall.ports.clock.now()
    event = topics.emit(facts, cause=Cause("main", f"{document}/{revision}"), service="extraction", now=now)
    dead_letters.dead_letter(encode(event), service=SERVICE, error_code=code, tenant="main", ports=hall.ports)
    return event.id
