"""The fields of a new run, part by part."""

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deepresolve_dash.pages import new_run_form as form
from deepresolve_dash.pages.panel import named
from deepresolve_dash.runs.class_table import METADATA, values
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.offer import Offer
from deepresolve_dash.views.models import size

ABOUT, MODEL, OUTPUT = "new-about", "new-model", "new-output"
ESTIMATE, CHOSEN, START, STARTED, REFUSED = (
    "new-estimate", "new-chosen", "new-start", "new-started", "new-refused",
)  # fmt: skip
PRESETS = {
    "default": "Our choices: calibrated penalty, two regimes, deviations from a background map.",
    "paper": "The paper's text to the letter: base 0, its step rule, up to 10,000 steps.",
    "published": "The settings behind the 422 published vectors: l2 2.8, uniform starts.",
}
PRECISION = (
    "bfloat16 rounds products of the tail: quicker, a preview. The run says how well it agrees."
)


def field(name: str) -> str:
    """Return the id of a field."""
    return f"new-{name}"


def what(models: list[Model], model: Model, offer: Offer, start: dict) -> html.Section:
    """Return the fields for the network and where it is cut."""
    outputs = [one["name"] for one in model.card["outputs"]]
    shown = {layer.name: layer for layer in offer.layers}
    chosen = start["layer"] if start["layer"] in shown else None
    return section(
        "What",
        dmc.Select(
            size="xs",
            id=MODEL,
            label="Network",
            data=[{"value": one.id, "label": one.name} for one in models],
            value=model.id,
            allowDeselect=False,
            searchable=True,
        ),
        dmc.Select(
            size="xs",
            id=OUTPUT,
            label="Output",
            data=outputs,
            value=offer.output or outputs[0],
            allowDeselect=False,
            display=None if len(outputs) > 1 else "none",
        ),
        dmc.Select(
            size="xs",
            id=field("layer"),
            label="Layer whose channels are resolved",
            description="Advised: with one convolution its pooled output, with more the input of "
            "the last one.",
            data=[layer_option(layer, offer.advised_layer) for layer in offer.layers],
            value=chosen,
            allowDeselect=False,
            maxDropdownHeight=320,
        ),
    )


def layer_option(layer: Any, advised: str | None) -> dict:
    """Return a layer as a choice; one that cannot be cut says why."""
    says = f"{layer.name} · {size(layer.channels, layer.width)}"
    if layer.receptive_field_bp:
        place = "pooled position" if "pooling" in layer.kind else "position"
        says += f" · a {place} sees {layer.receptive_field_bp} bp"
    if not layer.can_cut:
        says = f"{layer.name} · {layer.why_not}"
    if layer.name == advised:
        says += " · advised"
    return {"value": layer.name, "label": says, "disabled": not layer.can_cut}


def which(model: Model, offer: Offer, start: dict) -> html.Section:
    """Return the fields for the classes."""
    rows = form.class_rows(model, offer.output)
    known = [name for name in METADATA if values(rows, name)]
    modes = [(form.ALL, f"all {len(rows):,}" if len(rows) > 1 else "the only one")]
    modes += [(form.PICK, "pick")] if len(rows) > 1 else []
    modes += [(form.BY, "by what is known of them")] if known and len(rows) > 1 else []
    options = [{"value": str(i), "label": f"{i} · {row.name}"} for i, row in enumerate(rows)]
    return section(
        "Classes",
        html.Div(
            [
                segments("mode", modes, start["mode"], "Which classes"),
                html.Span(id=CHOSEN, className="muted", role="status"),
            ],
            className="actions",
        ),
        dmc.MultiSelect(
            size="xs",
            id=field("picked"),
            data=options,
            value=start["picked"],
            searchable=True,
            clearable=True,
            limit=100,
            filter={"function": "findClass"},
            hidePickedOptions=True,
            selectFirstOptionOnChange=True,
            placeholder="Search by name or index",
            nothingFoundMessage="No class of this name",
            **named("Classes picked"),
        ),
        dmc.Group(
            [
                dmc.Select(
                    size="xs",
                    id=field("by"),
                    data=known,
                    value=known[0] if known else None,
                    w=140,
                    allowDeselect=False,
                    **named("Known by"),
                ),
                dmc.MultiSelect(
                    size="xs",
                    id=field("wanted"),
                    data=[],
                    value=start["wanted"],
                    searchable=True,
                    clearable=True,
                    limit=100,
                    flex=1,
                    placeholder="Choose values",
                    selectFirstOptionOnChange=True,
                    **named("Values"),
                ),
            ],
            id="new-by-row",
            align="start",
        ),
    )


def how(start: dict, several: Component) -> html.Section:
    """Return the fields for the ascent."""
    return section(
        "How",
        html.Div(segments("preset", [(name, name) for name in PRESETS], start["preset"], "Preset")),
        html.P(id="new-preset-says", className="muted"),
        html.Div(
            [
                dmc.NumberInput(
                    size="xs", id=field("trials"),
                    label="Trials",
                    description="Restarts per class",
                    value=start["trials"],
                    allowDecimal=False,
                ),
                dmc.TextInput(
                    size="xs", id=field("l2"),
                    label="l2 (λ)",
                    description="auto, or a number",
                    value=start["l2"],
                ),
                dmc.NumberInput(
                    size="xs", id=field("seed"),
                    label="Seed",
                    description="Same seed, same numbers",
                    value=start["seed"],
                    allowDecimal=False,
                ),
            ],
            className="fields",
        ),
        html.Div(
            [
                html.Span("Device"),
                segments(
                    "device", [(name, name) for name in ("auto", "cpu", "cuda")],
                    start["device"], "Device",
                ),
                html.Span("Precision", title=PRECISION),
                segments(
                    "precision", [("float32", "float32"), ("bfloat16", "bfloat16 preview")],
                    start["precision"], "Precision",
                ),
                dmc.Checkbox(
                    id=field("keep"),
                    label="Keep whole maps (larger run folder)",
                    checked=start["keep"],
                    size="xs",
                ),
            ],
            className="actions wide",
        ),
        several,
    )  # fmt: skip


def cost(start: dict, model: Model) -> html.Section:
    """Return title, estimate and the button that starts the run."""
    return html.Section(
        [
            html.H2("Start"),
            dmc.TextInput(
                size="xs",
                id=field("title"),
                label="Title",
                placeholder=model.name,
                value=start["title"],
            ),
            html.Div(id=ESTIMATE, className="estimate", role="status"),
            dmc.Button("Start", id=START, fullWidth=True, disabled=True),
            html.P(id=REFUSED, className="refused", role="alert"),
        ],
        className="panel cost",
    )


def section(title: str, *parts: Component) -> html.Section:
    """Return a part of the form."""
    return html.Section([html.H2(title), *parts], className="panel")


def segments(
    name: str, choices: list[tuple[str, str]], value: str, label: str
) -> dmc.SegmentedControl:
    """Return a switch between a few choices."""
    return dmc.SegmentedControl(
        id=field(name),
        data=[{"value": key, "label": words} for key, words in choices],
        value=value,
        size="xs",
        **named(label),
    )
