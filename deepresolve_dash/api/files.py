"""Whole runs as files of other programs."""

from pathlib import Path

from deepresolve_dash.api.opening import selection
from deepresolve_dash.exports.h5ad import h5ad_bytes
from deepresolve_dash.exports.newick import newick as newick_text
from deepresolve_dash.exports.tables import write_tables as write_all_tables
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.whole_file import write_whole


def write_h5ad(run: Run, path: str | Path) -> Path:
    """Write a run as an annotated matrix, classes by channels, for anndata and scanpy."""
    write_whole(Path(path), h5ad_bytes(run))
    return Path(path)


def write_tables(run: Run, folder: str | Path) -> list[Path]:
    """Write all numbers of a run as tab-separated tables; return their paths."""
    return write_all_tables(run.summary, run.ensemble, Path(folder))


def newick(run: Run) -> str:
    """Return the tree that orders the classes in the Newick format."""
    return newick_text(run, selection(run, int(run.summary.target.values[0])))
