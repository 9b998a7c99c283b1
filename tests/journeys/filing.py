"""What a clerk does in a journey: looks at a document that waits, and files it."""

from tests.journeys.instance import Api, Json, eventually
from tests.journeys.letters import a_mail


def settled(process: Api, receipt: str, state: str) -> Json:
    """What is told of the receipt once its document stands so, also in the index."""
    found: Json = {}

    def stands_so() -> bool:
        answer = process.http.get(f"/receipts/{receipt}")
        if answer.is_success:
            found.update(answer.json())
        return bool(found) and found["state"] == state and found["indexed"]

    eventually(stands_so)
    return found


def file_into(process: Api, document: str, position: str) -> None:
    """Decide that it belongs into a new file of this position."""
    version = process.get(f"/documents/{document}")["version"]
    answer = process.http.post(
        f"/documents/{document}/decisions",
        json={"action": "file", "position": position},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 202, answer.text  # accepted


def a_new_file(process: Api, position: str) -> str:
    """The number of a file that a mail of its own was filed into."""
    receipt = process.send(a_mail(f"Hiermit eröffne ich einen Vorgang zu {position.replace('.', ' ')}."))
    held = settled(process, receipt, "held")
    file_into(process, held["document"], position)
    place: str = settled(process, receipt, "filed")["history"][-1]["file"]
    return place
