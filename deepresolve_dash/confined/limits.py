"""What a process gives up before it opens a file that somebody gave us."""

import ctypes
import os
import resource
import sys
from pathlib import Path

CPU_S = 60
FILE_BYTES = 4 * 2**30
OPEN_FILES = 64
_NO_NEW_PRIVILEGES = 38  # prctl
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # unshare


def confine(memory_bytes: int) -> None:
    """Limit this process, after its imports and before it opens the file.

    Memory beside what the program has mapped itself, with CUDA many gigabytes; CPU time, size and
    number of files, no core dump, no new privileges; no network where the system lets a process
    give it up.
    """
    limits = {
        resource.RLIMIT_AS: mapped_bytes() + memory_bytes,
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


def mapped_bytes() -> int:
    """Return the address space of this process; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
