"""Errors after which a GPU is of no use to a process any more, told without torch."""

import re

_WORDS = re.compile(
    r"\bCUDA (\w+ )?error\b|\bCUDA driver\b|\bNVIDIA driver\b|\bcudaGetDeviceCount\b"
    r"|\bcudnn(_status_| error)|\bcublas_status_",
    re.IGNORECASE,
)


def is_gpu_failure(error: Exception) -> bool:
    """Tell whether the GPU or its driver failed, an Xid for instance.

    Whatever a process asks of CUDA afterwards fails as well, so that it must begin anew. Memory
    that runs out is no such case.
    """
    text = str(error)
    failed = isinstance(error, RuntimeError) and _WORDS.search(text) is not None
    return failed and "out of memory" not in text.lower()
