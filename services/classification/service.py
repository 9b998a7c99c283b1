"""The service that says where a document belongs, or why nobody can say."""

from contextlib import suppress

from services.classification.handler import handle
from services.classification.knowledge.known import known
from services.classification.knowledge.remembering import REMEMBERS_EVERY, remember
from services.classification.positions.pages import pages
from services.classification.routes import routes
from services.classification.training.condition import condition
from services.classification.training.runs import EVERY, train_nightly
from services.core.errors import TryLater
from services.runtime.context.service import Context, Round, Service


def begin(context: Context) -> None:
    """Learn before the first letter comes: the examples, and what clerks decided before."""
    known(context)
    with suppress(TryLater):  # the round tries again: what is kept makes starts shorter, no letter waits for it
        remember(context)


SERVICE = Service(
    name="classification",
    handle=handle,
    begin=begin,
    routes=routes,
    pages=pages,
    condition=condition,
    rounds=(
        Round(name="training", every=lambda _: EVERY, act=train_nightly),
        Round(name="remembering", every=lambda _: REMEMBERS_EVERY, act=remember),
    ),
)
