"""What the fields of a new run hold, and what is wrong with them, field by field."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from deepresolve_dash.core.settings import AscentSettings, ascent_settings, find_preset
from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.runs.class_table import ClassRow, from_names, with_value
from deepresolve_dash.runs.inputs import InputStore, StoredInput
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.offer import offer_of_card
from deepresolve_dash.runs.request import RunRequest, make_request
from deepresolve_dash.runs.spec import RunSpec

ALL, PICK, BY = "all", "pick", "by"
AUTO = "auto"
# in the order of the page; each is the end of an id there
FIELDS = (
    "layer", "mode", "picked", "by", "wanted", "preset", "trials", "l2", "seed", "device",
    "precision", "keep", "seeds", "l2s", "layers", "sequences", "labels", "title",
)  # fmt: skip
MOST_TRIALS = 1000
_LARGEST = 2**53  # above it a browser no longer tells neighbouring whole numbers apart
_FILES = ("sequences", "labels")
REFUSING = (
    "layer", "picked", "wanted", "trials", "l2", "seed", "seeds", "l2s", "layers", "sequences",
    "labels",
)  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """What became of the fields.

    Attributes
    ----------
    request : RunRequest or None
        None when a field is refused.
    errors : dict of str to str
        One sentence per refused field.
    n_chosen : int
        Classes chosen.
    """

    request: RunRequest | None
    errors: dict[str, str]
    n_chosen: int


def start_values(model: Model, output: str | None, before: RunRequest | None) -> dict[str, Any]:
    """Return what the fields hold at first: our advice, or a run that is repeated."""
    offer = offer_of_card(model.card, output)
    values: dict[str, Any] = {
        "layer": offer.advised_layer, "mode": ALL, "picked": [], "by": None, "wanted": [],
        "preset": "default", "trials": 10, "l2": AUTO, "seed": 0, "device": "auto",
        "precision": "float32", "keep": False, "sequences": None, "labels": None, "title": "",
        "seeds": "", "l2s": "", "layers": [],
    }  # fmt: skip
    if before is None:
        return values
    spec = before.spec
    everything = spec.classes == tuple(range(len(offer.class_names)))
    usual = find_preset(spec.preset).ascent
    l2 = spec.settings.l2
    return values | {
        "layer": spec.layer,
        "mode": ALL if everything else PICK,
        "picked": [] if everything else [str(index) for index in spec.classes],
        "preset": spec.preset,
        "trials": spec.settings.n_trials,
        "l2": AUTO if l2 == usual.l2 else repr(l2),
        "seed": spec.settings.seed,
        "precision": spec.settings.precision,
        "keep": spec.keep_fim,
        "sequences": spec.sequences,
        "labels": spec.labels,
        "device": before.device,
        "title": before.name if before.name != model.name else "",
    }


def check(
    values: Mapping[str, Any],
    model: Model,
    inputs: InputStore,
    *,
    output: str | None = None,
    repeated: RunSpec | None = None,
    thorough: bool = False,
) -> Checked:
    """Check the fields one by one.

    Parameters
    ----------
    values : mapping
        What each of `FIELDS` holds.
    model : Model
    inputs : InputStore
    output : str, optional
        Output head; None is the first.
    repeated : RunSpec, optional
        Run whose further settings (steps, optimiser) are kept while its preset is.
    thorough : bool
        Read the label file for a column of every chosen class, too.
    """
    errors: dict[str, str] = {}

    def attempt(field: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except DeepResolveError as error:
            errors.setdefault(field, str(error))
            return None

    chosen = attempt(_classes_field(values), lambda: chosen_classes(values, model, output))
    settings = _base(values["preset"], repeated)
    for field in ("trials", "seed", "l2"):
        settings = attempt(field, partial(_changed, settings, field, values[field])) or settings
    precise = partial(replace, settings, precision=values["precision"])
    settings = attempt("layer", precise) or settings
    files = {kind: attempt(kind, partial(_file, values[kind], inputs)) for kind in _FILES}
    if thorough and chosen and files["labels"]:
        attempt("labels", lambda: _has_columns(inputs, files["labels"], model, output, chosen))
    request = attempt(
        "layer",
        lambda: make_request(
            model,
            settings=settings,
            preset=values["preset"],
            layer=values["layer"] or "",
            output=output,
            classes=",".join(map(str, chosen or (0,))),
            keep_fim=bool(values["keep"]),
            name=" ".join((values["title"] or "").split())[:120],
            device=values["device"],
            **files,
        ),
    )
    return Checked(None if errors else request, errors, len(chosen or ()))


def _classes_field(values: Mapping[str, Any]) -> str:
    return "wanted" if values["mode"] == BY else "picked"


def class_rows(model: Model, output: str | None) -> tuple[ClassRow, ...]:
    """Return what is known of the classes of an output."""
    if output is None or output == model.card["outputs"][0]["name"]:
        return model.classes
    return from_names(offer_of_card(model.card, output).class_names)


def chosen_classes(values: Mapping[str, Any], model: Model, output: str | None) -> tuple[int, ...]:
    """Return the output indices that the fields choose.

    Raises
    ------
    SettingsError
        When they choose none.
    """
    rows = class_rows(model, output)
    if values["mode"] == ALL:
        return tuple(range(len(rows)))
    if values["mode"] == BY:
        if not values["by"] or not values["wanted"]:
            raise SettingsError("No class is chosen.", "Choose one or more values.")
        chosen = with_value(rows, values["by"], values["wanted"])
    else:
        picked = {int(index) for index in values["picked"] or () if str(index).isdecimal()}
        chosen = tuple(sorted(index for index in picked if index < len(rows)))
    if not chosen:
        raise SettingsError("No class is chosen.", "Pick one or more from the list.")
    return chosen


def whole(value: object, name: str) -> int:
    """Return a whole number.

    Raises
    ------
    SettingsError
        When it is none.
    """
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if math.isinf(number):
        number = math.nan
    if number.is_integer() and abs(number) > _LARGEST:
        raise SettingsError(f"The {name} is too large.", f"At most {_LARGEST} can be given here.")
    if not number.is_integer():
        said = f"The {name} is '{value}'." if str(value or "") else f"There is no {name}."
        raise SettingsError(said, "Give a whole number.")
    return int(number)


def penalty(value: object, settings: AscentSettings) -> float | None:
    """Return the l2 of a field; what the preset does when it says auto.

    Raises
    ------
    SettingsError
        When it is not a number.
    """
    text = str(value or "").strip()
    if text.lower() in ("", AUTO):
        return settings.l2
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"l2 is '{text}'.", "Give a number above 0, or auto.") from None


def _changed(settings: AscentSettings, field: str, value: object) -> AscentSettings:
    """Return the settings with what a field says."""
    if field == "trials":
        n_trials = whole(value, "number of trials")
        if n_trials > MOST_TRIALS:
            raise SettingsError(
                f"The number of trials is {n_trials:,}.",
                f"At most {MOST_TRIALS:,} can be asked for here; ten are usual.",
            )
        return replace(settings, n_trials=n_trials)
    if field == "seed":
        return replace(settings, seed=whole(value, "seed"))
    return replace(settings, l2=penalty(value, settings))


def _base(preset: str, repeated: RunSpec | None) -> AscentSettings:
    """Return the settings that the fields change."""
    if repeated is not None and repeated.preset == preset:
        return replace(repeated.settings, l2=find_preset(preset).ascent.l2)
    return ascent_settings(preset)


def _file(input_hash: str | None, inputs: InputStore) -> StoredInput | None:
    return inputs.open(input_hash) if input_hash else None


def _has_columns(
    inputs: InputStore, labels: StoredInput, model: Model, output: str | None, chosen: tuple
) -> None:
    """Refuse a label file without a column for every chosen class."""
    names = offer_of_card(model.card, output).class_names
    read_labels(inputs.path(labels), chosen, [names[index] for index in chosen])
