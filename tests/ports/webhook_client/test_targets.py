"""Where webhooks may go: what the setting names, never this machine or its link by another name."""

import socket
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.servers.kafka.certificates import Authority
from services.adapters.webhook_client.pinned.client import HttpWebhookClient
from services.adapters.webhook_client.pinned.targets import NotAllowed, Targets
from services.core.errors import Misconfigured
from services.core.ports.webhook_client import NoWebhookClient
from tests.component.webhook_receiver import receiving

WITHIN = timedelta(seconds=2)
NAMES = {"bau.stadt.example": ["10.20.1.5"], "kasse.stadt.example": ["10.20.1.6"], "fremd.example": ["203.0.113.9"]}


def known(monkeypatch: pytest.MonkeyPatch, **more: list[str]) -> None:
    """A name server that knows these; addresses stand for themselves."""
    names = NAMES | {name.replace("_", "."): found for name, found in more.items()}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, **how: Any) -> list[Any]:
        return [one for found in names.get(host, [host]) for one in real(found, port, **how)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def why_not(named: list[str], url: str) -> str:
    """The code of the refusal; empty where it is allowed."""
    try:
        Targets(named).of(url)
    except NotAllowed as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("named", "url"),
    [
        (["bau.stadt.example"], "https://bau.stadt.example/eingang?x=1"),
        (["bau.stadt.example"], "https://BAU.stadt.example:8443/"),
        (["*.stadt.example"], "https://kasse.stadt.example/"),
        (["10.20.0.0/16"], "https://bau.stadt.example/"),
        (["10.20.1.5"], "https://10.20.1.5/"),
        (["fd12::/16"], "https://[fd12::5]/"),
        (["127.0.0.0/8"], "http://127.0.0.1:9000/"),
    ],
)
def test_what_the_setting_names_is_allowed(monkeypatch: pytest.MonkeyPatch, named: list[str], url: str) -> None:
    """By name, by the names below one, or by network; in clear text on this machine alone."""
    known(monkeypatch)
    assert why_not(named, url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://fremd.example/",
        "https://stadt.example/",
        "https://10.21.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://0.1.2.3/",
        "https://255.255.255.255/",
        "https://224.0.0.1/",
        "https://[ff02::1]/",
        "https://[::]/",
        "https://nah.stadt.example/",
        "https://gemischt.stadt.example/",
    ],
)
def test_nothing_else_is_allowed(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Not by another spelling, not by a name that leads here, nor where one of two addresses does."""
    near = {"nah_stadt_example": ["127.0.0.1"], "gemischt_stadt_example": ["10.20.1.7", "169.254.169.254"]}
    known(monkeypatch, **near, stadt_example=["10.9.9.9"])
    assert why_not(["*.stadt.example", "10.20.0.0/16"], url) == "webhook_target"
    if not url.startswith(("https://fremd", "https://stadt", "https://10.")):
        assert why_not(["0.0.0.0/0", "::/0"], url) == "webhook_target"


@pytest.mark.parametrize(
    "url",
    [
        "http://bau.stadt.example/",
        "ftp://bau.stadt.example/",
        "https://nutzer:wort@bau.stadt.example/",
        "https://bau.stadt.example@fremd.example/",
        "https://bau.stadt.example/#hier",
        "https:///eingang",
        "https://bau.stadt.example:0/",
        "https://bau.stadt.example:99999/",
        "https://bau.stadt.example/\r\nX: y",
        "https://bau.stadt.example\\@fremd.example/",
        "https://[::1/",
        "nichts",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Clear text, passwords, fragments, and everything that two readers read differently."""
    known(monkeypatch)
    assert why_not(["*.stadt.example", "fremd.example"], url) == "webhook_address"


@pytest.mark.parametrize("word", ["10.20.0.1/16", "https://bau.example", "a/b", "*", ""])
def test_a_setting_that_is_neither_host_nor_network_is_told(word: str) -> None:
    """At the start, not at the first event."""
    with pytest.raises(Misconfigured, match=r"procedures\.webhook_targets"):
        Targets([word])


def test_a_name_that_leads_elsewhere_later_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is looked up once for each event, judged, and used: no second answer of the name server counts."""
    with receiving() as inside:
        port = inside.url.rpartition(":")[2].partition("/")[0]
        client, asked = HttpWebhookClient(Targets(["fremd.example"]), timeout=WITHIN), []
        real = socket.getaddrinfo

        def look_up(host: str, port: int, **how: Any) -> list[Any]:
            asked.append(host)
            return real("192.0.2.1" if len(asked) == 1 and host == "fremd.example" else "127.0.0.1", port, **how)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        assert client.refusal(f"https://fremd.example:{port}/") == ""
        assert client.post(f"https://fremd.example:{port}/", {}, b"{}") == "webhook_target"
        assert inside.posts == []


def test_certificates_are_looked_at(tmp_path: Path) -> None:
    """A receiver whose authority the setting names is told; another one, or another host's certificate, is not."""
    authority = Authority.make(tmp_path / "ours")
    certificate, key = authority.sign("bauverfahren")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    targets = Targets(["127.0.0.0/8", "::1"])
    with receiving(tls=server) as receiver:
        trusting = HttpWebhookClient(targets, timeout=WITHIN * 5, ca_file=authority.certificate)
        assert trusting.post(receiver.url, {}, b"{}") == ""
        assert HttpWebhookClient(targets, timeout=WITHIN * 5).post(receiver.url, {}, b"{}") == "webhook_away"
        other = receiver.url.replace("localhost", "127.0.0.2")
        assert trusting.post(other, {}, b"{}") == "webhook_away"
        assert [post.body for post in receiver.posts] == [b"{}"]


def test_a_host_that_is_not_there_is_away() -> None:
    """Nobody listens, or nobody knows the name: it may come, so the setting of a webhook does not fail by it."""
    client = HttpWebhookClient(Targets(["127.0.0.0/8", "*.invalid"]), timeout=WITHIN)
    assert client.post("http://127.0.0.1:1/", {}, b"{}") == "webhook_away"
    assert client.post("https://niemand.invalid/", {}, b"{}") == "webhook_away"
    assert client.refusal("https://niemand.invalid/") == "webhook_away"


def test_without_targets_nothing_goes_out() -> None:
    """What stands in the place of a client refuses all."""
    assert NoWebhookClient().post("https://bau.stadt.example/", {}, b"{}") == "webhook_target"


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    """At the start."""
    (tmp_path / "ca.pem").write_text("nichts", encoding="ascii")
    with pytest.raises(Misconfigured, match=r"procedures\.webhook_ca_file"):
        HttpWebhookClient(Targets(["bau.example"]), timeout=WITHIN, ca_file=tmp_path / "ca.pem")
