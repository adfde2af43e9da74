"""What a class page shows of one class, as JSON for the browser."""

import numpy as np
import orjson
from plotly.io.json import to_json_plotly

from deepresolve_dash.core.statistics.classes import Clustering
from deepresolve_dash.pages.context import derived
from deepresolve_dash.pages.more_panels import ascent_warning
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import (
    channels,
    classes,
    enough,
    fim,
    fiv,
    inconsistency,
    level_ranks,
    ofiv,
    words,
)
from deepresolve_dash.views.matrix import description
from deepresolve_dash.views.palette import UNITS, number
from deepresolve_dash.views.selection import (
    IMPORTANCE,
    MODES,
    Selection,
    of_class,
    query,
    regime_for,
)

PAIR_HINT = "Click a cell to compare two classes; a class on the diagonal to open it."
LEVEL_FORMS = {"histogram": inconsistency.figure, "rank": level_ranks.figure}


def class_views(run: Run, one: Selection) -> bytes:
    """Return what depends on the class and on no view control."""
    ensemble, summary = run.ensemble, run.summary
    rows = channels.data(ensemble, summary, one)
    pairs = fiv.opposed_pairs(rows)
    return _json(
        {
            "head": head(run, one),
            "warning": ascent_warning(run, one),
            "light": enough.light(ensemble, summary, one),
            "fiv": {
                "spec": {**fiv_spec(run, one), "pairs": pairs},
                "notes": words.ensemble_notes(ensemble, one) + words.opposed_notes(pairs),
                "regime": regime_for(summary, one, MODES),
            },
            "rows": {key: _short(values) for key, values in rows.items()},
            "pair": classes.pair_words(summary, one) or PAIR_HINT,
        }
    )


def level_views(run: Run, one: Selection, form: str) -> bytes:
    """Return the chart of the inconsistency levels."""
    levels = inconsistency.data(run.summary, one)
    return _json(
        {
            "figure": LEVEL_FORMS[form](levels),
            "notes": words.component_legend(levels) + words.level_notes(run.summary, one),
            "regime": regime_for(run.summary, one, MODES),
        }
    )


def ofiv_views(run: Run, one: Selection, choice: str) -> bytes:
    """Return the chart of the ranking."""
    ranked = ofiv.data(run.ensemble, run.summary, one)
    modes, headline = (regime_for(run.summary, one, name) for name in (MODES, IMPORTANCE))
    return _json(
        {
            "figure": ofiv.figure(ranked, choice=choice, logos="filter" in run.ensemble),
            "notes": words.kind_legend(ranked) + words.importance_notes(run.summary, one, ranked),
            "regime": headline if headline == modes else f"{headline}, kinds from {modes}",
        }
    )


def _short(values: object) -> object:
    """Return numbers with the seven digits that a reader can use, in half of the bytes."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        return values.astype(np.float32)
    return values


def strongest_classes(run: Run, one: Selection) -> bytes:
    """Return for each channel of a run the classes it speaks for most."""
    return orjson.dumps(channels.strongest_classes(run.summary, one))


def _json(views: dict) -> bytes:
    """Return notes, figures and arrays as JSON."""
    return str(to_json_plotly(views)).encode()


def head(run: Run, one: Selection) -> list[words.Note]:
    """Return the notes on the class as a whole."""
    raw = of_class(run.ensemble, one, MODES)
    place = run.summary.target.values.tolist().index(one.target) + 1
    unreadable = words.state(run.ensemble, run.summary, one)
    return [
        *words.precision_notes(run.ensemble, one),
        words.Note(f"class {place} of {run.summary.sizes['target']}", "In the order of the file."),
        words.Note(f"l2 (λ) {number(float(raw.l2.values))}", "The l2 penalty of this class."),
        *([unreadable] if unreadable else []),
        words.regime_note(summary=run.summary, selection=one),
    ]


def fiv_spec(run: Run, one: Selection) -> dict:
    """Return what the canvas must know to draw the ensemble."""
    raw = of_class(run.ensemble, one, MODES)
    return {
        **description(fiv.data(run.ensemble, run.summary, one)),
        "rowMarks": fiv.row_marks(raw),
        "url": f"/data/{run.id}/fiv",
        "query": query(target=one.target, regime=one.regime),
        "kind": "fiv",
        "value": "importance",
        "units": UNITS,
        "title": f"FIV ensemble, {run.info.get('name', run.id)}, class {one.target}",
        "xTitles": fiv.COLUMN_TITLES,
        "yTitles": fiv.ROW_TITLES,
        "strips": fiv.strips(run.ensemble, run.summary, one),
    }


def map_spec(run: Run, one: Selection, channel: int) -> bytes:
    """Return what the canvas must know to draw the map of a channel over positions."""
    network = run.info.get("network", {})
    seen, field = fim.bases(network), network.get("receptive_field_bp")
    title = "position" + (f", each sees {field} bp" if field else "")
    spec = {
        **description(fim.data(run.ensemble, run.summary, one, channel, seen=seen)),
        "rowMarks": fiv.row_marks(of_class(run.ensemble, one, MODES)),
        "url": f"/data/{run.id}/fim-{channel}",
        "query": query(target=one.target, regime=one.regime),
        "kind": "fiv",
        "value": "importance",
        "units": UNITS,
        "title": f"FIM of channel {channel}, {run.info.get('name', run.id)}, class {one.target}",
        "xTitle": f"position (bp), middle of the {field} bp that each sees" if seen else title,
        "inOrder": True,
        "yTitles": fiv.ROW_TITLES,
    }
    return orjson.dumps(spec)


def order_views(run: Run, one: Selection) -> bytes:
    """Return the clustered orders of the ensemble."""
    return orjson.dumps(fiv.orders(fiv.data(run.ensemble, run.summary, one)))


def similarity_views(run: Run, one: Selection, second: str) -> bytes:
    """Return what the canvas must know to draw the similarity and a second comparison."""
    left, right = (class_spec(run, one, name) for name in ("similarity", second))
    tree = orjson.loads(tree_of(run, one))
    left |= {"tree": tree["path"], "leaves": tree["leaves"]}
    regime = regime_for(run.summary, one, IMPORTANCE)
    return orjson.dumps({"left": left, "right": right, "regime": regime})


def class_spec(run: Run, one: Selection, name: str) -> dict:
    """Return what the canvas must know of one comparison of classes."""
    shown = classes.COMPARISONS[name]
    order = orjson.loads(tree_of(run, one))["order"]
    return {
        **description(classes.data(run.summary, one, name, order)),
        "url": f"/data/{run.id}/{name}",
        "query": query(regime=one.regime, of=run.info.get("partial", {}).get("classes_done")),
        "kind": "classes",
        "symmetric": True,
        "value": shown.value,
        "units": "",
        "title": shown.title,
        "xTitle": "class, in clustered order",
        "yTitle": "class",
        "yRank": "rank of class",
    }


def tree_of(run: Run, one: Selection) -> bytes:
    """Return order and dendrogram of the classes as JSON, kept on disk."""

    def make() -> bytes:
        found = clustering_of(run, one)
        tree = {"order": found.order.tolist(), "path": classes.dendrogram(found)}
        return orjson.dumps({**tree, "leaves": len(found.order) - len(found.left_out)})

    return derived(run, "tree", one.regime, make=make)


def clustering_of(run: Run, one: Selection) -> Clustering:
    """Return the hierarchy of the classes of a run, kept on disk."""

    def make() -> bytes:
        found = classes.clustering(run.summary, one)
        parts = found.order, found.linkage, found.left_out
        return orjson.dumps([part.tolist() for part in parts])

    order, linkage, left_out = orjson.loads(derived(run, "hierarchy", one.regime, make=make))
    tree = np.array(linkage, np.float64).reshape(-1, 4)
    return Clustering(np.array(order, int), tree, np.array(left_out, int))
