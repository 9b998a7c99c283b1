"""Programs that index mail folders, beside ours as a whole: what is installed here is measured, the rest is said."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import mail_path
from tests.benchmarks.measuring import Cost, Costing, Job

MAILDIR = "maildir"


def write_maildir(job: Job, *, attachments: bool) -> None:
    """The mails once more, as files of a Maildir."""
    mail_path.write_mails(job, attachments=attachments)
    folder = job.inputs / MAILDIR
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, mail in enumerate(mail_path.read_mails(job)):
        (folder / "cur" / f"{number}.bench:2,S").write_bytes(mail.replace(b"\r\n", b"\n"))


def absent(*programs: str) -> Callable[[], str]:
    """Why a peer cannot be measured here: the programs that it needs and that are not there."""

    def missing() -> str:
        away = [program for program in programs if not shutil.which(program)]
        return f"{', '.join(away)} not installed" if away else ""

    return missing


def recoll(job: Job) -> Cost:
    """Mails and attachments, German stems, as shipped."""
    settings = job.folder / "recoll"
    settings.mkdir()
    (settings / "recoll.conf").write_text(
        f"topdirs = {_maildir(job)}\nindexstemminglanguages = german\nthrQSizes = -1 -1 -1\n"
    )
    costing = Costing(job, children=True)
    _run(["recollindex", "-c", str(settings)])
    cost = costing.over(job.size)
    told = _run(["recollq", "-c", str(settings), "-m", "mime:message/rfc822"])
    cost.made = int((re.findall(r"^(\d+) results", told, re.MULTILINE) or ["0"])[0])
    return cost


def notmuch(job: Job) -> Cost:
    """Bodies only, as shipped."""
    settings = job.folder / "notmuch-config"
    settings.write_text(f"[database]\npath={_maildir(job)}\n[user]\nname=Bench\nprimary_email=bench@example.net\n")
    there = {"NOTMUCH_CONFIG": str(settings)}
    shutil.rmtree(_maildir(job) / ".notmuch", ignore_errors=True)
    costing = Costing(job, children=True)
    _run(["notmuch", "new", "--quiet"], there)
    cost = costing.over(job.size)
    cost.made = int(_run(["notmuch", "count", "*"], there))
    return cost


def mu(job: Job) -> Cost:
    """Bodies only, as shipped."""
    home = f"--muhome={job.folder / 'mu'}"
    costing = Costing(job, children=True)
    _run(["mu", "init", home, f"--maildir={_maildir(job)}", "--quiet"])
    _run(["mu", "index", home, "--quiet"])
    cost = costing.over(job.size)
    cost.made = len(_run(["mu", "find", home, "--fields=i", ""]).splitlines())
    return cost


def _maildir(job: Job) -> Path:
    return (job.inputs / MAILDIR).resolve()


def _run(command: Sequence[str], more: dict[str, str] | None = None) -> str:
    ended = subprocess.run(command, check=True, capture_output=True, env=os.environ | (more or {}))
    return ended.stdout.decode(errors="replace")
