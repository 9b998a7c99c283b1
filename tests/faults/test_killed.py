"""Kill -9 of every process and every server of a city, one after another, while post comes in."""

import pytest

from deploy.cluster.city import KINDS
from services import stack
from tests.faults.conftest import Delivering
from tests.journeys.instance import eventually
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

SERVICES = stack.SERVICES
SERVERS = [kind.name for kind in KINDS]
ABOUT_SCANS = {"scan_intake", "ocr"}
SCANS = 6
WELL_WITHIN_S = 180.0


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_costs_nothing(city: Metropolis, delivering: Delivering, service: str) -> None:
    """One copy dies in the middle of its work, and later all of them at once: what was acknowledged arrives, once."""
    post = delivering(scans=SCANS if service in ABOUT_SCANS else 0)
    copies = city.processes(service)
    for number, struck in enumerate((copies[:1], copies), 1):
        post.gateway.wait_for(number * post.mails // 3)
        for process in struck:
            process.kill()
        city.city.tend()
        for process in struck:
            eventually(process.ready, WELL_WITHIN_S)
    post.arrives(within_s=300)
    eventually(city.well, WELL_WITHIN_S)


@pytest.mark.parametrize("server", SERVERS)
def test_a_killed_server_costs_nothing(city: Metropolis, delivering: Delivering, server: str) -> None:
    """It dies in the middle of its work and is started again at once; no process of ours dies of it."""
    post = delivering()
    pids = [process.pid for process in city.city.processes]
    post.gateway.wait_for(post.mails // 3)
    city.server(server).kill()
    city.server(server).restart()
    post.arrives()
    eventually(city.well, WELL_WITHIN_S)
    assert [process.pid for process in city.city.processes if process.running] == pids
