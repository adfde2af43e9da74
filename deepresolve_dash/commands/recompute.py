"""The command that computes a run again from its seed and says how far it agrees with itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from deepresolve_dash import __version__
from deepresolve_dash.commands.material import find_labels, find_network, find_sequences
from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.core.settings import METHOD_VERSION
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.agreement import Difference, compare_datasets, worst
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.inputs import labels_hash, read_sequences, sequences_hash
from deepresolve_dash.runs.job import Job, labels_of
from deepresolve_dash.runs.spec import spec_from_dict
from deepresolve_dash.runs.store import Run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.settings import read_settings

TOLERANCE = 1e-2
JUDGED = ("fiv", "objective", "score", "ofiv", "inconsistency", "similarity")
"""*Choice:* these decide, up to a hundredth of the largest of their kind. On one device everything
is the same to the last bit; another one adds up in another order, which the ascent carries along,
and the rest (steps, counts, kinds, bounds) can jump where a number lies on an edge: it is told."""


def recompute(
    run: Run,
    *,
    model: Path | None,
    sequences: Path | None,
    genome: Path | None,
    labels: Path | None,
    device: str,
    as_json: bool,
) -> int:
    """Print the differences; return 1 when they are larger than the tolerance.

    Raises
    ------
    DeepResolveError
        When what the run was made from is not there, or its method was another one.
    """
    job = stored_job(run, model=model, sequences=sequences, genome=genome, labels=labels)
    with progress_bar("Ascent") as progress:
        results = execute(job, device=device, progress=progress)
    found = {
        "ensemble": compare_datasets(run.ensemble, results.ensemble, TOLERANCE),
        "summary": compare_datasets(run.summary, results.summary, TOLERANCE),
    }
    told = verdict(run, results.info, found)
    typer.echo(to_json(told) if as_json else verdict_text(told, found))
    return 0 if told["agrees"] else 1


def stored_job(
    run: Run,
    *,
    model: Path | None = None,
    sequences: Path | None = None,
    genome: Path | None = None,
    labels: Path | None = None,
) -> Job:
    """Return what a finished run was made from; files that are not named are found by their hash.

    Raises
    ------
    DeepResolveError
        When one of them is not there, is another one, or the method was another one.
    """
    spec, state = spec_from_dict(run.info["spec"]), read_settings().state
    if spec.method_version != METHOD_VERSION:
        raise SettingsError(
            f"This run was computed by version {spec.method_version} of the method; "
            f"here is version {METHOD_VERSION}, whose numbers are others.",
            f"Use the program that made it, {run.info.get('code_version', 'an earlier one')}.",
        )
    network = find_network(run, model, state)
    reads = None
    if spec.sequences:
        if sequences:
            reads = read_sequences(sequences, genome=genome, at_least=network.input_length)
            _check_same(sequences_hash(reads), spec.sequences, sequences)
        else:
            reads = find_sequences(spec.sequences, network, state)
    table = None
    if spec.labels:
        path = labels or find_labels(spec.labels, network, state)
        if path is None:
            raise SettingsError(
                "The labels of this run are not in the state folder.", "Name them with --labels."
            )
        _check_same(labels_hash(path.read_text(encoding="utf-8-sig")), spec.labels, path)
        table = labels_of(network, spec, path)
    letters = [read for _, read in reads] if reads else None
    name = str(run.info.get("network", {}).get("name", ""))
    return Job(network, name, spec, letters, table, run.info.get("name"))


def _check_same(found: str, wanted: str, path: Path) -> None:
    if found != wanted:
        raise SettingsError(
            f"{path} is not the file that this run was made from.", "Name that one."
        )


def verdict(run: Run, info: Mapping, found: Mapping[str, Sequence[Difference]]) -> dict:
    """Return what came of it, for JSON."""
    every = [one for differences in found.values() for one in differences]
    judged = [one for one in every if one.name in JUDGED]
    return {
        "run": run.id,
        "agrees": all(one.agrees for one in judged),
        "identical": not any(one.n_different for one in every),
        "tolerance": TOLERANCE,
        "judged": list(JUDGED),
        "device": {"was": _device(run.info), "now": _device(info)},
        "code_version": {"was": str(run.info.get("code_version", "")), "now": __version__},
        "seconds": info.get("timing", {}).get("seconds"),
        **{name: [one.to_dict() for one in differences] for name, differences in found.items()},
    }


def verdict_text(told: Mapping, found: Mapping[str, Sequence[Difference]]) -> str:
    """Return the same as lines to read."""
    device = told["device"]
    lines = [
        f"Run {told['run']}, computed again in {told['seconds']} s on {device['now']}; "
        f"it was made on {device['was']}."
    ]
    for name, differences in found.items():
        others = [one for one in differences if one.n_different]
        if not others:
            lines.append(f"{name}: the same to the last bit, all {len(differences)} variables")
        lines += [f"{name}, {one.sentence()}" for one in others]
    if told["identical"]:
        return "\n".join([*lines, "They agree."])
    judged = worst([one for every in found.values() for one in every if one.name in JUDGED])
    far = f"{judged.relative:.3g} of the largest {judged.name}" if judged else "not known"
    lines.append(
        f"{'They agree' if told['agrees'] else 'They do not agree'}: of {', '.join(JUDGED)} the "
        f"largest difference is {far}; up to {TOLERANCE:g} is allowed."
    )
    return "\n".join(lines)


def _device(info: Mapping) -> str:
    return str(info.get("timing", {}).get("device", "unknown"))
