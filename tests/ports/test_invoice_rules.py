"""What `InvoiceRules` promises: the official rules over our own invoices, and a worker that may die."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.adapters.invoice_rules.saxon import SaxonInvoiceRules, engine, rule_sets
from services.core.ports.invoice_rules import Report, RuleSet
from services.extraction.invoices.reading import find
from tests.invoices.cii import cii
from tests.invoices.made import Line, Made
from tests.invoices.ubl import ubl

pytestmark = pytest.mark.xdist_group("saxon")

UBL: tuple[RuleSet, ...] = ("en16931-ubl", "xrechnung-ubl")
CII: tuple[RuleSet, ...] = ("en16931-cii", "xrechnung-cii")


@pytest.fixture(scope="module")
def rules() -> Iterator[SaxonInvoiceRules]:
    """Saxon with the rules, which are fetched where they are not there yet."""
    made = SaxonInvoiceRules(progress=print)
    yield made
    made.close()


def report(rules: SaxonInvoiceRules, content: bytes, sets: tuple[RuleSet, ...]) -> Report:
    """What the rules say of an invoice as it is read."""
    found = find(content)
    assert found
    told = rules.check(found.xml, sets)
    assert told
    return told


def errors(told: Report) -> set[str]:
    """The rules that make an invoice invalid."""
    return {broken.rule for broken in told.broken if broken.flag in ("fatal", "error")}


def test_our_right_invoices_pass(rules: SaxonInvoiceRules) -> None:
    """UBL, its credit note and CII: no rule is broken, and the sets are told with their versions."""
    told = report(rules, ubl(Made()), UBL)
    assert told.broken == ()
    assert told.applied == ("en16931-ubl-1.3.16", "xrechnung-ubl-3.0.2")
    assert report(rules, ubl(Made(type_code="381"), credit=True), UBL).broken == ()
    assert report(rules, cii(Made()), CII).broken == ()


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (Made(number=""), "BR-02"),
        (Made(reference=""), "BR-DE-15"),
        (Made(currency="XXQ"), "BR-CL-04"),
        (Made(changed={"total": Line("", Made().total, Made().total).net}), "BR-CO-15"),
    ],
)
def test_a_wrong_one_breaks_its_rule(rules: SaxonInvoiceRules, made: Made, rule: str) -> None:
    """In both syntaxes."""
    assert rule in errors(report(rules, ubl(made), UBL))
    assert rule in errors(report(rules, cii(made), CII))


def test_a_worker_that_died_is_replaced(rules: SaxonInvoiceRules) -> None:
    """The next invoice is checked all the same."""
    assert report(rules, cii(Made()), CII).broken == ()
    assert rules.worker_pid
    os.kill(rules.worker_pid, signal.SIGKILL)
    assert report(rules, cii(Made()), CII).broken == ()


def test_what_is_no_xml_has_no_report(rules: SaxonInvoiceRules) -> None:
    """It is told as unknown, and the worker goes on."""
    assert rules.check(b"<cut", CII) is None
    assert rules.check(b"", ()) is None
    assert report(rules, cii(Made()), CII).broken == ()


def test_a_folder_without_rules_leaves_the_check_undone(tmp_path: Path) -> None:
    """Where the operator's folder lacks the rules, invoices are not held up."""
    lacking = SaxonInvoiceRules(tmp_path)
    assert lacking.check(b"<a/>", CII) is None
    assert lacking.worker_pid is None


def test_a_fetch_that_hangs_holds_no_mail_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a way out the first invoice waits for a moment, later ones not at all; what comes at last is used."""
    goes_on = threading.Event()
    prepare = rule_sets.prepare

    def slow(*words: Any) -> dict[RuleSet, Path]:
        assert goes_on.wait(60)
        return prepare(*words)

    monkeypatch.setattr(rule_sets, "prepare", slow)
    monkeypatch.setattr(engine, "_FETCHED", 0.2)
    made = SaxonInvoiceRules()
    assert [made.check(ubl(Made()), UBL) for _ in range(3)] == [None] * 3
    goes_on.set()
    deadline = time.monotonic() + 60
    while (told := made.check(ubl(Made()), UBL)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    made.close()
    assert told
    assert told.broken == ()
