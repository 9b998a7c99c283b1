"""The service that knows of every receipt where its document is."""

from datetime import timedelta

from services.ledger import rescanning
from services.ledger.books.nightly import EVERY, keep_books
from services.ledger.handler import commit, handle
from services.ledger.pages import pages
from services.ledger.rescanning import Rescanning
from services.ledger.routes import routes
from services.ledger.scrub import condition, every, scrub
from services.ledger.sweeper import sweep
from services.ledger.trimming import trim
from services.runtime.context.service import Round, Service

SERVICE = Service(
    name="ledger",
    needs=("ledger", "index"),
    handle=handle,
    commit=commit,
    linger=timedelta(seconds=0.2),
    routes=routes,
    pages=pages,
    condition=condition,
    rounds=(
        Round(name="sweeper", every=lambda settings: settings.ledger.sweep_every, act=sweep),
        Round(name="scrub", every=every, act=scrub),
        Round(name="books", every=lambda _: EVERY, act=keep_books),
        Round(name="rescanning", every=rescanning.every, act=Rescanning()),
        Round(name="trimming", every=lambda settings: settings.storage.trim_every, act=trim),
    ),
)
