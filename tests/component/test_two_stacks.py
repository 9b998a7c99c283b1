"""A scanner that reads one side: fronts and the turned stack become documents with their pages in order."""

from services.core.model import record
from tests.component.arranged import arrange, balances, text_of
from tests.component.city_hall import API, CityHall
from tests.component.piles import found, parts_of, scanned
from tests.fakes.readers import SHEETS

STACKS = SHEETS + b"\f".join(
    (b"Antrag Ahorn", b"[PATCHT]", b"Widerspruch Birke", b"[POSTSTELLE-RUECKSEITEN]", b"Anlage Foto", b"", b"Lageplan")
)


def test_fronts_and_backs_are_put_together(hall: CityHall) -> None:
    """Each document has its backs, the account says where they were, and the page of the scan tells it."""
    scan = scanned(hall, STACKS)
    texts = [text_of(hall, part.document).split()[1:] for part in parts_of(hall, scan)]
    assert texts == [["Antrag", "Ahorn", "Lageplan"], ["Widerspruch", "Birke", "Anlage", "Foto"]]
    clerk = hall.clerk("berg", all_offices=True)
    sheets = clerk.get(f"{API}/documents/{scan}").json()["sheets"]
    assert (sheets["backs_from"], sheets["separator_count"], sheets["blank_count"]) == (5, 2, 1)
    assert "Rückseiten ab Seite 5 den Vorderseiten zugeordnet" in clerk.get(f"/dokumente/{scan}").text


def test_uneven_stacks_wait_whole_and_can_be_arranged(hall: CityHall) -> None:
    """A front too many: nothing is guessed, a clerk sees why, and puts the pages in order by hand."""
    scan = scanned(hall, SHEETS + b"\f".join((b"Seite 1", b"Seite 3", b"[POSTSTELLE-RUECKSEITEN]", b"Seite 2")))
    now, extraction = record.standing(found(hall, scan)), found(hall, scan).extraction
    assert extraction
    assert extraction.sheets
    assert (now.state, now.reason, extraction.sheets.faults) == ("held", "sheets_differ", ("stacks_differ",))
    assert "nicht gleich viele" in hall.clerk("berg", all_offices=True).get(f"/dokumente/{scan}").text
    assert arrange(hall, scan, [1, 4, 2]).status_code == 202
    (part,) = parts_of(hall, scan)
    assert text_of(hall, part.document).split()[1:] == ["Seite", "1", "Seite", "2", "Seite", "3"]
    arranged = found(hall, scan).extraction
    assert arranged
    assert arranged.sheets
    assert balances(arranged.sheets)
