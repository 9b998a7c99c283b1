"""The HTTP interface for those who look after webhooks: set, show, another secret, send again, take away."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.core.errors import Rejected
from services.procedures.registering.routes import Removed
from services.procedures.webhooks import changing
from services.procedures.webhooks.standing import standing
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

PROBLEMS = documented(401, 403, 404, 412, 422, 429, 503)


class WebhookWanted(BaseModel):
    """Where the procedure listens."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(pattern=r"^https?://[!-~]{1,2000}$")


class Rotation(BaseModel):
    """Whether the secret before signs beside the new one for a day."""

    model_config = ConfigDict(extra="forbid")

    keep_old: bool = True


class Resending(BaseModel):
    """From which line of the inbox on; unless it is named, from the one that was not taken."""

    model_config = ConfigDict(extra="forbid")

    line: int | None = Field(None, ge=1)
    pass_over: bool = False
    """Go on behind the line that was not taken; it stays in the inbox."""


class WebhookStanding(BaseModel):
    """How it is with a webhook."""

    url: str
    last_line: int
    """Of the inbox, that was taken; 0: none."""
    waiting: int
    code: str
    """Why the next one was not taken; empty: nothing is wrong."""
    trouble_since: datetime | None
    parked_at: datetime | None
    """Since then nothing is tried any more, until somebody sends again."""


class Secret(BaseModel):
    """What signs, told once; empty where the procedure has it already."""

    secret: str


def routes(router: APIRouter, context: Context) -> None:
    """Below those of the procedures."""
    _setting(router, context)
    _sending(router, context)


def _setting(router: APIRouter, context: Context) -> None:
    @router.put(
        "/{name}/webhook",
        responses={201: {"model": Secret, "description": "It is new; its secret is told once."}, **PROBLEMS},
        summary="Set the webhook of a procedure",
    )
    def put(name: str, wanted: WebhookWanted, response: Response, _: Administrator) -> Secret:
        """It is told from the next line of its inbox on. A known one moves, keeps its secret, and goes on."""
        _procedure(name, context)
        secret = changing.put(name, wanted.url, context)
        response.status_code = 201 if secret else 200
        return Secret(secret=secret)

    @router.delete("/{name}/webhook", responses=PROBLEMS, summary="Take away a webhook")
    def remove(name: str, _: Administrator) -> Removed:
        """Nothing is sent any more; what is in the inbox stays there."""
        changing.remove(name, context)
        return Removed(name=name)

    @router.post("/{name}/webhook/secrets", responses=PROBLEMS, summary="Give a webhook another secret")
    def rotate(name: str, wanted: Rotation, _: Administrator) -> Secret:
        """The former one signs beside it for a day."""
        return Secret(secret=changing.rotate(name, context, keep_old=wanted.keep_old))


def _sending(router: APIRouter, context: Context) -> None:
    @router.get("/{name}/webhook", responses=PROBLEMS, summary="How it is with a webhook")
    def show(name: str, _: Administrator) -> WebhookStanding:
        """How far it was told, and what it would not take."""
        return _shown(name, context)

    @router.post("/{name}/webhook/resends", responses=PROBLEMS, summary="Send to a webhook again")
    def resend(name: str, wanted: Resending, _: Administrator) -> WebhookStanding:
        """Also one that is parked: at once, from the line that was not taken, or from another one."""
        changing.resend(name, context, line=wanted.line, pass_over=wanted.pass_over)
        return _shown(name, context)


def _procedure(name: str, context: Context) -> None:
    if context.procedures.named(name) is None:
        raise Rejected("not_found")


def _shown(name: str, context: Context) -> WebhookStanding:
    one = context.procedures.named(name)
    if one is None or one.webhook is None:
        raise Rejected("not_found")
    return WebhookStanding(url=one.webhook.url, **standing(one, one.webhook, context)._asdict())
