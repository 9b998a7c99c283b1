"""All ports as one bundle, as a process opens them."""

from dataclasses import dataclass, field

from services.core.ports.blob_store import BlobStore
from services.core.ports.clock import Clock
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Everything outside, as one bundle."""

    log: EventLog
    blobs: BlobStore
    extractor: TextExtractor
    ocr: OcrEngine
    index: SearchIndex
    ledger: LedgerStore
    clock: Clock
    invoice_rules: InvoiceRules = field(default_factory=NoInvoiceRules)
    sheets: SheetReader = field(default_factory=NoSheetReader)
    scanner: MalwareScanner = field(default_factory=NoMalwareScanner)
    webhooks: WebhookClient = field(default_factory=NoWebhookClient)
    mail: MailRelay = field(default_factory=NoMailRelay)
