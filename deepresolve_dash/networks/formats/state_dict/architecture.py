"""An architecture file: how a network is wired, in TOML, for weights that come without it."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path
from typing import Any

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import ACTIVATIONS, Builder
from deepresolve_dash.networks.formats.state_dict.layers import BRANCHES, LAYERS
from deepresolve_dash.networks.formats.state_dict.modules import Module
from deepresolve_dash.networks.graph import Finding, Network, Ref

LARGEST = 2**20  # bytes of an architecture file
_DEEPEST = 8  # branches within branches
_TOP = {"input_length", "alphabet", "unknown_base", "class_names", "layers"}
_COMMON = {"kind", "name", "from", "activation"}
_SOFTMAX = ("softmax", "log_softmax")


def parse_architecture(text: str, name: str) -> dict[str, Any]:
    """Parse an architecture file.

    Returns
    -------
    dict
        `input_length` (bp), `layers`, and what else it tells.

    Raises
    ------
    ModelFileError
        When it is not TOML, or has not these parts.
    """
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ModelFileError(f"{name} is not readable as TOML: {error}") from None
    unknown = sorted(told.keys() - _TOP)
    if unknown:
        raise ModelFileError(
            f"{name} tells '{unknown[0]}', which is not known.", f"Known are {_list(_TOP)}."
        )
    length = told.get("input_length")
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise ModelFileError(
            f"{name} does not say how long the sequences are.",
            "Add for instance: input_length = 1000",
        )
    if not isinstance(told.get("layers"), list) or not told["layers"]:
        raise ModelFileError(f"{name} has no layers.", 'Add [[layers]] with kind = "conv".')
    return told


def read_architecture(path: Path) -> dict[str, Any]:
    """Read an architecture file; raises ModelFileError as `parse_architecture` does."""
    if path.stat().st_size > LARGEST:
        raise ModelFileError(f"{path} is too large for a description of a network.")
    return parse_architecture(path.read_text(errors="replace"), str(path))


def wired_network(told: Mapping[str, Any], modules: Sequence[Module]) -> Network:
    """Make the network that an architecture describes out of weights.

    A layer takes the module that `from` names, else the next of its kind that no layer has taken.

    Parameters
    ----------
    told : dict
        As `parse_architecture` returns it.
    modules : sequence of Module

    Raises
    ------
    ModelFileError
        When a layer is not known, its weights are missing or do not fit, or weights are left over.
    """
    builder = Builder(told["input_length"])
    wiring = _Wiring(builder, list(modules))
    x = wiring.chain(builder.input, told["layers"], _DEEPEST)
    if wiring.waiting:
        names = ", ".join(module.name or "(no name)" for module in wiring.waiting)
        raise ModelFileError(
            f"The architecture has no layer for these weights: {names}.",
            "Add their layers, or check that the two files belong together.",
        )
    alphabet = told.get("alphabet", "ACGT")
    if not isinstance(alphabet, str) or sorted(alphabet) != sorted("ACGT"):
        raise ModelFileError(f"The alphabet {alphabet!r} is not an order of A, C, G and T.")
    network = builder.network(
        x,
        class_names=_class_names(told.get("class_names")),
        alphabet=alphabet,
        format="state dict with an architecture file",
        findings=[_TOLD, *([] if "alphabet" in told else [_ALPHABET])],
    )
    return replace(network, unknown_base=_share(told.get("unknown_base", 0.25)))


_TOLD = Finding(
    "How the layers are wired was told by the architecture file.",
    "A state dict holds weights only: no pooling, no activations, no order.",
    "Compare a prediction with that of your own program before you trust the result.",
)
_ALPHABET = Finding(
    "The rows of the input are taken as A, C, G, T.",
    "The architecture file does not tell the order of the bases.",
    "If motifs come out wrong, set the order that the model was trained with.",
)


@dataclass
class _Wiring:
    """A network in the making, and the modules that no layer has taken."""

    builder: Builder
    waiting: list[Module]

    def chain(self, x: Ref, layers: object, depth: int) -> Ref:
        """Add layers in a row."""
        if depth == 0:
            raise ModelFileError("The architecture has branches within too many branches.")
        if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
            raise ModelFileError("A row of layers is a list of tables, each with a kind.")
        for layer in layers:
            x = self.layer(x, layer, depth)
        return x

    def layer(self, x: Ref, layer: Mapping[str, Any], depth: int) -> Ref:
        """Add one layer and its activation."""
        kind = layer.get("kind")
        name = str(layer.get("name") or kind)
        if kind in BRANCHES:
            ends = [self.chain(x, branch, depth - 1) for branch in self._branches(name, layer)]
            with self.builder.layer(name, BRANCHES[kind][0]):
                x = BRANCHES[kind][1](self.builder, ends)
                return self._activate(x, layer)
        if kind in ACTIVATIONS or kind in _SOFTMAX:
            _check_options(name, layer, set())
            with self.builder.layer(name, "activation"):
                return self.builder.activation(x, str(kind))
        if kind not in LAYERS:
            known = _list([*LAYERS, *BRANCHES, *ACTIVATIONS, *_SOFTMAX])
            raise ModelFileError(
                f"The architecture has a layer of the kind {kind!r}.", f"Known are {known}."
            )
        words, takes, add = LAYERS[kind]
        options = _check_options(name, layer, _options(add))
        missing = _options(add, needed=True) - options.keys()
        if missing:
            raise ModelFileError(f"The layer '{name}' needs a {missing.pop()}.")
        module = self._take(name, layer, takes) if takes else None
        if module is not None and "name" not in layer:
            name = f"{kind}{module.name}" if module.name.isdigit() else module.name or name
        with self.builder.layer(name, words):
            try:
                x = add(self.builder, x, module, **options)
            except (TypeError, ValueError, KeyError, IndexError, ArithmeticError) as error:
                raise ModelFileError(f"The layer '{name}' makes no sense: {error}.") from None
            return self._activate(x, layer)

    def _activate(self, x: Ref, layer: Mapping[str, Any]) -> Ref:
        activation = layer.get("activation")
        return x if activation is None else self.builder.activation(x, str(activation))

    def _take(self, name: str, layer: Mapping[str, Any], takes: str) -> Module:
        """Return the module of a layer, which no other layer has then."""
        wanted = layer.get("from")
        fits = [module for module in self.waiting if module.kind == takes]
        if wanted is not None:
            fits = [
                module
                for module in self.waiting
                if module.name == wanted or str(wanted).endswith(f".{module.name}")
            ]
        if not fits or fits[0].kind != takes:
            what = f"no '{wanted}' with weights" if wanted is not None else "no further weights"
            left = (
                ", ".join(f"{module.name} ({module.kind})" for module in self.waiting) or "nothing"
            )
            raise ModelFileError(
                f"The layer '{name}' finds {what} of the kind {takes}.", f"Left over: {left}."
            )
        self.waiting.remove(fits[0])
        return fits[0]

    @staticmethod
    def _branches(name: str, layer: Mapping[str, Any]) -> list:
        _check_options(name, layer, {"branches"})
        branches = layer.get("branches")
        if not isinstance(branches, list) or len(branches) < 2:
            raise ModelFileError(
                f"The layer '{name}' needs branches, at least two.",
                "An empty one, [], is a shortcut.",
            )
        return branches


def _options(add: Callable[..., Ref], *, needed: bool = False) -> set[str]:
    """Return the options that a kind of layer has, or just those that it needs."""
    found = (one for one in signature(add).parameters.values() if one.kind is one.KEYWORD_ONLY)
    return {one.name for one in found if not needed or one.default is one.empty}


def _check_options(name: str, layer: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """Return the options of a layer, all of them known."""
    options = {option: value for option, value in layer.items() if option not in _COMMON}
    unknown = sorted(options.keys() - known)
    if unknown:
        hint = f"Known are {_list(known)}." if known else "It has none."
        raise ModelFileError(f"The layer '{name}' has no option '{unknown[0]}'.", hint)
    return options


def _class_names(told: object) -> list[str] | None:
    if told is None:
        return None
    if not isinstance(told, list) or not all(isinstance(name, str) for name in told):
        raise ModelFileError("The class_names of an architecture are a list of texts.")
    return told


def _share(told: object) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= 1:
        raise ModelFileError(f"The unknown_base {told!r} is not a number from 0 to 1.")
    return float(told)


def _list(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names) if isinstance(names, set) else names)
