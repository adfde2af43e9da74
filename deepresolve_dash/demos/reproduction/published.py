"""The experiment on the published models: vectors, component counts, known motifs."""

from collections.abc import Callable
from pathlib import Path

from deepresolve_dash.demos.reproduction.components import component_table
from deepresolve_dash.demos.reproduction.motif_table import Hits, motif_table
from deepresolve_dash.demos.reproduction.rankings import PRESET_PUBLISHED, rank_channels
from deepresolve_dash.demos.reproduction.repeat import one_thread
from deepresolve_dash.demos.reproduction.sample import read_sample
from deepresolve_dash.demos.reproduction.vectors import (
    agreement,
    agreement_table,
    is_dead,
    left_out_line,
)
from deepresolve_dash.motifs.jaspar import OF_THE_PAPER, jaspar_motifs


def published_text(folder: Path, progress: Callable[[int, int], None] | None = None) -> str:
    """Return the tables of the published models.

    Parameters
    ----------
    folder : Path
        Models with the tables that `read_sample` reads.
    progress : function, optional
        Told (models done, models in all).
    """
    sample = read_sample(folder)
    targets = jaspar_motifs(OF_THE_PAPER)
    hits, agreements = Hits(), []
    with one_thread():
        for done, one in enumerate(sample, start=1):
            rankings = rank_channels(one)
            hits.add(rankings, one.motif_id, targets)
            if not is_dead(one):
                agreements.append(agreement(rankings.importance[PRESET_PUBLISHED], one.ofiv))
            if progress:
                progress(done, len(sample))
    parts = [
        "### Vectors: preset published, seed 0, against the published OFIV",
        agreement_table(agreements, n_models=len(sample)),
        left_out_line(sample),
        "### Components of the mixture, fitted on the published inconsistency levels",
        component_table(sample),
        f"### Models with the factor's motif among the top channels (p <= 0.05, {OF_THE_PAPER})",
        motif_table(hits),
    ]
    return "\n\n".join(parts)
