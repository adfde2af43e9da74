"""What the card of a run says."""

import numpy as np
import xarray as xr

from deepresolve_dash.views.channels import opposed
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for


def data(info: dict, ensemble: xr.Dataset, summary: xr.Dataset) -> dict:
    """Return the facts of a card: what was run, how it went, what stands out."""
    spec, network = info["spec"], info.get("network", {})
    first = Selection(info["id"], int(summary.target.values[0]))
    regime = regime_for(summary, first, MODES)
    count = np.nan_to_num(summary.n_components.sel(regime=regime).values)
    diverged = ensemble.diverged.values.astype(bool)
    return {
        "id": info["id"],
        "name": info.get("name") or info["id"],
        "layer": spec.get("layer", ""),
        "preset": spec.get("preset", ""),
        "date": info.get("timing", {}).get("started", "")[:10],
        "n_targets": int(summary.sizes["target"]),
        "n_channels": int(summary.sizes["channel"]),
        "n_trials": int(ensemble.sizes["trial"]),
        "network": network_words(network),
        "receptive_field_bp": network.get("receptive_field_bp"),
        "converged": float((ensemble.converged.values.astype(bool) & ~diverged).mean()),
        "several": int((count > 1).sum()),
        "guarded": int(summary.guarded.sel(regime=regime).values.astype(bool).sum()),
        "xor_like": len(xor_like(ensemble, summary)),
        "first": first.target,
        "first_name": str(summary.target_name.values[0]),
        "regime": regime_for(summary, first, IMPORTANCE),
    }


def network_words(network: dict) -> str:
    """Return name, format and input of the network, as far as the run tells."""
    length = network.get("input_length")
    known = (network.get("name"), network.get("format"), f"{length} bp" if length else None)
    return ", ".join(part for part in known if part) or "not recorded"


def xor_like(ensemble: xr.Dataset, summary: xr.Dataset) -> list[int]:
    """Return the classes in which a pair of channels has opposite signs in both orders."""
    return [
        int(target)
        for target in summary.target.values
        if any(
            opposed(of_class(ensemble, one, MODES), of_class(summary, one, MODES))
            for one in [Selection("", int(target))]
            if (of_class(summary, one, MODES).kind.values == 2).sum() > 1
        )
    ]
