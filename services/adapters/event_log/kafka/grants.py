"""What a cluster's administrator does for us: users with passwords, and rights as the cluster keeps them."""

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import TimeoutError as TookTooLong
from time import monotonic, sleep

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclBindingFilter, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from services.adapters.event_log.kafka.entrance import check
from services.adapters.event_log.kafka.options import shared
from services.core.errors import NotPermitted, TryLater
from services.core.messages.log_rights import TopicRight

_log = logging.getLogger(__name__)
PATIENCE = 20.0
"""Seconds for each request, and until the brokers do what they said they do."""
LOOK = 0.1
ITERATIONS = 8192
"""Of the password's hash (RFC 7677 asks for 4,096 at least)."""
_OPERATIONS = {
    "read": AclOperation.READ,
    "write": AclOperation.WRITE,
    "look": AclOperation.DESCRIBE,
    "make": AclOperation.CREATE,
}
_KINDS = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}


class Grants:
    """Rights on one installation's topics and groups; `prefix` goes before them and before every user."""

    def __init__(self, bootstrap: str, client: Mapping[str, str], *, prefix: str = "") -> None:
        """`client` is an administrator's. Misconfigured when brokers do not let us in, TryLater when none answers."""
        check(bootstrap, client)
        self._client = AdminClient(shared(bootstrap, client), logger=_log)
        self._prefix = prefix

    def set_password(self, user: str, password: str) -> None:
        """Make the user, or give it this password from now on."""
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        wanted = UserScramCredentialUpsertion(self._prefix + user, info, password.encode())
        with _Asking():
            for answer in self._client.alter_user_scram_credentials([wanted]).values():
                answer.result(PATIENCE)

    def remove(self, user: str) -> int:
        """Take all rights from the user, and the password; how many rights went. One that is not there is no fault."""
        _, went = self.apply(user, ())
        unwanted = UserScramCredentialDeletion(self._prefix + user, ScramMechanism.SCRAM_SHA_512)
        with _Asking():
            for answer in self._client.alter_user_scram_credentials([unwanted]).values():
                refusal = answer.exception(PATIENCE)
                if refusal and not _says(refusal, KafkaError.RESOURCE_NOT_FOUND):
                    raise refusal
        return went

    def differences(self, user: str, rights: Iterable[TopicRight]) -> tuple[int, int]:
        """How many rights the user lacks, and how many it has beyond these."""
        wanted, found = self._wanted(user, rights), self._found(user)
        return len(wanted - found), len(found - wanted)

    def apply(self, user: str, rights: Iterable[TopicRight]) -> tuple[int, int]:
        """Give the user these rights and no others; how many came and went. In force on return."""
        wanted, found = self._wanted(user, rights), self._found(user)
        with _Asking():
            if missing := list(wanted - found):
                for answer in self._client.create_acls(missing).values():
                    answer.result(PATIENCE)
            if spare := [_exactly(binding) for binding in found - wanted]:
                for deleted in self._client.delete_acls(spare).values():
                    deleted.result(PATIENCE)
        self._await(user, wanted)
        return len(wanted - found), len(found - wanted)

    def _await(self, user: str, wanted: set[AclBinding]) -> None:
        """The answer to a change comes before its effect."""
        deadline = monotonic() + PATIENCE
        while self._found(user) != wanted:
            if monotonic() > deadline:
                raise TryLater
            sleep(LOOK)

    def _wanted(self, user: str, rights: Iterable[TopicRight]) -> set[AclBinding]:
        return {
            AclBinding(
                _KINDS[right.kind],
                self._prefix + right.name,
                ResourcePatternType.PREFIXED if right.beginning else ResourcePatternType.LITERAL,
                f"User:{self._prefix}{user}",
                "*",
                _OPERATIONS[right.operation],
                AclPermissionType.ALLOW,
            )
            for right in rights
        }

    def _found(self, user: str) -> set[AclBinding]:
        ours = AclBindingFilter(
            ResourceType.ANY,
            None,  # type: ignore[arg-type]  # the library takes None for "any", and says otherwise
            ResourcePatternType.ANY,
            f"User:{self._prefix}{user}",
            None,  # type: ignore[arg-type]  # same
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        with _Asking():
            return set(self._client.describe_acls(ours).result(PATIENCE))


def _exactly(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


class _Asking:
    """The vendor's failures, in our words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KafkaException):
            raise (TryLater() if error.args[0].retriable() else NotPermitted()) from error
        if isinstance(error, TookTooLong):
            raise TryLater from error


def _says(error: BaseException, code: int) -> bool:
    return isinstance(error, KafkaException) and error.args[0].code() == code
