"""docker-compose.yml says what it should, without an engine: services, versions, limits, secrets, networks."""

import re
import stat
import subprocess
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from deploy.servers.fetching import versions
from services import stack
from services.adapters.text_extractor.tika import programs
from services.core.ports import store_rights
from services.settings import load

PROJECT = Path(__file__).parents[2]
DOCKERFILE = (PROJECT / "deploy/Dockerfile").read_text(encoding="utf-8")
SERVICES = stack.SERVICES
ONCE = {"claim", "rights", "prepare"}
TOOLS = {"poststelle"}
WRITABLE_ROOTS = {"kafka", "opensearch"}
"""Their images write their configuration into their root as they start."""
OUTWARD = {"mail_intake", "proxy"}
KEYS = {"s3_access_key", "s3_secret_key"}

Table: TypeAlias = dict[str, Any]


@pytest.fixture(scope="module")
def file() -> Table:
    """The file, with its anchors resolved."""
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    found: Table = yaml.safe_load(text)
    return found


@pytest.fixture(scope="module")
def services(file: Table) -> dict[str, Table]:
    """Its services by name."""
    found: dict[str, Table] = file["services"]
    return found


def _environment(service: Table) -> dict[str, str]:
    given: dict[str, str] = service.get("environment", {})
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in given.items()}


def test_every_context_is_a_service_of_its_name(services: dict[str, Table]) -> None:
    """One name everywhere: the service, the service, and what it is told to run."""
    assert {name: services[name]["command"] for name in SERVICES} == {name: ["run", name] for name in SERVICES}
    ours = {name for name, service in services.items() if service["image"].startswith("poststelle:")}
    assert ours == {*SERVICES, *ONCE, *TOOLS}
    assert {services[name]["image"] for name in ours} == {f"poststelle:{_version()}"}


def _version() -> str:
    (found,) = re.findall(r'^version = "(.+)"', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    return str(found)


def test_versions_are_those_of_the_tests(services: dict[str, Table]) -> None:
    """What `deploy/servers` proves is what docker compose runs, wherever the registries carry the same."""
    tags = {name: services[name]["image"].partition(":")[2] for name in ("kafka", "store", "opensearch", "tika")}
    assert tags.pop("tika").startswith(f"{programs.VERSION}.")
    opensearch, kafka = versions("opensearch")["opensearch"], versions("kafka")["kafka"]
    assert tags == {"kafka": kafka, "store": versions("s3")["silo"], "opensearch": opensearch}
    for name, service in services.items():
        assert re.search(r":[\w.-]*\d[\w.-]*$", service["image"]), name


def test_only_this_machine_reaches_what_is_published(services: dict[str, Table]) -> None:
    """The page and the SMTP listener, on the loopback; nothing else has a port."""
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == OUTWARD
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_nobody_may_more_than_needed(services: dict[str, Table]) -> None:
    """Roots are read-only but for two servers', memory has an end, no rights are gained; root has no network."""
    for name, service in services.items():
        assert service.get("read_only", False) == (name not in WRITABLE_ROOTS), name
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        if service.get("user", "10001:10001").startswith("0"):
            assert (name, service["network_mode"], service["cap_add"]) == ("claim", "none", ["CHOWN"])


def test_everybody_is_asked_how_they_are(services: dict[str, Table]) -> None:
    """Every container has a health check, ours by the image; what runs once has none, and others wait for its end."""
    waited_for = {name for service in services.values() for name in service.get("depends_on", {})}
    assert waited_for >= ONCE
    assert "\nHEALTHCHECK " in DOCKERFILE
    for name, service in services.items():
        given = service.get("healthcheck", {})
        if name in ONCE | TOOLS:
            assert (given, service["restart"]) == ({"disable": True}, "no")
        else:
            assert service["restart"] == "unless-stopped"
            assert given.get("test", "") != "" or name in SERVICES, name
    for name in SERVICES:
        assert services[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_secrets_come_from_files_that_the_script_makes(file: Table, services: dict[str, Table], tmp_path: Path) -> None:
    """No secret stands in the environment; each service gets its own keys and the one of sessions, and no other's."""
    for name, service in services.items():
        for variable in _environment(service):
            assert not re.search("PASSWORD|SECRET|_KEY", variable) or variable.endswith("_FILE"), (name, variable)
    made = _made_by_the_script(tmp_path / "secrets")
    named = {Path(secret["file"]).relative_to("secrets") for secret in file["secrets"].values()}
    users = {Path("services", user, key) for user in store_rights.users() for key in KEYS}
    assert set(made) == named | users
    for name in SERVICES:
        given = [
            one if isinstance(one, str) else f"{one['source']}>{one['target']}" for one in services[name]["secrets"]
        ]
        assert sorted(given) == sorted([f"{name}_key>s3_access_key", f"{name}_secret>s3_secret_key", "session"])


def _made_by_the_script(folder: Path) -> dict[Path, str]:
    """Its files and what is in them; it is called twice."""
    script = ["sh", str(PROJECT / "deploy/compose/secrets.sh"), str(folder)]
    first, second = (subprocess.run(script, check=True, capture_output=True, text=True).stdout for _ in range(2))
    assert (first != "", second) == (True, "")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.relative_to(folder): path.read_text() for path in folder.rglob("*") if path.is_file()}
    secret = [text for path, text in files.items() if path.name != "s3_access_key"]
    assert len(set(secret)) == len(secret)
    assert all(re.fullmatch(r"[0-9a-f]{40}\n", text) for text in secret)
    assert {files[Path("services", user, "s3_access_key")] for user in SERVICES} == {f"{user}\n" for user in SERVICES}
    return files


def test_settings_are_settings(services: dict[str, Table], monkeypatch: pytest.MonkeyPatch) -> None:
    """What each container of ours is told is understood, and leads to servers of the same file."""
    for name in (*SERVICES, *ONCE, *TOOLS):
        with monkeypatch.context() as patch:
            for variable, value in _environment(services[name]).items():
                patch.setenv(variable, value)
            settings = load()
        if name == "claim":
            continue
        assert settings.kafka.bootstrap.partition(":")[0] in services
        assert settings.s3.endpoint.partition(":")[0] in services
        assert settings.s3.prepared == (name != "prepare")
        assert settings.stack == "kafka"


def test_nobody_is_in_a_network_without_need(file: Table, services: dict[str, Table]) -> None:
    """Tika is alone with extraction; who publishes is let in and not out; all else is closed."""
    networks = file["networks"]
    closed = {name for name, network in networks.items() if network.get("internal")}
    assert closed == {"inside", "reading"}
    assert networks["outside"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    members = {
        network: {name for name, service in services.items() if network in service.get("networks", ())}
        for network in networks
    }
    assert members["reading"] == {"tika", "extraction"}
    assert members["outside"] == OUTWARD
    assert members["inside"] == set(services) - {"tika", "claim"}


def test_profiles_are_three(services: dict[str, Table]) -> None:
    """`core` and `ocr` are what `.env` starts; the command line is there to be called."""
    of = {name: service["profiles"] for name, service in services.items()}
    assert {name for name, given in of.items() if given == ["ocr"]} == {"ocr"}
    assert {name for name, given in of.items() if given == ["tools"]} == TOOLS
    assert {name for name, given in of.items() if given == ["core"]} == set(services) - {"ocr"} - TOOLS
    assert "\nCOMPOSE_PROFILES=core,ocr\n" in (PROJECT / ".env").read_text(encoding="utf-8")


def test_the_image_is_small_and_unprivileged() -> None:
    """Two stages on one pinned slim base; nothing is built in the second, which runs as a user of its own."""
    build, final = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert build.split()[0] == final.split()[0]
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", build.split()[0])
    assert "\nUSER 10001:10001\n" in final
    assert not re.search(r"apt-get|pip.* install", final)
    assert "--require-hashes" in build


def test_kafka_outside_asks_for_tls_password_and_rights() -> None:
    """The override opens one listener, on the loopback unless told otherwise; there counts only what was granted."""
    override: Table = yaml.safe_load((PROJECT / "deploy/compose/kafka-outside.yml").read_text(encoding="utf-8"))
    kafka = override["services"]["kafka"]
    told = kafka["environment"]
    assert kafka["ports"] == ["${KAFKA_BIND:-127.0.0.1}:${KAFKA_PORT:-9094}:9094"]
    assert "OUTSIDE:SASL_SSL" in told["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
    assert told["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false"
    assert told["KAFKA_SASL_ENABLED_MECHANISMS"] == "SCRAM-SHA-512"
