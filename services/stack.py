"""From settings to a process: which adapter carries which port. The only importer of adapters and of all services."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from services.adapters.blob_store.files import FileBlobStore
from services.adapters.blob_store.remembering import RememberingBlobStore
from services.adapters.clock import SystemClock
from services.adapters.event_log.sqlite import SqliteEventLog
from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.adapters.mail_relay.smtp import Relay, SmtpMailRelay
from services.adapters.malware_scanner.clamd import ClamdScanner, ScanLimits
from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from services.adapters.sheet_reader.zxing import SheetLimits, ZxingSheetReader
from services.adapters.webhook_client.pinned.client import HttpWebhookClient
from services.adapters.webhook_client.pinned.targets import Targets
from services.core.errors import Misconfigured, NotPermitted
from services.core.messages import topic_map, topics
from services.core.ports import store_rights
from services.core.ports.blob_store import BlobStore
from services.core.ports.bundle import Ports
from services.core.ports.event_log import EventLog
from services.core.ports.invoice_rules import InvoiceRules, NoInvoiceRules
from services.core.ports.ledger_store import LedgerStore
from services.core.ports.mail_relay import MailRelay, NoMailRelay
from services.core.ports.malware_scanner import MalwareScanner, NoMalwareScanner
from services.core.ports.ocr_engine import OcrEngine
from services.core.ports.search_index import SearchIndex
from services.core.ports.sheets.sheet_reader import NoSheetReader, SheetReader
from services.core.ports.text_extractor import TextExtractor
from services.core.ports.webhook_client import NoWebhookClient, WebhookClient
from services.runtime.context.closed_port import ClosedPort
from services.runtime.context.configuration import Configuration
from services.runtime.context.fair_semaphore import FairSemaphore
from services.runtime.context.observing import logger
from services.runtime.context.reaching import reached
from services.runtime.context.service import Context, Need, Service
from services.runtime.operations import instance_folder
from services.runtime.process import Process
from services.runtime.streams.spooling import spool_folder
from services.settings import Settings

if TYPE_CHECKING:
    from services.adapters.blob_store.s3 import S3Access
    from services.adapters.blob_store.s3.keyring import Keyring
    from services.adapters.event_log.kafka import KafkaEventLog
    from services.adapters.event_log.kafka.grants import Grants

SERVICES = (
    "mail_intake",
    "scan_intake",
    "extraction",
    "ocr",
    "classification",
    "filing",
    "indexing",
    "procedures",
    "search",
    "ledger",
)
"""The names of all services, in the order of the pipeline."""

Progress = Callable[[str], None]
MIB = 1024 * 1024


def open_process(settings: Settings, names: Sequence[str], progress: Progress) -> Process:
    """The mail room with these services (all where none is named), not started yet."""
    services = load_services(names)
    ports = open_ports(settings, progress, services)
    configuration = Configuration(ports.blobs, tenant=settings.tenant)
    for kind in ("plan", "accounts", "rules", "procedures"):
        configuration.refresh(kind)
    semaphore = FairSemaphore(1) if settings.stack == "embedded" else FairSemaphore()  # servers are waited for together
    contexts = {
        service.name: Context(
            service=service.name,
            ports=ports,
            settings=settings,
            configuration=configuration,
            log=logger(service.name),
            semaphore=semaphore,
        )
        for service in services
    }
    return Process(services=services, contexts=contexts, configuration=configuration, needs=_needs(services))


def load_services(names: Collection[str] = ()) -> list[Service]:
    """These services (all where none is named) in the order of the pipeline; a process loads what it runs."""
    wanted = (name for name in SERVICES if not names or name in names)
    return [import_module(f"services.{name}.service").SERVICE for name in wanted]


def open_ports(settings: Settings, progress: Progress, services: Sequence[Service]) -> Ports:
    """The ports of the stack that the settings name, as far as these services need them."""
    folder = settings.storage.folder
    instance_folder.claim(folder)
    openers: dict[Need, Callable[[], object]] = {
        "extractor": lambda: _extractor(settings, progress),
        "ocr": lambda: _ocr(settings),
        "index": lambda: _index(settings),
        "ledger": lambda: SqliteLedgerStore(folder / "ledger.sqlite"),
    }
    needs, names = _needs(services), [service.name for service in services]
    opened = {name: open_() if name in needs else ClosedPort(name) for name, open_ in openers.items()}
    return Ports(
        log=_log(settings, names),
        blobs=RememberingBlobStore(_blobs(settings, names)),
        clock=SystemClock(),
        extractor=cast("TextExtractor", opened["extractor"]),
        ocr=cast("OcrEngine", opened["ocr"]),
        index=cast("SearchIndex", opened["index"]),
        ledger=cast("LedgerStore", opened["ledger"]),
        scanner=_scanner(settings),
        invoice_rules=_invoice_rules(settings, progress) if "extractor" in needs else NoInvoiceRules(),
        sheets=_sheets(settings) if "extractor" in needs else NoSheetReader(),
        webhooks=_webhooks(settings) if "procedures" in names else NoWebhookClient(),
        mail=_mail_relay(settings) if "search" in names else NoMailRelay(),
    )


def _scanner(settings: Settings) -> MalwareScanner:
    malware = settings.malware
    if not malware.clamd:
        return NoMalwareScanner()
    return ClamdScanner(malware.clamd, ScanLimits(malware.timeout, malware.max_size))


def _webhooks(settings: Settings) -> WebhookClient:
    wanted = settings.procedures
    targets = Targets(wanted.webhook_targets)
    if not targets:
        return NoWebhookClient()
    return HttpWebhookClient(targets, timeout=wanted.webhook_timeout, ca_file=wanted.webhook_ca_file)


def _mail_relay(settings: Settings) -> MailRelay:
    wanted = settings.outgoing_mail
    if not wanted.relay:
        return NoMailRelay()
    password = ""
    if wanted.user:
        password = instance_folder.read_secret(wanted.password_file, setting="outgoing_mail.password_file")
    return SmtpMailRelay(
        Relay(
            host=wanted.relay,
            port=wanted.port,
            security=wanted.security,
            sender=wanted.sender,
            domains=wanted.recipient_domains,
            timeout_s=wanted.timeout.total_seconds(),
            user=wanted.user,
            password=password,
            ca_file=wanted.ca_file,
        )
    )


def lives_once(service: Service) -> bool:
    """Whether what it keeps is a file, also in a city: then one process runs it, all others in any number."""
    return "ledger" in service.needs


def _needs(services: Sequence[Service]) -> frozenset[Need]:
    return frozenset(need for service in services for need in service.needs)


def close_ports(ports: Ports) -> None:
    """Let go of everything, what others depend on last."""
    for port in (ports.sheets, ports.invoice_rules, ports.extractor, ports.ocr, ports.index, ports.ledger, ports.log):
        port.close()


def open_log_snapshot(path: Path) -> Snapshot:
    """The embedded stack's log as it is now, for a backup."""
    return Snapshot(path)


def open_grants(settings: Settings) -> "Grants":
    """The log's users and rights, as the administrator that the settings name."""
    from services.adapters.event_log.kafka.grants import Grants  # noqa: PLC0415  # only this command needs it

    with _brokers_reached(settings):
        return Grants(settings.kafka.bootstrap, _kafka_login(settings), prefix=settings.prefix)


def open_keyring(settings: Settings, *, make: bool) -> "Keyring":
    """The store's users and rights, as the administrator that the settings name; with `make` also its buckets."""
    from services.adapters.blob_store.s3.keyring import Keyring  # noqa: PLC0415  # same

    keyring = Keyring(_s3_access(settings), prefix=settings.prefix, retention_days=settings.s3.retention_days)
    if make:
        with _store_reached(settings):
            keyring.make_buckets()
    return keyring


def store_policy(settings: Settings, rights: Iterable[store_rights.BucketRight]) -> dict[str, object]:
    """These rights in the store, as JSON that any S3 store takes."""
    from services.adapters.blob_store.s3.policies import policy  # noqa: PLC0415  # same

    return policy(rights, prefix=settings.prefix)


def session_secret(settings: Settings) -> bytes:
    """What signs sessions: the operator's file, or one made in the data folder."""
    return instance_folder.installation_secret(settings.http.session_secret_file, settings.storage.folder)


def kafka_topics(settings: Settings, *, apply: bool) -> list[str]:
    """What differs on the brokers from the map of the pipeline; with `apply` that is mended, and told."""
    if settings.stack != "kafka":
        raise Misconfigured("setting stack: only the kafka stack has topics on brokers")
    replicas = settings.kafka.replication
    with _brokers_reached(settings), contextlib.closing(_kafka(settings)) as log:
        act = log.apply_topics if apply else log.differences
        try:
            return act(topics.all_topics(), replicas=replicas)
        except NotPermitted as error:
            raise Misconfigured("setting kafka.username: this user may not make or set topics") from error


def _log(settings: Settings, names: Sequence[str]) -> EventLog:
    if settings.stack == "embedded":
        return SqliteEventLog(settings.storage.folder / "log.sqlite")
    with _brokers_reached(settings), contextlib.ExitStack() as refused:
        log = _kafka(settings)
        refused.callback(log.close)  # nobody else will: who cannot start ends
        if wrong := log.refusals(topic_map.used_by(names)):
            raise Misconfigured("\n".join(wrong))
        refused.pop_all()
    return log


def _kafka(settings: Settings) -> "KafkaEventLog":
    from services.adapters.event_log.kafka import KafkaEventLog, entrance  # noqa: PLC0415  a town needs no Kafka

    login = _kafka_login(settings)
    entrance.check(settings.kafka.bootstrap, login)
    return KafkaEventLog(settings.kafka.bootstrap, prefix=settings.prefix, client=login)


def _brokers_reached(settings: Settings) -> contextlib.AbstractContextManager[None]:
    return reached("kafka.bootstrap", settings.kafka.bootstrap, spoken="kafka.security")


def _store_reached(settings: Settings) -> contextlib.AbstractContextManager[None]:
    return reached("s3.endpoint", settings.s3.endpoint, spoken="s3.secure")


def _kafka_login(settings: Settings) -> dict[str, str]:
    from services.adapters.event_log.kafka.login import login  # noqa: PLC0415  # same

    kafka = settings.kafka
    password = ""
    if kafka.username:
        password = instance_folder.read_secret(kafka.password_file, setting="kafka.password_file")
    return login(kafka, password)


def _blobs(settings: Settings, services: Sequence[str]) -> BlobStore:
    if settings.stack == "embedded":
        return FileBlobStore(settings.storage.folder / "blobs", reserve_bytes=settings.storage.reserve)
    from services.adapters.blob_store.s3 import S3BlobStore  # noqa: PLC0415  # nor S3

    s3 = settings.s3
    store = S3BlobStore(
        _s3_access(settings), prefix=settings.prefix, retention_days=s3.retention_days, legal_hold=s3.legal_hold
    )
    with _store_reached(settings):
        if s3.prepared:
            store.check(store_rights.rights_of_all(services, legal_hold=s3.legal_hold))
        else:
            store.prepare()
    return store


def _s3_access(settings: Settings) -> "S3Access":
    from services.adapters.blob_store.s3 import S3Access  # noqa: PLC0415  # same

    s3 = settings.s3
    return S3Access(
        endpoint=s3.endpoint,
        access_key=instance_folder.read_secret(s3.access_key_file, setting="s3.access_key_file"),
        secret_key=instance_folder.read_secret(s3.secret_key_file, setting="s3.secret_key_file"),
        secure=s3.secure,
        region=s3.region,
        spools=spool_folder(settings.storage.folder),
    )


def _index(settings: Settings) -> SearchIndex:
    if settings.stack == "embedded":
        from services.adapters.search_index.tantivy import TantivySearchIndex  # noqa: PLC0415  # nor is it loaded in a city

        return TantivySearchIndex(settings.storage.folder / "index", heap_bytes=settings.indexing.heap)
    from services.adapters.search_index.opensearch import IndexShape, OpenSearchAccess, OpenSearchIndex  # noqa: PLC0415

    own = settings.opensearch
    password = ""
    if own.username:
        password = instance_folder.read_secret(own.password_file, setting="opensearch.password_file")
    access = OpenSearchAccess(endpoints=own.endpoints, username=own.username, password=password, ca_file=own.ca_file)
    shape = IndexShape(shards=own.shards, replicas=own.replicas)
    index = OpenSearchIndex(access, prefix=settings.prefix, shape=shape, heap_bytes=settings.indexing.heap)
    index.prepare()
    return index


def _ocr(settings: Settings) -> OcrEngine:
    limits = OcrLimits(
        workers=settings.ocr.workers,
        page_seconds=settings.ocr.page_timeout.total_seconds(),
        max_bytes=int(settings.extraction.max_part_size),
    )
    cache = settings.storage.cache.expanduser()
    return TesseractOcrEngine(settings.ocr.tessdata, cache=cache, language=settings.ocr.language, limits=limits)


def _invoice_rules(settings: Settings, progress: Progress) -> InvoiceRules:
    if not settings.extraction.invoice_rules:
        return NoInvoiceRules()
    from services.adapters.invoice_rules.saxon import SaxonInvoiceRules  # noqa: PLC0415  # only `extraction` needs it

    folder = settings.extraction.invoice_rules_folder
    return SaxonInvoiceRules(folder, cache=settings.storage.cache, progress=progress)


def _sheets(settings: Settings) -> SheetReader:
    if not settings.extraction.separate_batches:
        return NoSheetReader()
    limits = SheetLimits(workers=settings.extraction.workers, max_bytes=int(settings.extraction.max_part_size))
    return ZxingSheetReader(limits)


def _extractor(settings: Settings, progress: Progress) -> TextExtractor:
    from services.adapters.text_extractor.tika import ReadingLimits, TikaTextExtractor, programs  # noqa: PLC0415  # same
    from services.adapters.text_extractor.tika.configuration import ServerOptions  # noqa: PLC0415  # same

    limits = ReadingLimits(
        seconds=int(settings.extraction.timeout.total_seconds()),
        max_bytes=int(settings.extraction.max_part_size),
        max_characters=settings.extraction.max_characters,
        max_parts=settings.extraction.max_parts,
        max_depth=settings.extraction.max_depth,
    )
    if settings.tika.endpoints:
        return TikaTextExtractor.running(settings.tika.endpoints, limits=limits)
    options = ServerOptions(processes=settings.extraction.workers, heap=settings.tika.heap // MIB)

    one_at_a_time = threading.Lock()  # several servers begin at once; the jar is fetched by the first

    def prepared() -> tuple[Path, Path]:
        with one_at_a_time:
            tika = settings.tika
            return programs.prepare(settings.storage.cache, progress, jar=tika.jar, java=tika.java)

    return TikaTextExtractor.supervised(
        prepared, settings.storage.folder / "tmp" / "tika", limits=limits, options=options
    )
