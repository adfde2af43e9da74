"""What a paper says of a run under methods, written from its settings, with its references."""

from collections.abc import Mapping, Sequence

from deepresolve_dash import __version__
from deepresolve_dash.core.settings import AscentSettings, find_preset
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.exports.jaspar_papers import Cited, cited
from deepresolve_dash.exports.known import known_of
from deepresolve_dash.runs.spec import RunSpec, spec_from_dict
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import IMPORTANCE, MODES

_ENTRIES = {
    "deepresolve2019": """@article{deepresolve2019,
  author  = {Liu, Ge and Zeng, Haoyang and Gifford, David K.},
  title   = {Visualizing complex feature interactions and feature sharing in genomic deep neural
             networks},
  journal = {BMC Bioinformatics},
  year    = {2019},
  volume  = {20},
  pages   = {401},
  doi     = {10.1186/s12859-019-2957-4}
}""",
    "deepresolvedash": f"""@software{{deepresolvedash,
  author  = {{{{The DeepResolve Dash maintainers}}}},
  title   = {{DeepResolve Dash}},
  version = {{{__version__}}},
  year    = {{2026}}
}}""",
    "tomtom2007": """@article{tomtom2007,
  author  = {Gupta, Shobhit and Stamatoyannopoulos, John A. and Bailey, Timothy L. and
             Noble, William Stafford},
  title   = {Quantifying similarity between motifs},
  journal = {Genome Biology},
  year    = {2007},
  volume  = {8},
  pages   = {R24},
  doi     = {10.1186/gb-2007-8-2-r24}
}""",
}
_RULES = {
    "heavy-ball": "a heavy-ball iteration with cosine decay",
    "adam": "Adam with cosine decay",
    "paper": "gradient ascent with the step rule of the paper",
}
_READINGS = {
    IMPORTANCE: "small maps, from which overall feature importance and class similarity are read",
    MODES: "maps of realistic size, from which inconsistency, mixtures and optima are read",
}


def methods_text(run: Run, *, title: str, link: str) -> str:
    """Return a paragraph of methods and what the numbers of a view mean, as Markdown."""
    spec = spec_from_dict(run.info["spec"])
    paragraphs = [
        f"# Methods: {_plain(title)}",
        _ascent(run, spec),
        _numbers(spec),
        _names(run),
        f"The view is `{link}` in DeepResolve Dash {__version__} [@deepresolvedash]; the run is "
        f"{run.id}, computed by version {spec.method_version} of the method with seed "
        f"{spec.settings.seed}. `view.json` holds every setting and the SHA-256 of every file, "
        "`references.bib` the references.",
    ]
    return "\n\n".join(one for one in paragraphs if one) + "\n"


def references(run: Run) -> str:
    """Return the references that the paragraph names, as BibTeX."""
    entries = [_ENTRIES["deepresolve2019"], _ENTRIES["deepresolvedash"]]
    if known_of(run).called:
        entries += [_ENTRIES["tomtom2007"], _database(run).entry]
    return "\n\n".join(filter(None, entries)) + "\n"


def _ascent(run: Run, spec: RunSpec) -> str:
    """Return how the ensemble was made."""
    settings, network = spec.settings, run.info.get("network", {})
    width = int(network.get("width", run.ensemble.sizes["position"]))
    field, length = network.get("receptive_field_bp"), network.get("input_length")
    seen = f", receptive field {field} bp" if field else ""
    read = f", which reads {length} bp," if length else ""
    where = (
        f"The network {_plain(str(network.get('name', '')))} (SHA-256 {spec.network}){read} was "
        f"cut at layer `{_plain(spec.layer)}` ({count(run.summary.sizes['channel'], 'channel')} x "
        f"{count(width, 'position')}{seen}) and resolved as DeepResolve does [@deepresolve2019]: "
        "for each class, feature maps that maximise its logit less l2 times their squared "
        f"{'deviation from a base map' if settings.base == 'background' else 'norm'} were found by "
        f"{_RULES[settings.optimiser]}, {_budget(settings)}, from "
        f"{count(settings.n_trials, 'random start')} per class, for "
        f"{count(len(spec.classes), 'class', 'classes')}."
    )
    rounded = "" if settings.precision == "float32" else f" Products were {settings.precision}."
    return f"{where} {_base(spec)} {_regimes(settings)}{rounded}"


def _budget(settings: AscentSettings) -> str:
    if settings.patience is None:
        return count(settings.steps, "step")
    return (
        f"at most {count(settings.steps, 'step')}, ended after "
        f"{count(settings.patience, 'step')} without a better objective"
    )


def _base(spec: RunSpec) -> str:
    sequences = (
        f"dinucleotide shuffles of the sequences of the set {spec.sequences[:16]}"
        if spec.sequences
        else "random sequences"
    )
    if spec.settings.base == "background":
        return f"The base map is the mean map of 1,000 {sequences}."
    return f"Maps started from {spec.settings.start} noise around 0."


def _regimes(settings: AscentSettings) -> str:
    """Return what each pass of the ascent was."""
    told = []
    for regime in settings.regimes:
        given = settings.given_l2(regime)
        l2 = (
            f"l2 {given:g}"
            if given is not None
            else f"l2 calibrated per class to maps {regime.radius:g} times as far from the base as "
            "those of background sequences"
        )
        reading = _READINGS.get(regime.name)
        told.append(f"`{_plain(regime.name)}` ({l2}{f': {reading}' if reading else ''})")
    many = "The ascent was run" if len(told) == 1 else "The ascent was run more than once"
    return f"{many}: {'; '.join(told)}."


def _numbers(spec: RunSpec) -> str:
    """Return what OFIV, IL and their companions are."""
    guard, masked = _reading(spec.preset)
    wary = (
        f" A mixture is not believed where the square root of the largest IL is below {guard:g} of "
        "the largest mean importance."
        if guard
        else ""
    )
    sign = (
        " Of a channel whose sign differs between trials, only the positive ones count."
        if masked
        else ""
    )
    return (
        "The feature importance vector (FIV) of a trial is the mean of its map over positions. "
        "Trials are weighted by their logits. The inconsistency level (IL) of a channel is the "
        "weighted variance of its importance over trials; a Gaussian mixture of one to three "
        "components, chosen by BIC, splits channels into additive ones (lowest mean) and "
        f"non-additive ones.{wary} The overall feature importance vector (OFIV) is the weighted "
        f"mean of the FIVs.{sign} Bounds are the 2.5% and 97.5% quantiles of a bootstrap over "
        "trials. The similarity of two classes is the Pearson correlation of the non-negative "
        "parts of their OFIVs."
    )


def _reading(preset: str) -> tuple[float | None, bool]:
    try:
        found = find_preset(preset).summary
    except DeepResolveError:
        return None, False
    return found.guard, found.sign_rule


def _names(run: Run) -> str:
    """Return where the names of channels come from; nothing where none has one."""
    if not known_of(run).called:
        return ""
    database = _database(run)
    described = f" [@{database.key}]" if database.key else ""
    return (
        f"Channels are called after the known motif of {_plain(database.words)}{described} that "
        "their logo resembles most, by TOMTOM [@tomtom2007], where its q-value is at most 0.05."
    )


def _database(run: Run) -> Cited:
    """Return how the known motifs are cited that channels are called after."""
    _, matches = known_of(run).looked
    return cited("" if matches is None else str(matches.attrs["database"]))


def _plain(text: str) -> str:
    """Return a name that cannot be taken for Markdown."""
    letters = "".join(one if one.isprintable() else " " for one in text)
    for sign in "\\`*_[]<>#|!":
        letters = letters.replace(sign, f"\\{sign}" if sign != "`" else "'")
    return letters


def packages(names: Sequence[str]) -> Mapping[str, str]:
    """Return the versions of packages that numbers or pictures come from."""
    from importlib.metadata import version

    return {name: version(name) for name in names}
