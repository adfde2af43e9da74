"""The panels below the first screen of a class page, each filled when it comes on screen."""

import json
from collections.abc import Callable
from typing import NamedTuple

from dash import html

from deepresolve_dash.pages.panel import GRAPH_CONFIG, data, download, named, panel
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import elimination, features, interactions, recipes, traces
from deepresolve_dash.views.selection import Selection

RECIPES, IMPORTANT, VARYING = "recipes", "important", "varying"
ELIMINATION, INTERACTIONS, TRACES = "elimination", "interactions", "traces"


class _More(NamedTuple):
    """Name, title, function behind the numbers, and which control its head has."""

    name: str
    title: str
    describe: Callable
    threshold: str = ""


PANELS = (
    _More(RECIPES, "Recipes: ways to be on", recipes.data),
    _More(IMPORTANT, "Important features", features.important, "of the largest |OFIV|"),
    _More(VARYING, "Non-additive features", features.varying, "of the largest mean |FIV|"),
    _More(ELIMINATION, "Process of elimination", elimination.data),
    _More(INTERACTIONS, "Interactions", interactions.data),
    _More(TRACES, "Ascent: objective and convergence", traces.data),
)


def more_panels() -> list[html.Section]:
    """Return the panels, still empty."""
    return [
        panel(
            one.name,
            one.title,
            [html.Div(className="more-body", **data(more=one.name, **_options(one)))],
            describe=one.describe,
            actions=[*(_threshold(one) if one.threshold else ()), download(one.name)],
        )
        for one in PANELS
    ]


def _options(one: _More) -> dict[str, str]:
    """Return what the script of a panel must know beside its name."""
    return {"config": json.dumps(GRAPH_CONFIG)} if one.name == TRACES else {}


def ascent_warning(run: Run, one: Selection) -> dict | None:
    """Return what went wrong in the ascent of a class, and which panel shows it."""
    wrong = traces.wrong(run.ensemble, one)
    if not wrong:
        return None
    why = " ".join(note.why for note in wrong)
    return {
        "text": ", ".join(note.text for note in wrong),
        "why": f"{why} Press to see the ascent.",
        "jump": TRACES,
    }


def _threshold(one: _More) -> list:
    """Return the slider, the field and the way back of a movable threshold, and the copy button."""
    what = "OFIV" if one.name == IMPORTANT else "spread"
    return [
        html.Div(
            [
                html.Span(f"{what} at least", className="muted"),
                html.Span(className="threshold-place", **data(threshold=one.name)),  # inputs
                html.Span(f"% {one.threshold}", className="muted"),
                html.Button(
                    "Method's rule",
                    className="button",
                    title="Back to the threshold of the method",
                    **data(method=one.name),
                ),
            ],
            className="threshold",
            role="group",
            **named(f"Threshold of {one.title.lower()}"),
        ),
        html.Button(
            "Copy as TSV",
            className="button",
            title="Copy all listed rows, to paste into a spreadsheet",
            **data(copy=one.name),
        ),
    ]
