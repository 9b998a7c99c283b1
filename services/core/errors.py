"""The failures of the mail room, each named after whose problem it is."""


class TryLater(Exception):
    """The world's problem: a server is away, busy or slow.

    Workers put the delivery back and ask again; intakes answer 451 or 503.
    The code names the sentence in the catalogue; it never holds text of a document.
    """

    def __init__(self, code: str = "unavailable") -> None:
        super().__init__(code)
        self.code = code


class StoreFull(TryLater):
    """No space is left below the reserve; nothing was accepted."""

    def __init__(self) -> None:
        super().__init__("store_full")


class NotPermitted(TryLater):
    """A server refuses us this: our user or key lacks the right. Nothing was done; an operator has to grant it."""

    def __init__(self) -> None:
        super().__init__("not_permitted")


class Rejected(Exception):
    """The sender's problem: this input is refused, with a typed reason, and nothing of it is kept."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Misconfigured(Exception):
    """The operator's problem: one sentence that names the setting; the process does not start."""


class BlobMissing(Exception):
    """No blob has this key: never written, or erased since."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class OriginalDamaged(Exception):
    """The document's problem: its original is missing or not what was stored. Nothing of it is given to anybody."""

    code = "damaged"

    def __init__(self, document: str) -> None:
        super().__init__(document)
        self.document = document


class Unreachable(Misconfigured):
    """A server that the process needs to start does not answer where the setting says; one sentence names both."""


class EventBroken(Exception):
    """Our problem: a record on a topic is no event of ours. The code says what is wrong with it."""

    def __init__(self, code: str, field: str = "") -> None:
        """`field` is the attribute or the field of the data that is wrong, where one is."""
        super().__init__(code)
        self.code, self.field = code, field


class EventNewer(TryLater):
    """A record carries a newer schema version than this code knows: readers are upgraded first."""

    def __init__(self) -> None:
        super().__init__("event_newer")
