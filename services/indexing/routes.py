"""Asking for a fresh index."""

from fastapi import APIRouter

from services.indexing.rebuilding import rebuild
from services.runtime.context.service import Context
from services.runtime.web.rebuilding import Rebuilding, rebuild_routes


def routes(context: Context) -> APIRouter:
    """`POST /rebuilds/index`."""
    return rebuild_routes("index", Rebuilding(context, rebuild))
