"""Several runs side by side: what they have in common, what differs, which classes are the same."""

from collections import Counter
from collections.abc import Sequence

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.gallery import network_words
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.selection import address

FEWEST, MOST = 2, 8
LETTERS = "ABCDEFGH"  # by which runs are called, in the order of the address
_HASH = 8  # characters of a hash that tell two files apart
_SETTINGS = (
    ("steps", "steps"),
    ("optimiser", "optimiser"),
    ("step_size", "step size"),
    ("start", "start"),
    ("base", "base map"),
    ("keep", "map kept"),
    ("patience", "patience"),
    ("precision", "precision"),
)


def read_ids(text: str) -> list[str]:
    """Turn `A,B` into the ids of the runs that are compared, each once.

    Raises
    ------
    SettingsError
        When they are fewer than two or more than eight.
    """
    ids = list(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
    if len(ids) < FEWEST:
        alone, way = ("One run is", "another one") if ids else ("No run is", "the first one")
        raise SettingsError(f"{alone} chosen.", f"A comparison needs two to eight: add {way}.")
    if len(ids) > MOST:
        raise SettingsError(
            f"{len(ids)} runs are too many to compare at once.", "Take away all but eight."
        )
    return ids


def data(runs: Sequence[Run]) -> dict:
    """Say what the runs differ in: whatever is not listed as different is the same in all of them.

    A difference in results can come from any difference listed here, so that two runs which differ
    in more than one setting say little about each of them.

    Returns
    -------
    dict
        `runs` (what each is called, where its pages are), `differ` (label and a text per run),
        `same` (label and text), `warnings` (sentences), `classes` (name, and the output index in
        each run or None), `alike` (one network and layer), `along` (`l2`, `layer` or empty).
    """
    names = _network_names(runs)
    told = [dict(_facts(run, names)) for run in runs]
    labels = list(dict.fromkeys(label for one in told for label in one))
    texts = {label: [one.get(label, "–") for one in told] for label in labels}
    differ = {label: said for label, said in texts.items() if len(set(said)) > 1}
    return {
        "runs": [_described(run, letter) for run, letter in zip(runs, LETTERS, strict=False)],
        "differ": [[label, said] for label, said in differ.items()],
        "same": [[label, said[0]] for label, said in texts.items() if label not in differ],
        "warnings": _warnings(runs, differ),
        "classes": classes(runs),
        "alike": alike(runs),
        "along": along(runs),
        "regimes": list(dict.fromkeys(name for run in runs for name in _regimes(run))),
    }


def alike(runs: Sequence[Run]) -> bool:
    """Tell whether channels of the same number are the same channel: one network, one layer."""
    return len({_place(run) + (_spec(run).get("layer"),) for run in runs}) == 1


def along(runs: Sequence[Run]) -> str:
    """Return what runs can be put in order by, where they differ in it: `l2`, `layer`, or none."""
    if len({_spec(run)["settings"].get("l2") for run in runs}) > 1:
        return "l2"
    layers = {_spec(run).get("layer") for run in runs}
    return "layer" if len(layers) > 1 and len({_place(run) for run in runs}) == 1 else ""


def in_order(runs: Sequence[Run]) -> list[int]:
    """Return the places of the runs along what they differ in, as `along` says.

    *Choice:* l2 by its value, calibrated ones first; layers by what a position sees of the
    sequence; other runs stay as they are.
    """
    how = along(runs)
    if how == "l2":
        return sorted(range(len(runs)), key=lambda at: _spec(runs[at])["settings"].get("l2") or 0)
    if how == "layer":
        return sorted(range(len(runs)), key=lambda at: _field(runs[at]))
    return list(range(len(runs)))


def classes(runs: Sequence[Run]) -> list[dict]:
    """Return the classes that two runs or more have: by output index in one network, else by name.

    *Choice:* a name that a run gives to several classes tells none of them; runs of other networks
    with a single class each compare that one whatever it is called.
    """
    names = [_names(run) for run in runs]
    if len({_place(run) for run in runs}) == 1:
        indices = sorted({target for one in names for target in one})
        found = [
            (next(one[i] for one in names if i in one), [i if i in one else None for one in names])
            for i in indices
        ]
    elif all(len(one) == 1 for one in names):
        found = [(next(iter(names[0].values())), [next(iter(one)) for one in names])]
    else:
        found = _by_name(names)
    return [
        {"name": name, "targets": targets}
        for name, targets in found
        if sum(target is not None for target in targets) > 1
    ]


def shared(runs: Sequence[Run], two: tuple[int, int]) -> list[tuple[str, int, int]]:
    """Return the classes that two of the runs have: name, output index in either."""
    a, b = two
    return [
        (one["name"], one["targets"][a], one["targets"][b])
        for one in classes(runs)
        if one["targets"][a] is not None and one["targets"][b] is not None
    ]


def _by_name(names: Sequence[dict[int, str]]) -> list[tuple[str, list[int | None]]]:
    """Return the classes of all runs by their names."""
    once = []
    for one in names:
        times = Counter(one.values())
        once.append({name: target for target, name in one.items() if times[name] == 1})
    every = dict.fromkeys(name for one in once for name in one)
    return [(name, [one.get(name) for one in once]) for name in every]


def l2_words(run: Run) -> str:
    """Return the l2 of a run: a number and where it holds, or that it was calibrated."""
    settings = _spec(run)["settings"]
    if settings.get("l2") is None:
        return "calibrated"
    where = settings.get("l2_regimes") or []
    limited = where and len(where) < len(settings["regimes"])
    return number(settings["l2"]) + (f" in {', '.join(where)}" if limited else "")


def _network_names(runs: Sequence[Run]) -> dict[str, str]:
    """Return what each network is called, by its hash: as the first run that has it calls it."""
    names: dict[str, str] = {}
    for run in runs:
        names.setdefault(str(_spec(run)["network"]), run.info.get("network", {}).get("name") or "")
    return names


def _facts(run: Run, names: dict[str, str]) -> list[tuple[str, str]]:
    """Return everything that decides the numbers of a run, in words."""
    spec, network = _spec(run), run.info.get("network", {})
    settings = spec["settings"]
    field, digest = network.get("receptive_field_bp"), str(spec["network"])
    return [
        ("network", f"{names[digest] or 'network'} ({digest[:_HASH]})"),
        ("layer", f"{spec['layer']}, sees {field} bp" if field else str(spec["layer"])),
        ("output", str(spec.get("output") or "the only one")),
        ("preset", str(spec["preset"])),
        ("seed", str(settings["seed"])),
        ("l2", l2_words(run)),
        ("trials", f"{settings['n_trials']} per class"),
        ("classes", count(run.summary.sizes["target"], "class", "classes")),
        ("channels", f"{run.summary.sizes['channel']:,}"),
        ("regimes", ", ".join(f"{r['name']} {r['radius']:g}" for r in settings["regimes"])),
        *((label, str(settings[key])) for key, label in _SETTINGS if key in settings),
        ("sequences", _file(spec.get("sequences"))),
        ("labels", _file(spec.get("labels"))),
        ("method version", str(spec.get("method_version", "–"))),
    ]


def _warnings(runs: Sequence[Run], differ: dict[str, list[str]]) -> list[str]:
    """Return what would fool a reader of this comparison."""
    said = []
    if "network" in differ:
        said.append(
            "These are different networks: the number of a channel means nothing from one training "
            "to another, so channels are paired by the motif they see."
        )
    elif "layer" in differ:
        said.append("Channels of different layers are paired by the motif they see.")
    if "l2" in differ:
        where = {name for run in runs for name in _spec(run)["settings"].get("l2_regimes") or []}
        said.append(
            "Another l2 asks another question: a small one drives maps far from what the network "
            "ever sees, a large one looks at the neighbourhood of the base map."
        )
        if where:
            named = " and ".join(sorted(where))
            said.append(
                f"The l2 was given for the regime {named} alone: choose it above to see what it "
                "does to the OFIV, which otherwise comes from calibrated maps."
            )
    if "preset" in differ or "method version" in differ:
        said.append("The presets or versions compute numbers in other ways: compare ranks only.")
    if "sequences" in differ:
        said.append("Other sequences give another base map, from which all importance is measured.")
    if "seed" in differ and "network" not in differ:
        said.append(
            "Seeds are restarts on one network: agreement says that the ascent repeats, not that "
            "another training would find the same."
        )
    return said


def _described(run: Run, letter: str) -> dict:
    """Return what the browser must know of a run."""
    targets = run.summary.target.values
    return {
        "id": run.id,
        "letter": letter,
        "name": run.info.get("name") or run.id,
        "network": network_words(run.info.get("network", {})),
        "date": run.info.get("timing", {}).get("started", "")[:10],
        "href": address(run.id, int(targets[0]), str(run.summary.target_name.values[0])),
        "offsets": run.offsets,
    }


def _spec(run: Run) -> dict:
    return run.info["spec"]


def _place(run: Run) -> tuple[str, str]:
    """Return what makes an output index mean the same class."""
    return str(_spec(run)["network"]), str(_spec(run).get("output") or "")


def _field(run: Run) -> int:
    return int(run.info.get("network", {}).get("receptive_field_bp") or 0)


def _names(run: Run) -> dict[int, str]:
    """Return the classes of a run: name by output index."""
    names = map(str, run.summary.target_name.values)
    return dict(zip(run.summary.target.values.tolist(), names, strict=True))


def _regimes(run: Run) -> list[str]:
    return [str(name) for name in run.summary.regime.values]


def _file(file_hash: str | None) -> str:
    return str(file_hash)[:_HASH] if file_hash else "none"
