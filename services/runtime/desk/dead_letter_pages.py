"""What services gave up, on the desk of an administrator: narrowed, counted, and put before its services again."""

from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.core import catalogue
from services.core.errors import Rejected
from services.core.messages import topics
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.process import Process
from services.runtime.web.dead_letter_routes import Chosen, Listed, page_of, replay
from services.runtime.web.http import Administrator

PATH = "/liegengeblieben"
ON_PAGE = 25
CALLED = {"dienst": "service", "ursache": "error_code", "fassung": "code_version", "dokument": "document"}
CALLED |= {"thema": "topic", "kennung": "id", "seit": "from", "bis": "to"}
"""What the fields of the page are called, and which filter each is."""
_Shape = TypeVar("_Shape", bound=Chosen)
LONGEST = 120
"""Characters of a field."""


def dead_letter_pages() -> APIRouter:
    """`/liegengeblieben`: the form for narrowing is a GET, so that a view can be kept as a bookmark."""
    router = APIRouter()
    desk = Desk()

    @router.get(PATH)
    def dead(request: Request, caller: Administrator, ab: str = "") -> Response:
        asked = _asked(dict(request.query_params))
        facts = _facts(request.app.state.process, asked, ab=ab)
        return desk.page(request, "dead_letters.html", readable="search" in caller.rights, **facts)

    @router.post(PATH)
    def replayed(request: Request, _: Administrator, fields: Fields) -> Response:
        asked = _asked(fields)
        replay(request.app.state.process, _chosen(Chosen, asked), dry_run=False)
        kept = {name: value for name, value in asked.items() if value and name != "kennung"}
        return see_other(request, f"{PATH}?{urlencode(kept)}" if kept else PATH, note="replayed")

    return router


def _asked(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields.get(name, "").strip()[:LONGEST] for name in CALLED}


def _chosen(shape: type[_Shape], asked: dict[str, str], **more: Any) -> _Shape:
    told = {CALLED[name]: value for name, value in asked.items() if value}
    try:
        return shape.model_validate(told | more)
    except ValidationError as error:
        raise Rejected("bad_request") from error


def _facts(process: Process, asked: dict[str, str], *, ab: str) -> dict[str, Any]:
    """One page, and how many are meant in all: what a replay of this view would put before the services."""
    listed = _chosen(Listed, asked, cursor=ab, limit=ON_PAGE)
    found, after = page_of(process, listed)
    counted = replay(process, _chosen(Chosen, asked), dry_run=True)
    return {
        "asked": asked,
        "letters": found,
        "counted": counted,
        "services": topics.DEAD_SERVICES,
        "codes": list(catalogue.DEATHS),
        "stopped": process.red,
        "following": f"{PATH}?{urlencode(asked | {'ab': after})}" if after else "",
        "later": bool(ab),
    }
