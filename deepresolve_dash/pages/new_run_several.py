"""The part of a new run that starts several at once: its fields, and the runs that they make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import dash_mantine_components as dmc
from dash import html

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages import new_run_form as form
from deepresolve_dash.pages.panel import named
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.offer import Offer
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.sweep import MOST_RUNS, check_number, read_l2, read_seeds, title

LISTS = ("layers", "l2s", "seeds")  # fields; what they are lists of is in `_ONE`
_ONE = {"layers": "layer", "l2s": "l2", "seeds": "seed"}


@dataclass(frozen=True)
class Several:
    """What became of the fields.

    Attributes
    ----------
    requests : tuple of RunRequest
        Runs that are asked for, each once; none when a field is refused.
    errors : dict of str to str
        One sentence per refused field.
    n_chosen : int
        Classes chosen, of each run.
    counts : dict of str to int
        How many layers, l2 and seeds are listed; 0 where the field of one run is used.
    """

    requests: tuple[RunRequest, ...]
    errors: dict[str, str]
    n_chosen: int
    counts: dict[str, int]

    @property
    def request(self) -> RunRequest | None:
        """The first of the runs."""
        return self.requests[0] if self.requests else None


def fold(offer: Offer, start: Mapping[str, Any]) -> html.Details:
    """Return the fields, folded away until somebody wants more than one run."""
    layers = [layer.name for layer in offer.layers if layer.can_cut]
    return html.Details(
        [
            html.Summary("Several at once: seeds, l2 and layers"),
            html.P(
                "A run is started for every choice from these lists; what is left empty is taken "
                f"from the field above. At most {MOST_RUNS} at once, all of them or none.",
            ),
            html.Div(
                [
                    dmc.TextInput(
                        size="xs",
                        id="new-seeds",
                        label="Seeds",
                        description="such as 0-4, 7",
                        value=start["seeds"],
                    ),
                    dmc.TextInput(
                        size="xs",
                        id="new-l2s",
                        label="Values of l2 (λ)",
                        description="such as auto, 0.01, 0.1",
                        value=start["l2s"],
                    ),
                    dmc.MultiSelect(
                        size="xs",
                        id="new-layers",
                        label="Layers",
                        description="each is resolved on its own",
                        data=layers,
                        value=start["layers"],
                        searchable=True,
                        clearable=True,
                        placeholder="" if start["layers"] else "Choose layers",
                        **named("Layers of several runs"),
                    ),
                ],
                className="fields",
            ),
        ],
        className="several",
        open=any(start[name] for name in LISTS),
    )


def check_all(
    values: Mapping[str, Any],
    model: Model,
    inputs: InputStore,
    *,
    output: str | None = None,
    repeated: RunSpec | None = None,
    thorough: bool = False,
) -> Several:
    """Check the fields of one run or of several, as `new_run_form.check` does."""
    errors: dict[str, str] = {}
    lists = {
        "layers": _read("layers", lambda: tuple(values.get("layers") or ()), errors),
        "l2s": _read("l2s", lambda: read_l2(str(values.get("l2s") or "")), errors),
        "seeds": _read("seeds", lambda: read_seeds(str(values.get("seeds") or "")), errors),
    }
    counts = {name: len(found) for name, found in lists.items()}
    used = [name for name in LISTS if counts[name]]
    told = {"layers": counts["layers"], "l2": counts["l2s"], "seeds": counts["seeds"]}
    _read(used[-1] if used else "seeds", lambda: (check_number(**told),), errors)
    requests: dict[str, RunRequest] = {}
    n_chosen = 0
    for place, choice in enumerate(_choices({} if errors else lists)):
        found = form.check(
            {**values, **choice},
            model,
            inputs,
            output=output,
            repeated=repeated,
            thorough=thorough and not place,
        )
        n_chosen = found.n_chosen
        for field, said in found.errors.items():
            errors.setdefault(_field(field, used), said)
        if found.request is not None:
            requests.setdefault(found.request.id, found.request)
    made = () if errors else _titled(tuple(requests.values()), counts)
    return Several(made, errors, n_chosen, counts)


def _read(field: str, read: Callable[[], Sequence[Any]], errors: dict[str, str]) -> Sequence[Any]:
    """Return what a field lists; nothing, and the reason, when it cannot be read."""
    try:
        return read()
    except DeepResolveError as error:
        errors.setdefault(field, str(error))
        return ()


def _choices(lists: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return what every run takes from the lists, for the fields of one run."""
    used = [name for name in LISTS if lists.get(name)]
    return [
        {_ONE[name]: value for name, value in zip(used, chosen, strict=True)}
        for chosen in product(*(lists[name] for name in used))
    ]


def _field(field: str, used: Sequence[str]) -> str:
    """Return the field that is to be mended: a list, where one is used."""
    return next((name for name in used if _ONE[name] == field), field)


def _titled(requests: tuple[RunRequest, ...], counts: Mapping[str, int]) -> tuple[RunRequest, ...]:
    """Return several runs with titles that tell them apart; one keeps its own."""
    if len(requests) < 2:
        return requests
    lengths = {"layers": counts["layers"], "l2": counts["l2s"], "seeds": counts["seeds"]}
    return tuple(replace(one, name=title(one.name, one, **lengths)) for one in requests)
