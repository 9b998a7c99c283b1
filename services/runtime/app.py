"""The HTTP app of a process: the routes and pages of its services in one path space, inside the frame of the desk."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from services.runtime.access.credentials import Access
from services.runtime.desk.account_pages import access_pages
from services.runtime.desk.dead_letter_pages import dead_letter_pages
from services.runtime.desk.frame import error_page, open_desk
from services.runtime.desk.pages import desk_pages, status_page
from services.runtime.front.hardening import Harden
from services.runtime.front.languages import AnswerInTheirLanguage
from services.runtime.front.sessions import LookAtSessions
from services.runtime.process import Process
from services.runtime.web.account_routes import access_routes
from services.runtime.web.dead_letter_routes import dead_letter_routes
from services.runtime.web.deputies.routes import deputy_routes
from services.runtime.web.http import API, Accompany, RateLimits
from services.runtime.web.openapi import described
from services.runtime.web.problems import translate_errors
from services.runtime.web.status_routes import checks_route, health_routes, overview_route
from services.settings import Settings

STATIC = Path(__file__).parent / "desk" / "static"


def create_app(process: Process, access: Access, settings: Settings) -> FastAPI:
    """The app of this process, built anew for every caller: nothing is made at import."""
    app = FastAPI(title="Poststelle", version="1", docs_url=None, redoc_url=None, openapi_url=f"{API}/openapi.json")
    app.state.process, app.state.access, app.state.settings = process, access, settings
    app.state.closing = False
    app.state.limits = RateLimits(settings.http.requests_per_minute)
    app.state.error_page = error_page
    open_desk(app)
    translate_errors(app)
    app.add_middleware(AnswerInTheirLanguage)
    app.add_middleware(LookAtSessions)
    app.add_middleware(Harden)
    app.add_middleware(Accompany)  # the outer one: what is refused by the other is accompanied too
    for service in process.services:  # first: a router is found by looking at those before it, and post comes in here
        context = process.contexts[service.name]
        if service.routes:
            app.include_router(service.routes(context), prefix=API, tags=[service.name])
        if service.pages:
            app.include_router(service.pages(context), include_in_schema=False)
    app.include_router(health_routes())
    app.include_router(access_routes(access), prefix=API, tags=["access"])
    app.include_router(deputy_routes(access), prefix=API, tags=["access"])
    app.include_router(checks_route(), prefix=API, tags=["oversight"])
    app.include_router(dead_letter_routes(), prefix=API, tags=["dead letters"])
    app.include_router(desk_pages(), include_in_schema=False)
    app.include_router(access_pages(), include_in_schema=False)
    app.include_router(dead_letter_pages(), include_in_schema=False)
    if "ledger" in process.needs:
        app.include_router(overview_route(), prefix=API, tags=["oversight"])
        app.include_router(status_page(), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.openapi = described(app)  # type: ignore[method-assign]  # as FastAPI wants it to be done
    return app
