"""The numbers of a run as tab-separated tables."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from deepresolve_dash.tsv import plain_text

_CLASSES_AT_ONCE = 32  # whose rows are made together
_PER_CHANNEL = ("ofiv", "ofiv_low", "ofiv_high", "inconsistency", "kind", "mixture_component")
_PER_CLASS = (
    "n_components",
    "guarded",
    "n_components_rescaled",
    "n_optima",
    "share_converged",
    "residual_share",
    "null_rate",
    "rank_stability",
    "top_stability",
)
_PER_TRIAL = (
    "score",
    "objective",
    "converged",
    "diverged",
    "n_steps",
    "gradient_norm",
    "norm_ratio",
)


def channels(summary: xr.Dataset, ensemble: xr.Dataset) -> pd.DataFrame:
    """One row per regime, class and channel: OFIV with its interval, IL, kind and companions."""
    return _table(
        _only(summary, _PER_CHANNEL) | _only(ensemble, ("gradient_at_base", "clamp_swing")),
        ("regime", "target", "channel"),
    )


def classes(summary: xr.Dataset, ensemble: xr.Dataset) -> pd.DataFrame:
    """One row per regime and class: mixture, guard, optima, qualifiers, l2."""
    bic = {f"bic_{n}": summary.bic.sel(component=n, drop=True) for n in (1, 2, 3)}
    converged = {"n_converged": ensemble.converged.sum("trial")}
    return _table(
        _only(summary, _PER_CLASS) | bic | converged | _only(ensemble, ("l2",)),
        ("regime", "target"),
    )


def trials(summary: xr.Dataset, ensemble: xr.Dataset) -> pd.DataFrame:
    """One row per regime, class and trial: weight, score, convergence and the whole FIV."""
    fiv = {f"fiv_{k}": ensemble.fiv.sel(channel=k, drop=True) for k in ensemble.channel.values}
    return _table(
        _only(summary, ("weight",)) | _only(ensemble, _PER_TRIAL) | fiv,
        ("regime", "target", "trial"),
    )


def pairs(summary: xr.Dataset, ensemble: xr.Dataset) -> pd.DataFrame:
    """One row per regime and ordered pair of classes: A, last-layer product, label correlation."""
    return _pairs(summary, _class_names(summary))


def _class_names(summary: xr.Dataset) -> dict[int, str]:
    """Return names by output index."""
    return dict(zip(summary.target.values.tolist(), summary.target_name.values, strict=True))


def _pairs(summary: xr.Dataset, names: Mapping[int, str]) -> pd.DataFrame:
    """Return the pairs of some classes with all; `names` are those of all."""
    matrices = _only(summary, ("similarity", "last_layer", "label_correlation"))
    frame = _table(matrices, ("regime", "target", "other_target"))
    frame = frame.rename(columns={"other_target": "other_index"})
    frame.insert(4, "other_name", [plain_text(str(names[i])) for i in frame["other_index"]])
    return frame


TABLES: dict[str, Callable[[xr.Dataset, xr.Dataset], pd.DataFrame]] = {
    "channels": channels,
    "classes": classes,
    "trials": trials,
    "pairs": pairs,
}


def table_parts(summary: xr.Dataset, ensemble: xr.Dataset, name: str) -> Iterator[str]:
    """Yield a table as text, some classes at a time, so that a large one is never whole in memory.

    The first line names the columns; rows go by regime, then by class.
    """
    first, make = True, TABLES[name]
    if make is pairs:
        names = _class_names(summary)
        make = lambda some, _: _pairs(some, names)  # noqa: E731
    for r in range(summary.sizes["regime"]):
        for t in range(0, summary.sizes["target"], _CLASSES_AT_ONCE):
            some = {"regime": [r], "target": slice(t, t + _CLASSES_AT_ONCE)}
            frame = make(summary.isel(some), ensemble.isel(some))
            yield frame.to_csv(sep="\t", index=False, header=first, float_format="%.9g")
            first = False


def write_tables(summary: xr.Dataset, ensemble: xr.Dataset, folder: Path) -> list[Path]:
    """Write every table to `folder` as NAME.tsv and return their paths; each appears whole."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in TABLES:
        path = folder / f"{name}.tsv"
        with tempfile.TemporaryDirectory(dir=folder) as half:
            with (Path(half) / path.name).open("w", encoding="utf-8", newline="") as file:
                file.writelines(table_parts(summary, ensemble, name))
            os.replace(Path(half) / path.name, path)
        written.append(path)
    return written


def tsv_text(frame: pd.DataFrame) -> str:
    """Return a table as text: a line of names, then a line per row; what is not known is empty.

    Numbers are written so that they are read back exactly, true and false as 1 and 0; texts are
    plain, see `plain_text`.
    """
    shown = frame.rename(columns=plain_text)
    for name in shown.columns:
        if shown[name].dtype == bool:
            shown[name] = shown[name].astype(int)
        elif not pd.api.types.is_numeric_dtype(shown[name]):
            shown[name] = shown[name].map(
                lambda one: plain_text(one) if isinstance(one, str) else one
            )
    return shown.to_csv(sep="\t", index=False, lineterminator="\n", quoting=csv.QUOTE_NONE)


def _only(dataset: xr.Dataset, names: Sequence[str]) -> dict[str, xr.DataArray]:
    """Return those of the variables that the dataset has."""
    return {name: dataset[name] for name in names if name in dataset}


def _table(variables: dict[str, xr.DataArray], dims: Sequence[str]) -> pd.DataFrame:
    """Return labelled variables as rows, the class's index and name in front."""
    data = xr.Dataset(variables)
    flags = {name: data[name].astype(int) for name in data if data[name].dtype == bool}
    frame = data.assign(flags).to_dataframe(dim_order=list(dims)).reset_index()
    frame = frame.rename(columns={"target": "class_index", "target_name": "class_name"})
    frame["class_name"] = frame["class_name"].map(plain_text)
    first = ["regime", "class_index", "class_name"]
    return frame.reindex(columns=[*first, *(name for name in frame if name not in first)])
