"""Keys, sessions, one-time links and passwords, and what happens when two people change accounts at once."""

import asyncio
import time
from datetime import timedelta
from typing import Any, cast

import msgspec
import pytest

from services.core.errors import Rejected
from services.core.messages.topics import CONFIGURATION
from services.core.model import accounts
from services.core.model.accounts import Accounts
from services.runtime.access.credentials import LINK_HOURS, Access
from services.runtime.context.configuration import Configuration
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.event_log import MemoryEventLog
from tests.unit.runtime.loop import Clock

PASSWORD = "ein Satz als Kennwort"
DAY = timedelta(days=1)


class Town:
    """One store and log, and the access of as many processes as a test needs."""

    def __init__(self) -> None:
        self.blobs, self.log, self.clock = MemoryBlobStore(), MemoryEventLog(), Clock()
        self.access = self.process()

    def process(self) -> Access:
        """Another process, which knows what is stored now."""
        self.configuration = Configuration(self.blobs, tenant="main")
        self.configuration.refresh("accounts")
        return Access(self.configuration, log=self.log, clock=self.clock, secret=b"secret")

    def stored(self) -> Accounts:
        """The newest version in the store."""
        configuration = Configuration(self.blobs, tenant="main")
        configuration.refresh("accounts")
        return accounts.decode(configuration.content("accounts") or b"")

    def clerk(self, name: str = "berg") -> str:
        """An account whose password is set; its session."""
        token = self.access.add_account(name, rights=("search",), offices=("bauamt",))
        return self.access.set_password(token, PASSWORD)


@pytest.fixture
def town() -> Town:
    """Nobody lives here yet."""
    return Town()


def test_key_stands_for_its_machine(town: Town) -> None:
    """The token that was shown once opens the listener with the rights of the key, and nothing else does."""
    token = town.access.add_key("scanner-1", rights=("deliver",), offices=("bauamt",))
    caller = town.access.by_key(token)
    assert caller
    assert (caller.source, set(caller.rights)) == ("scanner-1", {"deliver"})
    assert caller.viewer.may_see(("bauamt",))
    assert not caller.viewer.may_see(("kasse",))
    for wrong in (token[:-1], token + "x", token.replace("psk", "key"), "", "psk__", "psk_x_y", "ä_ö_ü"):
        assert town.access.by_key(wrong) is None


def test_secrets_are_not_stored(town: Town) -> None:
    """Neither the key nor the link nor the password can be read off the store or the log."""
    key = town.access.add_key("scanner-1", rights=("deliver",))
    link = town.access.add_account("berg", rights=("search",))
    session = town.access.set_password(link, PASSWORD)
    everything = repr(town.blobs.blobs) + repr(town.log.topics)
    for secret in (key.split("_", 2)[2], link, PASSWORD, session):
        assert secret not in everything


def test_revoked_key_opens_nothing(town: Town) -> None:
    """At once, and an unknown one cannot be revoked."""
    token = town.access.add_key("scanner-1", rights=("deliver",))
    town.access.revoke_key(token.split("_")[1])
    assert town.access.by_key(token) is None
    with pytest.raises(Rejected, match="not_found"):
        town.access.revoke_key("k-000000")


def test_session_is_good_for_its_lifetime(town: Town) -> None:
    """It names its person while it is young, and nobody when it is old, forged or another mail room's."""
    session = town.clerk()
    caller = town.access.by_session(session, DAY)
    assert caller
    assert caller.rights == {"search"}
    assert town.access.name_of(caller.id) == "berg"
    assert town.access.by_session(session, timedelta(seconds=-1)) is None
    assert town.access.by_session(session[:-2] + "xx", DAY) is None
    assert town.access.by_session("", DAY) is None
    stranger = Access(town.configuration, log=town.log, clock=town.clock, secret=b"another")
    assert stranger.by_session(session, DAY) is None


def test_name_and_password_make_a_session(town: Town) -> None:
    """The right pair does; a wrong password and an unknown name are told in the same words."""
    town.clerk()
    assert town.access.by_session(town.access.sign_in("berg", PASSWORD), DAY)
    for name, password in (("berg", "falsch"), ("niemand", PASSWORD), ("niemand", "nobody"), ("berg", "")):
        with pytest.raises(Rejected, match="wrong_password"):
            town.access.sign_in(name, password)


def test_account_without_a_password_cannot_sign_in(town: Town) -> None:
    """Before the link was used there is no password that fits."""
    town.access.add_account("neu", rights=("search",))
    for password in ("", "nobody", PASSWORD):
        with pytest.raises(Rejected, match="wrong_password"):
            town.access.sign_in("neu", password)


def test_link_is_good_once(town: Town) -> None:
    """Who uses it sets the password; whoever finds it later gets nothing."""
    token = town.access.add_account("berg", rights=("search",))
    assert town.access.by_link(token)
    town.access.set_password(token, PASSWORD)
    assert town.access.by_link(token) is None
    with pytest.raises(Rejected, match="bad_link"):
        town.access.set_password(token, "ein anderer Satz hier")
    assert town.access.sign_in("berg", PASSWORD)


def test_link_ends_after_a_day(town: Town) -> None:
    """To the second."""
    token = town.access.add_account("berg", rights=("search",))
    town.clock.time += timedelta(hours=LINK_HOURS) - timedelta(seconds=1)
    assert town.access.by_link(token)
    town.clock.time += timedelta(seconds=1)
    assert town.access.by_link(token) is None
    assert town.access.by_link("") is None


def test_weak_password_leaves_the_link_good(town: Town) -> None:
    """A person may try again with a longer one."""
    token = town.access.add_account("berg", rights=("search",))
    with pytest.raises(Rejected, match="weak_password"):
        town.access.set_password(token, "elf Zeichen")
    assert town.access.set_password(token, PASSWORD)


def test_reset_ends_sessions_and_the_password(town: Town) -> None:
    """The old cookie, the old password and the old link are worth nothing; the new link is."""
    session = town.clerk()
    first = town.access.reset_account("berg")
    second = town.access.reset_account("berg")
    assert town.access.by_session(session, DAY) is None
    assert town.access.by_link(first) is None
    with pytest.raises(Rejected, match="wrong_password"):
        town.access.sign_in("berg", PASSWORD)
    assert town.access.by_session(town.access.set_password(second, PASSWORD), DAY)
    with pytest.raises(Rejected, match="not_found"):
        town.access.reset_account("niemand")


def test_disabled_account_has_no_session(town: Town) -> None:
    """A running one ends, and a new one is not begun."""
    session = town.clerk()
    there = town.access.everybody
    gone = msgspec.structs.replace(there.accounts[0], disabled=True)
    town.configuration.store("accounts", accounts.encode(accounts.with_account(there, gone)), base=2)
    assert town.access.by_session(session, DAY) is None
    with pytest.raises(Rejected, match="wrong_password"):
        town.access.sign_in("berg", PASSWORD)


def test_two_processes_change_accounts_at_once(town: Town) -> None:
    """Whoever comes second does it again on the newer version: nobody's change is lost."""
    other = town.process()
    town.access.add_key("scanner-1", rights=("deliver",))
    other.add_key("scanner-2", rights=("deliver",))
    town.access.add_account("berg", rights=("search",))
    assert {key.source for key in town.stored().keys} == {"scanner-1", "scanner-2"}
    assert [account.name for account in town.stored().accounts] == ["berg"]
    assert len(town.log.topics[CONFIGURATION]) == 3


def test_one_name_is_given_once_by_two_processes(town: Town) -> None:
    """The second sees, when it does it again, that the name is taken."""
    other = town.process()
    town.access.add_account("berg", rights=("search",))
    with pytest.raises(Rejected, match="name_taken"):
        other.add_account("berg", rights=("administer",))
    assert len(town.stored().accounts) == 1


def test_link_is_good_once_for_two_processes(town: Town) -> None:
    """A link that another process saw used is no link any more: the first password stands."""
    token = town.access.add_account("berg", rights=("search",))
    other = town.process()
    town.access.set_password(token, PASSWORD)
    with pytest.raises(Rejected, match="bad_link"):
        other.set_password(token, "das Kennwort eines Diebes")
    assert town.access.sign_in("berg", PASSWORD)


def test_reset_outranks_a_link_used_at_the_same_time(town: Town) -> None:
    """An administrator's reset is not undone by whoever still held the old link."""
    token = town.access.add_account("berg", rights=("search",))
    other = town.process()
    town.access.reset_account("berg")
    with pytest.raises(Rejected, match="bad_link"):
        other.set_password(token, PASSWORD)
    assert not town.stored().accounts[0].password_hash


def test_changes_without_end_are_given_up(town: Town) -> None:
    """Who never comes first is told so, after a bounded number of tries."""
    cast("Any", town.configuration).store = lambda *_, **__: None
    with pytest.raises(Rejected, match="stale"):
        town.access.add_key("scanner-1", rights=("deliver",))


def test_form_belongs_to_its_visit(town: Town) -> None:
    """Its word is good for that visit alone, and for none without one."""
    token = town.access.form_token("visit-1")
    assert town.access.is_form_of("visit-1", token)
    assert not town.access.is_form_of("visit-2", token)
    assert not town.access.is_form_of("visit-1", "")
    assert not town.access.is_form_of("", town.access.form_token(""))


def test_what_another_process_changed_is_known_by_the_next_look() -> None:
    """A key made elsewhere is unknown here until the news comes, or somebody who brings it makes us look."""
    town = Town()
    another = town.process()
    token = another.add_key("scanner", rights=("deliver",))
    assert town.access.by_key(token) is None
    town.access.catch_up()
    assert town.access.by_key(token) is not None


def test_looks_are_rare() -> None:
    """Whoever tries wrong keys does not make us ask the store each time."""
    town = Town()
    another = town.process()
    town.access.catch_up()
    token = another.add_key("scanner", rights=("deliver",))
    town.access.catch_up()
    assert town.access.by_key(token) is None


def test_a_session_of_ours_waits_for_the_look(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody looked just before a password was set elsewhere: its owner is known here a moment later all the same."""
    monkeypatch.setattr("services.runtime.access.credentials.LOOK_EVERY", 0.2)
    town = Town()
    another = town.process()
    link = another.add_account("berg", rights=("search",))
    town.access.catch_up()
    cookie = another.set_password(link, PASSWORD)
    assert town.access.by_session(cookie, DAY) is None
    assert town.access.is_signed(cookie, DAY)
    assert not town.access.is_signed("x" + cookie, DAY)

    async def ask() -> None:
        asked = time.monotonic()
        await town.access.until_due(asked)
        town.access.catch_up(asked)

    async def browsers() -> None:
        await asyncio.gather(*(ask() for _ in range(4)))

    asyncio.run(browsers())
    assert town.access.by_session(cookie, DAY) is not None


def test_a_password_set_elsewhere_a_moment_ago_signs_in(town: Town) -> None:
    """Whoever chose it at one process and signs in at another is not told that it is wrong."""
    another = town.process()
    another.set_password(another.add_account("berg", rights=("search",)), PASSWORD)
    assert town.access.by_session(town.access.sign_in("berg", PASSWORD), DAY)
    with pytest.raises(Rejected, match="wrong_password"):
        town.access.sign_in("berg", PASSWORD + "!")
