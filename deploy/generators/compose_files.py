"""`deploy/compose`: what the servers of docker compose read, written from the same tables as everything else."""

import re
from collections.abc import Iterator
from pathlib import Path

from deploy.generators.routes_file import REST, rows_of_all
from services.adapters.text_extractor.tika.configuration import ServerOptions, configuration, forks, java_options
from services.settings.sections import Extraction, Http

SPARE_SECONDS = 5
"""What Tika waits beyond `extraction.timeout`: so the client says `too_slow` before."""
JAVA = Path("/usr/bin/java")
"""Of the image apache/tika."""
SPOOL = Path("/tmp")  # noqa: S108  the container's own, see docker-compose.yml
_PIECES = {"*": "[^/]+", "**": ".*"}

_CADDYFILE = """\
# One path space with TLS before all services. Written by `make docs` from the table of deploy/routes.yaml.
{{
	admin off
	skip_install_trust
	auto_https disable_redirects
	servers {{
		protocols h1 h2
	}}
}}

# Which service answers which path: the first line that fits counts.
(services) {{
	map {{path}} {{service}} {{
{rows}
		default {rest}
	}}
	# Health pages and figures stay inside.
	@inside path /health/* /metrics
	respond @inside 404
	# What could not be connected is tried again, and beyond that GET alone; a long poll may take its time.
	reverse_proxy {{service}}:{port} {{
		lb_try_duration 10s
		lb_try_interval 500ms
		flush_interval -1
	}}
	handle_errors {{
		header Retry-After 2
		header Content-Type application/problem+json
		respond `{{"type":"about:blank","title":"No process of this service answers now; try again soon."}}` 503
	}}
}}

# To the outside, with a certificate of its own authority, or one that TLS_CERTIFICATE names (file and key).
https://{{$HOST_NAME}}:8443 {{
	tls {{$TLS_CERTIFICATE:internal}}
	import services
}}

# For the command line in a container beside us.
http://proxy:8080 {{
	import services
}}

# Whether the proxy itself is well.
http://127.0.0.1:2020 {{
	respond 200
}}
"""


def compose_files(_: Path) -> Iterator[tuple[str, str]]:
    """The proxy's table and Tika's configuration."""
    yield "deploy/compose/Caddyfile", _caddyfile(rows_of_all())
    arguments = java_options(SPOOL, ServerOptions())
    seconds = int(Extraction().timeout.total_seconds()) + SPARE_SECONDS
    yield "deploy/compose/tika.xml", configuration(forks(JAVA, arguments, seconds=seconds))


def _caddyfile(rows: list[tuple[str, str]]) -> str:
    *contexts, (last, rest) = rows
    if last != REST:
        raise ValueError(last)
    lines = [f"\t\t~^{_pattern(path)}$ {service}" for path, service in contexts]
    return _CADDYFILE.format(rows="\n".join(lines), rest=rest, port=Http().port)


def _pattern(path: str) -> str:
    return "/".join(_PIECES.get(piece) or re.escape(piece) for piece in path.split("/"))
