"""What the mail room needs, tried out one by one: what was found, in a sentence, and what to do where it is not."""

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import cast

from pydantic import BaseModel

from services.core import catalogue, crockford, keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model import accounts, record
from services.core.model.accounts import Accounts
from services.core.ports.entries import Query, Viewer
from services.core.ports.ledger_store import LineFilter
from services.core.ports.malware_scanner import NoMalwareScanner
from services.core.vocabulary import HIGHEST_PROTECTION
from services.runtime.context.service import Context, Finding, Need
from services.runtime.operations import instance_folder
from services.runtime.operations.protection_check import protection
from services.runtime.process import Process

EVERYTHING = Query(limit=1)
SAMPLE = 20
"""Records compared with the index; from a random one on, so that every call looks at others."""
AT_REST = timedelta(minutes=1)
"""What changed a shorter time ago may be on its way into the index."""
NAMED = 10
"""Slips that one check names; of more it tells the number."""
CLOCK_SLACK = timedelta(seconds=5)
ON_THE_WAY = ("received", "reading", "classifying", "filing")
_MIB = 2**20


class Check(BaseModel):
    """One thing that the mail room needs, what was found, and what to do where it is not good."""

    name: str
    good: bool
    text: str
    todo: str = ""


class Checks(BaseModel):
    """All of them."""

    items: list[Check]


def checks(process: Process) -> Iterator[Check]:
    """Try out what the mail room needs; nothing that fails keeps the others from being tried."""
    context = next(iter(process.contexts.values()))
    attempts: tuple[tuple[str, Callable[[Context], Finding], set[Need]], ...] = (
        ("services", lambda _: _services(process), set()),
        ("store", _store, set()),
        ("log", _log, set()),
        ("tika", _tika, {"extractor"}),
        ("ocr", _ocr, {"ocr"}),
        ("index", _index, {"index", "ledger"}),
        ("disk", _disk, set()),
        ("clock", _clock, {"ledger"}),
        ("plan", _plan, set()),
        ("offices", _offices, set()),
        ("protection", protection, set()),
    )
    if not isinstance(context.ports.scanner, NoMalwareScanner):
        attempts = (*attempts, ("malware", _malware, {"extractor"}))
    for name, attempt, needs in attempts:
        if needs <= process.needs:
            yield _tried(name, attempt, context)
    for service in process.services:
        found = service.condition(process.contexts[service.name]) if service.condition else None
        if found:
            yield _check_of(service.name, found)


def _tried(name: str, attempt: Callable[[Context], Finding], context: Context) -> Check:
    try:
        found = attempt(context)
    except TryLater as error:
        found = False, catalogue.refusal(error.code, "en"), "Look into the log of the instance."
    except OSError as error:
        found = False, f"the data folder fails: {error.strerror}", "Look at the disk."
    return _check_of(name, found)


def _check_of(name: str, found: Finding) -> Check:
    good, text, todo = found
    return Check(name=name, good=good, text=text, todo="" if good else todo)


def _services(process: Process) -> Finding:
    stopped = ", ".join(f"{name} ({code})" for name, code in sorted(process.red.items()))
    todo = "Read the lines `bug` and `loop_died` in the log, then restart; documents wait and nothing is lost."
    return not stopped, f"stopped: {stopped}" if stopped else f"{len(process.contexts)} at work", todo


def _store(context: Context) -> Finding:
    """Write, read and remove a blob."""
    key = keys.probe(context.settings.tenant, secrets.token_hex(8))
    created = context.ports.blobs.create(Bucket.RECORDS, key, b"probe")
    same = context.ports.blobs.read(Bucket.RECORDS, key) == b"probe"
    context.ports.blobs.delete(Bucket.RECORDS, key)
    good = created and same
    text = "writes and reads" if good else "does not give back what was written"
    return good, text, "Stop the instance and look at the disk: it cannot be trusted."


def _log(context: Context) -> Finding:
    good = context.ports.log.ready()
    text = "takes events" if good else "takes no events; post is accepted, and waits"
    return good, text, "Make room on the disk, then restart; the sweeper tells what waits."


def _tika(context: Context) -> Finding:
    good = context.ports.extractor.ready()
    text = "reads documents" if good else "not ready; documents wait"
    return good, text, "Wait while it is fetched and started; offline set tika.jar, tika.java or tika.endpoints."


def _malware(context: Context) -> Finding:
    good = context.ports.scanner.ready()
    text = "clamd answers" if good else "clamd does not answer; nothing is opened, documents wait"
    return good, text, "Look at clamd and at the setting malware.clamd."


def _ocr(context: Context) -> Finding:
    language = context.settings.ocr.language
    good = context.ports.ocr.ready()
    text = f"language data for {language} found" if good else f"no language data for {language}; scans wait for a clerk"
    packages = " ".join(f"tesseract-ocr-{one}" for one in language.split("+"))
    return good, text, f"apt-get install {packages} (or set ocr.tessdata), then restart."


def _index(context: Context) -> Finding:
    """As many as the ledger knows, but for those on their way, and the sampled ones as their records are."""
    viewer = Viewer(account="check", tenant=context.settings.tenant, all_offices=True, protection=HIGHEST_PROTECTION)
    counts = context.ports.ledger.counts(context.settings.tenant)
    indexed = context.ports.index.search(EVERYTHING, viewer).total
    known = sum(count for state, count in counts.items() if state != "erased")
    moving = sum(counts.get(state, 0) for state in ON_THE_WAY)
    looked, stale = _sampled(context)
    good = abs(known - indexed) <= moving and not stale
    text = f"{indexed} documents, the ledger knows {known}; {looked - stale} of {looked} looked at are as their records"
    return good, text, "If it stays so for minutes: `poststelle rebuild`."


def _sampled(context: Context) -> tuple[int, int]:
    """How many records were looked at, and how many of them the index has in another version."""
    ports, tenant = context.ports, context.settings.tenant
    looked = stale = 0
    for document in islice(_documents(context), SAMPLE):
        found = record.load(ports.blobs, tenant, document)
        there = found.receipts or found.erased
        if there and ports.clock.now() - record.since(found) > AT_REST:
            looked += 1
            stale += ports.index.version_of(document) != found.version
    return looked, stale


def _documents(context: Context) -> Iterator[str]:
    """Each once, from a random one on and around; ids are hashes, so any stretch of them is a sample."""
    beginning = "d" + crockford.encode(secrets.randbelow(1024), 2).lower()
    yield from _documents_behind(beginning, context)
    yield from takewhile(lambda document: document < beginning, _documents_behind("", context))


def _documents_behind(place: str, context: Context) -> Iterator[str]:
    prefix = keys.documents(context.settings.tenant)
    last = ""
    for key in context.ports.blobs.keys(Bucket.RECORDS, prefix, f"{prefix}{place}"):
        document = key[len(prefix) :].partition("/")[0]
        if document != last:
            last = document
            yield document


def _disk(context: Context) -> Finding:
    free, reserve = shutil.disk_usage(context.settings.storage.folder).free, context.settings.storage.reserve
    text = f"{free // _MIB} MiB free, {reserve // _MIB} MiB are the reserve"
    if instance_folder.is_open(context.settings.storage.folder):
        return False, f"{text}; everybody may read the data folder", "chmod 700, as its owner."
    return free > reserve, text, "Make room: senders are told to come again. Nothing accepted is lost."


def _clock(context: Context) -> Finding:
    """Not before what has happened already, and not apart from the clock that the data folder's disk goes by."""
    now = context.ports.clock.now()
    newest, _ = context.ports.ledger.lines(context.settings.tenant, LineFilter(), cursor="", limit=1)
    if newest and newest[0].received_at - now > CLOCK_SLACK:
        ahead = (newest[0].received_at - now).total_seconds()
        return False, f"{ahead:.0f} s behind the newest receipt", "Set the clock; `timedatectl` tells who keeps it."
    apart = abs(_disk_time(context.settings.storage.folder) - time.time())
    if apart > CLOCK_SLACK.total_seconds():
        return False, f"{apart:.0f} s apart from the disk's clock", "Keep the data folder on a local disk."
    return True, f"{now:%Y-%m-%d %H:%M:%S} UTC, not before any receipt", ""


def _disk_time(folder: Path) -> float:
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        probe.write(b"probe")
        probe.flush()
        return Path(probe.name).stat().st_mtime


def _plan(context: Context) -> Finding:
    plan = context.plan
    text = f"version {plan.version}, {len(plan.positions)} positions" if plan.positions else "none is in force"
    return bool(plan.positions), text, "Name one in the setting `plan` before the first start; see docs/file-plan.md."


def _offices(context: Context) -> Finding:
    """Settings, accounts and keys with an office of which the plan knows nothing: its post, no clerk would see."""
    settings, plan = context.settings, context.plan
    named = {
        "mail_intake.offices": settings.mail_intake.offices.values(),
        "scan_intake.offices": settings.scan_intake.offices.values(),
        "filing.office": (settings.filing.office,),
    }
    wrong = [f"{office} ({setting})" for setting, those in named.items() for office in plan.unknown_offices(those)]
    for holder, those in _holders(context):
        wrong += [f"{office} ({holder})" for office in plan.unknown_offices(those, main=settings.filing.office)]
    shown = ", ".join(wrong[:NAMED]) + (f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else "")
    text = f"not in the plan: {shown}" if wrong else "those of settings, accounts and keys are in the plan"
    todo = (
        "Correct the setting and restart, change the account (`poststelle account change`) or make another key;"
        " or put a plan in force that has the office. What lies there, assign anew."
    )
    return not wrong, text, todo


def _holders(context: Context) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who may still come in, with the offices of each: a plan that dropped one leaves it in their accounts."""
    everybody = cast("Accounts", context.configuration.parsed("accounts", accounts.decode) or Accounts())
    yield from ((f"account {one.name}", one.offices) for one in everybody.accounts if not one.disabled)
    yield from ((f"key {one.source}", one.offices) for one in everybody.keys if not one.revoked)
