"""How often a log-in may be tried: counted in the file, so that all processes count together."""

import ipaddress
import time

from deepresolve_dash.people.schema import PeopleFile, PeopleRefused

WINDOW_S = 300
MOST_BY_NAME, MOST_BY_ADDRESS = 10, 30  # failures within the window


class Attempts:
    """Failed log-ins of the last minutes."""

    def __init__(self, file: PeopleFile) -> None:
        """Count in a file."""
        self._file = file

    def begin(self, name: str, address: str) -> None:
        """Count an attempt before it is looked at, so that many at once do not slip through.

        *Choice:* an IPv6 host has 2**64 addresses, so that its network is counted. What nobody
        can guess has no name, and others cannot use it up for whoever knows it.

        Raises
        ------
        PeopleRefused
            When there were too many for this name or from this address.
        """
        now = time.time()
        keys = {_of_address(address): MOST_BY_ADDRESS}
        if name:
            keys[_of_name(name)] = MOST_BY_NAME
        with self._file.write() as connection:
            connection.execute("DELETE FROM attempts WHERE at < ? OR at > ?", (now - WINDOW_S, now))
            for key, most in keys.items():
                found = connection.execute(
                    "SELECT count(*), min(at) FROM attempts WHERE key = ?", (key,)
                ).fetchone()
                if found[0] >= most:
                    wait = max(1, round(found[1] + WINDOW_S - now))
                    raise PeopleRefused(
                        "There were too many attempts to log in.", f"Wait {wait} s, then try again."
                    )
            connection.executemany(
                "INSERT INTO attempts VALUES (?, ?)", [(key, now) for key in keys]
            )

    def succeeded(self, name: str, address: str) -> None:
        """Forget the attempts of whoever is in, and the last one from the address."""
        with self._file.write() as connection:
            connection.execute("DELETE FROM attempts WHERE key = ?", (_of_name(name),))
            connection.execute(
                "DELETE FROM attempts WHERE rowid = (SELECT max(rowid) FROM attempts"
                " WHERE key = ?)",
                (_of_address(address),),
            )


def _of_name(name: str) -> str:
    return f"name {name[:64]}"


def _of_address(address: str) -> str:
    """Return the key of an address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return f"address {address}"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        found = ipaddress.ip_network((int(found), 64), strict=False)
    return f"address {found}"
