"""The quality sample: what other readers say of the files, set against what the mail room says.

No rule knows a file by its name: each holds for every file of its kind that went through the intakes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.corpus import invoices, references
from tests.corpus.expectations import Expectation
from tests.corpus.feeding import Fate
from tests.journeys.instance import Instance

ENOUGH = 0.95
"""Share of the other reader's words that have to be in our text: two readers part words differently now and then."""
FEW_WORDS = 5
OFFICE = {".docx", ".docm", ".pptx", ".xlsx", ".odt", ".ods", ".odp"}
FIRST_HITS = 100
WORDLESS_BYTES = 1_000
"""Up to here a part may hold nothing to read."""
WORDLESS = re.compile(
    r"application/(pkcs7-signature|x-pkcs7-signature|pgp-signature|pkcs10|x-x509-[a-z-]+|pkix-cert|pgp-keys)"
    r"|message/rfc822|image/([ew]mf|x-[ew]mf)|text/css|font/.*|application/(x-)?font.*|application/vnd\.ms-opentype"
)
"""Kinds without words for people: signatures and certificates, drawings inside office files, style sheets, fonts."""
_TITLE = "# "


@dataclass(frozen=True)
class Reader:
    """Asks the mail room about one letter that came to its end."""

    process: Instance
    fate: Fate

    @property
    def suffix(self) -> str:
        """The file's ending, in lower case."""
        return self.fate.letter.path.suffix.lower()

    def words(self) -> set[str]:
        """The words of all its parts."""
        found: set[str] = set()
        for part in self.fate.told["parts"]:
            if part["characters"]:
                answer = self.process.http.get(f"/documents/{self.fate.document}/parts/{part['part']}/text")
                found |= references.words(answer.raise_for_status().text)
        return found

    def is_found_by(self, line: str) -> bool:
        """Whether a search for this line leads to it."""
        answer = self.process.http.post("/search", json={"q": line, "limit": FIRST_HITS})
        return self.fate.document in {hit["document"] for hit in answer.raise_for_status().json()["items"]}


Rule = Callable[[Reader], Iterator[Expectation]]


def sample(process: Instance, fates: Sequence[Fate]) -> list[Expectation]:
    """Every expectation that the files themselves allow; what was set aside with a problem is not asked for text."""
    readers = [Reader(process, fate) for fate in fates if fate.indexed]
    return [found for rule in RULES for reader in readers for found in rule(reader)]


def _subject(reader: Reader) -> Iterator[Expectation]:
    if not reader.fate.letter.is_mail:
        return
    expected = references.subject(reader.fate.letter.as_sent())
    if expected is not None and reader.fate.told["mail"]:
        ours = " ".join(reader.fate.told["mail"]["subject"].split())
        yield _told(reader, "subject as the standard library reads it", ours == expected, "another subject")


def _nothing_silent(reader: Reader) -> Iterator[Expectation]:
    """Each part says something, was looked at page by page, has parts that do, or tells why not.

    Icons and pictures of a design are `inline`; a mail is measured with its headers, which may be all there is to it.
    """
    parts = reader.fate.told["parts"]
    containers = {part["part"].rpartition(".")[0] or "0" for part in parts if part["part"] != "0"}
    for part in parts:
        told = part["problem"] or (part["part"] == "0" and reader.fate.problems)
        speaks = part["characters"] or part["recognised"] or part["part"] in containers or told
        is_design = part["role"] == "inline" and part["media_type"].startswith("image/")
        wordless = part["size_bytes"] <= WORDLESS_BYTES or WORDLESS.fullmatch(part["media_type"])
        if not (speaks or is_design or wordless):
            reason = f"{part['part']} {part['media_type']}, {part['size_bytes']} bytes"
            yield _told(reader, "nothing silently empty", met=False, reason=reason)
            return
    yield _told(reader, "nothing silently empty", met=True, reason="")


def _attachments(reader: Reader) -> Iterator[Expectation]:
    if reader.fate.letter.is_mail:
        expected = references.attachments(reader.fate.letter.as_sent())
        ours = sum(part["part"] != "0" and "." not in part["part"] for part in reader.fate.told["parts"])
        yield _told(reader, "number of attachments", ours == expected, f"{ours} of {expected}")


def _invoice(reader: Reader) -> Iterator[Expectation]:
    number = references.invoice_number(reader.fate.letter.path) if reader.suffix in {".xml", ".pdf"} else ""
    if number:
        yield _told(reader, "invoice found by its number", reader.is_found_by(f'"{number}"'), "not among the hits")


def _invoice_fields(reader: Reader) -> Iterator[Expectation]:
    """Invoices are told as such with the fields that another reader sees, and nothing else is."""
    compared = invoices.compared(reader.fate.letter.path, reader.fate.told["parts"])
    if not compared.expected:
        yield _told(reader, "no invoice where none is", not compared.found, "a false alarm")
        return
    yield _told(reader, "invoice recognised", compared.found, "not recognised")
    if compared.found:
        yield _told(reader, "fields of an invoice", not compared.differing, " ".join(compared.differing))


def _pdf_text(reader: Reader) -> Iterator[Expectation]:
    if reader.suffix == ".pdf":
        yield from _words(reader, "PDF text as PDFium reads it", references.pdf_words(reader.fate.letter.path))


def _office_text(reader: Reader) -> Iterator[Expectation]:
    if reader.suffix in OFFICE:
        yield from _words(reader, "words of an office file's XML", references.office_words(reader.fate.letter.path))


def _plain_text(reader: Reader) -> Iterator[Expectation]:
    if reader.suffix in {".txt", ".md"} and not reader.fate.letter.is_mail:
        try:
            expected = reader.fate.letter.path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return
        yield from _words(reader, "words of a plain text", references.words(expected))


def _title(reader: Reader) -> Iterator[Expectation]:
    if reader.suffix == ".md":
        lines = reader.fate.letter.path.read_text(encoding="utf-8", errors="replace").splitlines()
        title = next((line[len(_TITLE) :] for line in lines if line.startswith(_TITLE)), "")
        wanted = " ".join(sorted(references.words(title)))
        if wanted:
            yield _told(reader, "text found by its heading", reader.is_found_by(wanted), "not among the hits")


def _members(reader: Reader) -> Iterator[Expectation]:
    if reader.suffix == ".zip":
        expected = references.members(reader.fate.letter.path)
        if expected is not None:
            ours = sum(part["part"] != "0" and "." not in part["part"] for part in reader.fate.told["parts"])
            yield _told(reader, "files of a zip", ours == expected, f"{ours} of {expected}")


RULES: tuple[Rule, ...] = (
    _subject,
    _nothing_silent,
    _attachments,
    _invoice,
    _invoice_fields,
    _pdf_text,
    _office_text,
    _plain_text,
    _title,
    _members,
)


def _words(reader: Reader, rule: str, expected: set[str]) -> Iterator[Expectation]:
    if len(expected) < FEW_WORDS or "encrypted" in reader.fate.problems:
        return
    missing = expected - reader.words()
    share = 1 - len(missing) / len(expected)
    yield _told(reader, rule, share >= ENOUGH, f"{share:.0%} of {len(expected)} words")


def _told(reader: Reader, rule: str, met: bool, reason: str) -> Expectation:  # noqa: FBT001 - the sentence reads so
    problems = " ".join(reader.fate.problems)
    reason = f"{reason} ({problems})" if problems else reason
    return Expectation(rule, reader.fate.letter.name, met, "" if met else reason)
