"""Post for a city in trouble: mails with a word of their own each, every third for a file, and what became of them."""

import secrets
from dataclasses import dataclass, field

from tests.journeys.agreement import WITHIN_S, agree
from tests.journeys.filing import settled
from tests.journeys.gateway import GIVES_UP_AFTER_S, Gateway
from tests.journeys.letters import a_mail, a_pdf
from tests.journeys.metropolis import Metropolis


@dataclass(kw_only=True)
class Post:
    """A pile of mails that a gateway with several sessions delivers; what is refused comes again."""

    city: Metropolis
    file: str
    """The number of the file that every third is for."""
    mails: int
    patience_s: float = GIVES_UP_AFTER_S
    mark: str = field(default_factory=lambda: secrets.token_hex(4))
    gateway: Gateway = field(init=False)

    def __post_init__(self) -> None:
        mails = [a_mail(self._text(number)) for number in range(self.mails)]
        for mail in mails[1::3]:  # each of these is work for Tika
            mail.add_attachment(a_pdf("Anbei."), maintype="application", subtype="pdf", filename="Anlage.pdf")
        self.gateway = Gateway(self.city.city.smtp_ports, mails, patience_s=self.patience_s)

    def start(self) -> "Post":
        """Begin to deliver."""
        self.gateway.start()
        return self

    def arrives(self, within_s: float = WITHIN_S) -> None:
        """All is acknowledged, everything agrees, and each mail is found."""
        receipts = self.gateway.finish()
        agree(self.city.books, receipts.values(), within_s)
        self.is_found()

    def is_found(self) -> None:
        """Each mail by its word, once, where it belongs, and without any problem."""
        for number, receipt in self.gateway.receipts.items():
            state = "filed" if number % 3 == 0 else "held"
            told = settled(self.city, receipt, state)
            hits = self.city.search(self.word(number))
            found = [(hit["document"], hit["state"], hit["problems"]) for hit in hits]
            assert found == [(told["document"], state, [])], self.word(number)

    def word(self, number: int) -> str:
        """What only this mail says."""
        return f"anliegen{self.mark}{number:05d}"

    def _text(self, number: int) -> str:
        sign = f"Ihr Zeichen: {self.file}\n" if number % 3 == 0 else ""
        return f"{sign}\nMein Anliegen hat die Nummer {self.word(number)}."
