"""`GET /classification/knowledge`: which positions know little, and for administrators whose decisions were bounded."""

import msgspec
from fastapi import APIRouter, Request, Response

from services.classification.positions.told import knowledge
from services.runtime.context.service import Context
from services.runtime.web.freshness import fresh
from services.runtime.web.http import Overseer
from services.runtime.web.problems import documented, other_answers


def knowledge_routes(context: Context) -> APIRouter:
    """`GET /classification/knowledge`."""
    router = APIRouter()
    answers = documented(401, 403, 429, 503) | other_answers(_304="Nothing has changed")

    @router.get("/classification/knowledge", responses=answers, summary="What is known of each position")
    def told(caller: Overseer, request: Request) -> Response:
        """Examples and decisions of each position of the caller's offices; whose decisions count less than others'."""
        return fresh(request, msgspec.json.encode(knowledge(caller, context)))

    return router
