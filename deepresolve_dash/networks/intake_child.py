"""The child of `intake`: one request on stdin, one answer on stdout, and limits before the file."""

import ctypes
import json
import os
import resource
import sys
from pathlib import Path

CPU_S = 60
FILE_BYTES = 4 * 2**30
OPEN_FILES = 64
_NO_NEW_PRIVILEGES = 38  # prctl
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # unshare


def main() -> None:
    """Answer the request; the limits hold after the imports and before the file is opened."""
    request = json.loads(sys.stdin.read())
    from deepresolve_dash.networks import card, corrections, read  # noqa: F401

    confine(request["memory_bytes"])
    sys.stdout.write(json.dumps(answer(request)))


def answer(request: dict) -> dict:
    """Return the card, or the sentence that says why there is none."""
    from deepresolve_dash.errors import DeepResolveError

    try:
        return {"card": _read(request)}
    except DeepResolveError as error:
        return {"error": error.message, "hint": error.hint}
    except MemoryError:
        return {"error": "The file asks for more memory than a model may.", "hint": ""}


def _read(request: dict) -> dict:
    """Read, correct, describe and write the network."""
    from deepresolve_dash.networks.card import save_with_card
    from deepresolve_dash.networks.corrections import flip_kernels, with_alphabet, with_class_names
    from deepresolve_dash.networks.read import read_network

    network = read_network(request["path"], architecture=request["architecture"])
    corrections = request["corrections"]
    if corrections["flip_kernels"]:
        network = flip_kernels(network)
    if corrections["alphabet"]:
        network = with_alphabet(network, corrections["alphabet"])
    if corrections["class_names"]:
        network = with_class_names(network, corrections["class_names"])
    return save_with_card(network, Path(request["out"]))


def confine(memory_bytes: int) -> None:
    """Limit this process, after its imports and before it opens the file.

    Memory, CPU time, size and number of files, no core dump, no new privileges; no network where
    the system lets a process give it up.
    """
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: CPU_S,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.unshare(_NEW_USER | _NEW_NETWORK) != 0 and os.geteuid() == 0:
        libc.unshare(_NEW_NETWORK)


if __name__ == "__main__":
    main()
