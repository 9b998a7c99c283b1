"""The HTTP interface of test messages: send one, and see what the procedure said of it."""

import uuid

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from services.core.messages.procedures import Tested
from services.procedures.registering import testing
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

PROBLEMS = documented(401, 403, 404, 409, 429, 503)


class ProcedureTest(BaseModel):
    """A test message, and what the procedure said of it."""

    delivery: str
    """What the procedure acknowledges."""
    sent_at: AwareDatetime
    answered: bool
    reference_key: str | None
    reason_code: str | None
    """Set where the procedure rejected it."""


def routes(router: APIRouter, context: Context) -> None:
    """Below `/procedures`."""

    @router.post("/{name}/tests", status_code=201, responses=PROBLEMS, summary="Send a procedure a test message")
    def send(name: str, _: Administrator) -> ProcedureTest:
        """It comes as all else does: by the inbox, on Kafka, and to the webhook where there is one."""
        return _shown(testing.sent(name, context), name, context)

    @router.get("/{name}/tests/{delivery}", responses=PROBLEMS, summary="Show a test message and its answer")
    def show(name: str, delivery: uuid.UUID, _: Administrator) -> ProcedureTest:
        """Whether it was answered, and how."""
        return _shown(testing.found(name, str(delivery), context), name, context)


def _shown(made: Tested, name: str, context: Context) -> ProcedureTest:
    answer = testing.answer_to(made, name, context)
    return ProcedureTest(
        delivery=made.delivery,
        sent_at=made.made_at,
        answered=answer is not None,
        reference_key=answer.reference_key if answer else None,
        reason_code=answer.reason_code if answer else None,
    )
