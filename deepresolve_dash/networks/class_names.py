"""Names of classes that lie in a file of their own beside a model."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepresolve_dash.networks.graph import Finding, Network, Output
from deepresolve_dash.tsv import unguarded

SIDECARS = ("classes.tsv", "classes.txt", "predictor_names.txt")
"""Names of such files, the first that is there counts."""

_INDEX, _NAME = "class_index", "name"  # columns of a table
_LARGEST = 2**24  # bytes
_LONGEST = 200  # characters of a name


def with_names_beside(network: Network, folder: Path) -> Network:
    """Return the network with the class names that lie in its folder, and a finding that says so.

    A file has one name per line, in the order of the outputs, or it is a table set apart by tabs
    with a column `name` and perhaps `class_index`. It names the classes of the first output, or
    those of all outputs one after the other.

    *Choice:* a file that does not fit changes nothing and is never a reason to refuse a model; the
    card says it.
    """
    file = next((folder / name for name in SIDECARS if (folder / name).is_file()), None)
    if file is None:
        return network
    names = _names(file)
    sizes = [len(output.class_names) for output in network.outputs]
    if names is None or len(names) not in (sizes[0], sum(sizes)):
        return _noted(network, _unfit(file.name, names, sizes))
    evidence = f"It has {len(names):,} names, one for each class."
    if len(names) < sum(sizes):
        evidence = (
            f"It has {len(names):,} names, one for each class of '{network.outputs[0].name}'."
        )
    outputs: list[Output] = []
    for output in network.outputs:
        given, names = names[: len(output.class_names)], names[len(output.class_names) :]
        outputs.append(replace(output, class_names=tuple(given)) if given else output)
    what = f"The classes are named by {file.name}."
    fix = "Rename classes below, or give the model again with another file."
    return _noted(replace(network, outputs=tuple(outputs)), Finding(what, evidence, fix))


def _names(file: Path) -> list[str] | None:
    """Return the names in a file, None when it cannot be read so."""
    if file.stat().st_size > _LARGEST:
        return None
    lines = file.read_text("utf-8-sig", "replace").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return None
    header = [column.strip() for column in lines[0].split("\t")]
    if _NAME in header and (len(header) > 1 or file.suffix == ".tsv"):
        return _of_table(lines)
    names = [" ".join(line.split())[:_LONGEST] for line in lines]
    return names if all(names) else None


def _of_table(lines: Sequence[str]) -> list[str] | None:
    """Return the names in a table, in the order of its indices if it has any."""
    try:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    except csv.Error:
        return None
    names = [" ".join(unguarded(row[_NAME] or "").split())[:_LONGEST] for row in rows]
    if rows and _INDEX in rows[0]:
        places = [(row[_INDEX] or "").strip() for row in rows]
        if sorted(places) != sorted(map(str, range(len(rows)))):
            return None
        names = [name for _, name in sorted(zip(map(int, places), names, strict=True))]
    return names if names and all(names) else None


def _unfit(name: str, names: Sequence[str] | None, sizes: Sequence[int]) -> Finding:
    """Say why a file names no classes."""
    evidence = "It is empty, or some names are missing"
    if names:
        evidence = f"It has {len(names):,} names" if len(names) > 1 else "It has one name"
    return Finding(
        f"{name} was not used to name the classes.",
        f"{evidence}; the model has {' + '.join(f'{size:,}' for size in sizes)} classes.",
        "Give the model again with a file that has one name per line and class, or rename the "
        "classes below.",
    )


def _noted(network: Network, finding: Finding) -> Network:
    return replace(network, findings=(*network.findings, finding))
