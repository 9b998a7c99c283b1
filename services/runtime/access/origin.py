"""Where a request says that it comes from, and how links to us are written: neither believes a stranger's word."""

from fastapi import Request

from services.settings.sections import bracketed

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""


def public_address(request: Request) -> str:
    """Where people reach us: as the settings say, else the address that this very connection was made to.

    Never the request's `Host`: whoever asks for a link in another's name could lead that person, and the one-time
    token in the link, to a host of theirs.
    """
    public_url: str = request.app.state.settings.http.public_url
    return public_url or _own_address(request)


def is_same_origin(request: Request) -> bool:
    """Whether a browser says that one of our own pages sends this (RFC 6454 §7).

    Browsers send `Origin` with whatever may change something, and no page can set it. Compared with the host that the
    browser asked for, which no page can set either, and with the public one, where a proxy puts its own in between.
    """
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    ours = {public_address(request), f"http://{host}", f"https://{host}"}
    return bool(host) and origin in ours


def _own_address(request: Request) -> str:
    host, port = request.scope.get("server") or ("localhost", None)
    scheme: str = request.scope["scheme"]
    return f"{scheme}://{bracketed(host)}" + (f":{port}" if port else "")
