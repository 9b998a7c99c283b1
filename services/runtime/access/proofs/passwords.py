"""Passwords as the store keeps them: hashed by Argon2id (RFC 9106), and compared as slowly where there is none."""

import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""64 MiB, three passes, four lanes: what the RFC advises where memory is short."""


def hashed(password: str) -> str:
    """What is stored in place of a password: parameters, salt and hash, about 100 characters."""
    return HASHER.hash(password)


@functools.cache
def prepare() -> str:
    """The hash of nobody's password, made once a process at its start, so that not even the first guess tells names."""
    return HASHER.hash(secrets.token_urlsafe())


def fits(stored: str, password: str) -> bool:
    """Whether it is the stored one; where nothing is stored it never is, and that takes the same time."""
    nobodys = prepare()
    try:
        HASHER.verify(stored or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)
