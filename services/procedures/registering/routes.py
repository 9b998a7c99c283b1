"""The HTTP interface for those who let procedures take part: register, show, pause, resume, tell again, remove."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.procedures import Answered, Delivered, Procedure
from services.core.vocabulary import Protection
from services.procedures import inbox
from services.procedures.registering import registration, testing_routes
from services.procedures.registering.replaying import first_line_since, tell_again
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented, other_answers

_Position = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]{0,31}$")]
_Office = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
MOST_LISTED = 1_000
PROBLEMS = documented(401, 403, 404, 412, 422, 429, 503)


class Registration(BaseModel):
    """What a procedure is given, and the office that what it submits belongs to."""

    model_config = ConfigDict(extra="forbid")

    positions: tuple[_Position, ...] = Field((), max_length=500)
    offices: tuple[_Office, ...] = Field((), max_length=500)
    office: _Office = "poststelle"
    protection: Protection | None = None
    """The highest level of what it is given. Unless it is named: what its positions need, for offices alone 2."""
    invoices: bool = False
    """Whether it is told of every electronic invoice, and given it wherever that is filed."""
    answer_days: int = Field(0, ge=0, le=365)
    """Within so many days it answers: then it is reminded, and after as many again a clerk gets it. 0: never."""


class Registered(Registration):
    """The procedure as it is in force."""

    name: str
    paused_since: datetime | None = None
    webhook: str | None = None
    """Where its inbox is sent to."""


class ProcedureList(BaseModel):
    """Every procedure."""

    items: list[Registered]


class Standing(Registered):
    """The same with the state of the exchange."""

    lines: int
    """Of its inbox."""
    deliveries: int
    unanswered: int
    oldest_unanswered: datetime | None = None


class Asked(BaseModel):
    """Which deliveries are wanted."""

    state: Literal["unanswered", "rejected"] = "unanswered"


class Delivery(BaseModel):
    """A delivery that somebody has to look after."""

    delivery: str
    document: str
    file: str
    entry: int | None
    delivered_at: datetime
    reason_code: str | None = None


class DeliveryList(BaseModel):
    """The oldest first, at most a thousand."""

    items: list[Delivery]


class Removed(BaseModel):
    """The procedure that takes part no more."""

    name: str
    removed: bool = True


class Since(BaseModel):
    """From when on the inbox is told again."""

    since: AwareDatetime


class Told(BaseModel):
    """The lines that were told again; 0 for both where there were none."""

    first: int
    last: int


def routes(router: APIRouter, context: Context) -> None:
    """Below `/procedures`."""
    _listing(router, context)
    _exchange(router, context)
    testing_routes.routes(router, context)


def _listing(router: APIRouter, context: Context) -> None:
    @router.get("", responses=documented(401, 403, 429, 503), summary="List procedures")
    def listed(_: Administrator) -> ProcedureList:
        return ProcedureList(items=[_registered(one) for one in context.procedures.procedures])

    @router.put("/{name}", responses=other_answers(_201="It is new") | documented(422), summary="Register a procedure")
    def put(name: str, wanted: Registration, _: Administrator, response: Response) -> Registered:
        """201 for a new one, 200 for a known one, which stays paused where it is."""
        if not procedures.NAME.fullmatch(name):
            raise Rejected("bad_name")
        procedure = Procedure(name=name, **wanted.model_dump())
        response.status_code = 201 if registration.register(procedure, context) else 200
        return _registered(context.procedures.named(name) or procedure)

    @router.get("/{name}", responses=PROBLEMS, summary="Show a procedure and the state of its exchange")
    def show(name: str, _: Administrator) -> Standing:
        return _standing(_known(name, context), context)

    @router.get("/{name}/deliveries", responses=PROBLEMS, summary="List deliveries without an answer, or rejected")
    def deliveries(name: str, _: Administrator, asked: Annotated[Asked, Query()]) -> DeliveryList:
        found = _unsettled(_known(name, context).name, context, rejected=asked.state == "rejected")
        return DeliveryList(items=sorted(found, key=lambda one: one.delivered_at)[:MOST_LISTED])

    @router.delete("/{name}", responses=PROBLEMS, summary="Let a procedure take part no more")
    def remove(name: str, _: Administrator) -> Removed:
        """What was exchanged stays in the store. Its keys end by themselves: nobody speaks for what is not there."""
        registration.remove(name, context)
        return Removed(name=name)


def _exchange(router: APIRouter, context: Context) -> None:
    @router.post("/{name}/pause", responses=PROBLEMS, summary="Pause the exchange with a procedure")
    def pause(name: str, _: Administrator) -> Registered:
        """What is filed with it meanwhile goes into its inbox, what it says on Kafka waits on its topic."""
        return _registered(registration.pause(name, context))

    @router.post("/{name}/resume", responses=PROBLEMS, summary="Resume the exchange with a procedure")
    def resume(name: str, _: Administrator) -> Registered:
        """Before it is listened to again, it is told on Kafka what came into its inbox meanwhile."""
        since = _known(name, context).paused_since
        if since is None:
            return _registered(_known(name, context))
        last = tell_again(context, name, first_line_since(context, name, since))
        resumed = registration.resume(name, context)
        tell_again(context, name, last + 1)  # what came while we told
        return _registered(resumed)

    @router.post("/{name}/replays", responses=PROBLEMS, summary="Tell a procedure again what it was told since")
    def replay(name: str, asked: Since, _: Administrator) -> Told:
        """On Kafka, under the same ids. By HTTP a procedure asks for itself: `since` of its inbox."""
        _known(name, context)
        first = first_line_since(context, name, asked.since)
        last = tell_again(context, name, first)
        return Told(first=first, last=last) if last >= first else Told(first=0, last=0)


def _known(name: str, context: Context) -> Procedure:
    found = context.procedures.named(name)
    if found is None:
        raise Rejected("not_found")
    return found


def _registered(one: Procedure) -> Registered:
    return Registered(
        name=one.name,
        positions=one.positions,
        offices=one.offices,
        office=one.office,
        protection=one.protection,
        invoices=one.invoices,
        answer_days=one.answer_days,
        paused_since=one.paused_since,
        webhook=one.webhook.url if one.webhook else None,
    )


def _standing(one: Procedure, context: Context) -> Standing:
    delivered = inbox.ids(context, one.name, "delivered")
    unanswered = delivered - inbox.ids(context, one.name, "answered")
    times = [made.made_at for made in _deliveries(context, one.name, unanswered)]
    return Standing(
        **_registered(one).model_dump(),
        lines=inbox.last_line(context, one.name),
        deliveries=len(delivered),
        unanswered=len(unanswered),
        oldest_unanswered=min(times, default=None),
    )


def _unsettled(name: str, context: Context, *, rejected: bool) -> Iterator[Delivery]:
    """What was not answered, or what was answered by a rejection, with its reason."""
    answered = inbox.ids(context, name, "answered")
    reasons = {answer.delivery: answer.reason_code for answer in _answers(context, name, answered)} if rejected else {}
    wanted = {delivery for delivery, reason in reasons.items() if reason}
    for made in _deliveries(context, name, wanted if rejected else inbox.ids(context, name, "delivered") - answered):
        yield Delivery(
            delivery=made.delivery,
            document=made.document,
            file=made.file,
            entry=made.entry,
            delivered_at=made.made_at,
            reason_code=reasons.get(made.delivery),
        )


def _answers(context: Context, name: str, deliveries: set[str]) -> Iterator[Answered]:
    for delivery in deliveries:
        key = inbox.key_of(context, name, "answered", delivery)
        yield procedures.decode(Answered, context.ports.blobs.read(Bucket.RECORDS, key))


def _deliveries(context: Context, name: str, deliveries: set[str]) -> Iterator[Delivered]:
    for delivery in deliveries:
        key = inbox.key_of(context, name, "delivered", delivery)
        yield procedures.decode(Delivered, context.ports.blobs.read(Bucket.RECORDS, key))
