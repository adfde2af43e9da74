"""What a proxy in front says about a request: believed from trusted ones, struck out else."""

import ipaddress
from collections.abc import Callable, Iterable

from werkzeug.middleware.proxy_fix import ProxyFix

from deepresolve_dash.errors import SettingsError

TRUSTED = "deepresolve.trusted"  # key of a request that came through a trusted proxy
FORWARDED = "deepresolve.forwarded"  # key of one that a proxy passed on which is not trusted
AS_IT_CAME = "werkzeug.proxy_fix.orig"  # what a trusted proxy has sent, before it was believed
PEER = "deepresolve.peer"  # key of the address that the connection is from
_TOLD = ("FOR", "PROTO", "HOST", "PORT", "PREFIX")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """A server behind proxies: the last of them may say for whom it asks, and under which name."""

    def __init__(self, server: Callable, networks: Iterable[Network], user_header: str) -> None:
        """Stand before a WSGI server; `user_header` is believed of the same proxies only."""
        self._direct = server
        self._behind = ProxyFix(server, x_for=1, x_proto=1, x_host=1)
        self._networks = tuple(networks)
        self._user_key = "HTTP_" + user_header.upper().replace("-", "_")

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """Answer a request."""
        peer = str(environ.get("REMOTE_ADDR") or "")
        environ[PEER] = peer
        environ[TRUSTED] = is_in(peer, self._networks)
        if environ[TRUSTED]:
            return self._behind(environ, start_response)
        environ[FORWARDED] = "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ
        for name in _TOLD:
            environ.pop(f"HTTP_X_FORWARDED_{name}", None)
        environ.pop(self._user_key, None)
        return self._direct(environ, start_response)


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list of addresses and networks.

    Raises
    ------
    SettingsError
        When one of them is neither.
    """
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise SettingsError(
                f"DRD_PROXIES names '{part}', which is no address.",
                "Give addresses such as 127.0.0.1, or networks such as 10.0.0.0/8.",
            ) from None
    return tuple(found)


def is_in(address: str, networks: Iterable[Network]) -> bool:
    """Tell whether an address is in one of the networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)
