"""How often the order of the bases is told rightly: over a folder of networks, each a folder.

    python -m bench.base_order FOLDER

Every network is looked at as it is read, in five other orders of its bases, and with its kernels
flipped. Networks must be read in the right order for the counts to mean what they say.
"""

import sys
from collections import Counter
from pathlib import Path

from deepresolve_dash.networks.base_order import base_order
from deepresolve_dash.networks.corrections import flip_kernels, with_alphabet
from deepresolve_dash.networks.doctor import first_filters
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.read import read_network

ORDERS = ("AGCT", "ATCG", "ATGC", "TGCA", "CAGT")


def verdict(network: Network) -> str:
    """Return what is said of the order, in a word."""
    kernel = first_filters(network)
    if kernel is None:
        return "no filters"
    found = base_order(network, kernel)
    if "cannot be told" in found.what:
        return "cannot tell"
    return "confirmed" if found.fix == "Nothing to do." else "another order"


def main() -> None:
    """Print how many networks get which verdict, for each way of reading them."""
    folders = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    networks = [read_network(folder) for folder in folders]
    ways = {"as read": networks, "kernels flipped": [flip_kernels(one) for one in networks]}
    for order in ORDERS:
        ways[f"read as {order}"] = [with_alphabet(one, order) for one in networks]
    for way, changed in ways.items():
        counts = Counter(verdict(network) for network in changed)
        print(f"{way:16}", *(f"{name}: {n}" for name, n in sorted(counts.items())), sep="  ")


if __name__ == "__main__":
    main()
