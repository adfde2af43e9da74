"""One network under one preset, as every experiment here runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import xarray as xr

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.job import make_job


def repeat(
    network: Network, name: str, preset: str, *, seed: int = 0, sequences: Path | None = None
) -> xr.Dataset:
    """Resolve a network at its advised layer, on the CPU.

    Returns
    -------
    xarray.Dataset
        The variables of ensemble and summary together.
    """
    job = make_job(
        network,
        network_name=name,
        layer="advised",
        preset=preset,
        settings=ascent_settings(preset, seed=seed),
        sequences=sequences,
    )
    results = execute(job, device="cpu")
    return results.ensemble.drop_vars("trace").merge(results.summary, combine_attrs="override")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: on maps this small, several only wait for each other."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
