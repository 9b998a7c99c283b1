"""Being let in: the first words with the brokers, so that a wrong password or certificate is said before the start."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from services.adapters.event_log.kafka.options import shared
from services.core.errors import Misconfigured, TryLater

_log = logging.getLogger(__name__)
LOOK = 1.0
"""Seconds of one attempt."""


PATIENCE = timedelta(seconds=20)
"""For brokers that start at the same time as we do."""


def check(bootstrap: str, client: Mapping[str, str]) -> None:
    """Before a start: Misconfigured names the setting of what we are refused for, TryLater is that none answers."""
    knock(shared(bootstrap, client), PATIENCE.total_seconds())


def knock(options: Mapping[str, str | int | float | bool], patience: float) -> None:
    """Return once a broker has let us in. Misconfigured when one refuses us, TryLater when none answers in time.

    Codes count in this file alone: they tell which setting or right is wrong, not whether to try again.
    """
    refusals: list[KafkaError] = []
    try:
        watched = {**options, "error_cb": refusals.append, "log_level": 0}
        client = AdminClient(watched, logger=_log)  # type: ignore[arg-type]  # the library forgets its call-backs
    except KafkaException as error:
        raise Misconfigured(_UNUSABLE) from error
    deadline = monotonic() + patience
    while True:
        try:
            client.list_topics(timeout=LOOK)
        except KafkaException as error:
            client.poll(0)
            for refusal in (*refusals, error.args[0]):
                _raise_refused(refusal)
        else:
            return
        if monotonic() > deadline:
            raise TryLater


def forbids(error: object) -> bool:
    """Whether the brokers know us, and this is not ours to do."""
    if not isinstance(error, KafkaError):
        return False
    if error.code() == KafkaError._FATAL:  # noqa: SLF001  what ended a consumer is told by its words alone
        return "authorization failed" in error.str()
    return error.code() in _FORBIDDEN


def _raise_refused(error: KafkaError) -> None:
    sentence = _SENTENCES.get(error.code())
    if sentence:
        raise Misconfigured(sentence)


_FORBIDDEN = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}
_UNUSABLE = (
    "settings kafka.ca_file, kafka.certificate_file, kafka.key_file: one of them holds no usable certificate or key"
)
_SENTENCES = {
    KafkaError._AUTHENTICATION: (  # noqa: SLF001  the library's own names for what its side finds
        "settings kafka.username and kafka.password_file: the brokers do not know this user with this password"
    ),
    KafkaError.SASL_AUTHENTICATION_FAILED: (
        "settings kafka.username and kafka.password_file: the brokers do not know this user with this password"
    ),
    KafkaError._SSL: (  # noqa: SLF001  same
        "settings kafka.ca_file and kafka.security: the brokers' certificate is not theirs, or not of whom we trust"
    ),
}
