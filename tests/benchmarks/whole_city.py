"""The mail path with every service as a process of its own, beside the embedded path and bare clients.

The clients make the calls that the city made, on the real servers too. CPU is that of services and clients; that of
the servers is left out on both sides.
"""

import time
from contextlib import closing
from functools import partial

from deploy.cluster.city import City, Wanted
from deploy.servers import OpenSearch
from services import stack
from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.adapters.search_index.opensearch import OpenSearchAccess, OpenSearchIndex
from tests.benchmarks import bare_clients, calls, mail_path
from tests.benchmarks.city import missing
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job, seconds_below

_SETTINGS = {"LOGGING__LEVEL": "error", "STORAGE__RESERVE": "0"}
_QUIET_S = 5.0


def through_the_city(job: Job) -> Cost:
    """Mails by SMTP from another process, until every mail is held, findable and in the book of a fresh city."""
    with City(job.folder, Wanted(settings=_SETTINGS), tell=lambda _: None) as city:
        idle = _idle(city)
        before, spent, began = calls.counts(city), _seconds(city), time.perf_counter()
        mail_path.deliver(city.smtp_port, job.inputs / mail_path.MAILS)
        _await_all(city, job.size)
        wall = time.perf_counter() - began
        services = {name: seconds - spent[name] for name, seconds in _seconds(city).items()}
        told = calls.keep(city, calls.counts(city).since(before), job.inputs).told()
    return Cost(cpu=sum(services.values()), wall=wall, made=job.size, more=told | services | {"idle": idle * wall})


def beside(job: Job) -> Cost:
    """The same mails through one embedded process, then the calls of the city's last run by bare clients."""
    embedded = _embedded(job)
    asked = calls.kept(job.inputs)
    clients = {
        "kafka": bare_clients.log(asked, job),
        "s3": bare_clients.store(asked, job),
        "opensearch": bare_clients.index(asked, job),
    }
    cpu = embedded.cpu + sum(clients.values())
    return Cost(cpu=cpu, wall=embedded.wall, made=job.size, more={"embedded": embedded.cpu, **clients})


def _embedded(job: Job) -> Cost:
    process = mail_path.open_process(job.folder / "embedded", ())
    costing = Costing(job)
    mail_path.deliver(mail_path.smtp_port(process), job.inputs / mail_path.MAILS)
    mail_path.await_all(process, job.size)
    cost = costing.over(job.size)
    process.stop()
    stack.close_ports(process.ports)
    return cost


def _seconds(city: City) -> dict[str, float]:
    return {process.name: seconds_below(process.pid) for process in city.processes}


def _idle(city: City) -> float:
    """CPU that all services together take in a second in which nothing comes."""
    before = sum(_seconds(city).values())
    time.sleep(_QUIET_S)
    return (sum(_seconds(city).values()) - before) / _QUIET_S


def _await_all(city: City, count: int) -> None:
    """Past the services, which would pay for every look."""
    book = next(process.folder for process in city.processes if process.service == "ledger") / "ledger.sqlite"
    access = OpenSearchAccess(endpoints=(city.server(OpenSearch).endpoint,))
    deadline = time.monotonic() + mail_path.PATIENCE
    with closing(OpenSearchIndex(access)) as index, closing(SqliteLedgerStore(book)) as ledger:
        while not mail_path.all_held(index, ledger, count):
            if time.monotonic() > deadline or not all(process.running for process in city.processes):
                raise RuntimeError(f"{ledger.counts('main')}")
            time.sleep(0.2)


COMPARISONS = (
    Comparison(
        name="city",
        title="Mail path without attachments, every service a process, SMTP to searchable",
        anchor="our embedded path, and bare clients making the same calls",
        figure="cpu",
        goal=1.6,
        mark="G1",
        ours=through_the_city,
        bare=beside,
        size=300,
        prepare=partial(mail_path.write_mails, attachments=False),
        missing=missing,
    ),
)
