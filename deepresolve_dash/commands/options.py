"""Options that several commands take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from deepresolve_dash.core.settings import (
    AscentSettings,
    Optimiser,
    Precision,
    ascent_settings,
)
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.networks.intake import Corrections

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[Path, typer.Argument(help="Model file or folder.")]
Weights = Annotated[Path | None, typer.Option(help="Weights, when MODEL is the architecture.")]
Architecture = Annotated[Path | None, typer.Option(help="Architecture, when MODEL is weights.")]
Length = Annotated[
    int | None, typer.Option(min=1, help="Sequence length, bp, where the model leaves it open.")
]
Layer = Annotated[str, typer.Option(help="Layer to cut at, or `advised`.")]
Output = Annotated[str | None, typer.Option(help="Output head; the first without it.")]
Classes = Annotated[str, typer.Option(help="all, or INDEX,name:NAME,...")]
PresetName = Annotated[str, typer.Option(help="default, paper or published.")]
Trials = Annotated[int | None, typer.Option(help="Restarts per class.")]
L2 = Annotated[str, typer.Option(help="auto, or a number above 0.")]
Rule = Annotated[
    Literal["heavy-ball", "adam", "paper"] | None, typer.Option(help="Rule of the ascent.")
]
Steps = Annotated[int | None, typer.Option(help="Budget of steps per row.")]
StepSize = Annotated[float | None, typer.Option(help="For the optimiser paper.")]
Seed = Annotated[int, typer.Option(help="Seed of starts and background.")]
Rounding = Annotated[Precision, typer.Option(help="bfloat16 is a quicker preview.")]
Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")]
Sequences = Annotated[Path | None, typer.Option(help="FASTA with motifs, or BED and --genome.")]
Genome = Annotated[Path | None, typer.Option(help="FASTA of the genome that the BED is of.")]
RunNetwork = Annotated[
    Path | None, typer.Option(help="The run's network, where it is not in the state folder.")
]
Labels = Annotated[Path | None, typer.Option(help="TSV of labels, a column a class.")]
KeepFim = Annotated[bool, typer.Option("--keep-fim", help="Store whole maps.")]
Pairs = Annotated[
    list[str] | None,
    typer.Option(help="Two channels, K,K: tests the groups that hold them; may be repeated."),
]
Title = Annotated[str | None, typer.Option(help="Title; the model's name without it.")]


class ModelFiles(NamedTuple):
    """What MODEL, --weights and --architecture name."""

    model: Path
    weights: Path | None
    architecture: Path | None


def ascent(
    preset: str,
    trials: int | None,
    l2: str,
    optimiser: Optimiser | None,
    steps: int | None,
    step_size: float | None,
    seed: int,
    precision: Precision,
) -> AscentSettings:
    """Return the settings of an ascent from its options.

    Raises
    ------
    SettingsError
        When one is out of range or does not fit the others.
    """
    return ascent_settings(
        preset,
        n_trials=trials,
        l2=_read_l2(l2),
        optimiser=optimiser,
        steps=steps,
        step_size=step_size,
        seed=seed,
        precision=precision,
    )


def corrections(
    hold: Sequence[str] | None,
    positions: Sequence[str] | None,
    alphabet: str | None,
    flip_kernels: bool,
) -> Corrections:
    """Return what is to be read in another way.

    Raises
    ------
    SettingsError
        When it is nothing, or not written as NAME=VALUE.
    """
    if not (hold or positions or alphabet or flip_kernels):
        raise SettingsError(
            "Nothing is to be corrected.", "Give --hold, --positions, --alphabet or --flip-kernels."
        )
    return Corrections(
        flip_kernels,
        alphabet,
        held=_named("--hold", hold or ()),
        positions=_named("--positions", positions or ()),
    )


def _named(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Turn NAME=VALUE into names and values; a name may hold an equals sign."""
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not equals or not name.strip():
            raise SettingsError(f"{option} is '{text}'.", "Give a name, = and what is chosen.")
        found[name.strip()] = value
    return found


def _read_l2(text: str) -> float | None:
    """Turn `auto` or a number into a penalty; None is calibrated."""
    if text == "auto":
        return None
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"--l2 is '{text}'.", "Give auto, or a number above 0.") from None
