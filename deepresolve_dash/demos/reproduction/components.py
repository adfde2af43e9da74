"""Component counts of the published inconsistency levels."""

from collections.abc import Sequence

from deepresolve_dash.core.statistics.mixture import MAX_COMPONENTS, fit_mixture
from deepresolve_dash.demos.reproduction.sample import Published
from deepresolve_dash.demos.reproduction.tables import markdown_table

SCALES = (1.0, 1e4)


def component_counts(sample: Sequence[Published], scale: float = 1.0) -> list[int]:
    """Return the component count of each model, fitted on scale x its published levels.

    The mixture's variance floor is absolute, so the count is a matter of the scale.
    """
    return [fit_mixture(scale * one.inconsistency).n_components for one in sample]


def component_table(sample: Sequence[Published]) -> str:
    """Return models with 1, 2 and 3 components by the published levels, and how many agree."""
    published = [one.n_components for one in sample]
    rows = [["as published", *_histogram(published), ""]]
    for scale in SCALES:
        counts = component_counts(sample, scale)
        same = sum(a == b for a, b in zip(counts, published, strict=True))
        rows.append([f"fitted on {scale:g} x IL", *_histogram(counts), f"{same} of {len(sample)}"])
    numbers = [f"{n} component{'s' if n > 1 else ''}" for n in range(1, MAX_COMPONENTS + 1)]
    return markdown_table(["models with", *numbers, "as published"], rows)


def _histogram(counts: Sequence[int]) -> list[int]:
    return [counts.count(n) for n in range(1, MAX_COMPONENTS + 1)]
