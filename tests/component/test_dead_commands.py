"""`poststelle dead`: what an administrator types, and what is answered."""

import json
import re
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx
import pytest

from services.cli import main
from services.core.keys import Bucket
from tests.component.browser import called
from tests.component.city_hall import CityHall, a_mail
from tests.component.dead import dead_letter

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs `poststelle dead …` against the hall; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(hall.access.add_key("command-line", rights=("administer",)))
    monkeypatch.setattr(httpx, "request", called(hall.app))

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["poststelle", "dead", *words, "--key-file", "key"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return run


def test_list_and_show_say_what_died_and_what_to_do(hall: CityHall, command: Command) -> None:
    """A line each; one with everything that is known of it; JSON for programs."""
    told = hall.deliver(a_mail())
    letter = dead_letter(hall, told["document"])
    assert command("list")[1].split()[:1] == [letter]
    assert "nothing is dead" in command("list", "--service", "ocr")[1]
    code, said = command("show", letter)
    assert code == 0
    assert told["document"] in said
    assert "The service failed on it. (bug)" in said
    assert "Remove the bug" in said
    assert json.loads(command("list", "--json")[1])["items"][0]["id"] == letter
    code, said = command("show", "00000000-0000-0000-0000-000000000000")
    assert code == 1
    assert "may have been worked off" in said
    assert command("show", "nonsense")[0] == 1


def test_long_lists_go_on(hall: CityHall, command: Command) -> None:
    """The last line says how."""
    told = hall.deliver(a_mail())
    letters = {dead_letter(hall, told["document"], revision=n) for n in (1, 2, 3)}
    first = command("list", "--limit", "2")[1]
    rest = command("list", "--limit", "2", "--cursor", first.split()[-1])[1]
    assert {word for word in (first + rest).split() if word in letters} == letters
    assert "--cursor" not in rest


def test_what_died_last_stands_first(hall: CityHall, command: Command) -> None:
    """On the command line and on the desk, from page to page."""
    told = hall.deliver(a_mail())
    letters = [dead_letter(hall, told["document"], revision=n) for n in range(1, 30)]
    first = command("list", "--limit", "20")[1]
    rest = command("list", "--cursor", first.split()[-1])[1]
    assert [line.split()[0] for line in [*first.splitlines()[:-1], *rest.splitlines()]] == letters[::-1]
    desk = hall.clerk("amsel", rights=("administer",))
    shown = desk.get("/liegengeblieben").text
    more = re.search(r'href="(/liegengeblieben\?[^"]*ab=[^"]+)"', shown)
    assert more
    shown += desk.get(unescape(more[1])).text
    assert re.findall(r"Kennung: ([0-9a-f-]{36})", shown) == letters[::-1]


def test_replay_counts_first_and_never_means_everything_by_mistake(hall: CityHall, command: Command) -> None:
    """Without ids, a filter or --all it is wrong usage; a dry run replays nothing."""
    told = hall.deliver(a_mail())
    letters = [
        dead_letter(hall, told["document"], revision=n, code=code)
        for n, code in ((1, "bug"), (2, "bug"), (3, "schema"))
    ]
    assert command("replay")[0] == 2
    assert command("replay", "--dry-run")[0] == 2
    assert "3 would be replayed" in command("replay", "--all", "--dry-run")[1]
    assert hall.replayed() == 0
    assert "2 replayed" in command("replay", "--code", "bug")[1]
    assert hall.replayed() == 2
    assert command("replay", letters[2])[0] == 0
    assert hall.replayed() == 3
    answer = json.loads(command("replay", "--all", "--dry-run", "--json")[1])
    assert (answer["count"], answer["dry_run"]) == (3, True)
    hall.log.away = True
    assert command("replay", "--all")[0] == 75


def test_an_unknown_service_is_wrong_usage(command: Command) -> None:
    """2, and the sentence names the services: an empty list would look as if all were well."""
    for words in (("list",), ("replay", "--dry-run")):
        code, said = command(*words, "--service", "nix")
        assert code == 2
        assert all(service in said for service in ("extraction", "ocr", "ledger"))


def test_a_delivery_is_passed_over_by_its_id(hall: CityHall, command: Command) -> None:
    """The mark lies where its service looks; a word that is no id, and a service that is none, are refused."""
    event = "00000000-0000-5000-8000-000000000001"
    code, said = command("pass", "indexing", event)
    assert code == 0
    assert "restarted" in said
    assert hall.ports.blobs.size(Bucket.RECORDS, f"main/passed/indexing/{event}") == 0
    assert command("pass", "indexing", "nonsense")[0] == 1
    assert command("pass", "nix", event)[0] == 2
    assert "passed_over" not in command("list")[1]
