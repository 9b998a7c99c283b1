"""The clerk's desk: sign-in, sessions, forms, and pages that hostile post cannot take over."""

import re
from html import unescape

import pytest

from tests.component.city_hall import API, PASSWORD, CityHall, a_mail

ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
PAGES = (
    "/suche",
    "/posteingang",
    "/aktenplan",
    "/eingang",
    "/status",
    "/buecher",
    "/versiegelt",
    "/konten",
    "/schluessel",
)


def test_strangers_are_asked_to_sign_in_and_brought_back(hall: CityHall) -> None:
    """A page redirects to the sign-in, which goes on to the page that was asked for, and nowhere else."""
    hall.clerk("berg")
    browser = hall.stranger()
    asked = browser.get("/suche?q=Zaun")
    assert (asked.status_code, asked.headers["location"]) == (303, "/anmelden?weiter=%2Fsuche%3Fq%3DZaun")
    page = asked.headers["location"]
    signed_in = browser.submit(page, at="/anmelden", name="berg", password=PASSWORD, weiter="/suche?q=Zaun")
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/suche?q=Zaun")
    assert browser.get("/suche").status_code == 200
    for foreign in ("//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"):
        other = hall.stranger()
        answer = other.submit("/anmelden", name="berg", password=PASSWORD, weiter=foreign)
        assert answer.headers["location"] == "/"


def test_session_cookies_are_out_of_reach_of_scripts_and_other_sites(tmp_path_factory: pytest.TempPathFactory) -> None:
    """HttpOnly, SameSite=Lax, and Secure where people reach us by https."""
    for number, (url, secure) in enumerate((("", False), ("https://post.musterstadt.test", True))):
        hall = CityHall(tmp_path_factory.mktemp(f"hall{number}"), http={"public_url": url})
        token = hall.access.add_account("berg", rights=("search",))
        browser = hall.stranger()
        form = re.search(r'name="form" value="([^"]+)"', browser.get(f"/einmal/{token}").text)
        visit = {"Cookie": f"poststelle_visit={browser.cookies['poststelle_visit']}"} if secure else {}
        fields = {"form": form[1] if form else "", "password": PASSWORD, "again": PASSWORD}
        answer = browser.post(f"/einmal/{token}", data=fields, headers=visit)
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("poststelle_session="))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert ("Secure" in cookie) is secure
        hall.close()


def test_wrong_passwords_are_refused_and_soon_slowed_down(hall: CityHall) -> None:
    """The same sentence for a wrong name and a wrong password; after ten attempts in a minute 429."""
    hall.clerk("berg")
    browser = hall.stranger()
    answers = [browser.submit("/anmelden", name="berg", password="falsch") for _ in range(21)]
    assert answers[0].status_code == 401
    assert "Name oder Kennwort ist falsch." in answers[0].text
    assert 429 in [answer.status_code for answer in answers]  # a minute may end among them: then eleven are in one
    assert browser.submit("/anmelden", name="niemand", password="falsch").status_code == 401


def test_a_one_time_link_sets_a_password_once(hall: CityHall) -> None:
    """Too short or mistyped it asks again; used, it is gone."""
    token = hall.access.add_account("berg", rights=("search",))
    page = f"/einmal/{token}"
    browser = hall.stranger()
    assert "mindestens zwölf Zeichen" in browser.submit(page, password="kurz", again="kurz").text
    assert "stimmen nicht überein" in browser.submit(page, password=PASSWORD, again=f"{PASSWORD}!").text
    assert browser.submit(page, password=PASSWORD, again=PASSWORD).status_code == 303
    assert "Das Kennwort ist gesetzt." in browser.get("/suche").text
    assert "Das Kennwort ist gesetzt." not in browser.get("/suche").text
    assert hall.stranger().get(page).status_code == 404
    assert hall.stranger().get("/einmal/unsinn").status_code == 404


def test_a_reset_ends_every_session_of_the_account(hall: CityHall) -> None:
    """Who was signed in is a stranger from then on, on pages and in the API."""
    browser = hall.clerk("berg")
    assert browser.get(f"{API}/search").status_code == 200
    administrator = hall.key("administer")
    link = administrator.post(f"{API}/accounts/resets", json={"name": "berg"}).json()["link"]
    assert browser.get("/suche").headers["location"].startswith("/anmelden")
    assert browser.get(f"{API}/search", headers={"Accept": "application/json"}).status_code == 401
    again = hall.stranger()
    assert again.submit("/anmelden", name="berg", password=PASSWORD).status_code == 401
    path = link.removeprefix("http://poststelle")
    assert again.submit(path, password=PASSWORD, again=PASSWORD).status_code == 303


def test_signing_out_forgets_the_session(hall: CityHall) -> None:
    """The browser is a stranger's again, and says so once."""
    browser = hall.clerk("berg")
    assert browser.submit("/suche", at="/abmelden").headers["location"] == "/anmelden"
    assert "Sie sind abgemeldet." in browser.get("/anmelden").text
    assert browser.get("/suche").status_code == 303


def test_forms_of_other_sites_and_other_sessions_do_nothing(hall: CityHall) -> None:
    """Without the word of this very session a form is 403 and nothing is decided."""
    told = hall.deliver(a_mail())
    path = f"/posteingang/{told['document']}"
    berg, feld = hall.clerk("berg", all_offices=True), hall.clerk("feld", all_offices=True)
    word = re.search(r'name="form" value="([^"]+)"', feld.get(path).text)
    assert word
    fields = {"action": "no_record", "version": "4"}
    for wrong in ({}, {"form": ""}, {"form": "x"}, {"form": word[1]}):
        answer = berg.post(path, data=fields | wrong)
        assert answer.status_code == 403
        assert "Das Formular ist veraltet." in answer.text
    assert "wartet auf Entscheidung" in berg.get(path).text
    assert hall.stranger().post("/anmelden", data={"name": "berg", "password": PASSWORD}).status_code == 403
    assert berg.post(path, content=b"form=" + b"x" * 70_000).status_code == 413


OWN_SCRIPT = re.compile(r'<script type="module" src="/static/[a-z]+\.js\?[0-9a-f]+"></script>')
"""The one kind of script that a page has: a file of ours, as the content security policy wants it."""


def test_hostile_post_is_shown_as_text(hall: CityHall) -> None:
    """Subject, body, file name, sender and query cannot become markup on any page."""
    told = hall.deliver(a_mail(f"Zaun {ATTACK}", f"Zaun {ATTACK}", attached=f"Zaun {ATTACK}", name=f"zaun{ATTACK}.txt"))
    hall.scan(f"Zaun {ATTACK}".encode(), "zaun%3Cscript%3E.txt")
    browser = hall.clerk("berg", all_offices=True, rights=("search", "decide", "administer"))
    document = told["document"]
    queries = ("/suche?q=Zaun", f"/suche?q=%22{ATTACK}", f"/suche?q=x&status={ATTACK}", f"/eingang?nummer={ATTACK}")
    for path in (*queries, f"/dokumente/{document}", "/posteingang", f"/posteingang/{document}", f"/{ATTACK}"):
        page = browser.get(path)
        assert "<script" not in OWN_SCRIPT.sub("", page.text).lower(), path
        assert "<img src=x" not in page.text, path
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
    shown = browser.get("/suche?q=Zaun").text
    assert "<mark>Zaun</mark>" in shown
    assert ATTACK in unescape(shown)


def test_errors_are_pages_for_browsers_and_problems_for_machines(hall: CityHall) -> None:
    """404 and 403 in German where HTML is asked for, problem+json elsewhere; no trace, no text of a document."""
    browser = hall.clerk("berg")
    missing = browser.get("/dokumente/d" + "0" * 26)
    assert missing.status_code == 404
    assert "<h1>Nicht gefunden.</h1>" in missing.text
    assert browser.get("/status").status_code == 403
    assert browser.get("/nirgends").status_code == 404
    machine = hall.key("search").get("/nirgends")
    assert machine.headers["content-type"] == "application/problem+json"


def test_pages_are_marked_up_for_everybody(hall: CityHall) -> None:
    """German, one main heading, a skip link, a name for every field, and no script or style inside the page."""
    told = hall.deliver(a_mail())
    browser = hall.clerk("berg", all_offices=True, rights=("search", "decide", "administer"))
    for path in (*PAGES, "/anmelden", f"/dokumente/{told['document']}", f"/posteingang/{told['document']}"):
        page = browser.get(path).text
        assert '<html lang="de">' in page
        assert page.count("<h1") == 1
        assert 'href="#inhalt"' in page
        fields = re.findall(r'<(?:input|select)(?![^>]*type="hidden")(?![^>]* aria-label=)[^>]* id="([^"]+)"', page)
        assert all(f'<label for="{field}">' in page for field in fields)
        labelled = len(re.findall(r"<label[^>]*>\s*<input", page))
        named = len(re.findall(r'<(?:input|select)(?![^>]*type="hidden")(?![^>]* aria-label=)', page))
        assert len(fields) + labelled == named
        assert not re.search(r"<script|<style| style=| on\w+=", OWN_SCRIPT.sub("", page))


def test_the_desk_answers_before_the_readers_are_ready_and_says_so(hall: CityHall) -> None:
    """While Tika starts, pages carry a sentence about it."""
    hall.reading.awake = False
    assert "Dokumente werden gelesen, sobald" in hall.stranger().get("/anmelden").text
    assert hall.stranger().get("/").headers["location"] == "/anmelden"


def test_only_what_the_rights_allow_is_offered(hall: CityHall) -> None:
    """A clerk has no link to the status, whoever only searches none to the Posteingang, and neither may go there."""
    clerk, searcher = hall.clerk("berg"), hall.clerk("feld", rights=("search",))
    assert 'href="/status"' not in clerk.get("/suche").text
    assert 'href="/posteingang"' not in searcher.get("/suche").text
    assert searcher.get("/posteingang").status_code == 403


def test_the_style_is_served(hall: CityHall) -> None:
    """The layout's files are part of the program."""
    assert hall.stranger().get("/static/desk.css").headers["content-type"].startswith("text/css")
    assert hall.stranger().get("/static/poststelle.svg").status_code == 200


def test_help_is_there_for_everybody_signed_in(hall: CityHall) -> None:
    """Tour, questions and what is new, from every page; each page that it names is one of ours."""
    clerk = hall.clerk(all_offices=True)
    page = clerk.get("/hilfe")
    assert page.status_code == 200
    assert 'href="/hilfe"' in clerk.get("/suche").text
    for part in ("Rundgang", "Wo ist meine Post?", "Häufige Fragen", "Was ist neu"):
        assert f"{part}" in page.text
    for target in set(re.findall(r'(?:href|action)="(/[a-z]+)"', page.text)) - {"/abmelden"}:
        assert clerk.get(target).status_code == 200, target
    assert hall.stranger().get("/hilfe").status_code == 303


def test_everybody_starts_where_their_work_is(hall: CityHall) -> None:
    """A clerk at the Posteingang, who only searches at the search; what belongs to administration is one menu."""
    starts = {"decide": "/posteingang", "search": "/suche", "deliver": "/hochladen", "audit": "/einsichten"}
    for right, path in starts.items():
        assert hall.clerk(right, rights=(right,)).get("/").headers["location"] == path
    everything = ("search", "decide", "deliver", "administer", "audit")
    page = hall.clerk("alles", rights=everything, all_offices=True).get("/suche").text
    row, _, menu = page.partition("Verwaltung</summary>")
    assert menu
    for path in ("/status", "/konten", "/schluessel", "/einsichten", "/berichte"):
        assert f'href="{path}"' not in row
        assert f'href="{path}"' in menu
    assert "Verwaltung</summary>" not in hall.clerk("berg").get("/suche").text
