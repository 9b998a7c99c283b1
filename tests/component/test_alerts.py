"""Mails about new hits: to a real SMTP listener, with the rights of the moment, and never twice."""

import dataclasses
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session
from msgspec.structs import replace

from services.adapters.mail_relay.smtp import Relay, SmtpMailRelay
from services.core.errors import Rejected
from services.core.model.accounts import Account, Accounts, with_account
from services.search.saved import alerting, keeping
from services.search.saved.alerting import REST, UNSURE_AFTER, tell_news
from tests.component.city_hall import API, CityHall, a_mail

SAVED = f"{API}/saved-searches"
ADDRESS = "berg@stadt.example"
SETTINGS: dict[str, Any] = {
    "relay": "127.0.0.1",
    "port": 1,
    "security": "none",
    "sender": "poststelle@stadt.example",
    "recipient_domains": ("stadt.example",),
}


class Mailbox:
    """A relay: takes mails, or answers what a test wants."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.answers: list[str] = []
        self.at_recipient = "250 OK"

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, server: object, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802 - same
        del server, session
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.mails.append(envelope.original_content or b"")
        return answer


class City:
    """A hall with a clock that is moved by hand, a clerk with a saved search, and a relay."""

    def __init__(self, hall: CityHall, box: Mailbox, port: int) -> None:
        self.hall, self.box = hall, box
        context = hall.contexts["search"]
        relay = Relay(
            host="127.0.0.1",
            port=port,
            security="none",
            sender="poststelle@stadt.example",
            domains=("stadt.example",),
            timeout_s=5,
        )
        self.later = timedelta(0)
        self._numbers = count(1)
        ports = dataclasses.replace(context.ports, mail=SmtpMailRelay(relay), clock=self)
        self.context = dataclasses.replace(context, ports=ports)
        self._clock = context.ports.clock
        self.clerk = hall.clerk("berg", offices=("bauamt",))

    def now(self) -> Any:
        """Later than it is."""
        return self._clock.now() + self.later

    def saved(self, mail: str = ADDRESS) -> str:
        """A search for fences whose news are told by mail."""
        caller = self._caller()
        wish = keeping.Wish(name="Zäune", question="Zaun", mail=mail)
        return keeping.save(self.context, caller, wish).id

    def search(self) -> Any:
        """The clerk's one saved search as it is stored."""
        (found,) = keeping.all_of(self.context, self._caller())
        return found

    def _caller(self) -> Any:
        account = self.hall.access.everybody.accounts[0].id
        return next(one for one in alerting._searchers(self.context) if one.id == account)

    def fence(self, box: str = "bau") -> str:
        """One more letter about a fence."""
        told = self.hall.deliver(
            a_mail("Zaun Quittenweg", f"Es geht um den Zaun {next(self._numbers)}."), f"{box}@stadt.example"
        )
        self.hall.work()
        return str(told["document"])

    def told(self) -> int:
        """How many mails a round sends."""
        before = len(self.box.mails)
        tell_news(self.context)
        return len(self.box.mails) - before


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """With a relay that listens."""
    offices = {"bau@stadt.example": "bauamt", "kasse@stadt.example": "kasse"}
    hall = CityHall(tmp_path, mail_intake={"offices": offices}, outgoing_mail=SETTINGS)
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:  # its number, for the listener knocks at its own door
        port = int(free.getsockname()[1])
    listener = Controller(box, hostname="127.0.0.1", port=port)
    listener.start()
    try:
        yield City(hall, box, port)
    finally:
        listener.stop()
        hall.close()


def test_a_new_hit_is_told_once_and_says_nothing(city: City) -> None:
    """How many and where to look; no title, no question, no name of the search. What is told is not told again."""
    search = city.saved()
    assert city.told() == 0
    city.fence()
    assert (city.told(), city.told()) == (1, 0)
    mail = message_from_bytes(city.box.mails[0], policy=policy.default)
    text = mail.get_content()
    assert (mail["To"], mail["Auto-Submitted"]) == (ADDRESS, "auto-generated")
    assert f"/suche/gespeichert/{search}" in text
    assert "1 neuen Treffer" in text
    whole = city.box.mails[0].decode()
    assert not any(word in whole for word in ("Zaun", "Zäune", "Quittenweg"))
    city.later += 2 * REST
    assert city.told() == 0
    city.fence()
    assert city.told() == 1


def test_within_an_hour_one_mail_is_enough(city: City) -> None:
    """What comes meanwhile is told by the next one."""
    city.saved()
    city.fence()
    assert city.told() == 1
    city.fence()
    assert city.told() == 0
    city.later += REST
    assert city.told() == 1
    assert "2 neue Treffer" in message_from_bytes(city.box.mails[-1], policy=policy.default).get_content()


def _with(account: Account, everybody: Accounts) -> Accounts:
    return with_account(everybody, account)


def test_rights_are_those_of_the_moment_of_telling(city: City) -> None:
    """Another office's letter is no news; of an account that is closed, or sees the office no more, nobody is told."""
    city.saved()
    city.fence("kasse")
    assert city.told() == 0
    city.fence()
    access = city.hall.access
    account = access.everybody.accounts[0]
    for changed in ({"offices": ("kasse",)}, {"disabled": True}, {"rights": ("deliver",)}):
        stripped = replace(account, **changed)
        access.change(partial(_with, stripped))
        if "offices" in changed:
            seen = city.search()
            keeping.look(city.context, city._caller(), seen.id)  # the letter of the cash office, which is theirs now
        assert city.told() == 0, changed
    access.change(partial(_with, account))
    assert city.told() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whoever_dies_at_it_tells_nobody_twice(city: City, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Before the relay had the mail, or after: another process waits, then leaves it; the hit stays new on the desk."""
    search = city.saved()
    city.fence()
    send = SmtpMailRelay.send

    def dies(relay: SmtpMailRelay, *mail: str) -> str:
        if moment == "after":
            send(relay, *mail)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(SmtpMailRelay, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            tell_news(city.context)
    mails = 1 if moment == "after" else 0
    assert len(city.box.mails) == mails
    assert city.told() == 0
    city.later += UNSURE_AFTER
    assert (city.told(), city.told()) == (0, 0)
    city.later += REST
    assert city.told() == 0
    assert city.clerk.get(f"{SAVED}/{search}").json()["new"] == 1
    city.fence()
    assert city.told() == 1


def test_two_processes_tell_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw the same news; the second finds the revision taken."""
    city.saved()
    city.fence()
    claim = keeping.claim

    def late(*asked: Any) -> bool:
        monkeypatch.setattr(keeping, "claim", claim)
        tell_news(city.context)
        return claim(*asked)

    monkeypatch.setattr(keeping, "claim", late)
    assert city.told() == 1


def test_a_relay_that_is_away_is_tried_again(city: City) -> None:
    """By each round, until it takes the mail; what it refuses for good is not tried again."""
    city.saved()
    city.fence()
    city.box.answers = ["451 later", "250 OK"]
    assert (city.told(), city.told()) == (0, 1)
    city.later += REST
    city.fence()
    city.box.at_recipient = "550 unknown"
    assert city.told() == 0
    city.box.at_recipient = "250 OK"
    city.later += REST
    assert city.told() == 0


@pytest.mark.parametrize(
    "address",
    [
        "berg@anderswo.example",
        "bau@stadt.example",
        "berg",
        "a@stadt.example, b@x.example",
        "a@stadt.example\nBcc: b@c",
    ],
)
def test_mails_go_to_our_own_people_alone(city: City, address: str) -> None:
    """Other domains, boxes that we capture, lists and headers are refused."""
    with pytest.raises(Rejected) as refused:
        city.saved(mail=address)
    assert refused.value.code == "bad_alert_address"


def test_without_a_relay_no_address_is_taken(hall: CityHall) -> None:
    """Not even one of our own people's."""
    answer = hall.key("search").post(SAVED, json={"name": "Zäune", "q": "Zaun", "mail": ADDRESS})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_alert_address")


def test_the_desk_offers_it_where_there_is_a_relay(city: City) -> None:
    """The address is kept and taken back by the owner alone."""
    search = city.saved(mail="")
    for context in city.hall.contexts.values():
        object.__setattr__(context.ports, "mail", city.context.ports.mail)
    page = "/suche/gespeichert"
    city.clerk.submit(page, f"{page}/{search}/mail", mail=ADDRESS)
    assert city.search().mail == ADDRESS
    assert 'value="berg@stadt.example"' in city.clerk.get(page).text
    refused = city.clerk.submit(page, f"{page}/{search}/mail", mail="x@anderswo.example")
    assert "An diese Adresse darf die Poststelle keine Nachrichten senden." in refused.text
    feld = city.hall.clerk("feld", offices=("bauamt",))
    assert feld.submit(page, f"{page}/{search}/mail", mail="").status_code == 404
    city.clerk.submit(page, f"{page}/{search}/mail", mail="")
    assert city.search().mail == ""


def test_without_a_relay_the_page_does_not_ask(hall: CityHall) -> None:
    """Nobody is offered what would not come."""
    clerk = hall.clerk("wald")
    clerk.post(SAVED, json={"name": "Zäune", "q": "Zaun"}, headers={"Origin": "http://poststelle"})
    page = clerk.get("/suche/gespeichert").text
    assert ("Zäune" in page, "E-Mail" in page) == (True, False)


def test_a_password_is_in_no_word_of_a_relay() -> None:
    """What is printed of it in a log or an error names the user at most."""
    place: dict[str, Any] = {"host": "h", "port": 25, "security": "tls", "sender": "a@b", "domains": (), "timeout_s": 1}
    assert "Geheimnis-17" not in repr(Relay(**place, user="post", password="Geheimnis-17"))
