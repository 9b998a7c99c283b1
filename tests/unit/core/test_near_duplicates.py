"""When two documents are the same letter once more, and when they only look like it."""

import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from services.core.language import sketch
from services.core.language.sketch import bands_of, likeness, pairs_of
from services.core.model.batches.sheets import PartOf
from services.core.model.record import Record
from services.core.model.record_files import Extraction, MailHead, Part, Receipt
from services.core.protocol.near_duplicates import resemblance, sketch_of

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LETTER = (
    "Sehr geehrte Damen und Herren, hiermit erhebe ich Widerspruch gegen den Bescheid vom 12.02.2026 über die "
    "Abfallgebühren für das Grundstück Lindenweg 7. Die Berechnung geht von fünf Personen aus, in unserem Haushalt "
    "leben seit dem Auszug der Kinder nur noch zwei. Der Betrag von 412,80 Euro ist deshalb zu hoch. Bitte prüfen Sie "
    "das Aktenzeichen 52.10.02-1234 und setzen Sie die Vollziehung bis zu Ihrer Entscheidung aus. Mit freundlichen "
    "Grüßen Erika Mustermann"
)
OTHER = (
    "Guten Tag, am Spielplatz an der Schillerstraße ist seit drei Wochen das Klettergerüst gesperrt. Niemand im "
    "Rathaus konnte am Telefon sagen, wann es wieder benutzt werden darf. Die Eltern der Umgebung bitten um Auskunft, "
    "ob Ersatzteile bestellt sind und ob der Bauhof vor den Sommerferien noch Zeit für die Reparatur findet."
)


def a_record(*texts: str, document: str = "a", recognised: bool = False, **facts: Any) -> Record:
    """What was read of a document: its body, and what hangs on it."""
    receipt = Receipt(
        receipt="PE-260302-000000001",
        tenant="main",
        document=document,
        incarnation=0,
        channel="mail",
        source="s",
        received_at=NOW,
        media_type="message/rfc822",
        size_bytes=1,
        sha256="0" * 64,
        kind="mail",
        digest="0" * 64,
        part_of=facts.pop("part_of", None),
    )
    parts = tuple(
        Part(part=str(number), text=text, role="attachment" if number else "body", recognised=recognised)
        for number, text in enumerate(texts)
    )
    extraction = Extraction(cause="c", made_at=NOW, complete=True, extractor_version="1", parts=parts, **facts)
    return Record(tenant="main", document=document, receipts=(receipt,), extraction=extraction)


def read_again(text: str, wrong: float, seed: int) -> str:
    """As a machine reads it from paper: so many words have a wrong letter, in lines that end where paper ends."""
    chance = random.Random(seed)
    words = [word if chance.random() > wrong else word[:-1] + chance.choice("cl1x") for word in text.split()]
    return "\n".join(" ".join(words[place : place + 9]) for place in range(0, len(words), 9))


def are_likely(ours: Record, theirs: Record) -> bool:
    """Whether an index finds one by the other."""
    assert ours.extraction
    assert theirs.extraction
    return not set(bands_of(sketch_of(ours.extraction))).isdisjoint(bands_of(sketch_of(theirs.extraction)))


@pytest.mark.parametrize("wrong", [0.0, 0.02, 0.05, 0.08])
def test_a_letter_by_mail_and_as_a_scan(wrong: float) -> None:
    """As the text of a mail and read from paper, read twice, and hung on a mail of a few words."""
    mail, scan = a_record(LETTER), a_record(read_again(LETTER, wrong, 1), recognised=True)
    again = a_record(read_again(LETTER, wrong, 2), recognised=True)
    covering = a_record("Anbei mein Schreiben. Viele Grüße und ein schönes Wochenende wünscht Erika.", LETTER)
    for ours, theirs in ((mail, scan), (scan, again), (covering, scan), (covering, mail)):
        found = resemblance(ours, theirs)
        assert found
        assert found == resemblance(theirs, ours)
        assert are_likely(ours, theirs)
        assert found.share >= 0.5
        assert found.share == 1.0 or wrong


def test_letters_of_other_words_are_not_alike() -> None:
    """Nor is what says next to nothing, however much of it is the same."""
    assert resemblance(a_record(LETTER), a_record(OTHER)) is None
    assert not are_likely(a_record(LETTER), a_record(OTHER))
    short = a_record("Vielen Dank und freundliche Grüße")
    assert resemblance(short, short) is None
    assert short.extraction
    assert sketch_of(short.extraction) == b""
    assert resemblance(a_record(), a_record(LETTER)) is None


def test_short_letters_of_one_writer_are_not_alike() -> None:
    """Greeting, name, address and telephone number are most of both, and say nothing of what the letters are about."""
    close = "\n\nMit freundlichen Grüßen\nDr. Hanna Sommerfeld\nAm Mühlbach 17, 12345 Musterstadt\nTel. 0123 4567-80"
    matters = (
        "diese Nachricht unseres Büros leite ich Ihnen zur Kenntnis weiter.",
        "die Kastanie im Hof ist gestern Abend umgestürzt und liegt jetzt quer.",
    )
    ours, theirs = (a_record(f"Sehr geehrte Damen und Herren,\n\n{matter}{close}") for matter in matters)
    assert resemblance(ours, theirs) is None
    long = OTHER * 2 + close
    assert resemblance(a_record(long), a_record(long))


def test_a_form_with_other_numbers_is_another_letter() -> None:
    """The same words about another notice, another amount: hundreds of households get or send it."""
    of_another = LETTER.replace("12.02.2026", "03.03.2026").replace("412,80", "230,40").replace("1234", "5678")
    assert are_likely(a_record(LETTER), a_record(of_another))
    assert resemblance(a_record(LETTER), a_record(of_another)) is None
    assert resemblance(a_record(LETTER, recognised=True), a_record(of_another, recognised=True)) is None
    corrected = resemblance(a_record(LETTER), a_record(LETTER.replace("412,80", "418,20")))
    assert corrected
    assert (corrected.numbers, corrected.other_numbers) == (2, 1)


def test_a_digit_that_was_misread_is_no_other_number() -> None:
    """Where a machine read it from paper, and only there."""
    misread = LETTER.replace("412,80", "412,30").replace("1234", "1284").replace("12.02.2026", "12.02.2028")
    assert resemblance(a_record(LETTER), a_record(misread)) is None
    found = resemblance(a_record(LETTER), a_record(misread, recognised=True))
    assert found
    assert found.other_numbers == 0


def test_what_belongs_together_anyway_is_not_told() -> None:
    """A batch and what lay in it, a letter and the answer that quotes it."""
    part = a_record(LETTER, document="b", part_of=PartOf(document="a", number=1, count=1, pages=(1,)))
    assert resemblance(a_record(LETTER), part) is None
    assert resemblance(part, a_record(LETTER)) is None
    asked = a_record(LETTER, mail=MailHead(message_id="<1@x.example>"))
    answer = a_record(f"Danke. {LETTER}", mail=MailHead(message_id="<2@x.example>", in_reply_to=("<1@x.example>",)))
    assert resemblance(asked, answer) is None
    assert resemblance(answer, asked) is None
    assert resemblance(a_record(LETTER), answer)
    quoted = "\n".join(f"> {line}" for line in read_again(LETTER, 0.0, 1).splitlines())
    assert resemblance(a_record(LETTER), a_record(f"{OTHER}\n{quoted}")) is None


def test_a_letter_is_not_like_the_folder_that_it_lies_in() -> None:
    """Among much else it is a part and no second one."""
    much = " ".join(f"{OTHER} {number}" for number in range(3)) + " ".join(f"wort{n} satz{n}" for n in range(300))
    assert resemblance(a_record(LETTER), a_record(f"{LETTER} {much}")) is None


def test_the_likeness_of_sketches_is_that_of_texts() -> None:
    """The estimate is near what counting says, for many texts and changes."""
    chance = random.Random(5)
    for seed in range(40):
        words = [f"wort{chance.randrange(10_000)}" for _ in range(chance.randrange(60, 400))]
        one, other = " ".join(words), read_again(" ".join(words), chance.random() / 4, seed)
        first, second = pairs_of(one), pairs_of(other)
        counted = len(first & second) / len(first | second)
        assert abs(likeness(sketch.sketch_of(one), sketch.sketch_of(other)) - counted) < 0.25


def test_no_text_costs_more_than_the_longest_that_is_read() -> None:
    """Made to harm: nothing but numbers, one word without end, half a surrogate pair."""
    began = time.process_time()
    many = a_record(" ".join(str(number) for number in range(1_000_000)))
    for text in ("x" * 5_000_000, "a-\n" * 1_000_000, "\ud800 " * 100_000, " ".join(map(chr, range(0x4E00, 0x9000)))):
        made = a_record(text)
        assert made.extraction
        assert len(sketch_of(made.extraction)) <= 2 * sketch.BYTES
        resemblance(made, many)
    assert resemblance(many, many)
    assert time.process_time() - began < 10.0
