"""Where everything lies in the three buckets."""

import re
from datetime import date, datetime
from enum import StrEnum


class Bucket(StrEnum):
    """Originals under object lock, create-once records, and a cache that can be made again."""

    ORIGINALS = "originals"
    RECORDS = "records"
    DERIVED = "derived"


# Among the words are receipts, whose check character may be any of `*~$=` too.
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.~=+@*$-]{0,199}"
_KEY = re.compile(rf"(?=.{{1,900}}\Z){_NAME}(/{_NAME})*")


def checked(key: str) -> str:
    """The key itself; ValueError for one that an adapter could take for something else (`..`, a control character).

    Ours are made of ids, words and numbers, so a refused key is a bug. A name of a file has at most 255 bytes, a key of
    S3 at most 1,024.
    """
    if not _KEY.fullmatch(key):
        msg = "this is no key"
        raise ValueError(msg)
    return key


def checked_prefix(prefix: str) -> str:
    """The prefix itself, a key and the `/` behind it; ValueError for any other."""
    if not prefix.endswith("/"):
        msg = "a prefix ends in a slash"
        raise ValueError(msg)
    return checked(prefix[:-1]) + "/"


def original(tenant: str, document: str) -> str:
    """The bytes as they came in."""
    return f"{tenant}/{document}"


def derived(tenant: str, sha256: str, maker: str) -> str:
    """A result made from content; `maker` is `<extractor>-<version>-<options hash>`."""
    return f"{tenant}/{sha256}/{maker}"


def handed_over(tenant: str, sha256: str, document: str) -> str:
    """The bytes of a part, laid out for the OCR workers by one document and removed with it."""
    return f"{tenant}/{sha256}/content-{document}"


def documents(tenant: str) -> str:
    """Above all record folders of a tenant."""
    return f"{tenant}/documents/"


def record(tenant: str, document: str) -> str:
    """The record folder of a document."""
    return f"{tenant}/documents/{document}/"


def receipts(tenant: str, document: str) -> str:
    """Above the occurrences of a document."""
    return f"{record(tenant, document)}receipts/"


def receipt(tenant: str, document: str, receipt_id: str) -> str:
    """One occurrence of a document."""
    return f"{receipts(tenant, document)}{receipt_id}.json"


def stage(tenant: str, document: str, name: str, revision: int) -> str:  # read in the order of the path
    """One revision of one stage: extraction, classification, decision, filing, reference, title, handling, erased."""
    return f"{record(tenant, document)}{name}/{revision}.json"


def arrivals(tenant: str, minute: datetime) -> str:
    """Above the pointers of one minute of arrival (UTC)."""
    return f"{tenant}/arrivals/{minute:%Y/%m/%d/%H/%M}/"


def arrivals_of_day(tenant: str, day: datetime) -> str:
    """Above the pointers of one day of arrival (UTC)."""
    return f"{tenant}/arrivals/{day:%Y/%m/%d}/"


def arrival(tenant: str, received_at: datetime, receipt_id: str) -> str:
    """The pointer from a receipt to its document."""
    return f"{arrivals(tenant, received_at)}{receipt_id}"


def claim(tenant: str, source: str, idempotency_sha256: str) -> str:
    """The claim of a sender's idempotency key: which receipt it was given, for which content."""
    return f"{tenant}/claims/{source}/{idempotency_sha256}.json"


def files(tenant: str) -> str:
    """Above all registers of a tenant."""
    return f"{tenant}/files/"


def file_folder(tenant: str, file_key: str) -> str:
    """The register of a file."""
    return f"{files(tenant)}{file_key}/"


def register_entry(tenant: str, file_key: str, entry: int) -> str:
    """One entry of a register; entries are gapless."""
    return f"{file_folder(tenant, file_key)}{entry}.json"


def reconciliations(tenant: str) -> str:
    """Above what the nightly comparison of everything found, by day."""
    return f"{tenant}/reconciliations/"


def reconciliation(tenant: str, day: date) -> str:
    """What it found on one day."""
    return f"{reconciliations(tenant)}{day:%Y-%m-%d}.json"


def balances(tenant: str) -> str:
    """Above the daily balances, which sort by day."""
    return f"{tenant}/balances/"


def balance(tenant: str, day: date) -> str:
    """The balance of one day (UTC)."""
    return f"{balances(tenant)}{day:%Y-%m-%d}.json"


def reclassification(tenant: str, run: str) -> str:
    """One run that judged documents anew."""
    return f"{tenant}/reclassifications/{run}.json"


def decided(tenant: str) -> str:
    """Above the pointers to decisions that may not have had their effect yet."""
    return f"{tenant}/decided/"


def decided_pointer(tenant: str, decision: str) -> str:
    """The pointer to one decision; written before it, removed when it has had its effect."""
    return f"{decided(tenant)}{decision}.json"


def presences(tenant: str) -> str:
    """Above the marks of who has a letter open, by spans of time."""
    return f"{tenant}/presence/"


def presence(tenant: str, span: int) -> str:
    """Above the marks of one span, each named after a document and an account."""
    return f"{presences(tenant)}{span}/"


def titled(tenant: str) -> str:
    """Above the pointers to titles of which nobody may have been told yet."""
    return f"{tenant}/titled/"


def handled(tenant: str) -> str:
    """Above the pointers to handlings of which nobody may have been told yet."""
    return f"{tenant}/handled/"


def postponed_open(tenant: str) -> str:
    """Above the decisions of the desk that can still be taken back."""
    return f"{tenant}/postponed/open/"


def postponed(tenant: str, name: str) -> str:
    """One of them; removed when it was carried out or taken back."""
    return f"{postponed_open(tenant)}{name}.json"


def postponed_ends(tenant: str) -> str:
    """Above what came of them, by days."""
    return f"{tenant}/postponed/ends/"


def postponed_end(tenant: str, decided_at: datetime, name: str) -> str:
    """Whether one was carried out or taken back: whoever creates it first says so."""
    return f"{postponed_ends(tenant)}{decided_at:%Y-%m-%d}/{name}.json"


def postponed_told(tenant: str) -> str:
    """Above those that could not be carried out, by whom they were made."""
    return f"{tenant}/postponed/refused/"


def postponed_refused(tenant: str, actor: str) -> str:
    """Above a clerk's decisions that could not be carried out."""
    return f"{postponed_told(tenant)}{actor}/"


def all_saved_searches(tenant: str) -> str:
    """Above the searches that anybody keeps, by whose they are."""
    return f"{tenant}/searches/"


def saved_searches(tenant: str, account: str) -> str:
    """Above the searches that an account, a key or a procedure keeps, each a folder of revisions."""
    return f"{all_saved_searches(tenant)}{account}/"


def saved_search(tenant: str, account: str, search: str, revision: int) -> str:  # read in the order of the path
    """One revision of one of them; the newest counts, and those before it go."""
    return f"{saved_searches(tenant, account)}{search}/{revision}.json"


def model(tenant: str, sha256: str) -> str:
    """A trained model of classification, by the hash of its bytes."""
    return f"{tenant}/models/{sha256}"


def lessons(tenant: str) -> str:
    """Above the pointers to documents whose decision classification has to learn from."""
    return f"{tenant}/lessons/"


def lessons_since(tenant: str, moment: datetime) -> str:
    """Sorts before every pointer that was set at this moment (UTC) or later."""
    return f"{lessons(tenant)}{moment:%Y-%m-%d}/{moment:%H%M%S.%f}"


def lesson(tenant: str, moment: datetime, document: str, cause: str) -> str:
    """The pointer to a document that was decided about, or erased; set when classification heard of it."""
    return f"{lessons_since(tenant, moment)}-{document}-{cause}"


def remembered(tenant: str) -> str:
    """Above what classification keeps of decisions, among what is derived: so a process begins with few reads."""
    return f"{tenant}/lessons/"


def remembered_until(tenant: str, moment: datetime, sha256: str) -> str:
    """What was known of decisions at this moment (UTC); the newest one sorts last."""
    return f"{remembered(tenant)}{moment:%Y-%m-%dT%H%M%S.%f}-{sha256[:16]}"


def thread(tenant: str, message_sha256: str) -> str:
    """Above the filed documents of one Message-ID."""
    return f"{tenant}/threads/{message_sha256}/"


def reference(tenant: str, reference_sha256: str) -> str:
    """Above the documents that a specialist procedure keeps under one number."""
    return f"{tenant}/references/numbers/{reference_sha256}/"


def reference_shapes(tenant: str) -> str:
    """Above the shapes that such numbers have, so that a letter is searched for nothing else."""
    return f"{tenant}/references/shapes/"


def configuration(tenant: str, kind: str, version: int) -> str:
    """One version of the plan, the accounts, the rules and the like."""
    return f"{configurations(tenant, kind)}{version}.json"


def configurations(tenant: str, kind: str) -> str:
    """Above all versions of one kind of configuration."""
    return f"{tenant}/configuration/{kind}/"


def plan_drafts(tenant: str, account: str) -> str:
    """Above the plan that an account looks at before it is put in force, named by the hash of its bytes."""
    return f"{tenant}/drafts/{account}/"


def invoice(tenant: str, digest: str) -> str:
    """Which document was the first to bring the invoice of this seller, number and total."""
    return f"{tenant}/invoices/{digest}"


def dead(tenant: str, service: str = "") -> str:
    """Above everything that was given up, by one service or by all."""
    return f"{tenant}/dead/{service}/" if service else f"{tenant}/dead/"


def sealed(tenant: str, service: str, event: str) -> str:
    """A record that a service gave up, verbatim."""
    return f"{dead(tenant, service)}{event}"


SETTLED = ".settled"
"""Ends the key of the mark beside a sealed record; so the mark comes right behind the record in every list."""


def settled(tenant: str, service: str, event: str) -> str:
    """The mark that a sealed record was worked off by a replay: it is dead no more."""
    return sealed(tenant, service, event) + SETTLED


def attempts(tenant: str, service: str, event: str) -> str:
    """Above the marks of attempts that did not come back."""
    return f"{tenant}/attempts/{service}/{event}/"


def sessions_ended(tenant: str) -> str:
    """Above the marks of sessions that were signed out, by the day of their sign-in."""
    return f"{tenant}/sessions/"


def session_ended(tenant: str, day: str, session: str) -> str:
    """The mark that nobody comes in with this session any more; it goes when the session would be over by itself."""
    return f"{sessions_ended(tenant)}{day}/{session}"


def passed(tenant: str, service: str) -> str:
    """Above the marks of deliveries that a service gives up without a look, because a person said so."""
    return f"{tenant}/passed/{service}/"


def probe(tenant: str, word: str) -> str:
    """Written, read and removed by `poststelle check`."""
    return f"{tenant}/probes/{word}"


def heartbeats(tenant: str) -> str:
    """Above what the processes tell of themselves."""
    return f"{tenant}/heartbeats/"


def heartbeat(tenant: str, service: str, life: str, number: int) -> str:  # read in the order of the path
    """One of them, of a process by its first service and by a word of its own that it has for as long as it lives."""
    return f"{heartbeats(tenant)}{service}/{life}/{number}.json"


def procedure(tenant: str, name: str, kind: str, item: str) -> str:  # read in the order of the path
    """What is stored of the exchange with a procedure, by kind: deliveries, answers, uploads, lines of the inbox."""
    return f"{tenant}/procedures/{name}/{kind}/{item}.json"


def uploaded(tenant: str, name: str, upload: str) -> str:
    """The bytes of an upload, until they are a document."""
    return f"{tenant}/procedures/{name}/content/{upload}"


def number_in(key: str) -> int:
    """The revision, entry or version that a key ends in (`…/12.json`)."""
    return int(key.rpartition("/")[2].removesuffix(".json"))
