"""In which form a plan came, and reading and writing it in any."""

import codecs
from typing import Literal

import msgspec

from services.core.plan import plan_check
from services.core.plan.exchange import csv_form, xdomea_form, xdomea_reading
from services.core.plan.exchange.xdomea_form import Message
from services.core.plan.file_plan import FilePlan
from services.core.plan.plan_check import Fault

Form = Literal["json", "csv", "xdomea"]
MEDIA_TYPES: dict[Form, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xdomea": "application/xml",
}
SUFFIXES: dict[str, Form] = {".json": "json", ".csv": "csv", ".xml": "xdomea"}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def form_of(content: bytes) -> Form:
    """By how it begins: XML by `<`, JSON by a bracket, everything else is meant as CSV."""
    begin = content[:200]
    for mark in (codecs.BOM_UTF8, *_UTF16):
        begin = begin.removeprefix(mark)
    begin = begin.lstrip(b"\0 \t\r\n")
    if begin.startswith(b"<"):
        return "xdomea"
    return "json" if begin[:1] in (b"{", b"[", b"") else "csv"


def read(content: bytes) -> tuple[str, list[Fault]]:
    """The plan as our JSON, whatever form it came in, and all its faults with the lines of that form."""
    form = form_of(content)
    if form == "json" or len(content) > plan_check.MAX_BYTES:
        return plan_check.read(content.removeprefix(codecs.BOM_UTF8))
    if form == "xdomea":
        return xdomea_reading.read(content)
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return "", [Fault(line=line, code="not_utf8", sentence="This is no UTF-8 text; save it as `CSV UTF-8`.")]
    return csv_form.read(text)


def write(plan: FilePlan, form: Form, message: Message) -> bytes:
    """The plan in this form; CSV with the mark by which spreadsheets know UTF-8."""
    if form == "csv":
        return codecs.BOM_UTF8 + csv_form.write(plan).encode()
    if form == "xdomea":
        return xdomea_form.write(plan, message).encode()
    return msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n"
