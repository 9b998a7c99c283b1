"""The service that keeps the index true to the records."""

from datetime import timedelta

from services.core.messages import topics
from services.indexing.following import follow_plan
from services.indexing.handler import commit, handle
from services.indexing.meaning import EVERY, give_meaning
from services.indexing.rebuilding import fill_fresh
from services.indexing.routes import routes
from services.runtime.context.service import Round, Service

LOOKS_EVERY = timedelta(seconds=1)
"""Whether the index wants filling costs nothing to ask, and people are waiting."""

PASSING = frozenset({topics.RECEIVED, topics.EXTRACTED, topics.CLASSIFIED})
"""On its way to a file or a clerk's list, which mostly takes less than a second: one entry instead of four."""

SERVICE = Service(
    name="indexing",
    needs=("index",),
    stands_on=("index",),
    handle=handle,
    commit=commit,
    coalesce=True,
    passing=PASSING,
    patience=timedelta(seconds=5),
    linger=timedelta(seconds=0.2),
    batch=lambda settings: settings.indexing.batch,
    routes=routes,
    rounds=(
        Round(name="filling", every=lambda _: LOOKS_EVERY, act=fill_fresh),
        Round(name="plan", every=lambda _: LOOKS_EVERY, act=follow_plan),
        Round(name="meaning", every=lambda _: EVERY, act=give_meaning),
    ),
)
