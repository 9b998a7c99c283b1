"""The room that keeps the index true to the records."""

from datetime import timedelta

from services.indexing.handler import commit, look_again
from services.indexing.rebuilding import fill_fresh
from services.indexing.routes import routes
from services.runtime.service import Round, Service

LOOKS_EVERY = timedelta(seconds=1)
"""Whether the index wants filling costs nothing to ask, and people are waiting."""

SERVICE = Service(
    name="indexing",
    needs=("index",),
    handle=look_again,
    commit=commit,
    coalesce=True,
    linger=timedelta(seconds=0.2),
    batch=lambda settings: settings.indexing.batch,
    routes=routes,
    rounds=(Round(name="filling", every=lambda _: LOOKS_EVERY, act=fill_fresh),),
)
