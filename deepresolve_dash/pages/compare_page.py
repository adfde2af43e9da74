"""The page of several runs: do they say the same of a class, and what is found again."""

from dash import html
from dash.development.base_component import Component

from deepresolve_dash.exports.figures.compare_figures import PANELS
from deepresolve_dash.pages.panel import data, panel, switch, take_button
from deepresolve_dash.views import (
    compare,
    compare_class,
    compare_more,
    compare_rows,
    compare_strip,
)
from deepresolve_dash.views.compare_class import TOPS

_BY = (("auto", "as fits"), ("index", "number"), ("motif", "motif"))
_PANELS = (
    ("runs", "Which runs, and what they differ in", compare.data),
    ("agree", "Two runs on this class", compare_class.agreement),
    ("strip", "Leading channels beside each other", compare_strip.data),
    ("combined", "All channels in all runs", compare_class.data),
    ("paired", "Channels that stand for each other", compare_rows.data),
    ("families", "Families of motifs across runs", compare_more.families),
    ("difference", "Where the similarity of classes differs", compare_more.similarity),
    ("recurring", "Interactions that recur", compare_more.interactions),
)
_FOUND = (("important", "important"), *((str(n), f"top {n}") for n in TOPS))


def page() -> html.Div:
    """Return the page, still without runs: the browser fills it by what the address says."""
    return html.Div(
        [context_bar(), html.Div(panels(), className="compare-grid")],
        className="class-page compare-page",
        **data(compare="yes"),
    )


def context_bar() -> html.Div:
    """Return the bar that chooses class and regime for all panels."""
    return html.Div(
        [
            html.H1("Runs compared"),
            html.Span(className="compare-class"),  # filled by the browser
            html.Span(className="compare-regime"),
            html.Div(className="fill"),
            named_switch("channels paired by", switch("by", _BY, "Channels are paired by")),
            named_switch("found means", switch("found", _FOUND, "Found means")),
        ],
        className="context",
    )


def named_switch(words: str, buttons: html.Div) -> html.Span:
    """Return a switch with its name in front."""
    return html.Span([words, buttons], className="named-switch")


def panels() -> list[html.Section]:
    """Return the panels in their order."""
    return [
        panel(
            name,
            title,
            [html.Div(className=f"compare-{name}")],
            describe=describe,
            actions=actions(name),
        )
        for name, title, describe in _PANELS
    ]


def actions(name: str) -> list[Component]:
    """Return the buttons of a panel."""
    files = [html.Span(className="table-files")] if name == "combined" else []
    return [*files, take_button({name: PANELS[name].title}, [True])]
