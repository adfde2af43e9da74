"""How long a pasted sequence takes to its scores and its bases, through server, queue and worker.

    python -m bench.probe [--rounds 5] [--wide] [--json]

Asks as the page does: the question is posted, its state is looked at again and again, the numbers
are fetched. `--wide` asks a made-up network of 919 classes and 1,000 bp too. The baseline in the
same run is one mutation after the other through `predict`, in this process, with a warm torch.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import Request, urlopen

import numpy as np
import torch

from bench.web import ROOT, free_port
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.neutral import load_network, save_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.sequences import one_hot
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.start import stop_runner, stop_server

PANEL = ROOT / "deepresolve_dash" / "demos" / "networks" / "panel"
_LOOK_S = 0.06  # between looks, as the page begins
_START_S = 120.0
_NAIVE = 60  # mutations of the baseline; the rest is reckoned


class Dashboard:
    """A server with a state folder of its own, asked as the page asks it."""

    def __init__(self, state: Path) -> None:
        self._state, port = state, free_port()
        self._address = f"http://127.0.0.1:{port}"
        settings = {"DRD_STATE": str(state), "DRD_PORT": str(port), "DRD_FREE_MB": "0"}
        command = [sys.executable, "-m", "deepresolve_dash", "serve"]
        self._server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                self.get("/feed")
                return
            except URLError:
                time.sleep(0.1)
        raise TimeoutError("The server does not answer.")

    def get(self, path: str) -> dict:
        """Return an answer."""
        with urlopen(self._address + path, timeout=60) as got:  # noqa: S310
            return json.loads(got.read())

    def ask(self, **values: str) -> dict[str, float]:
        """Ask about a sequence; return the seconds to its scores and to its bases."""
        started, took = time.monotonic(), {}
        body, own = json.dumps(values).encode(), {"X-DeepResolve": "1"}
        request = Request(f"{self._address}/act/probe", data=body, headers=own)  # noqa: S310
        with urlopen(request, timeout=60) as got:  # noqa: S310
            told = json.loads(got.read())
        probe = told["first"]["id"]
        while len(took) < 2:
            stage = self.get(f"/data/probe/{probe}/stage.json")
            if stage["stage"] == "empty":
                raise RuntimeError(stage["why"])
            for name in ("scores", "bases"):
                if stage[name] and name not in took:
                    self.get(f"/data/probe/{probe}/{name}.json?model={values['model']}")
                    took[name] = time.monotonic() - started
            time.sleep(_LOOK_S)
        return took

    def close(self) -> None:
        """End the server and its workers."""
        stop_server(self._state)
        stop_runner(self._state)
        self._server.wait()


def main() -> None:
    """Measure and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description="Time the probe of a sequence.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wide", action="store_true", help="919 classes and 1,000 bp too")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        state = Path(made) / "state"
        networks = {"panel": load_network(PANEL)}
        dashboard = Dashboard(state)
        models = ModelStore(state / "models")
        ids = {"panel": json.loads((PANEL / "card.json").read_text())["hash"][:16]}
        if given.wide:
            networks["wide"] = wide_network()
            save_network(networks["wide"], Path(made) / "wide")
            ids["wide"] = models.add(Path(made) / "wide", "wide").id
        try:
            told = {
                name: measure(dashboard, ids[name], network, given.rounds if i == 0 else 1)
                for i, (name, network) in enumerate(networks.items())
            }
        finally:
            dashboard.close()
    if given.json:
        print(json.dumps(told))
        return
    for name, rows in told.items():
        print(f"\n{name}: {networks[name].input_length} bp, seconds (median)")
        for row, values in rows.items():
            print(f"  {row:<34}" + "  ".join(f"{key} {value:.2f}" for key, value in values.items()))


def measure(dashboard: Dashboard, model: str, network: Network, n: int) -> dict:
    """Return the seconds of each kind of question."""
    generator = np.random.default_rng(0)

    def sequence() -> str:
        return "".join(generator.choice(list("ACGT"), network.input_length))

    def often(ask: Callable[[], dict[str, float]]) -> dict[str, float]:
        rounds = [ask() for _ in range(n)]
        return {key: median(one[key] for one in rounds) for key in rounds[0]}

    first = sequence()
    told = {"the first, the worker starting": dashboard.ask(model=model, sequence=first)}
    told["another sequence"] = often(lambda: dashboard.ask(model=model, sequence=sequence()))
    places = iter(range(1, n + 1))

    def edit() -> dict[str, float]:
        place = next(places)
        new = "ACGT".replace(first[place - 1], "")[0]
        return dashboard.ask(model=model, sequence=first, edits=f"{place}{new}")

    told["an edit of one base"] = often(edit)
    classes = iter(range(1, n + 1))
    told["another class"] = often(
        lambda: dashboard.ask(model=model, sequence=first, **{"class": str(next(classes))})
    )
    told["the same again"] = often(lambda: dashboard.ask(model=model, sequence=first))
    told["one mutation after the other"] = {"bases": naive(network, first)}
    return told


def naive(network: Network, letters: str) -> float:
    """Return the seconds that a loop over all mutations takes, from some of them."""
    mutants = [letters[:i] + "N" + letters[i + 1 :] for i in range(min(_NAIVE, len(letters)))]
    inputs = [one_hot([one], length=len(letters), alphabet=network.alphabet) for one in mutants]
    predict(network, inputs[0])
    started = time.monotonic()
    for one in inputs:
        predict(network, one)
    return (time.monotonic() - started) / len(inputs) * 3 * len(letters)


def wide_network() -> Network:
    """Return a network of the size of DeepSEA with made-up weights."""
    generator = np.random.default_rng(0)

    def kernel(*shape: int) -> np.ndarray:
        fan_in = int(np.prod(shape[1:]))
        return (generator.normal(size=shape) * np.sqrt(2 / fan_in)).astype(np.float32)

    steps: list = []
    for i, (n, before) in enumerate([(320, 4), (480, 320), (960, 480)], 1):
        steps += [(f"conv{i}", "conv", {"kernel": kernel(n, before, 8)}), (f"conv{i}", "relu", {})]
        steps += [(f"pool{i}", "max_pool", {"size": 4})] if i < 3 else []
    steps += [("flat", "flatten", {}), ("dense", "linear", {"kernel": kernel(925, 960 * 53)})]
    steps += [("dense", "relu", {}), ("out", "linear", {"kernel": kernel(919, 925)})]
    return sequential_network([*steps, ("out", "sigmoid", {})], input_length=1000)


if __name__ == "__main__":
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    main()
