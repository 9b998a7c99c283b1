"""Asking for a fresh index."""

from fastapi import APIRouter

from services.indexing.rebuilding import rebuild
from services.runtime.rebuilding import Rebuilding, rebuild_routes
from services.runtime.service import Room


def routes(room: Room) -> APIRouter:
    """`POST /rebuilds/index`."""
    return rebuild_routes("index", Rebuilding(room, rebuild))
