"""Rules that a clerk writes: tried on the last letters that are theirs, then saved as a version of the plan."""

import pytest

from services.core.model import record
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail

TRIALS, RULES = f"{API}/classification/rules/trials", f"{API}/classification/rules"
CARPORT = {"position": "52.10", "words": ["Carport"]}


@pytest.fixture
def key(hall: CityHall) -> Browser:
    """A clerk of the building office, who also sees the mail room's post."""
    return hall.key("decide", "search", offices=("bauamt", "poststelle"))


@pytest.fixture
def letters(hall: CityHall) -> dict[str, str]:
    """Of four letters three name a carport: one lies right, one with the cashier, one waits."""
    decide = hall.key("decide", "search", all_offices=True)
    found = {}
    for name, subject, position in (
        ("right", "Carport eins", "52.10"),
        ("wrong", "Carport zwei", "20.1"),
        ("waiting", "Carport drei", ""),
        ("other", "Gebühren", "20.1"),
    ):
        found[name] = str(hall.deliver(a_mail(subject, "Ein Schreiben."))["document"])
        path = f"{API}/documents/{found[name]}"
        if position:
            headers = {"If-Match": decide.get(path).headers["etag"]}
            wish = {"action": "file", "position": position}
            assert decide.post(f"{path}/decisions", json=wish, headers=headers).status_code == 202
    return found


def test_rule_is_tried_on_the_last_letters(key: Browser, letters: dict[str, str]) -> None:
    """How many it leads, and where those lie now: right, elsewhere (told first), not filed; nothing changes."""
    answer = key.post(TRIALS, json=CARPORT)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    counted = [told[name] for name in ("tried", "led", "right", "elsewhere", "open", "complete", "base")]
    assert counted == [4, 3, 1, 1, 1, True, 1]
    assert [one["document"] for one in told["letters"]] == [letters["wrong"], letters["waiting"], letters["right"]]
    assert key.get(f"{API}/plan").json()["version"] == "1"


def test_trial_reads_words_as_the_rule_in_force_does(hall: CityHall, key: Browser) -> None:
    """Inflected forms and compounds count in the trial as they count for the next letter, and no others."""
    subjects = ("Zwei Carports", "Carportgenehmigung", "Gebühren")
    documents = [str(hall.deliver(a_mail(subject, "Ein Schreiben."))["document"]) for subject in subjects]
    tried = key.post(TRIALS, json=CARPORT).json()
    assert {one["document"] for one in tried["letters"]} == set(documents[:2])
    key.post(RULES, json=CARPORT | {"base": 1})
    for subject, leads in zip(subjects, (True, True, False), strict=True):
        document = str(hall.deliver(a_mail(subject, "Noch ein Schreiben."))["document"])
        found = record.load(hall.ports.blobs, "main", document).classification
        assert found is not None
        assert ("rule" in {one.kind for one in found.evidence}) == leads


def test_only_letters_of_the_clerks_offices_are_tried(hall: CityHall, letters: dict[str, str]) -> None:
    """Counts and titles know nothing of the others; an administrator who may read nothing tries on nothing."""
    narrow = hall.key("decide", offices=("bauamt",)).post(TRIALS, json=CARPORT).json()
    # The one that waits does so at this office, by what it says; the cashier's is not among them.
    assert (narrow["tried"], narrow["led"]) == (2, 2)
    assert [one["document"] for one in narrow["letters"]] == [letters["waiting"], letters["right"]]
    assert hall.key("decide", "administer").post(TRIALS, json=CARPORT).json()["tried"] == 0


def test_saved_rule_leads_the_next_letter(hall: CityHall, key: Browser) -> None:
    """It is in force at once, under a version of its own, and can be removed again; twice the same is refused."""
    saved = key.post(RULES, json=CARPORT | {"base": 1})
    assert (saved.status_code, saved.json()) == (200, {"version": 2})
    assert key.get(f"{API}/plan").json()["version"] == "1+1"
    document = str(hall.deliver(a_mail("Unser Carport", "Wir bauen."))["document"])
    found = record.load(hall.ports.blobs, "main", document).classification
    assert found is not None
    assert (found.plan_version, found.candidates[0].position) == ("1+1", "52.10")
    assert key.post(RULES, json=CARPORT | {"base": 2}).json()["code"] == "bad_rule"
    assert key.post(f"{RULES}/removals", json=CARPORT | {"base": 2}).json() == {"version": 3}
    assert key.get(f"{API}/plan").json()["version"] == "1+2"
    assert key.post(f"{RULES}/removals", json=CARPORT | {"base": 3}).json()["code"] == "bad_rule"


def test_rules_of_others_and_nonsense_are_refused(hall: CityHall, key: Browser) -> None:
    """Another office's position is 403, one above files 422, a stale plan 412, a rule without words 422 or 400."""
    for asked, status, code in (
        ({"position": "20.1", "words": ["Geld"]}, 403, "forbidden"),
        ({"position": "52", "words": ["Bau"]}, 422, "no_files_here"),
        ({"position": "99", "words": ["Bau"]}, 422, "unknown_position"),
        ({"position": "52.10"}, 422, "bad_rule"),
        ({"position": "52.10", "words": [" ,; "]}, 422, "bad_rule"),
        ({"position": "52.10", "words": ["a" * 300]}, 400, "bad_request"),
        ({"position": "52.10", "words": ["a"], "confidence": 2}, 400, "bad_request"),
    ):
        answer = key.post(TRIALS, json=asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert key.post(RULES, json=CARPORT | {"base": 7}).json()["code"] == "plan_changed"
    faulty = key.post(RULES, json={"position": "52.10", "words": ["-"], "base": 1})
    assert (faulty.status_code, faulty.json()["code"]) == (422, "plan_faulty")
    assert hall.key("search").post(TRIALS, json=CARPORT).status_code == 403
    assert hall.configuration.version("plan") == 1


def test_rule_is_written_tried_and_saved_on_the_desk(hall: CityHall, letters: dict[str, str]) -> None:
    """The page shows what the rule would have done; saved it stands in the list; markup in it does nothing."""
    clerk = hall.clerk("berg", offices=("bauamt", "poststelle"))
    page = "/regeln?stelle=52.10"
    assert "noch keine Regel" in clerk.get(page).text
    tried = clerk.submit(page, at="/regeln", stelle="52.10", action="try", words="Carport", address="", base="1")
    assert tried.status_code == 200
    assert "Von den letzten 4 Schreiben führt die Regel 3 hierher" in tried.text
    assert "1 davon liegen hier, 1 unter einer anderen Position, 1 sind nicht abgelegt" in tried.text
    words = "Carport, <script>alert(1)</script>"
    saved = clerk.submit(page, at="/regeln", stelle="52.10", action="save", words=words, base="1", confidence="0.7")
    assert saved.status_code == 303
    shown = clerk.get(page).text
    assert "(70 %)" in shown
    assert "<script>alert" not in shown
    stale = clerk.submit(page, at="/regeln", stelle="52.10", action="save", words="Anbau", base="1")
    assert (stale.status_code, "Inzwischen gilt ein anderer Aktenplan" in stale.text) == (412, True)
    assert clerk.get("/regeln?stelle=20.1").status_code == 403
    assert hall.clerk("feld", rights=("search",)).get("/regeln").status_code == 403
