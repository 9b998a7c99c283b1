"""`deploy/routes.yaml`: which service answers which path, for the proxy that puts the services into one path space."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from deploy.generators.whole_process import whole_process
from services.runtime.desk.pages import status_page
from services.runtime.process import Process
from services.runtime.web.http import API
from services.runtime.web.status_routes import checks_route, overview_route

ABOUT = """\
# Which service answers which path. Written by `make docs` from the routers of the services, for the proxy and
# for `make run-cluster`. The first line that fits counts: * is one piece of a path, ** any rest of it.
# What stands in no room (sign-in, accounts, keys, dead letters, static files) every process has: the last line.
"""
FRAME = "filing"
"""Whose processes answer what all have: people look at them anyway, and unlike the search they may write accounts."""
REST = "/**"


def routes_file(_: Path) -> Iterator[tuple[str, str]]:
    """`deploy/routes.yaml`."""
    rows = [{"path": path, "service": service} for path, service in rows_of_all()]
    yield "deploy/routes.yaml", ABOUT + yaml.safe_dump({"routes": rows}, sort_keys=False)


def rows_of_all() -> list[tuple[str, str]]:
    """Patterns of paths and their services, in the order that counts."""
    with whole_process() as (process, _app):
        found = dict(_found(process))
    return [*((path, found[path]) for path in sorted(found, key=_rank)), (REST, FRAME)]


def _found(process: Process) -> Iterator[tuple[str, str]]:
    for service in process.services:
        context = process.contexts[service.name]
        yield from _owned(service.name, service.routes(context) if service.routes else None, API)
        yield from _owned(service.name, service.pages(context) if service.pages else None, "")
    yield from _owned("ledger", overview_route(), API)
    yield from _owned("ledger", checks_route(), API)
    yield from _owned("ledger", status_page(), "")


def _owned(service: str, router: APIRouter | None, prefix: str) -> Iterable[tuple[str, str]]:
    found = iter_route_contexts(router.routes if router else [])
    return ((_pattern(prefix + route.path), service) for route in found if route.path)


def _pattern(path: str) -> str:
    return re.sub(r"[^/]*\{[^}]*\}[^/]*", "*", re.sub(r"\{[^}]*:path\}", "**", path))


def _rank(path: str) -> list[tuple[bool, bool, str]]:
    """Words before a piece, a piece before a rest."""
    return [(piece == "**", piece == "*", piece) for piece in path.split("/")]
