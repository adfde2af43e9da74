"""What the pages of a run ask the server for: the addresses that a page without one must answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import parse_qsl, unquote, urlsplit

from deepresolve_dash.views import ofiv
from deepresolve_dash.views.selection import query

LEFT_OUT = ("of", "seen")  # they tell answers of other times apart
_FORMS, _ENDS = ("histogram", "rank"), ("alike", "apart")
_AGAINST = ("label_correlation", "last_layer")
_MORE = ("recipes", "important", "varying", "elimination", "interactions", "traces")
_ASKS_MORE = {  # view below the page of all classes, and the keys of the address that it follows
    "clusters": ("cut",),
    "stability": ("cut",),
    "disagreement": ("against", "end", "pairs"),
    "association": ("rows", "columns", "low", "high"),
    "cells": ("factor",),
}


@dataclass(frozen=True)
class Asked:
    """A run as its pages see it.

    Attributes
    ----------
    run : str
    targets, channels : sequences of int
        All of the run.
    regimes : sequence of str or None
        None is the headline.
    matrices : sequence of str
        Comparisons of classes.
    """

    run: str
    targets: Sequence[int]
    channels: Sequence[int]
    regimes: Sequence[str | None]
    matrices: Sequence[str]

    def at(self, what: str, **asked: object) -> str:
        """Return the address of something of the run."""
        return f"/data/{self.run}/{what}{query(**asked)}"


def of_run(one: Asked) -> Iterator[str]:
    """Return what the pages ask whichever class they show."""
    for name in ("run.json", "search.json", "logos-bits.f32", "logos-weights.f32", "motifs.json"):
        yield one.at(name)
    for face in ("filter", "activation", "ascent"):
        yield one.at(f"channels/logos-{face}.u8")
    for regime in one.regimes:
        yield one.at("strongest.json", regime=regime)
        yield one.at("channels/table.json", target=one.targets[0], regime=regime)
        if not one.matrices:
            continue
        for second in one.matrices:
            if second != "similarity":
                asked = {"target": one.targets[0], "second": second, "regime": regime}
                yield one.at("classes.json", **asked)
        yield one.at("classes/all.json", regime=regime)
        yield one.at("tree.nwk", regime=regime)
        for name in ("clusters", "stability"):
            yield one.at(f"classes-more/{name}.json", cut=0.5, regime=regime)
        yield one.at("classes-more/association.json", low=15, high=85, regime=regime)
        for name in ("cells", "ofiv"):
            yield one.at(f"classes-more/{name}.json", regime=regime)
        for against in _AGAINST:
            for end in _ENDS:
                asked = {"against": against, "end": end, "regime": regime}
                yield one.at("classes-more/disagreement.json", **asked)


def of_class(one: Asked, target: int) -> Iterator[str]:
    """Return what the pages ask of a class."""
    for regime in one.regimes:
        asked = {"target": target, "regime": regime}
        for name in ("class.json", "orders.json", *(f"{name}.json" for name in _MORE)):
            yield one.at(name, **asked)
        for form in _FORMS:
            yield one.at("levels.json", form=form, **asked)
        for choice in bars(one):
            yield one.at("ofiv.json", bars=choice, **asked)
        yield one.at("channels/table.json", **asked)


def bars(one: Asked) -> list[str]:
    """Return how many bars of a ranking can be chosen: the usual choice, and all."""
    offered = [choice for choice, _ in ofiv.choices(len(one.channels))]
    return [choice for choice in offered if choice in ("few", "all")]


def of_channel(one: Asked, channel: int) -> Iterator[str]:
    """Return what the page of a channel asks; what it says of a class is added in the browser."""
    yield one.at(f"channel/{channel}/all.json", target=one.targets[0])


def of_pairs(one: Asked, targets: Sequence[int]) -> Iterator[str]:
    """Return what is asked of pairs of classes; of two, the one that is written first or second."""
    for pair in combinations(targets, 2):
        yield one.at("classes/pair.json", pair=",".join(map(str, pair)))


def of_step(one: Asked, address: str) -> Iterator[str]:
    """Return what the view of a step of a story asks beyond that."""
    parts = urlsplit(address)
    told, where = dict(parse_qsl(parts.query)), parts.path.rstrip("/").split("/")
    regime = told.get("regime")
    if where[-1] == "classes":
        if told.get("pair"):
            yield one.at("classes/pair.json", pair=told["pair"], regime=regime)
        if told.get("brush"):
            asked = {"second": told.get("second", "label_correlation"), "box": told["brush"]}
            yield one.at("classes/brushed.json", **asked, regime=regime)
        for name, keys in _ASKS_MORE.items():
            chosen = {"find" if key == "pairs" else key: told[key] for key in keys if key in told}
            if chosen:
                usual = {"cut": 0.5} if "cut" in keys else {}
                usual |= {"low": 15, "high": 85} if "low" in keys else {}
                usual |= {"against": "label_correlation", "end": "alike"} if "end" in keys else {}
                yield one.at(f"classes-more/{name}.json", **usual | chosen, regime=regime)
    if len(where) > 2 and where[-2] == "channel":
        for name, key in (("activation", "threshold"), ("ascent", "floor")):
            if key in told:
                yield one.at(f"channel/{where[-1]}/{name}.json", **{key: told[key]})
    if "class" in where:
        target = class_of(address)
        if "tested" in told:
            yield one.at("interactions.json", target=target, tested=told["tested"])
        if "bars" in told:
            yield one.at("ofiv.json", target=target, bars=told["bars"], regime=regime)


def class_of(address: str) -> int | None:
    """Return the class that a view is about, None when it is about none."""
    parts = urlsplit(address)
    where, told = parts.path.split("/"), dict(parse_qsl(parts.query))
    found = where[4].split("-")[0] if where[3:4] == ["class"] and len(where) > 4 else None
    found = told.get("class", found)
    return int(found) if found is not None and found.isdecimal() else None


def channel_of(address: str) -> int | None:
    """Return the channel that a view is the page of, None when it is another page."""
    where = urlsplit(address).path.split("/")
    found = where[4] if where[3:4] == ["channel"] and len(where) > 4 else ""
    return int(found) if found.isdecimal() else None


def run_of(address: str) -> str | None:
    """Return the run that a view is of, None when it is of none."""
    where = urlsplit(address).path.split("/")
    return unquote(where[2]) if where[1:2] == ["runs"] and len(where) > 3 else None


def key_of(address: str) -> str:
    """Return what an answer is found by: the path, and what is asked in the order of its names."""
    path, _, asked = address.partition("?")
    pairs = sorted(
        one for one in parse_qsl(asked, keep_blank_values=True) if one[0] not in LEFT_OUT
    )
    return path + "".join(f"&{name}={value}" for name, value in pairs)


def pack_of(address: str) -> str:
    """Return with which others an answer is kept, so that they are unpacked together."""
    path, _, asked = address.partition("?")
    parts, told = path.split("/"), dict(parse_qsl(asked))
    run = parts[2]
    if parts[3] == "channel":
        return f"{run} channels"
    if "target" in told:
        return f"{run} {told['target']}"
    return f"{run} pairs" if "pair" in told else run
