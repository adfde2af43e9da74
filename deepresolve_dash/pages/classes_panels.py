"""The panels of the page of all classes, still without numbers."""

from dash import html

from deepresolve_dash.pages.marks import marks
from deepresolve_dash.pages.panel import chooser, data, download, panel, switch
from deepresolve_dash.views import class_matrices, classes, pair

MATRICES, SCATTER, PAIR = "matrices", "scatter", "why"


def matrices_panel(available: list[str]) -> html.Section:
    """Return the panel of the clustered similarity and the matrix beside it."""
    others = [(name, classes.COMPARISONS[name].short) for name in available if name != "similarity"]
    return panel(
        MATRICES,
        "Similarity of classes",
        [
            html.Div(className="classes-tools"),
            html.Div(className="matrices-plot"),
            html.P(className="left-out muted", hidden=True),
            html.Div(className="labels-line muted"),
        ],
        describe=class_matrices.data,
        actions=[
            chooser("second", others, "beside it"),
            switch("as", [("beside", "side by side"), ("difference", "difference")], "Shown"),
            html.Button(
                "Tree",
                className="button",
                title="Download the tree with the names of the classes, in the Newick format",
                **data(tree=""),
            ),
            download(MATRICES),
        ],
    )


def scatter_panel() -> html.Section:
    """Return the panel of all pairs of classes as points."""
    return panel(
        SCATTER,
        "All pairs of classes",
        [html.Div(className="pairs-plot"), html.Div(className="pairs-found")],
        describe=class_matrices.brushed,
        actions=[download(SCATTER)],
    )


def pair_panel() -> html.Section:
    """Return the panel of two classes."""
    return panel(
        PAIR,
        "Why similar",
        [html.Div(className="pair-body")],
        describe=pair.data,
        actions=[marks("pair"), download(PAIR)],
    )
