"""One worker with Saxon, started when the first invoice comes and killed when it takes too long or dies."""

import contextlib
import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from services.adapters.invoice_rules.saxon import rule_sets
from services.adapters.telling import warn
from services.core.errors import Misconfigured, TryLater
from services.core.ports.invoice_rules import Broken, Report, RuleSet

_WORKER = Path(__file__).with_name("worker.py")
_LOOK_AGAIN = 600.0
"""Seconds until rules that could not be fetched are looked for again."""
_FETCHED = 20.0
"""Seconds for which the first invoice waits for its rules. Without a way out a fetch tries for minutes."""
_FIRST = 60.0
"""Seconds for a set that has to be compiled first; later invoices take a tenth of a second."""
_MOST_BYTES = 4 * 1024 * 1024
"""An invoice without its enclosures is smaller."""


class _Answer(msgspec.Struct, frozen=True):
    broken: list[tuple[str, str, str]] = []
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleLimits:
    """What a check may cost."""

    seconds: float = 20.0
    checks_per_worker: int = 2_000
    """Then it is replaced: what leaks must not pile up."""


class SaxonInvoiceRules:
    """The rules are fetched, and the worker is started, when the first invoice comes."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        cache: Path = Path("~/.cache/poststelle"),
        progress: rule_sets.Progress = lambda _: None,
        limits: RuleLimits | None = None,
    ) -> None:
        """The folder of a setting, if there is one, else the cache."""
        self._folder, self._cache, self._progress = folder, cache, progress
        self._limits = limits or RuleLimits()
        self._lock = threading.Lock()
        self._files: dict[RuleSet, Path] = {}
        self._fetch: threading.Thread | None = None
        self._waits_until = 0.0
        self._not_before = 0.0
        self._worker: subprocess.Popen[bytes] | None = None
        self._compiled: set[RuleSet] = set()
        self._checks = 0

    def check(self, xml: bytes, sets: tuple[RuleSet, ...]) -> Report | None:
        """One invoice after the other: a check is shorter than the start of a second worker."""
        if not sets or len(xml) > _MOST_BYTES:
            return None
        with self._lock:
            if not self._are_here():
                return None
            answer = self._asked(xml, sets) or self._asked(xml, sets)
        if answer is None or answer.problem:
            return None
        applied = tuple(rule_sets.name_of(rules) for rules in sets)
        return Report(broken=tuple(Broken(*line) for line in answer.broken), applied=applied)

    @property
    def worker_pid(self) -> int | None:
        """The process that works, if one was started."""
        return self._worker.pid if self._worker else None

    def close(self) -> None:
        """Stop the worker, also while it works."""
        self._stop()

    def _are_here(self) -> bool:
        """Whether the rules lie here; who asks while they are fetched waits for them, all together for a while."""
        now = time.monotonic()
        if not self._files and self._fetch is None and now >= self._not_before:
            self._waits_until = now + _FETCHED
            self._fetch = threading.Thread(target=self._prepare, name="invoice-rules", daemon=True)
            self._fetch.start()
        if fetch := self._fetch:
            fetch.join(max(0.0, self._waits_until - now))
            self._fetch = fetch if fetch.is_alive() else None
        return bool(self._files)

    def _prepare(self) -> None:
        # Before the try: whatever ends it, no invoice starts the next one at once.
        self._not_before = time.monotonic() + _LOOK_AGAIN
        try:
            self._files = rule_sets.prepare(self._folder, self._cache, self._progress)
        except (TryLater, Misconfigured, OSError):
            warn("invoice_rules", "rules_missing")

    def _asked(self, xml: bytes, sets: Sequence[RuleSet]) -> _Answer | None:
        """The worker's answer; None where it died of it or was too slow, and is gone."""
        worker = self._running()
        paths = [str(self._files[rules]) for rules in sets]
        fresh = not self._compiled.issuperset(sets)
        seconds = self._limits.seconds + (_FIRST if fresh else 0.0)
        line = b""
        with contextlib.suppress(OSError, ValueError):
            line = _answer_of(worker, json.dumps({"size": len(xml), "files": paths}).encode() + b"\n" + xml, seconds)
        try:
            answer = msgspec.json.decode(line, type=_Answer)
        except msgspec.MsgspecError:
            warn("invoice_rules", "worker_died")
            self._stop()
            return None
        self._compiled.update(sets)
        return answer

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._worker and (self._worker.poll() is not None or self._checks >= self._limits.checks_per_worker):
            self._stop()
        if self._worker is None:
            command = [sys.executable, "-I", str(_WORKER)]
            # It gets no environment: what it runs is made of what strangers sent.
            self._worker = subprocess.Popen(  # noqa: S603  # our own file
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"},
            )
        self._checks += 1
        return self._worker

    def _stop(self) -> None:
        worker, self._worker, self._checks = self._worker, None, 0
        self._compiled.clear()
        if worker is None:
            return
        worker.kill()
        worker.wait()
        for pipe in filter(None, (worker.stdin, worker.stdout)):
            with contextlib.suppress(OSError):
                pipe.close()


def _answer_of(worker: "subprocess.Popen[bytes]", request: bytes, seconds: float) -> bytes:
    """One line; empty where none came in time. A watch kills a worker that neither reads nor answers."""
    if not worker.stdin or not worker.stdout:
        return b""
    watch = threading.Timer(seconds, worker.kill)
    watch.start()
    try:
        worker.stdin.write(request)
        worker.stdin.flush()
        readable, _, _ = select.select([worker.stdout], [], [], seconds)
        return worker.stdout.readline() if readable else b""
    finally:
        watch.cancel()
