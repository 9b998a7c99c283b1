"""The keys of machines as they are shown: by HTTP as a bearer token, by SMTP as a password."""

import hashlib
import secrets

from services.core.model.accounts import Accounts, Key

KEY_PREFIX = "psk"


def key_of(everybody: Accounts, token: str) -> Key | None:
    """The key that a token such as `psk_<id>_<secret>` is, while it holds."""
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    key = next((k for k in everybody.keys if k.id == key_id), None)
    if prefix != KEY_PREFIX or key is None or key.revoked:
        return None
    return key if secrets.compare_digest(key.secret_sha256, sha256_of(secret)) else None


def sha256_of(text: str) -> str:
    """How a secret is kept: of many random bits, so that a quick hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()
