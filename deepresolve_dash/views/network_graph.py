"""The network as a drawing of its layers: boxes, lines, and where it can be cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.runs.costs import LayerCosts
from deepresolve_dash.views.layer_details import details, map_size
from deepresolve_dash.views.layered import Layout, find_rows, layered

FOLDED = frozenset(
    [
        "activation",
        "batch normalisation",
        "dropout",
        "group normalisation",
        "instance normalisation",
        "layer normalisation",
        "normalisation",
        "unit normalisation",
    ]
)
"""Kinds of layers that are drawn in the box of the layer before them."""

SEQUENCE, LAYER, OUTPUT = "sequence", "layer", "output"
MOST_BOXES, MOST_PASSED = 600, 5000  # a second or two to lay out
_WIDTH, _HEIGHT, _STEP, _MARGIN = 216, 46, 72, 20  # px
_LETTERS, _SMALL_LETTERS = 29, 35  # that fit in a box


@dataclass
class Box:
    """A box of the drawing.

    Attributes
    ----------
    kind : {"sequence", "layer", "output"}
    name : str
    members : list of int
        Places of its layers on the card.
    takes : list of int
        Boxes before it.
    """

    kind: str
    name: str
    members: list[int] = field(default_factory=list)
    takes: list[int] = field(default_factory=list)


def data(card: Mapping, costs: LayerCosts, *, whole: bool = False) -> dict:
    """Draw the layers from the sequence down to the class scores; scissors mark where to cut.

    A line that passes beside a layer, as in a residual block, is a way around it: the class scores
    know the sequence without that layer, so the network cannot be cut there. Sizes are channels ×
    positions, and say nothing of how much a layer matters.

    Parameters
    ----------
    card : mapping
        Of a stored model.
    costs : LayerCosts
        Of a usual run at each layer.
    whole : bool
        Draw each layer in a box of its own; else activations, normalisations and dropouts stand in
        the box of the layer before them.

    Returns
    -------
    dict
        `boxes` [{`kind`, `name`, `says`, `full`, `x`, `y`, `members`, `cuts`, `advised`}], `lines`
        (SVG paths), `width`, `height` (px), `box` [width, height], `layers` (see `details`),
        `advised` (place of a layer or None), `folded` (how many layers stand in another's box).

    Raises
    ------
    ModelFileError
        When the card was made before it told of the graph, or the graph is too large to be drawn.
    """
    boxes = _boxes(card, whole=whole)
    edges = [(source, target) for target, box in enumerate(boxes) for source in box.takes]
    _check_size(len(boxes), edges)
    layout = layered(len(boxes), edges, _WIDTH)
    names = [layer["name"] for layer in card["layers"]]
    advised = names.index(card["advised_layer"]) if card["advised_layer"] else None
    return {
        "boxes": [
            _drawn(box, card, float(layout.x[place]), int(layout.row[place]), advised)
            for place, box in enumerate(boxes)
        ],
        "lines": [_path(edge, layout) for edge in edges],
        "width": layout.width + 2 * _MARGIN,
        "height": int(layout.row.max(initial=0)) * _STEP + _HEIGHT + 2 * _MARGIN,
        "box": [_WIDTH, _HEIGHT],
        "layers": details(card, costs),
        "advised": advised,
        "folded": sum(max(0, len(box.members) - 1) for box in boxes),
    }


def _check_size(n: int, edges: Sequence[tuple[int, int]]) -> None:
    """Refuse what takes long to lay out, and would not be read."""
    passed = 0
    if n <= MOST_BOXES:
        row = find_rows(n, [(min(edge), max(edge)) for edge in edges])
        passed = sum(abs(row[target] - row[source]) for source, target in edges)
    if n > MOST_BOXES or passed > MOST_PASSED:
        raise ModelFileError(
            f"This network is too large to be drawn: {n:,} boxes, {len(edges):,} lines.",
            "The table below lists all layers.",
        )


def _boxes(card: Mapping, *, whole: bool) -> list[Box]:
    """Return the boxes, sources first as far as the layers are in order."""
    layers: Sequence[Mapping] = card["layers"]
    if any("from" not in layer for layer in layers):
        raise ModelFileError(
            "This card was made by an earlier version, which did not keep how layers connect.",
            "Make the card anew above, or upload the model's file again.",
        )
    takers = _takers(card)
    boxes, box_of = [Box(SEQUENCE, "sequence")], dict[str | None, int]({None: 0})
    taken: list[list[str | None]] = [[]]
    for place, layer in enumerate(layers):
        sources = layer["from"]
        before = box_of.get(sources[0]) if len(sources) == 1 and not whole else None
        if (
            before
            and layer["kind"] in FOLDED
            and takers[sources[0]] == 1
            and layers[boxes[before].members[-1]]["name"] == sources[0]
        ):
            boxes[before].members.append(place)
            box_of[layer["name"]] = before
            continue
        box_of[layer["name"]] = len(boxes)
        boxes.append(Box(LAYER, layer["name"], [place]))
        taken.append(sources)
    for output in card["outputs"]:
        boxes.append(Box(OUTPUT, output["name"]))
        taken.append(output["from"])
    for box, sources in zip(boxes, taken, strict=True):
        box.takes = list(dict.fromkeys(box_of[name] for name in sources))
    return boxes


def _takers(card: Mapping) -> dict[str | None, int]:
    """Return how many layers and outputs take values from each layer."""
    found: dict[str | None, int] = {}
    for one in (*card["layers"], *card["outputs"]):
        for name in one["from"]:
            found[name] = found.get(name, 0) + 1
    return found


def _drawn(box: Box, card: Mapping, x: float, row: int, advised: int | None) -> dict:
    """Return what the browser draws of a box."""
    layers = [card["layers"][place] for place in box.members]
    cuts = {name for output in card["outputs"] for name in output["cuts"]}
    return {
        "kind": box.kind,
        "name": shortened(box.name),
        "full": box.name,
        "says": shortened(_says(box, card, layers), _SMALL_LETTERS),
        "x": round(x - _WIDTH / 2 + _MARGIN, 1),
        "y": row * _STEP + _MARGIN,
        "members": box.members,
        "cuts": sum(layer["name"] in cuts for layer in layers),
        "advised": advised in box.members,
    }


def _says(box: Box, card: Mapping, layers: Sequence[Mapping]) -> str:
    """Return the second line of a box."""
    if box.kind == SEQUENCE:
        return f"4 × {card['input']['length']:,} bp"
    if box.kind == OUTPUT:
        n = next(one["n"] for one in card["outputs"] if one["name"] == box.name)
        return f"{n:,} {'class' if n == 1 else 'classes'}"
    size = map_size(layers[-1])
    more = f" + {len(layers) - 1}" if len(layers) > 1 else ""
    return f"{layers[0]['kind']}{more}{f' · {size}' if size else ''}"


def shortened(name: str, most: int = _LETTERS) -> str:
    """Return a name that fits in a box, its middle left out."""
    if len(name) <= most:
        return name
    half = (most - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _path(edge: tuple[int, int], layout: Layout) -> str:
    """Return the line of an edge as an SVG path, through the rows that it passes."""
    source, target = edge
    upper, lower = min(edge), max(edge)
    first = int(layout.row[upper])
    points = [(layout.x[upper], first * _STEP + _HEIGHT)]
    for place, x in enumerate(layout.lanes[(source, target)], start=first + 1):
        points += [(x, place * _STEP), (x, place * _STEP + _HEIGHT)]
    points.append((layout.x[lower], int(layout.row[lower]) * _STEP))
    points = [(round(float(x) + _MARGIN, 1), y + _MARGIN) for x, y in points]
    if source > target:
        points.reverse()
    start, *_ = points
    drawn = f"M{start[0]:g} {start[1]}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        straight = x == to_x
        drawn += (
            f"V{to_y}" if straight else f"C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y}"
        )
    return drawn
