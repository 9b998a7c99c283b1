"""The real servers behind the city stack, fetched by coordinates and run on this machine without containers.

`Kafka.start()`, `S3.start()`, `OpenSearch.start()` and `Tika.start()` give the suites a server of their own that dies
with the test process; `python -m deploy.servers` does the same from the shell.
"""

from deploy.servers.kafka.broker import Kafka
from deploy.servers.opensearch.node import OpenSearch
from deploy.servers.s3.store import S3
from deploy.servers.server import Server, ServerFailed
from deploy.servers.tika import Tika

__all__ = ["S3", "Kafka", "OpenSearch", "Server", "ServerFailed", "Tika"]
