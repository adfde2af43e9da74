"""Which names this server answers to: a page of another site may point its name at us."""

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response, request

from deepresolve_dash.pages import proxies
from deepresolve_dash.settings import Settings

LOCAL = {"localhost", "127.0.0.1", "::1"}
EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104  # only compared


def guard(settings: Settings) -> Callable[[], Response | None]:
    """Return what looks at each request and turns it away when it calls us by a foreign name.

    *Choice:* on an address of all interfaces every numeric address is ours, since no other site
    can bear one; names are those in `DRD_HOSTS` and the name of this machine. Behind a
    trusted proxy the name that it passes on and the one in `X-Forwarded-Host` must both be ours: a
    page of another site may send that header as well.
    """
    everywhere = settings.host in EVERYWHERE
    given = {name.strip().lower() for name in settings.hosts.split(",")} - {""}
    known = LOCAL | given | {settings.host.lower()}
    if everywhere:
        known |= {socket.gethostname().lower(), socket.getfqdn().lower()}

    def look() -> Response | None:
        passed_on = request.environ.get(proxies.AS_IT_CAME, {}).get("HTTP_HOST") or request.host
        for name in map(host_name, (passed_on, request.host)):
            if name not in known and not (everywhere and is_address(name)):
                return refusal(name)
        return None

    def refusal(name: str) -> Response:
        return Response(
            f"This dashboard does not answer to the name '{name}'. Open it by the address that it "
            "printed when it started, or add the name to DRD_HOSTS.\n",
            status=403,
            mimetype="text/plain",
        )

    return look


def host_name(host: str) -> str:
    """Return the name of a Host header without its port; empty when it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Tell whether a name is a numeric address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
