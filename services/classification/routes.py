"""What classification answers over HTTP: rules, documents judged anew, models, what is known."""

from fastapi import APIRouter

from services.classification.again.routes import again_routes
from services.classification.positions.routes import knowledge_routes
from services.classification.rules.routes import rule_routes
from services.classification.training.routes import model_routes
from services.runtime.context.service import Context


def routes(context: Context) -> APIRouter:
    """`/classification/` `differences`, `runs`, `rules`, `models` and `knowledge`."""
    router = APIRouter()
    router.include_router(again_routes(context))
    router.include_router(rule_routes(context))
    router.include_router(model_routes(context))
    router.include_router(knowledge_routes(context))
    return router
