"""What is stored of a procedure's webhook: where it is, what signs it, how far it is, and what is wrong with it."""

from datetime import datetime

from msgspec import Struct

from services.core import vocabulary


class Webhook(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a procedure is told by HTTP without asking. Its secret is computed of `secret` and never stored."""

    url: vocabulary.WebhookUrl
    secret: vocabulary.EventId
    """Names the secret that signs; a new one with each rotation."""
    proof: vocabulary.Sha256
    """The hash of that secret: where it does not fit any more, the secret of the installation was changed."""
    former: vocabulary.EventId | None = None
    """The secret before; it signs beside the other until `former_until`."""
    former_until: datetime | None = None
    run: vocabulary.EventId
    """One way through the inbox; to send something again by hand is a new one."""
    after: vocabulary.Count = 0
    """Behind this line of the inbox the run begins."""


class WebhookTrouble(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="webhook-trouble:1"
):
    """A line that was not taken at the first try: since when, and why. Goes when it is taken."""

    line: vocabulary.Revision
    since: datetime
    code: vocabulary.Code


class WebhookParked(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="webhook-parked:1"):
    """A run that is given up at this line, until somebody has it sent again."""

    line: vocabulary.Revision
    at: datetime
    since: datetime
    code: vocabulary.Code


class WebhookTurn(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="webhook-turn:1"):
    """Which process sends to a procedure, and until when that holds."""

    holder: vocabulary.EventId
    until: datetime
