"""A city's processes: who is alone, which ports each opens, and who answers which path."""

from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from deploy.cluster.routes import routes, service_of
from deploy.generators.whole_process import whole_process
from services import stack
from services.core.messages import topic_map, topics
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context.closed_port import ClosedPort
from services.runtime.process import Process
from services.settings import Settings


def test_only_the_ledger_lives_once() -> None:
    """Everything else runs in as many copies as a city wants."""
    assert [service.name for service in stack.load_services() if stack.lives_once(service)] == ["ledger"]


def test_only_what_is_needed_is_opened(tmp_path: Path) -> None:
    """A mail intake has neither Tika nor an index, and says so to whoever asks for one."""
    settings = Settings(storage={"folder": tmp_path / "data", "reserve": 0})
    process = stack.open_process(settings, ["mail_intake"], print)
    try:
        assert process.needs == frozenset()
        assert isinstance(process.ports.index, ClosedPort)
        assert sorted(path.name for path in (tmp_path / "data").glob("*")) == [
            "blobs",
            "format.json",
            "log.sqlite",
            "log.sqlite-shm",
            "log.sqlite-wal",
            "log.sqlite.lock",
        ]
        with pytest.raises(RuntimeError, match="the port extractor is not open in this process"):
            process.ports.extractor.ready()
    finally:
        stack.close_ports(process.ports)


def test_every_path_is_answered_where_the_table_says() -> None:
    """A process of the service that stands in `deploy/routes.yaml` has the route, alone."""
    table = routes()
    with whole_process() as (process, app):
        for route in iter_route_contexts(app.routes):
            path = (route.path or "").replace(":path", "").replace("{", "").replace("}", "")
            if path in {"", "/health/live", "/health/ready", "/metrics"}:
                continue  # each process answers for itself
            assert path in _paths_alone(process, service_of(path, table), app.state.access), path


def _paths_alone(process: Process, name: str, access: Access) -> set[str]:
    """What a process of this service alone answers, parameters as words."""
    (service,) = [one for one in process.services if one.name == name]
    alone = Process(
        services=[service],
        contexts={name: process.contexts[name]},
        configuration=process.configuration,
        needs=frozenset(service.needs),
    )
    app = create_app(alone, access, process.contexts[name].settings)
    found = iter_route_contexts(app.routes)
    return {(route.path or "").replace(":path", "").replace("{", "").replace("}", "") for route in found}


def test_topics_of_a_service_are_those_it_reads_and_writes() -> None:
    """What a process must find before it starts; together they are all."""
    assert topic_map.used_by(["mail_intake"]) == (topics.CONFIGURATION, topics.RECEIVED)
    assert topics.FILED in topic_map.used_by(["procedures"])
    everything = {topic for name in stack.SERVICES for topic in topic_map.used_by([name])}
    assert everything == {*topics.all_topics()}


def test_the_first_line_that_fits_counts() -> None:
    """Words before pieces, pieces before rests; the frame of the desk is everybody's."""
    table = routes()
    expected = {
        "/api/v1/documents/d1/decisions": "filing",
        "/api/v1/documents/d1": "search",
        "/api/v1/documents/d1/parts/2.1/content": "extraction",
        "/api/v1/files/52.10.02/17-2026": "filing",
        "/api/v1/scans/Ordner/Seite 1.pdf": "scan_intake",
        "/status": "ledger",
        "/anmelden": "filing",
        "/static/desk.css": "filing",
    }
    assert {path: service_of(path, table) for path in expected} == expected
