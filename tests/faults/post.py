"""Post for a city in trouble: mails with a word of their own each, every third for a file, and what became of them."""

import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from tests.journeys.agreement import WITHIN_S, agree
from tests.journeys.filing import settled
from tests.journeys.gateway import GIVES_UP_AFTER_S, Gateway
from tests.journeys.letters import a_mail, a_pdf, a_scan
from tests.journeys.metropolis import Metropolis


class Scanner(threading.Thread):
    """Delivers pages by HTTP, one after another; what is not acknowledged comes again."""

    def __init__(self, city: Metropolis, texts: list[str]) -> None:
        super().__init__(daemon=True)
        self._city = city
        self._texts = texts
        self._deadline = time.monotonic() + GIVES_UP_AFTER_S
        self.receipts: list[str] = []

    def run(self) -> None:
        """Until all are acknowledged."""
        for text in self._texts:
            page = a_scan(text)
            while not self._taken(page) and time.monotonic() < self._deadline:
                time.sleep(0.1)

    def finish(self) -> list[str]:
        """The receipts of all."""
        self.join(GIVES_UP_AFTER_S)
        assert len(self.receipts) == len(self._texts)
        return self.receipts

    def _taken(self, page: bytes) -> bool:
        with suppress(httpx.TransportError):
            answer = self._city.http.put("/scans/Seite.png", content=page)
            if answer.status_code == httpx.codes.ACCEPTED:
                self.receipts.append(answer.json()["receipt"])
                return True
        return False


@dataclass(kw_only=True)
class Post:
    """A pile of mails that a gateway with several sessions delivers, and scans; what is refused comes again."""

    city: Metropolis
    file: str
    """The number of the file that every third is for."""
    mails: int
    scans: int = 0
    patience_s: float = GIVES_UP_AFTER_S
    mark: str = field(default_factory=lambda: secrets.token_hex(4))
    gateway: Gateway = field(init=False)
    scanner: Scanner = field(init=False)

    def __post_init__(self) -> None:
        mails = [a_mail(self._text(number)) for number in range(self.mails)]
        for mail in mails[1::3]:  # each of these is work for Tika
            mail.add_attachment(a_pdf("Anbei."), maintype="application", subtype="pdf", filename="Anlage.pdf")
        self.gateway = Gateway(self.city.city.smtp_ports, mails, patience_s=self.patience_s)
        self.scanner = Scanner(self.city, [f"Seite {number}\nvon {self.mark}" for number in range(self.scans)])

    def start(self) -> "Post":
        """Begin to deliver."""
        self.gateway.start()
        self.scanner.start()
        return self

    def arrives(self, within_s: float = WITHIN_S) -> None:
        """All is acknowledged, everything agrees, and each mail is found."""
        receipts = [*self.gateway.finish().values(), *self.scanner.finish()]
        agree(self.city.books, receipts, within_s)
        self.is_found()

    def is_found(self) -> None:
        """Each mail by its word, once, where it belongs, and without any problem; of each scan every page is read."""
        for number, receipt in self.gateway.receipts.items():
            state = "filed" if number % 3 == 0 else "held"
            told = settled(self.city, receipt, state)
            hits = self.city.search(self.word(number))
            found = [(hit["document"], hit["state"], hit["problems"]) for hit in hits]
            assert found == [(told["document"], state, [])], (number, found)

        for receipt in self.scanner.receipts:
            document = self.city.get(f"/documents/{settled(self.city, receipt, 'held')['document']}")
            assert (document["complete"], document["problems"]) == (True, []), document

    def word(self, number: int) -> str:
        """What only this mail says."""
        return f"anliegen{self.mark}{number:05d}"

    def _text(self, number: int) -> str:
        sign = f"Ihr Zeichen: {self.file}\n" if number % 3 == 0 else ""
        return f"{sign}\nMein Anliegen hat die Nummer {self.word(number)}."
