"""What a new run will cost, or several at once."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.new_run_several import Several
from deepresolve_dash.runs.estimate import Estimate
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.views.measures import count, duration, size


def estimate(found: Several) -> list[Component]:
    """Return time, memory and size of a run, or what must be mended first."""
    if found.request is None:
        n = len(found.errors)
        return [html.P(f"{count(n, 'field')} must be mended before it can start.")]
    if len(found.requests) > 1:
        return _of_several(found)
    cost = context().service.estimate(found.request)
    spec = found.request.spec
    rows = [
        ("time", f"about {duration(cost.seconds)}"),
        ("memory", f"about {size(cost.memory_bytes)}"),
        ("work", f"{len(spec.classes):,} × {spec.settings.n_trials:,} ascents"),
    ]
    parts: list[Component] = [
        _table(rows),
        html.P(_basis(cost), className="muted"),
    ]
    if cost.n_known:
        told = f"{cost.n_known} of {spec.settings.n_trials:,} trials are there already."
        parts.append(html.P(told, title="A shorter run has them; they are taken over."))
    if context().store.has(found.request.id):
        parts.append(html.P("This run is here already: starting opens it, nothing is computed."))
    return parts


def _of_several(found: Several) -> list[Component]:
    """Return how many runs there are, and the time and memory of all."""
    service = context().service
    there = [one for one in found.requests if service.store.has(one.id)]
    new = [one for one in found.requests if one not in there]
    costs = [service.estimate(one) for one in new]
    n_layers, n_l2, n_seeds = (found.counts[name] for name in ("layers", "l2s", "seeds"))
    lists = [count(n_layers, "layer")] * bool(n_layers)
    lists += [f"{n_l2} l2"] * bool(n_l2) + [count(n_seeds, "seed")] * bool(n_seeds)
    rows = [("runs", f"{len(found.requests)}: {' × '.join(lists)}"), *_sums(new, costs)]
    parts: list[Component] = [_table(rows)]
    if costs:
        together = "One after the other; workers share them where there are several."
        parts.append(html.P([_basis(costs[0]), " ", together], className="muted"))
    if there:
        what = "All are" if len(there) == len(found.requests) else f"{len(there)} of them are"
        parts.append(html.P(f"{what} here already and not computed again."))
    return parts


def _sums(requests: Sequence[RunRequest], costs: Sequence[Estimate]) -> list[tuple[str, str]]:
    """Return time, memory and size of runs that are to be computed."""
    if not costs:
        return []
    ascents = sum(len(one.spec.classes) * one.spec.settings.n_trials for one in requests)
    return [
        ("time", f"about {duration(sum(one.seconds for one in costs))} in all"),
        ("memory", f"about {size(max(one.memory_bytes for one in costs))} at a time"),
        ("work", f"{ascents:,} ascents"),
    ]


def _basis(cost: Estimate) -> str:
    return "Measured on this server." if cost.measured else "A rough guess: none ran here yet."


def _table(rows: Sequence[tuple[str, str]]) -> html.Dl:
    return html.Dl([part for key, value in rows for part in (html.Dt(key), html.Dd(value))])
