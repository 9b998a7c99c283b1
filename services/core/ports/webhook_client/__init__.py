"""The port to the webhooks of specialist procedures: a signed event goes out, and whether it was taken comes back."""

from collections.abc import Mapping
from typing import Protocol

MOST_BYTES_READ = 64 * 1024
"""Of an answer, its head included: nothing in it interests us but the status."""


class WebhookClient(Protocol):
    """Speaks HTTP to addresses outside; belongs to all threads."""

    def refusal(self, url: str) -> str:
        """Why this address may not be told anything, as a code (`webhook_address`, `webhook_target`); empty: it may."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Post once, follow nothing. Empty where the answer was 2xx; else why it was not taken, as a code.

        What `refusal` says, `webhook_away` (no connection, or no trusted certificate), `webhook_silent` (no answer in
        time), `webhook_redirected` (3xx), `webhook_gone` (410), `webhook_refused` (other 4xx), `webhook_failed` (else).
        """


class NoWebhookClient:
    """Where the settings allow no target: nobody is told anything."""

    def refusal(self, url: str) -> str:
        """None may."""
        del url
        return "webhook_target"

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Nothing goes out."""
        del headers, body
        return self.refusal(url)
