"""One OpenSearch node that is a cluster of its own, loopback only, without a security plugin."""

import http.client
import json
import secrets
from pathlib import Path
from typing import Any, Self

from deploy.servers.fetching import made_once, say
from deploy.servers.opensearch.class_path import class_path, jdk, start_cache
from deploy.servers.processes import Command
from deploy.servers.server import LOOPBACK, Server, ServerFailed, free_port

HEAP = ("-Xms512m", "-Xmx512m")
LEAN = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ActiveProcessorCount=2",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "-Dlog4j2.disable.jmx=true",
)
ANSWERS_S = 2.0
TRAINED_S = 120.0
"""The start cache is written as the training node ends."""


class OpenSearch(Server):
    """A node with a cluster name of its own; templates and indices are made by whoever uses it."""

    name = "opensearch"

    @classmethod
    def start(cls, folder: Path | None = None, *, until_down: bool = False) -> Self:
        """Start the node and wait until its cluster is whole."""
        cls.fetch()
        return cls(folder, cached=f"-XX:AOTCache={start_cache()}", until_down=until_down).begin()

    def __init__(self, folder: Path | None = None, *, cached: str = "", until_down: bool = False) -> None:
        super().__init__(folder, until_down=until_down)
        self._cached = cached

    @classmethod
    def fetch(cls) -> None:
        """Fetch the jars once per version and train the start cache once per JDK."""
        class_path()
        made_once(start_cache(), cls._train)

    @classmethod
    def _train(cls, target: Path) -> None:
        """Let one node do its everyday work and write down what it loaded and linked as it ends."""
        say("opensearch: training the start cache …")
        with cls(cached=f"-XX:AOTCacheOutput={target}").begin() as node:
            node.exercise()
            node.stop(patience_s=TRAINED_S)
        if not target.exists():
            raise ServerFailed("opensearch: the training run left no start cache")
        say(f"opensearch: start cache of {target.stat().st_size >> 20} MB written")

    @property
    def endpoint(self) -> str:
        """What clients take as the server's address (no TLS, no password)."""
        return f"http://{self.address()}"

    def address(self) -> str:
        """Where the node listens for clients."""
        return f"{LOOPBACK}:{self.settings['port']}"

    def fresh_settings(self) -> dict[str, str]:
        """Two ports, and a name that no stranger's cluster has."""
        return {
            "port": str(free_port()),
            "transport_port": str(free_port()),
            "cluster": f"poststelle-{secrets.token_hex(8)}",
        }

    def prepare(self) -> None:
        """A place for the libraries that the node unpacks."""
        (self.folder / "tmp").mkdir(exist_ok=True)

    def command(self) -> Command:
        """The node in its folder; nothing is written outside of it."""
        own = [f"-Djava.io.tmpdir={self.folder / 'tmp'}", f"-Djna.tmpdir={self.folder / 'tmp'}"]
        words = [str(jdk() / "bin" / "java"), *HEAP, *LEAN, *own, *filter(None, [self._cached])]
        words += ["-cp", class_path(), "OpenSearchNode", str(self.folder / "node")]
        words += [self.settings[name] for name in ("port", "transport_port", "cluster")]
        return Command(words, {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"})

    def answers(self) -> bool:
        """Whether our cluster (not a stranger on the port) has all its primary shards."""
        try:
            health = self.ask("GET", "/_cluster/health")
        except (OSError, http.client.HTTPException, ValueError):
            return False
        return health.get("cluster_name") == self.settings["cluster"] and health.get("status") in {"green", "yellow"}

    def ask(self, method: str, path: str, body: object = None, *, patience_s: float = ANSWERS_S) -> dict[str, Any]:
        """The JSON that the node answers, whatever its status; OSError where it does not answer."""
        connection = http.client.HTTPConnection(self.address(), timeout=patience_s)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            told: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return told

    def exercise(self) -> None:
        """The everyday work of a node: an index with German analysis, letters, a search with everything."""
        analyzer = {"tokenizer": "standard", "filter": ["lowercase", "asciifolding", "german"]}
        german = {"german": {"type": "stemmer", "language": "german"}}
        settings = {"analysis": {"filter": german, "analyzer": {"own": {"type": "custom", **analyzer}}}}
        fields = {"text": {"type": "text", "analyzer": "own"}, "place": {"type": "keyword"}, "at": {"type": "date"}}
        made = {"settings": settings, "mappings": {"properties": fields}, "aliases": {"letters": {}}}
        self.ask("PUT", "/exercise", made, patience_s=60)
        for number in range(50):
            letter = {"text": "Der Zaun ist zu hoch", "place": f"p{number}", "at": number}
            self.ask("PUT", f"/exercise/_doc/{number}", letter, patience_s=60)
        self.ask("POST", "/exercise/_refresh", patience_s=60)
        query = {"bool": {"must": [{"match": {"text": "Zäune"}}], "filter": [{"term": {"place": "p7"}}]}}
        asked = {"query": query, "sort": ["_score", {"at": "desc"}], "highlight": {"fields": {"text": {}}}}
        found = self.ask("POST", "/letters/_search", asked, patience_s=60)
        if "hits" not in found:
            raise ServerFailed("opensearch: the training run found nothing to search")
