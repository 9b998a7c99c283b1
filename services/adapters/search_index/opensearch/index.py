"""The SearchIndex port on OpenSearch: one body of entries for all processes, which see each other's commits."""

import contextlib
import re
import threading
from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from msgspec import Struct

from services.adapters.search_index.opensearch import analysis, bulk, schema
from services.adapters.search_index.opensearch.client import Away, Client, OpenSearchAccess, Why
from services.adapters.search_index.opensearch.generations import LEASE_S, Generations, own_alias
from services.adapters.search_index.opensearch.pages import Pages
from services.adapters.search_index.opensearch.schema import IndexShape
from services.adapters.search_index.opensearch.source import Line, line_of
from services.adapters.search_index.questions.question import Translator
from services.core.errors import Misconfigured, TryLater, Unreachable
from services.core.ports.entries import Entry, Facets, Hits, Query, Viewer

_PREFIX = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,62})?")
_ONE_PART = IndexShape()
_MOVES = 5
"""How often the alias may move under one commit."""
_ABSENT = frozenset[Why]({"unreachable", "busy"})
"""What a later start may find mended."""
_SENTENCES: dict[Why, str] = {
    "unreachable": "OpenSearch does not answer at opensearch.endpoints.",
    "untrusted": "OpenSearch's certificate is not trusted: see opensearch.ca_file and opensearch.endpoints.",
    "not_known": "OpenSearch refuses us: see opensearch.username and opensearch.password_file.",
    "not_allowed": "OpenSearch does not let opensearch.username make templates and indices under our prefix.",
    "refused": "OpenSearch refuses our index template or index: see opensearch.shards, opensearch.replicas and prefix.",
    "busy": "OpenSearch at opensearch.endpoints is too busy to begin.",
    "failed": "OpenSearch at opensearch.endpoints fails; its own log says why.",
}


class _Version(Struct, frozen=True):
    version: int = msgspec.field(name="_version")
    """The server's, which is the rank of the entry."""


class OpenSearchIndex:
    """The index below a prefix; one for all threads.

    What is written waits here, `heap_bytes` of it at most, and goes to the cluster with the next commit: whose state
    (which index lives, whether one grows) is asked before each. Since every entry was read from the truth before that,
    a rebuild that begins later reads at least as new a one, and a rebuild that is under way gets it as well.
    """

    def __init__(
        self,
        access: OpenSearchAccess,
        *,
        prefix: str = "",
        shape: IndexShape = _ONE_PART,
        heap_bytes: int = 64_000_000,
    ) -> None:
        """Connects only when used; `prepare` goes first. Misconfigured for a prefix that no index may have."""
        if not _PREFIX.fullmatch(prefix):
            raise Misconfigured("The prefix of indices has small letters, digits and hyphens only, 63 at most.")
        self._client = Client(access)
        self._generations = Generations(self._client, f"{prefix}documents-v{schema.FORMAT}")
        self._shape = shape
        self._heap_bytes = heap_bytes
        translator = Translator(analysis.stems, analysis.words)
        self._pages = Pages(self._client, self._generations.living, translator=translator, stem=analysis.stem)
        self._taking = threading.Lock()
        self._sending = threading.RLock()
        self._pending: dict[str, Line] = {}
        self._pending_bytes = 0
        self._unseen = False
        self._rebuilding: OpenSearchRebuild | None = None
        self._closed = False

    def prepare(self) -> None:
        """Make what is missing and prove that the living index is ours; Misconfigured with a sentence where that fails.

        Safe to repeat, also by several processes at once.
        """
        try:
            self._generations.put_template(self._shape)
            state = self._generations.ensure()
            self._generations.check(state.living)
            self._generations.tidy(state)
        except Away as failure:
            refusal = Unreachable if failure.why in _ABSENT else Misconfigured
            raise refusal(_SENTENCES.get(failure.why, _SENTENCES["failed"])) from failure

    @property
    def fresh(self) -> bool:
        """Whether the server's living index is one that no rebuild has filled; TryLater while the server is away."""
        return self._generations.ensure().unfilled

    def write(self, entries: Sequence[Entry]) -> None:
        """Collects each document's highest version; sends when more than the heap is pending. TryLater once closed."""
        self._check_open()
        for entry in entries:
            self._take(entry.document, line_of(entry))
        if self._pending_bytes > self._heap_bytes:
            self._send_pending()

    def _take(self, document: str, line: Line) -> None:
        with self._taking:
            known = self._pending.get(document)
            if known is None or known.rank < line.rank:
                self._pending[document] = line
                self._pending_bytes += line.size - (known.size if known else 0)

    def commit(self) -> None:
        """Sends and refreshes. TryLater: what was written waits for the next commit, of whoever."""
        self._check_open()
        with self._sending:
            self._send_pending()
            if self._unseen:
                self._show()
                self._unseen = False

    def _send_pending(self) -> None:
        """Into every index that counts; what could not be sent waits on."""
        with self._sending:
            with self._taking:
                taken, self._pending, self._pending_bytes = self._pending, {}, 0
            if not taken:
                return
            self._unseen = True
            try:
                self._send(list(taken.values()))
            except TryLater:
                for document, line in taken.items():
                    self._take(document, line)
                raise

    def _send(self, lines: list[Line]) -> None:
        """The growing index first: if the alias moves between the two, the second is the one that grew."""
        for _ in range(_MOVES):
            state = self._generations.ensure()
            if state.growing:
                with contextlib.suppress(bulk.NoSuchAlias):  # switched or abandoned just now
                    bulk.send(self._client, self._generations.growing, lines)
            try:
                bulk.send(self._client, self._generations.living, lines)
            except bulk.NoSuchAlias:
                continue
            return
        raise TryLater

    def _show(self) -> None:
        names = f"{self._generations.growing},{self._generations.living}"
        answer = self._client.ask("POST", f"/{names}/_refresh?ignore_unavailable=true", patience_s=bulk.PATIENCE_S)
        if not answer.done:
            raise Away("failed")

    def search(self, query: Query, viewer: Viewer) -> Hits:
        """One page, asked of the server; TryLater while it is away, or once closed."""
        self._check_open()
        return self._pages.page(query, viewer)

    def facets(self, query: Query, viewer: Viewer) -> Facets:
        """Counted by the server; TryLater while it is away, or once closed."""
        self._check_open()
        return self._pages.facets(query, viewer)

    def version_of(self, document: str) -> int | None:
        """Of the last refresh, not in real time; None where the server does not know the document."""
        name = quote(document, safe="")
        answer = self._client.ask("GET", f"/{self._generations.living}/_doc/{name}?_source=false&realtime=false")
        return msgspec.json.decode(answer.text, type=_Version).version // 2 if answer.done else None

    def rebuild(self) -> "OpenSearchRebuild":
        """An index beside the living one. TryLater("busy") while another one runs, in whichever process."""
        self._check_open()
        with self._sending:
            index = self._generations.begin()
            self._rebuilding = OpenSearchRebuild(self._client, self._generations, index)
        return self._rebuilding

    def ready(self) -> bool:
        """Whether the living index is yellow or better, asked once and for three seconds at most."""
        path = f"/_cluster/health/{self._generations.living}?wait_for_status=yellow&timeout=1s"
        try:
            return self._client.ask("GET", path, patience_s=3.0, attempts=1).done
        except Away:
            return False

    def close(self) -> None:
        """May be repeated. What was not committed is forgotten, as is a rebuild."""
        if self._closed:
            return
        self._closed = True
        if self._rebuilding is not None:
            with contextlib.suppress(TryLater):
                self._rebuilding.abandon()
        self._client.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TryLater


class OpenSearchRebuild:
    """A generation that grows beside the living one, as long as this process says so."""

    def __init__(self, client: Client, generations: Generations, index: str) -> None:
        self._client = client
        self._generations = generations
        self._index = index
        self._over = threading.Event()
        threading.Thread(target=self._keep, name="opensearch-rebuild", daemon=True).start()

    def _keep(self) -> None:
        while not self._over.wait(LEASE_S / 3):
            with contextlib.suppress(TryLater):
                self._generations.renew(self._index)

    def write(self, entries: Sequence[Entry]) -> None:
        """Sends at once, of each document its highest version. TryLater: this rebuild is over, begin another one."""
        if self._over.is_set():
            raise TryLater
        highest: dict[str, Line] = {}
        for entry in entries:
            if entry.document not in highest or highest[entry.document].rank < entry.rank:
                highest[entry.document] = line_of(entry)
        try:
            bulk.send(self._client, own_alias(self._index), list(highest.values()))
        except bulk.NoSuchAlias:
            self._over.set()
            raise TryLater from None

    def switch(self) -> None:
        """What was written is on disk before, so that no restart repeats it. TryLater where the rebuild is over."""
        if self._over.is_set():
            raise TryLater
        for act in ("_refresh", "_flush"):
            self._client.ask("POST", f"/{self._index}/{act}", patience_s=bulk.PATIENCE_S)
        self._generations.switch(self._index)
        self._over.set()

    def abandon(self) -> None:
        """Drops the index on the server; without effect once this process knows that the rebuild is over."""
        if not self._over.is_set():
            self._over.set()
            self._generations.drop(self._index)
