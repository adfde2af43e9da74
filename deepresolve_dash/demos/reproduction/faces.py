"""Which of the panel's planted motifs the faces of its channels show, at both convolutions."""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.demos.motif_ship import ship_motifs
from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.motifs.align import align
from deepresolve_dash.motifs.databases import database_motifs, jaspar_database
from deepresolve_dash.motifs.faces import FACES
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.job import make_job
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.store import Run, write_run

LARGEST_Q = 0.05
IMPORTANT = 0.2  # of the largest |OFIV| of the class
ALIKE = 0.8  # similarity of known motifs that are told apart by name alone
LAYERS = "pool1", "conv2"
_ANY = "any face"


def panel_faces_text(progress: Callable[[int, int], None] | None = None) -> str:
    """Return, for both convolutions of the panel, how many planted motifs each face shows.

    A motif is found when it is the best match, q < 0.05, of a face of a channel that is important
    for a class of the motif: |OFIV| of 0.2 of the largest or more, with the sign of the rule.

    Parameters
    ----------
    progress : function, optional
        Told (layers done, layers in all).
    """
    truth = json.loads((NETWORKS / "panel" / "truth.json").read_text())
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for done, layer in enumerate(LAYERS, start=1):
            run = _run(layer, Path(folder))
            ship_motifs(run, Path(folder) / "motifs")
            store = MotifStore(Path(folder), shipped=Path(folder) / "none")
            matches = store.matches(ask_motifs(run), jaspar_database())
            assert matches is not None
            parts += [
                f"### {truth['title']}: planted motifs in the faces of channels of {layer}",
                faces_table(run.summary, matches, truth),
            ]
            if progress:
                progress(done, len(LAYERS))
    return "\n\n".join(parts)


def faces_table(summary: xr.Dataset, matches: xr.Dataset, truth: Mapping) -> str:
    """Return how many planted motifs, and uses of one by a class, each face shows."""
    alike = look_alikes(truth["motifs"].values())
    uses = [
        (one["index"], motif, -1 if one["rule"] == "unless" and place else 1)
        for one in truth["classes"]
        for place, motif in enumerate(one["motifs"])
    ]
    motifs = sorted({motif for _, motif, _ in uses})
    ofiv = summary["ofiv"].sel(regime="importance").values
    rows = []
    for name in (*FACES, _ANY):
        if name != _ANY and name not in matches["face"].values:
            continue
        found = {
            (target, motif): best_of(matches, important(ofiv[target], sign), name)
            for target, motif, sign in uses
        }
        same = {use for use, ids in found.items() if truth["motifs"][use[1]] in ids}
        like = {use for use, ids in found.items() if ids & alike[truth["motifs"][use[1]]]}
        shown = {motif for _, motif in like}
        rows.append(
            [
                name,
                f"{len(shown)} of {len(motifs)}",
                f"{len({motif for _, motif in same})} of {len(motifs)}",
                f"{len(like)} of {len(uses)}",
                ", ".join(motif for motif in motifs if motif not in shown),
            ]
        )
    header = ["face", "motif or its like", "motif itself", "uses by a class", "missing"]
    return markdown_table(header, rows)


def important(ofiv: NDArray, sign: int) -> NDArray[np.int64]:
    """Return the channels that are important for a class, with this sign: OFIV (channel,)."""
    return np.flatnonzero(sign * ofiv >= IMPORTANT * np.abs(ofiv).max())


def best_of(matches: xr.Dataset, channels: NDArray, name: str) -> set[str]:
    """Return the motifs that are the best match of a face of these channels, q < 0.05."""
    wanted = np.isin(matches["channel"].values, channels)
    if name != _ANY:
        wanted &= matches["face"].values == name
    wanted &= matches["q_value"].values[:, 0] < LARGEST_Q
    targets = matches["target"].values[wanted, 0]
    return set(matches["motif_id"].values[targets].tolist())


def look_alikes(ids: Iterable[str]) -> dict[str, set[str]]:
    """Return for each motif the motifs of the database that hardly differ from it.

    JASPAR holds a motif for each factor of a family: NR3C1's is AR's, USF1's is MITF's. Two are
    alike when the cosine of their best alignment is 0.8 or more.
    """
    motifs = database_motifs(jaspar_database())
    widest = max(len(motif.pwm) for motif in motifs.values())
    padded = np.full((len(motifs), widest, 4), 0.25)
    for place, motif in enumerate(motifs.values()):
        padded[place, : len(motif.pwm)] = motif.pwm
    names = list(motifs)
    found = {}
    for one in ids:
        similarity = align(padded[[names.index(one)]], padded, parts=False).similarity[0]
        found[one] = {name for name, value in zip(names, similarity, strict=True) if value >= ALIKE}
    return found


def _run(layer: str, folder: Path) -> Run:
    """Run the panel at a layer, preset default, and write it below a folder."""
    network = load_network(NETWORKS / "panel")
    job = make_job(
        network,
        network_name="panel",
        layer=layer,
        preset="default",
        settings=ascent_settings(),
        sequences=NETWORKS / "panel" / "sequences.fa.gz",
        labels=NETWORKS / "panel" / "labels.tsv",
    )
    results = execute(job, device="cpu")
    return write_run(
        folder / layer, info=results.info, ensemble=results.ensemble, summary=results.summary
    )
