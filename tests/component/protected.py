"""A city hall with a position of level 3, and one letter there whose words occur nowhere else."""

import json
from pathlib import Path

from tests.component.city_hall import API, PLAN, CityHall, a_mail

SECRET = "Quittengelee"  # a word by which the letter is known
PLAIN = "Zwetschgenmus"


def protected_hall(folder: Path) -> CityHall:
    """With the youth office, whose one position is protected."""
    hall = CityHall(folder)
    place = {"code": "51", "title": "Kindeswohl", "office": "jugendamt", "protection": 3}
    offices = {**PLAN["offices"], "jugendamt": "Jugendamt"}
    plan = {**PLAN, "version": "2", "offices": offices, "positions": [*PLAN["positions"], place]}
    assert hall.configuration.store("plan", json.dumps(plan).encode(), base=1)
    return hall


def filed(hall: CityHall, word: str, position: str) -> str:
    """A letter with this word in all that shows of it, filed at a position."""
    mail = a_mail(f"Meldung {word}", f"Es geht um {word}.", attached=f"Anlage zu {word}.", name=f"{word}.txt")
    document = str(hall.deliver(mail)["document"])
    clerk = hall.key("search", "decide", all_offices=True)
    tag = clerk.get(f"{API}/documents/{document}").headers["ETag"]
    decided = {"action": "file", "position": position}
    answer = clerk.post(f"{API}/documents/{document}/decisions", json=decided, headers={"If-Match": tag})
    assert answer.status_code == 202, answer.text
    hall.work()
    return document


def file_of(hall: CityHall, document: str) -> str:
    """The file in which it stands."""
    told = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()
    return str(told["filings"][0]["file"])
