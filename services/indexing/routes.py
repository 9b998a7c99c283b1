"""Asking for a fresh index."""

from fastapi import APIRouter

from services.indexing.rebuilding import rebuild
from services.runtime.context.service import Room
from services.runtime.web.rebuilding import Rebuilding, rebuild_routes


def routes(room: Room) -> APIRouter:
    """`POST /rebuilds/index`."""
    return rebuild_routes("index", Rebuilding(room, rebuild))
