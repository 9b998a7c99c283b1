"""A city's mail room that cannot start says why, in a sentence that names the setting, and ends with a code."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.servers import S3, Kafka, OpenSearch
from deploy.servers.server import free_port
from services.adapters.search_index.opensearch.schema import FORMAT
from tests.journeys.instance import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

USAGE, AWAY = 2, 69


class City:
    """The settings of a kafka stack, and what the program says to them."""

    def __init__(self, folder: Path, broker: Kafka, store: S3, node: OpenSearch) -> None:
        self._folder = folder
        self.node = node
        for name, secret in (("access", store.access_key), ("secret", store.secret_key), ("wrong", "wrong")):
            (folder / name).write_text(secret, encoding="ascii")
        self._settings = {
            "STACK": "kafka",
            "PREFIX": "refused-",
            "KAFKA__BOOTSTRAP": broker.bootstrap,
            "S3__ENDPOINT": store.endpoint,
            "S3__SECURE": "false",
            "S3__ACCESS_KEY_FILE": str(folder / "access"),
            "S3__SECRET_KEY_FILE": str(folder / "secret"),
            "OPENSEARCH__ENDPOINTS": f'["{node.endpoint}"]',
            "HTTP__PORT": "0",
            "MAIL_INTAKE__PORT": "0",
        }

    def says(self, *words: str, **settings: str) -> tuple[int, str]:
        """Exit code and the last line of standard error."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTSTELLE_")}
        own = {f"POSTSTELLE_{name}": value for name, value in (self._settings | settings).items()}
        called = subprocess.run(
            [sys.executable, "-m", "services", *words],
            cwd=self._folder,
            env={**kept, **own, "PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return called.returncode, called.stderr.strip().splitlines()[-1] if called.stderr.strip() else ""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A broker, a store and a node of our own."""
    with Kafka.start() as broker, S3.start() as store, OpenSearch.start() as node:
        yield City(tmp_path_factory.mktemp("city"), broker, store, node)


def test_topics_that_nobody_made(city: City) -> None:
    """Every missing topic is named, with the command that makes it; then `check` has nothing to say."""
    code, said = city.says("run", "classification", PREFIX="fresh-")
    read = "|".join(map(re.escape, ("documents.extracted", "filings.decided")))
    assert code == USAGE
    assert re.fullmatch(rf"topic (?:{read}) is missing: `poststelle topics apply` makes it", said)
    assert city.says("topics", "check", PREFIX="fresh-")[0] == 1
    assert city.says("topics", "apply", PREFIX="fresh-")[0] == 0
    assert city.says("topics", "check", PREFIX="fresh-")[0] == 0


def test_a_broker_that_is_away(city: City) -> None:
    """The setting and the address are named."""
    nobody = f"127.0.0.1:{free_port()}"
    code, said = city.says("run", "classification", KAFKA__BOOTSTRAP=nobody)
    assert code == AWAY
    assert said.endswith(
        f"setting kafka.bootstrap: no server of this kind answers at {nobody}, or not as kafka.security says"
    )


def test_a_store_that_is_away(city: City) -> None:
    """The same for the store."""
    assert city.says("topics", "apply")[0] == 0
    nobody = f"127.0.0.1:{free_port()}"
    code, said = city.says("run", "classification", S3__ENDPOINT=nobody)
    assert code == AWAY
    assert said.endswith(f"setting s3.endpoint: no server of this kind answers at {nobody}, or not as s3.secure says")


def test_keys_that_the_store_refuses(city: City, tmp_path: Path) -> None:
    """The settings of the keys are named, their content is not."""
    assert city.says("topics", "apply")[0] == 0
    wrong = tmp_path / "wrong"
    wrong.write_text("not-the-key", encoding="ascii")
    code, said = city.says("run", "classification", S3__SECRET_KEY_FILE=str(wrong))
    assert code == USAGE
    assert "settings s3.access_key_file and s3.secret_key_file" in said
    assert "not-the-key" not in said


def test_buckets_that_nobody_made(city: City) -> None:
    """Where others prepare the store, the missing bucket is named with the setting and the command."""
    assert city.says("topics", "apply", PREFIX="bare-")[0] == 0
    code, said = city.says("run", "classification", PREFIX="bare-", S3__PREPARED="true")
    assert code == USAGE
    assert said.endswith("setting s3.endpoint: there is no bucket bare-originals; `poststelle rights apply` makes it")


def test_an_opensearch_that_is_away(city: City) -> None:
    """The setting is named; a later start may go well, and the code says so."""
    assert city.says("topics", "apply")[0] == 0
    code, said = city.says("run", "search", OPENSEARCH__ENDPOINTS=f'["http://127.0.0.1:{free_port()}"]')
    assert (code, said) == (AWAY, "poststelle: OpenSearch does not answer at opensearch.endpoints.")


def test_an_index_of_somebody_else(city: City) -> None:
    """Another mapping under our name is refused: the index and the settings are named."""
    assert city.says("topics", "apply", PREFIX="taken-")[0] == 0
    alias = f"taken-documents-v{FORMAT}"
    city.node.ask("PUT", f"/{alias}-1", {"aliases": {alias: {}}}, patience_s=30)
    code, said = city.says("run", "search", PREFIX="taken-")
    assert code == USAGE
    assert f"{alias}-1 at opensearch.endpoints has another mapping" in said


def test_a_secret_that_is_not_there(city: City) -> None:
    """A file that cannot be read is named with its setting."""
    code, said = city.says("run", "classification", S3__SECRET_KEY_FILE="/nowhere/secret")
    assert code == USAGE
    assert said.endswith("setting s3.secret_key_file: /nowhere/secret cannot be read")


def test_topics_on_the_embedded_stack(city: City) -> None:
    """There are none to apply."""
    code, said = city.says("topics", "apply", STACK="embedded")
    assert code == USAGE
    assert "setting stack" in said
