"""A run as an annotated matrix, classes by channels, in the file format of anndata and scanpy.

*Choice:* written with h5py after the published description of the format (encoding versions 0.1.0
and 0.2.0, read by anndata 0.8 and newer), since anndata itself would bind the version of pandas.

========  =====================  ===================================================================
part      axes                   contents
========  =====================  ===================================================================
`X`       class channel          OFIV
`layers`  class channel          `ofiv`, `ofiv_low`, `ofiv_high`, `inconsistency`, `kind`,
                                 `gradient_at_base`, with sequences `clamp_swing`
`obs`     class                  index, name, what is told of the class, mixture, optima, qualifiers
`var`     channel                number, known motif with its q, consensus, family, activation
`obsp`    class class            `similarity`, `last_layer`, `label_correlation`
`uns`                            id, name, spec (JSON), versions, meaning and unit of each layer
========  =====================  ===================================================================

*Choice:* a number stands under its own name in the regime that it is read in on every page (OFIV,
similarity and stability of ranks: importance; IL, kinds, mixture and optima: modes), and as
`NAME_REGIME` in the others.
"""

import io
from collections.abc import Mapping, Sequence

import h5py
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.exports.known import known_of
from deepresolve_dash.motifs.channel_names import name_of
from deepresolve_dash.motifs.faces import ACTIVATION, FILTER, face, face_names, main_face
from deepresolve_dash.motifs.filters import consensus, filter_pwm
from deepresolve_dash.runs.class_table import METADATA
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, regime_for

_LAYERS = {
    "ofiv": IMPORTANCE,
    "ofiv_low": IMPORTANCE,
    "ofiv_high": IMPORTANCE,
    "inconsistency": MODES,
    "kind": MODES,
}
_OF_CLASS = {
    "n_components": MODES,
    "n_components_rescaled": MODES,
    "guarded": MODES,
    "n_optima": MODES,
    "residual_share": MODES,
    "null_rate": MODES,
    "share_converged": MODES,
    "rank_stability": IMPORTANCE,
    "top_stability": IMPORTANCE,
}
_COMPANIONS = ("gradient_at_base", "clamp_swing")
_MATRICES = ("last_layer", "label_correlation")
_SEEN = ("activation_max", "activation_mean", "background_max", "background_mean")
_CONTROL = dict.fromkeys(map(chr, (*range(32), *range(127, 160))), " ")
_TABLE = str.maketrans(_CONTROL)


def h5ad_bytes(run: Run) -> bytes:
    """Return a run, and what it carries of what is known of it, as the contents of an h5ad file."""
    summary, ensemble = run.summary, run.ensemble
    layers = _named_by_regime(summary, _LAYERS)
    layers |= {name: ensemble[name] for name in _COMPANIONS if name in ensemble}
    pairs = _named_by_regime(summary, {"similarity": IMPORTANCE})
    pairs |= {name: summary[name] for name in _MATRICES if name in summary}
    made = io.BytesIO()
    with h5py.File(made, "w") as file:
        _encode(file, "anndata", "0.1.0")
        _array(file, "X", _main_matrix(summary))
        _frame(file, "obs", _classes(run))
        _frame(file, "var", _channels(run))
        for name, values in (("layers", layers), ("obsp", pairs)):
            _mapping(file, name, {key: one.values for key, one in values.items()})
        for name in ("obsm", "varm", "varp"):
            _mapping(file, name, {})
        _mapping(file, "uns", _told(run, layers | pairs))
    return made.getvalue()


def _main_matrix(summary: xr.Dataset) -> NDArray[np.float64]:
    """Return the main matrix (class, channel): OFIV in the regime that it is read in."""
    regime = regime_for(summary, Selection("", 0), IMPORTANCE)
    return _in_regime(summary["ofiv"], regime).values


def _named_by_regime(summary: xr.Dataset, reading: Mapping[str, str]) -> dict[str, xr.DataArray]:
    """Return variables without their regime: the one that is read under the plain name."""
    found = {}
    for name, wanted in reading.items():
        if name not in summary:
            continue
        usual = regime_for(summary, Selection("", 0), wanted)
        found[name] = _in_regime(summary[name], usual)
        for regime in map(str, summary.regime.values):
            if regime != usual:
                found[f"{name}_{_key(regime)}"] = _in_regime(summary[name], regime)
    return found


def _in_regime(values: xr.DataArray, regime: str) -> xr.DataArray:
    place = values.regime.values.astype(str).tolist().index(regime)
    return values.isel(regime=place, drop=True)


def _classes(run: Run) -> pd.DataFrame:
    """Return what is known of each class, by its name; `NAME#INDEX` where several bear it."""
    summary = run.summary
    targets = summary.target.values.tolist()
    names = [_text(str(name)) for name in summary.target_name.values]
    frame = pd.DataFrame({"class_index": targets, "class_name": names})
    for field in METADATA:
        values = [_text(getattr(row, field)) for row in known_of(run).classes]
        if any(values):
            frame[field] = pd.Categorical(values)
    for name, values in _named_by_regime(summary, _OF_CLASS).items():
        frame[name] = values.values
    l2 = run.ensemble["l2"]
    for regime in map(str, l2.regime.values):
        frame[f"l2_{_key(regime)}"] = _in_regime(l2, regime).values
    frame.index = pd.Index(_unique(names, targets), name="class")
    return frame


def _channels(run: Run) -> pd.DataFrame:
    """Return what is known of each channel, by its number."""
    faces, matches = known_of(run).looked
    channels = run.summary.channel.values.tolist()
    frame = pd.DataFrame({"channel": channels})
    if matches is not None:
        best = [name_of(matches, channel) for channel in channels]
        frame["motif"] = [_text(one.name) if one else "" for one in best]
        frame["motif_id"] = [_text(one.id) if one else "" for one in best]
        frame["motif_q"] = [one.q_value if one else np.nan for one in best]
        frame["motif_face"] = [one.face if one else "" for one in best]
    if faces is not None:
        shown = ACTIVATION if ACTIVATION in face_names(faces) else main_face(faces)
        frame["consensus"] = [consensus(face(faces, k, shown).matrix) for k in channels]
        frame["family"] = faces["family"].values[channels]
        frame["dead"] = faces["dead"].values[channels].astype(bool)
        for name in _SEEN:
            frame[name] = faces[name].values[channels]
        if FILTER in face_names(faces):
            frame["filter_consensus"] = [consensus(face(faces, k, FILTER).matrix) for k in channels]
    elif "filter" in run.ensemble:
        frame["filter_consensus"] = [
            consensus(filter_pwm(one)) for one in run.ensemble["filter"].values
        ]
    frame.index = pd.Index([f"ch {channel}" for channel in channels], name="channel_name")
    return frame


def _told(run: Run, layers: Mapping[str, xr.DataArray]) -> dict[str, object]:
    """Return what the file says of itself."""
    usual, (_, matches) = Selection("", 0), known_of(run).looked
    told: dict[str, object] = {
        "run": run.id,
        "name": _text(str(run.info.get("name", run.id))),
        "code_version": str(run.info.get("code_version", "")),
        "spec": to_json(run.info["spec"]),
        "regimes": [str(name) for name in run.summary.regime.values],
        "reading": {
            wanted: regime_for(run.summary, usual, wanted) for wanted in (IMPORTANCE, MODES)
        },
        "meaning": {name: str(one.attrs.get("long_name", name)) for name, one in layers.items()},
        "unit": {name: str(one.attrs.get("units", "1")) for name, one in layers.items()},
    }
    if matches is not None:
        told["motif_database"] = _text(str(matches.attrs["database"]))
    return told


def _unique(names: Sequence[str], targets: Sequence[int]) -> list[str]:
    """Return names that differ: one that several classes bear is followed by its index.

    *Choice:* when such a name is the name of yet another class, all names are.
    """
    found = [
        f"{name}#{target}" if names.count(name) > 1 else name
        for name, target in zip(names, targets, strict=True)
    ]
    if len(set(found)) == len(found):
        return found
    return [f"{name}#{target}" for name, target in zip(names, targets, strict=True)]


def _text(value: str) -> str:
    """Return a text as HDF5 can hold it: no halves of letters, no control characters."""
    return value.encode("utf-8", "replace").decode().translate(_TABLE).strip()


def _key(name: str) -> str:
    """Return a text as the name of something in a file."""
    return _text(name).replace("/", "_") or "_"


def _encode(item: h5py.Group | h5py.Dataset, kind: str, version: str) -> None:
    item.attrs["encoding-type"], item.attrs["encoding-version"] = kind, version


def _array(group: h5py.Group, name: str, values: NDArray) -> None:
    _encode(group.create_dataset(name, data=values), "array", "0.2.0")


def _texts(group: h5py.Group, name: str, values: Sequence[str]) -> None:
    letters = h5py.string_dtype(encoding="utf-8")
    made = group.create_dataset(name, data=np.array(list(values), dtype=object), dtype=letters)
    _encode(made, "string-array", "0.2.0")


def _mapping(group: h5py.Group, name: str, values: Mapping[str, object]) -> None:
    """Write texts, lists of texts, arrays and mappings of them."""
    made = group.create_group(name)
    _encode(made, "dict", "0.1.0")
    for key, value in values.items():
        if isinstance(value, Mapping):
            _mapping(made, key, value)
        elif isinstance(value, str):
            letters = h5py.string_dtype(encoding="utf-8")
            _encode(made.create_dataset(key, data=value, dtype=letters), "string", "0.2.0")
        elif isinstance(value, list):
            _texts(made, key, value)
        else:
            _array(made, key, np.asarray(value))


def _frame(group: h5py.Group, name: str, frame: pd.DataFrame) -> None:
    """Write a table; its index bears names."""
    made = group.create_group(name)
    _encode(made, "dataframe", "0.2.0")
    index = str(frame.index.name)
    made.attrs["_index"] = index
    made.attrs["column-order"] = np.array(list(frame.columns), dtype=h5py.string_dtype())
    _texts(made, index, frame.index.tolist())
    for column, values in frame.items():
        column = str(column)
        if isinstance(values.dtype, pd.CategoricalDtype):
            _categories(made, column, values)
        elif values.dtype.kind in "biuf":
            _array(made, column, values.to_numpy())
        else:
            _texts(made, column, values.tolist())


def _categories(group: h5py.Group, name: str, values: pd.Series) -> None:
    made = group.create_group(name)
    _encode(made, "categorical", "0.2.0")
    made.attrs["ordered"] = False
    _texts(made, "categories", values.cat.categories.tolist())
    _array(made, "codes", values.cat.codes.to_numpy())
