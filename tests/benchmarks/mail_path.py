"""A mail from the listener to the hit: the whole mail room, and a bare loop over the same engines in one thread."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import requests
import tantivy

from services import settings as settings_page
from services import stack
from services.cli.installation.first_run import prepare
from services.core.language import german
from services.core.ports.entries import Filters, Query, Viewer
from services.core.ports.ledger_store import LedgerStore
from services.core.ports.search_index import SearchIndex
from services.extraction.mail.entities import Entity
from services.extraction.mail.tree import MailLimits, open_mail
from services.extraction.reading.file import OWN_TEXT
from services.mail_intake.listener import SmtpListener
from services.runtime.access.credentials import Access
from services.runtime.context import observing
from services.runtime.process import Process
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.measuring import Cost, Costing, Job

MAILS = "mails.msgpack"
GROUP = 200
"""Mails that share a commit in the bare loop: as many as the mail room's index takes at a time."""
EVENTS = 5
"""Of a held mail: received, extracted, classified, held, indexed."""
HEAP = 64 * 1024 * 1024
_ALL = Viewer(account="bench", tenant="main", all_offices=True)
PATIENCE = 900.0


def write_mails(job: Job, *, attachments: bool) -> None:
    """Lay the corpus down, so that both sides read the same bytes."""
    mails = list(Corpus(job.seed, attachments=attachments).mails(job.size))
    (job.inputs / MAILS).write_bytes(msgspec.msgpack.encode(mails))


def read_mails(job: Job) -> list[bytes]:
    """The corpus again."""
    return msgspec.msgpack.decode((job.inputs / MAILS).read_bytes(), type=list[bytes])


def through_the_process(job: Job) -> Cost:
    """Our embedded stack, mails by SMTP from another process, until every mail is held, findable and in the book."""
    process = open_process(job.folder, job.endpoints)
    costing = Costing(job)
    deliver(smtp_port(process), job.inputs / MAILS)
    await_all(process, job.size)
    accepted = costing.over(job.size).wall
    process.stop()
    stack.close_ports(process.ports)
    return costing.over(job.size, searchable_after=accepted)


def open_process(folder: Path, endpoints: tuple[str, ...]) -> Process:
    """The mail room of `poststelle run`, without its HTTP listener."""
    settings = settings_page.load(
        storage={"folder": folder},
        http={"port": 0},
        mail_intake={"port": 0},
        tika={"endpoints": endpoints or ("http://127.0.0.1:9",)},
        classification={"meaning": False},  # nonsense is always in doubt; `meaning` measures the encoder by itself
        search={"meaning": False},  # made later, and measured by itself: `meaning-documents`
        logging={"level": "error"},
    )
    observing.set_up(settings.logging)
    process = stack.open_process(settings, (), lambda _: None)
    secret = stack.session_secret(settings)
    access = Access(process.configuration, log=process.ports.log, clock=process.ports.clock, secret=secret)
    process.start()
    prepare(settings, process, access, "")
    return process


def smtp_port(process: Process) -> int:
    """Where the mail room takes mails."""
    return next(listener.port for listener in process._listeners if isinstance(listener, SmtpListener))


def deliver(port: int, mails: Path) -> None:
    """Have another process send the mails of a file."""
    subprocess.run([sys.executable, "-m", "tests.benchmarks.sender", str(port), str(mails)], check=True)


def await_all(process: Process, count: int) -> None:
    """Until so many mails are held in the index and in the book."""
    deadline = time.monotonic() + PATIENCE
    while not all_held(process.ports.index, process.ports.ledger, count):
        if time.monotonic() > deadline or process.red:
            raise RuntimeError(f"{process.ports.ledger.counts('main')} {process.red}")
        time.sleep(0.2)


def all_held(index: SearchIndex, ledger: LedgerStore, count: int) -> bool:
    """Whether so many are; a look costs next to nothing."""
    query = Query(filters=Filters(states=("held",)), limit=1)
    return index.search(query, _ALL).total >= count and ledger.counts("main") == {"held": count}


def bare_loop(job: Job) -> Cost:
    """One thread: hash, durable blob, our mail parser, Tika, events in SQLite, tantivy with our analyser."""
    mails = read_mails(job)
    loop = _Loop(job)
    costing = Costing(job)
    for number, mail in enumerate(mails):
        loop.take(mail)
        if number % GROUP == GROUP - 1:
            loop.commit()
    loop.commit()
    return costing.over(loop.found())


class _Loop:
    def __init__(self, job: Job) -> None:
        self._blobs = job.folder / "blobs"
        self._blobs.mkdir()
        self._tika = requests.Session()
        self._tika.trust_env = False
        self._endpoint = job.endpoints[0] if job.endpoints else ""
        self._log = sqlite3.connect(job.folder / "log.sqlite", isolation_level=None)
        self._log.executescript(
            "pragma journal_mode = wal; pragma synchronous = full;"
            "create table messages (id integer primary key, topic text, key text, headers blob, value blob); begin;"
        )
        self._index = index_folder(job.folder / "index")
        self._writer = self._index.writer(HEAP, 1)

    def take(self, mail: bytes) -> None:
        digest = hashlib.sha256(mail).hexdigest()
        write_durably(self._blobs, digest, mail)
        opened = open_mail(mail, 0, len(mail), limits=MailLimits(depth=20, parts=2000))
        attachments = "\n\n".join(self._read(leaf.entity) for leaf in opened.leaves)
        for number in range(EVENTS):
            value = msgspec.json.encode({"document": digest, "revision": number, "kind": "held", "size": len(mail)})
            row = ("documents", digest, b"headers", value)
            self._log.execute("insert into messages (topic, key, headers, value) values (?, ?, ?, ?)", row)
        texts = {"title": opened.head.subject, "sender": opened.head.sender, "body": opened.text}
        document = tantivy.Document()
        document.add_text("document", digest)
        for field, text in (texts | {"attachments": attachments}).items():
            document.add_text(field, german.fold(german.clean(text)))
        document.add_bytes("card", msgspec.msgpack.encode([*texts.values(), attachments]))
        self._writer.add_document(document)

    def commit(self) -> None:
        self._log.execute("commit")
        self._log.execute("begin")
        self._writer.commit()

    def found(self) -> int:
        self._index.reload()
        return int(self._index.searcher().num_docs)

    def _read(self, entity: Entity) -> str:
        if entity.media_type in OWN_TEXT:
            return entity.text
        url, headers = f"{self._endpoint}/rmeta/body", {"Accept": "application/json"}
        answer = self._tika.put(url, data=entity.content(), headers=headers, timeout=60)
        answer.raise_for_status()
        return "\n".join(_texts(msgspec.json.decode(answer.content)))


def write_durably(folder: Path, name: str, content: bytes) -> None:
    """What a create costs at least: write, sync, rename, sync the folder."""
    passing = folder / f"{name}.new"
    descriptor = os.open(passing, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.write(descriptor, content)
    os.fsync(descriptor)
    os.close(descriptor)
    passing.rename(folder / name)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(descriptor)
    os.close(descriptor)


def _texts(answers: list[dict[str, Any]]) -> Iterator[str]:
    for answer in answers:
        yield str(answer.get("X-TIKA:content", ""))


def index_folder(folder: Path) -> tantivy.Index:
    """A bare index with our analyser."""
    folder.mkdir()
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer("german", _analyser())
    return index


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    for field in ("title", "sender", "body", "attachments"):
        builder.add_text_field(field, tokenizer_name="german", index_option="position")
    builder.add_bytes_field("card", stored=True)
    return builder.build()


def _analyser() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.remove_long(64))
    return builder.filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.stemmer("german")).build()
