"""Finding and reading over HTTP: rights in every answer, versions, ranges, and what hostile post cannot do."""

from email.message import EmailMessage

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.record_files import Erased
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail


@pytest.fixture
def reader(hall: CityHall) -> Browser:
    """A machine that may see everything."""
    return hall.key("search", all_offices=True)


def test_words_are_found_in_body_and_attachment(hall: CityHall, reader: Browser) -> None:
    """GET and POST answer alike: hit, total, and a snippet with the place of the word."""
    told = hall.deliver(a_mail("Gartenhaus", "Wir bitten um Genehmigung.", attached="Der Lageplan liegt bei."))
    by_get = reader.get(f"{API}/search", params={"q": "Lageplan"}).json()
    by_post = reader.post(f"{API}/search", json={"q": "Lageplan", "limit": 5}).json()
    assert by_get == by_post
    assert by_get["total"] == 1
    hit = by_get["items"][0]
    assert (hit["document"], hit["title"], hit["state"]) == (told["document"], "Gartenhaus", "held")
    snippet = hit["snippets"][0]
    assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["Lageplan"]


def test_pages_of_hits_continue_without_doubles_or_gaps(hall: CityHall, reader: Browser) -> None:
    """Seven hits in pages of three are each shown once."""
    sent = {hall.deliver(a_mail(f"Zaun {number}"))["document"] for number in range(7)}
    seen, cursor = [], ""
    for _ in range(3):
        page = reader.post(f"{API}/search", json={"q": "Zaun", "sort": "newest", "cursor": cursor, "limit": 3}).json()
        assert page["total"] == 7
        seen += [hit["document"] for hit in page["items"]]
        cursor = page["next"]
    assert cursor == ""
    assert len(seen) == 7
    assert set(seen) == sent


def test_a_malformed_query_is_400_with_its_place(hall: CityHall, reader: Browser) -> None:
    """Position, fault and suggestion come as members of the problem."""
    answer = reader.post(f"{API}/search", json={"q": 'Bau "Antrag'})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["position"], body["fault"]) == ("bad_query", 5, "open_quote")
    assert reader.post(f"{API}/search", json={"q": "a", "cursor": "unsinn"}).json()["code"] == "bad_query"
    assert reader.get(f"{API}/search", params={"limit": 1000}).status_code == 400


def test_another_office_sees_no_hit_no_count_and_no_document(hall: CityHall) -> None:
    """What belongs to the mail room is neither found nor counted by the cashier's, and is 404 below /documents."""
    told = hall.deliver(a_mail("Gartenhaus"))
    stranger = hall.key("search", offices=("kasse",))
    assert stranger.get(f"{API}/search", params={"q": "Gartenhaus"}).json() == {
        "items": [],
        "total": 0,
        "next": "",
        "step": "all",
        "by_meaning": False,
        "suggestion": "",
        "facets": {},
    }
    assert stranger.get(f"{API}/clearing").json()["total"] == 0
    path = f"{API}/documents/{told['document']}"
    for below in ("", "/history", "/original", "/parts/0/text", "/parts/1/content"):
        theirs, missing = stranger.get(path + below), stranger.get(f"{API}/documents/d{'0' * 26}{below}")
        assert theirs.status_code == 404
        assert theirs.json() == missing.json()


def test_reading_needs_the_right_to_search(hall: CityHall) -> None:
    """A key that only delivers is 403, no key 401."""
    told = hall.deliver(a_mail())
    for path in ("/search", "/clearing", f"/documents/{told['document']}"):
        assert hall.key("deliver", all_offices=True).get(API + path).status_code == 403
        assert Browser(hall.app).get(API + path).status_code == 401


def test_a_record_is_told_with_its_version(hall: CityHall, reader: Browser) -> None:
    """ETag: versions of record and plan. Known, it is 304; not reached, 202; reached by a decision, another one."""
    told = hall.deliver(a_mail("Gartenhaus", attached="Plan"))
    path = f"{API}/documents/{told['document']}"
    answer = reader.get(path)
    body, tag = answer.json(), answer.headers["etag"]
    assert tag == f'"{body["version"]}.1"'  # and of the plan
    assert (body["state"], body["reason"]["code"], body["mail"]["subject"]) == ("held", "unsure", "Gartenhaus")
    assert [part["name"] for part in body["parts"]] == ["", "anlage.txt"]
    assert [receipt["receipt"] for receipt in body["receipts"]] == [told["receipt"]]
    assert reader.get(path, headers={"If-None-Match": tag}).status_code == 304
    later = {"min_version": body["version"] + 1}
    assert reader.get(path, params=later).status_code == 202
    assert reader.get(path, params=later, headers={"Prefer": "wait=1"}).status_code == 202
    clerk = hall.key("search", "decide", all_offices=True)
    made = clerk.post(f"{path}/decisions", json={"action": "file", "position": "52.10"}, headers={"If-Match": tag})
    assert made.status_code == 202, made.text
    now = reader.get(path, params=later, headers={"If-None-Match": tag}).json()
    assert now["state"] == "filed"
    assert now["filings"][0]["label"].startswith("52.10/1-")
    assert now["filings"][0]["label"].endswith("-001")
    stages = [stop["stage"] for stop in reader.get(f"{path}/history").json()["items"]]
    assert stages == ["received", "extracted", "classified", "held", "decided", "filed"]


def test_an_erased_document_is_410(hall: CityHall, reader: Browser) -> None:
    """Behind the tombstone nothing is given out any more."""
    told = hall.deliver(a_mail())
    document = told["document"]
    found = record.load(hall.ports.blobs, "main", document)
    decision = found.filings[0].decision
    tombstone = Erased(incarnation=0, decision=decision, erased_at=hall.ports.clock.now())
    hall.ports.blobs.create(Bucket.RECORDS, keys.stage("main", document, "erased", 1), record_files.encode(tombstone))
    for below in ("", "/history", "/original", "/parts/0/text", "/parts/1/content"):
        assert reader.get(f"{API}/documents/{document}{below}").status_code == 410


def test_the_original_comes_back_whole_or_in_ranges(hall: CityHall, reader: Browser) -> None:
    """The bytes as delivered, as a download in a sandbox; single ranges are 206, none that fits 416."""
    mail = a_mail("Bauantrag: Haus/Hof\u202e <svg>")
    path = f"{API}/documents/{hall.deliver(mail)['document']}/original"
    whole = reader.get(path)
    assert whole.content == mail
    assert whole.headers["content-disposition"].startswith("attachment; ")
    assert whole.headers["content-security-policy"].startswith("sandbox")
    assert whole.headers["x-content-type-options"] == "nosniff"
    size = len(mail)
    for asked, content in (("0-9", mail[:10]), (f"{size - 4}-", mail[-4:]), ("-5", mail[-5:]), ("3-9999999", mail[3:])):
        part = reader.get(path, headers={"Range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, content)
        assert part.headers["content-range"].endswith(f"/{size}")
        assert part.headers["content-length"] == str(len(content))
    assert reader.get(path, headers={"Range": f"bytes={size}-"}).status_code == 416
    assert reader.get(path, headers={"Range": "bytes=-0"}).status_code == 416
    for ignored in ("bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=9-3x"):
        assert reader.get(path, headers={"Range": ignored}).status_code == 200
    outdated = {"Range": "bytes=0-1", "If-Range": '"other"'}
    assert reader.get(path, headers=outdated).status_code == 200
    assert reader.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_a_clerk_learns_nothing_of_copies_that_others_got(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Bcc: of a letter that two offices got, each sees its own receipt, journey and header block, and no other's."""
    offices = {"bau@musterstadt.test": "bauamt", "kasse@musterstadt.test": "kasse"}
    hall = CityHall(tmp_path_factory.mktemp("hall"), mail_intake={"offices": offices})
    letter = a_mail("Gartenhaus", "Für beide.")
    first = hall.deliver(b"Delivered-To: bau@musterstadt.test\r\n" + letter, to="bau@musterstadt.test")
    second = hall.deliver(b"Delivered-To: kasse@musterstadt.test\r\n" + letter, to="kasse@musterstadt.test")
    assert first["document"] == second["document"]
    path = f"{API}/documents/{first['document']}"
    for office, own, other in (("bauamt", first, second), ("kasse", second, first)):
        clerk = hall.key("search", offices=(office,))
        for below in ("", "/history"):
            assert own["receipt"] in clerk.get(path + below).text
            assert other["receipt"] not in clerk.get(path + below).text
        copy = clerk.get(f"{path}/original").content
        mailbox = b"Delivered-To: bau@" if office == "bauamt" else b"Delivered-To: kasse@"
        assert copy.startswith(mailbox)
        assert copy.count(b"Delivered-To") == 1
        assert copy.endswith(letter[letter.index(b"\n\n") :])
        part = clerk.get(f"{path}/original", headers={"Range": "bytes=10-400"})
        assert part.content == copy[10:401]
    hall.close()


def test_texts_of_parts_are_plain(hall: CityHall, reader: Browser) -> None:
    """A part's text is text, whatever it says it is; an unknown part is 404."""
    told = hall.deliver(a_mail(attached="<script>alert(1)</script>", name="a.html"))
    path = f"{API}/documents/{told['document']}/parts"
    answer = reader.get(f"{path}/1/text")
    assert answer.text.strip() == "<script>alert(1)</script>"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    for part in ("9", "..", "x"):
        assert reader.get(f"{path}/{part}/text").status_code == 404


def test_attachments_come_back_as_they_were_sent(hall: CityHall, reader: Browser) -> None:
    """The bytes of an attachment and of one inside an attached mail, as downloads; 404 elsewhere and for others."""
    inner = EmailMessage()
    inner["Subject"] = "Weitergeleitet"
    inner.set_content("Siehe Anlage.")
    inner.add_attachment(b"Anlage: Plan\0\xff", maintype="application", subtype="octet-stream", filename="plan ü.bin")
    outer = EmailMessage()
    outer["Subject"] = "Mit Anlagen"
    outer.set_content("Zwei Anlagen.")
    outer.add_attachment("Größe;1\n", subtype="csv", filename="../../liste.csv")
    outer.add_attachment(inner)
    path = f"{API}/documents/{hall.deliver(bytes(outer))['document']}/parts"
    listed = reader.get(f"{path}/1/content")
    assert listed.content == "Größe;1\n".encode()
    assert listed.headers["content-disposition"].startswith('attachment; filename="liste.csv"')
    assert listed.headers["content-security-policy"].startswith("sandbox")
    assert reader.get(f"{path}/2/content").content == bytes(inner)
    assert (
        reader.get(f"{path}/2/content")
        .headers["content-disposition"]
        .startswith('attachment; filename="Weitergeleitet.eml"')
    )
    innermost = reader.get(f"{path}/2.1/content", headers={"Range": "bytes=8-11"})
    assert (innermost.status_code, innermost.content) == (206, b"Plan")
    for nowhere in ("0", "3", "1.1", "2.1.1", "2.9", "x", "..", "9" * 300):
        assert reader.get(f"{path}/{nowhere}/content").status_code == 404
    assert hall.key("search", offices=("kasse",)).get(f"{path}/1/content").status_code == 404


def test_held_documents_are_listed_by_office_and_reason(hall: CityHall, reader: Browser) -> None:
    """`/clearing` narrows by both; an unknown reason is a malformed query."""
    hall.deliver(a_mail("Eins"))
    hall.deliver(a_mail("Zwei"))
    assert [hit["title"] for hit in reader.get(f"{API}/clearing").json()["items"]] == ["Eins", "Zwei"]
    assert reader.get(f"{API}/clearing", params={"reason": "unsure"}).json()["total"] == 2
    assert reader.get(f"{API}/clearing", params={"reason": "conflicting"}).json()["total"] == 0
    assert reader.get(f"{API}/clearing", params={"office": "kasse"}).json()["total"] == 0
    assert reader.get(f"{API}/clearing", params={"reason": "laune"}).status_code == 400
