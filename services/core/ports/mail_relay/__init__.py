"""The port to the relay that takes mails of the mail room to its own people; nothing else of us goes out by mail."""

from typing import Literal, Protocol

Outcome = Literal["sent", "away", "refused", "unknown"]
"""`sent`: the relay took it; `away`: it did not, and may later; `refused`: it never will; `unknown`: the connection
broke while it answered, so it may have been taken."""


class MailRelay(Protocol):
    """Speaks to one relay; belongs to all threads."""

    def may_have(self, recipient: str) -> bool:
        """Whether mails may go to this address: one address, at one of the domains that the settings name."""

    def send(self, recipient: str, subject: str, text: str, message_id: str) -> Outcome:
        """Hand one mail over, once. `message_id` stands left of the `@` in its Message-ID: equal for equal mails."""


class NoMailRelay:
    """Where the settings name no relay: nothing goes out."""

    def may_have(self, recipient: str) -> bool:
        """Nobody may."""
        del recipient
        return False

    def send(self, recipient: str, subject: str, text: str, message_id: str) -> Outcome:
        """Never."""
        del recipient, subject, text, message_id
        return "refused"
