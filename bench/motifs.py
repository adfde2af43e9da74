"""What names for a large layer cost, against one query at a time; with --look, the look itself.

    python -m bench.motifs [--channels 480] [--one-by-one 24] [--json]
    python -m bench.motifs --look [--sequences 200] [--device auto|cpu|cuda]

Queries are motifs of the database with noise and their flanks, as wide as the receptive field of
DeepSEA's second convolution; each is matched with the whole of JASPAR 2026 CORE vertebrates, and so
is a copy with its columns shuffled, which gives the null line. One query at a time is measured on
a few of them in the same run. `--look` sees a layer of DeepSEA's size (1,000 bp, 320 and 480
channels, random weights) with the default settings: 20 starts a channel.
"""

import argparse
import json
import time

import numpy as np
import torch

from deepresolve_dash.motifs.databases import database_motifs, jaspar_database
from deepresolve_dash.motifs.faces import ASCENT, Face
from deepresolve_dash.motifs.matching import match
from deepresolve_dash.motifs.matrices import trimmed
from deepresolve_dash.motifs.names import match_faces
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network, network_hash
from deepresolve_dash.runs.execute import choose_device
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_work import look

WIDTH = 39  # bp, of the second convolution before pooling


def queries(n: int, motifs: list[np.ndarray]) -> list[Face]:
    """Return noisy copies of known motifs within uninformative flanks."""
    generator = np.random.default_rng(0)
    found = []
    for channel in range(n):
        motif = motifs[int(generator.integers(len(motifs)))][:WIDTH]
        matrix = generator.dirichlet(np.full(4, 60.0), WIDTH)
        at = int(generator.integers(0, WIDTH - len(motif) + 1))
        noise = generator.dirichlet(np.ones(4), len(motif))
        matrix[at : at + len(motif)] = 0.8 * motif + 0.2 * noise
        found.append(Face(channel, ASCENT, 0, matrix, 20, 1.0))
    return found


def measure_names(n_channels: int, n_single: int) -> dict:
    """Return seconds for all channels at once, and per query one at a time."""
    database = jaspar_database()
    targets = database_motifs(database)
    faces = queries(n_channels, [motif.pwm for motif in targets.values()])
    spans = [trimmed(one.matrix) for one in faces]
    matrices = [one.matrix[a:b] for one, (a, b) in zip(faces, spans, strict=True)]
    begun = time.perf_counter()
    match(matrices[:1], targets)
    compiled = time.perf_counter() - begun
    begun = time.perf_counter()
    match_faces(faces, targets, title=database.title, database_id=database.id)
    whole = time.perf_counter() - begun
    begun = time.perf_counter()
    match(matrices, targets)
    together = time.perf_counter() - begun
    begun = time.perf_counter()
    for matrix in matrices[:n_single]:
        match([matrix], targets)
    single = (time.perf_counter() - begun) / n_single
    return {
        "channels": n_channels,
        "targets": len(targets),
        "compiling_s": compiled,
        "with_null_line_s": whole,
        "together_s": together,
        "one_by_one_s": single * n_channels,
        "ratio": single * n_channels / together,
    }


def deepsea_layers() -> Network:
    """Return two convolutions of DeepSEA's size with random weights."""
    generator = np.random.default_rng(0)

    def kernel(n_out: int, n_in: int) -> np.ndarray:
        values = generator.normal(size=(n_out, n_in, 8)) / np.sqrt(n_in * 8)
        return values.astype(np.float32)

    pool = {"size": 4, "stride": 4}
    steps = [
        ("conv1", "conv", {"kernel": kernel(320, 4), "bias": np.zeros(320, np.float32)}),
        ("conv1", "relu", {}),
        ("pool1", "max_pool", pool),
        ("conv2", "conv", {"kernel": kernel(480, 320), "bias": np.zeros(480, np.float32)}),
        ("conv2", "relu", {}),
        ("pool2", "max_pool", pool),
        ("flat", "global_max", {}),
        ("dense", "linear", {"kernel": np.ones((1, 480), np.float32)}),
    ]
    return sequential_network(steps, input_length=1000)


def measure_look(n_sequences: int, device: str) -> dict:
    """Return the seconds of each phase of a look at 480 channels."""
    network = deepsea_layers()
    generator = np.random.default_rng(1)
    reads = [
        (f"s{i}", "".join(generator.choice(list("ACGT"), network.input_length)))
        for i in range(n_sequences)
    ]
    question = MotifQuestion(network_hash(network), "pool2", "0" * 64)
    begun = time.perf_counter()
    phases: dict[str, float] = {}

    def phase(name: str) -> None:
        phases.setdefault(name, time.perf_counter() - begun)

    faces = look(question, network, reads, device=device, on_phase=phase)
    seconds = time.perf_counter() - begun
    names, starts = list(phases), [*phases.values(), seconds]
    place = choose_device(device)
    told = {
        "device": torch.cuda.get_device_name() if place.type == "cuda" else "cpu",
        "channels": faces.sizes["channel"],
        "receptive_field_bp": faces.attrs["receptive_field_bp"],
        "starts": int((faces["ascent_site"].values >= 0).sum()),
        "seconds": seconds,
    }
    return told | {
        f"{name}_s": after - before
        for name, before, after in zip(names, starts[:-1], starts[1:], strict=True)
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--channels", type=int, default=480)
    parser.add_argument("--one-by-one", type=int, default=24)
    parser.add_argument("--look", action="store_true")
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.look:
        told = measure_look(options.sequences, options.device)
    else:
        told = measure_names(options.channels, options.one_by_one)
    for key, value in told.items():
        print(f"{key:20} {value:.2f}" if isinstance(value, float) else f"{key:20} {value}")
    if options.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
