"""The files of a new run, sequences and labels: which are here, and how others come in."""

import dash_mantine_components as dmc
from dash import html

from deepresolve_dash.networks.genomes import list_genomes
from deepresolve_dash.pages.acting import under_way
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.new_run_fields import field, section
from deepresolve_dash.pages.panel import data, named
from deepresolve_dash.pages.uploads import largest
from deepresolve_dash.runs.inputs import LABELS, SEQUENCES
from deepresolve_dash.runs.models import Model
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.measures import size as size_in_words


def files(start: dict, model: Model) -> html.Section:
    """Return the fields for sequences and labels, both optional."""
    genomes = [path.name for path in list_genomes(context().settings.genomes)]
    return section(
        "Sequences and labels",
        chooser(
            SEQUENCES,
            "Sequences (FASTA, or regions as BED)" if genomes else "Sequences (FASTA)",
            "The background becomes their dinucleotide shuffle; adds the clamp swing of a channel.",
            start["sequences"],
            genomes,
        ),
        html.P(rules(model, regions=bool(genomes)), className="muted"),
        chooser(
            LABELS,
            "Labels (TSV, a column a class)",
            "Adds the correlation of labels beside the similarity of classes.",
            start["labels"],
        ),
    )


def rules(model: Model, *, regions: bool) -> str:
    """Return what is done to sequences before a network sees them.

    Parameters
    ----------
    model : Model
    regions : bool
        Whether there is a genome to read regions from.
    """
    taken = model.card["input"]
    n, unknown = taken["length"], taken.get("unknown_base", 0.25)
    said = (
        f"Sequences longer than {n:,} bp are cropped around their middle, shorter ones padded "
        f"with N on both sides. N counts {unknown:g} in each row of the input. Lower case is "
        "upper case, U is T; any other letter is refused."
    )
    more = (
        f" Regions shorter than {n:,} bp are widened to it in the genome, other letters of the "
        "genome are N, and the minus strand is read as its reverse complement. Peaks of a "
        f"narrowPeak file are read as the {n:,} bp around their summit (its last column; -1 is "
        "none, and the middle is taken)."
    )
    return said + more if regions else said


def chooser(
    kind: str, label: str, says: str, value: str | None, genomes: list[str] | None = None
) -> html.Div:
    """Return the choice of a file that is there, and a button for another one."""
    limit = largest(kind, context().settings)
    choice = dmc.Select(
        size="xs",
        id=field(kind),
        label=label,
        description=f"{says} {size_in_words(limit)} at most.",
        placeholder="none",
        data=file_options(kind),
        value=value,
        clearable=True,
        flex=1,
    )
    button = html.Button("Upload", className="button", **data(pick=""), **named(f"Upload {kind}"))
    told = {"upload": f"/upload/{kind}", "limit": str(limit), "words": size_in_words(limit)}
    return html.Div(
        [
            html.Div([choice, *_genome(genomes or []), button], className="chooser drop-idle"),
            under_way(f"Upload of {kind}"),
            html.P(className="refused", role="alert", hidden=True),
        ],
        **data(input=kind, **told),
    )


def _genome(names: list[str]) -> list[html.Div]:
    """Return the choice of the genome that uploaded regions are of; nothing when there is none."""
    if not names:
        return []
    choice = dmc.Select(
        size="xs",
        id=field("genome"),
        label="Genome",
        description="For regions.",
        placeholder="choose",
        data=names,
        value=names[0] if len(names) == 1 else None,
        w=150,
    )
    return [html.Div(choice, **data(genome=""))]


def file_options(kind: str) -> list[dict]:
    """Return the stored files of a kind as choices."""
    return [
        {"value": one.hash, "label": f"{one.name} · {count(one.n, 'sequence')}"}
        for one in context().inputs.list()
        if one.kind == kind
    ]
