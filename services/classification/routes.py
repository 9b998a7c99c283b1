"""What classification answers over HTTP: rules tried and saved, documents judged anew."""

from fastapi import APIRouter

from services.classification.again.routes import again_routes
from services.classification.rules.routes import rule_routes
from services.runtime.context.service import Context


def routes(context: Context) -> APIRouter:
    """`/classification/differences`, `/classification/runs` and `/classification/rules`."""
    router = APIRouter()
    router.include_router(again_routes(context))
    router.include_router(rule_routes(context))
    return router
