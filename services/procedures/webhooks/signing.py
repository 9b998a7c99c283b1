"""What signs a webhook: the headers of Standard Webhooks, by secrets that are computed and lie nowhere.

https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`, with `v1,` and the HMAC-SHA256
of id, time and body; two of them, a blank between, while a secret is changed.
"""

import base64
import hashlib
import hmac
import uuid
from datetime import datetime

from services.core.messages.webhooks import Webhook
from services.runtime.context.service import Context
from services.runtime.operations.instance_folder import installation_secret

PREFIX = "whsec_"


def secret_of(name: str, secret: str, context: Context) -> bytes:
    """The secret of this id. Whoever changes `http.session_secret_file` changes it, too."""
    settings = context.settings
    master = installation_secret(settings.http.session_secret_file, settings.storage.folder)
    return hmac.digest(master, f"webhook/{settings.tenant}/{name}/{secret}".encode(), "sha256")


def as_told(secret: bytes) -> str:
    """As an operator gives it to the procedure, once."""
    return PREFIX + base64.b64encode(secret).decode()


def new_secret(name: str, context: Context) -> tuple[str, str, str]:
    """A new one: its id, the proof that is stored of it, and the secret as it is told."""
    made = str(uuid.uuid4())
    secret = secret_of(name, made, context)
    return made, proof_of(secret), as_told(secret)


def proof_of(secret: bytes) -> str:
    """By which a changed secret is found out; the secret itself cannot be computed of it."""
    return hashlib.sha256(b"proof/" + secret).hexdigest()


def is_known(hook: Webhook, name: str, context: Context) -> bool:
    """Whether we still have the secret that the procedure was given."""
    return hmac.compare_digest(proof_of(secret_of(name, hook.secret, context)), hook.proof)


def headers(event_id: str, body: bytes, *, at: datetime, secrets: list[bytes]) -> dict[str, str]:
    """What goes with the body."""
    moment = int(at.timestamp())
    signed = f"{event_id}.{moment}.".encode() + body
    made = [base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets]
    return {
        "Content-Type": "application/cloudevents+json",
        "User-Agent": "poststelle",
        "webhook-id": event_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


def secrets_of(hook: Webhook, name: str, context: Context) -> list[bytes]:
    """Those that sign now: the present one, and the former until its time is over."""
    named = [hook.secret]
    if hook.former and hook.former_until and context.ports.clock.now() < hook.former_until:
        named.append(hook.former)
    return [secret_of(name, one, context) for one in named]
