"""Areas under the ROC curve of a demo network: of its training and on fresh sequences."""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.demos.synthetic import SyntheticTask, generate
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.predict import predict

PAPER_AUC = {"synthetic-1": (0.985,), "synthetic-2": (0.968, 0.967, 0.979, 0.994)}
N_FRESH = 24_000  # as many as were held out when the network was trained
_FRESH = 3  # stream of sequences of one seed, beside training, test and shipped ones


def read_record(folder: Path, task: SyntheticTask) -> dict:
    """Read the training record of a demo network.

    Raises
    ------
    SettingsError
        When the folder holds none, or that of another task.
    """
    path = folder / "training.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict) or record.get("task") != task.name:
        raise SettingsError(
            f"{path} is not the training record of {task.title}.",
            "Give a folder that train-demo wrote, or leave --models out.",
        )
    return record


def auc_table(task: SyntheticTask, network: Network, record: dict) -> str:
    """Return the paper's AUC of each class beside that of training and of fresh sequences."""
    fresh = fresh_areas(task, network, record["recipe"])
    rows = [
        [title, paper, f"{record['auc'][title]:.4f}", f"{area:.4f}"]
        for title, paper, area in zip(task.class_names, PAPER_AUC[task.name], fresh, strict=True)
    ]
    return markdown_table(["class", "AUC, paper", "AUC, held out", "AUC, fresh sequences"], rows)


def fresh_areas(
    task: SyntheticTask, network: Network, recipe: dict, *, n: int = N_FRESH
) -> list[float]:
    """Return the area under the ROC curve of each class on sequences that were never used.

    Parameters
    ----------
    task : SyntheticTask
    network : Network
    recipe : dict
        The training record's: `seed`, `n_planted`, `n_random`.
    n : int
        Sequences, with the same share of random ones as in training.
    """
    n_random = round(n * recipe["n_random"] / (recipe["n_planted"] + recipe["n_random"]))
    sequences, labels = generate(
        task,
        np.random.default_rng([recipe["seed"], _FRESH]),
        n_planted=n - n_random,
        n_random=n_random,
    )
    one_hot = np.eye(4, dtype=np.float32)[sequences].transpose(0, 2, 1)
    logits, _ = predict(network, one_hot, batch=1000)
    scores = zip(labels.T, logits.T, strict=True)
    return [float(roc_auc_score(label, score)) for label, score in scores]
