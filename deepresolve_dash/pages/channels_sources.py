"""What channels are looked at with: the choice of sequences and of known motifs."""

from dash import html
from dash.development.base_component import Component

from deepresolve_dash.motifs.jaspar import COLLECTIONS, LATEST, OF_THE_PAPER, TAX_GROUPS
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.motif_routes import OWN, RANDOM, database_label, jaspar_parts
from deepresolve_dash.pages.panel import data
from deepresolve_dash.pages.uploads import MOTIFS, largest
from deepresolve_dash.runs.inputs import SEQUENCES
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.measures import size as size_in_words

_MEME = (
    "Match with the motifs of a file of yours: MEME's minimal format, 25 motifs or more. "
    "It is kept here, to be chosen again."
)


def sources(run: Run) -> list[Component]:
    """Return the choices of sequences and of motifs."""
    files = [one.database.file_hash for one in context().service.motifs.added()]
    added = [html.Option(database_label(one), value=one) for one in files]
    motifs = html.Select(
        [
            html.Optgroup(_jaspar(), label="JASPAR"),
            html.Optgroup(added, label="files", hidden=not added, **data(files="")),
        ],
        **data(choice="database"),
    )
    limit = largest(MOTIFS, context().settings)
    told = {"meme": "", "limit": str(limit), "words": size_in_words(limit)}
    reads = html.Select(_sequences(run), **data(choice="source"))
    return [
        html.Label(["sequences", reads], className="chooser-line"),
        html.Label(["motifs", motifs], className="chooser-line"),
        html.Button("MEME file …", className="button", title=_MEME, **data(**told)),
    ]


def _jaspar() -> list[html.Option]:
    """Return the parts of JASPAR that are offered; the usual one has no name in the address."""
    usual = jaspar_parts()
    parts = [
        (release, collection, group)
        for release in dict.fromkeys((LATEST, OF_THE_PAPER))
        for collection in COLLECTIONS
        for group in TAX_GROUPS
    ]
    return [
        html.Option(
            f"JASPAR {part[0].removeprefix('JASPAR')} {part[1]} {part[2]}",
            value="" if part == usual else ",".join(part),
        )
        for part in parts
    ]


def _sequences(run: Run) -> list[html.Option]:
    """Return the run's own sequences, random ones, and the other sets that are here."""
    own = run.info["spec"].get("sequences")
    stored = [
        html.Option(f"{one.name} · {count(one.n, 'sequence')}", value=one.hash)
        for one in context().inputs.list()
        if one.kind == SEQUENCES and one.hash != own
    ]
    return [
        html.Option("the run's own", value=OWN),
        html.Option("random", value=RANDOM),
        *stored,
    ]
