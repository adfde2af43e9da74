"""Which layers a Keras model has and what each takes: Sequential, Functional, Graph, and nested."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.calls import Call, Source, arguments, sources
from deepresolve_dash.networks.formats.keras.config import (
    Config,
    LayerConfig,
    layer_config,
    raw_entry,
)

FIRST_LAYERS = ("InputLayer", "Input")
_FUNCTIONAL = ("Functional", "Model", "Container")
_DEEPEST = 16  # models inside models
_MOST_CALLS = 20_000


@dataclass(frozen=True)
class Model:
    """A model as its file describes it.

    Attributes
    ----------
    kind : str
        "Sequential", "Functional" or "Graph".
    layers : dict of LayerConfig
        By name, in the order of the file, which is that of the weights.
    models : dict of Model
        The layers that are models themselves.
    calls : tuple of Call
        In the order of the file; a call may take what a later one makes.
    inputs : tuple of str
        Names of input layers.
    outputs : dict of Source
        By the name of the layer.
    """

    kind: str
    layers: dict[str, LayerConfig]
    models: dict[str, "Model"]
    calls: tuple[Call, ...]
    inputs: tuple[str, ...]
    outputs: dict[str, Source]

    @property
    def is_forked(self) -> bool:
        """Whether it begins with branches of which several read the same input."""
        first = next(iter(self.layers.values()))
        return (
            self.kind == "Sequential"
            and first.kind == "Merge"
            and len(self.models) > len(self.inputs)
        )

    def all_layers(self) -> Iterator[LayerConfig]:
        """Yield all layers, those of the models inside as well."""
        for name, layer in self.layers.items():
            if name in self.models:
                yield from self.models[name].all_layers()
            else:
                yield layer


def parse_model(data: object, *, depth: int = 0) -> Model:
    """Check and translate the JSON of a Keras model of any version.

    Raises
    ------
    ModelFileError
        When it is not a model whose layers the file names.
    """
    if depth > _DEEPEST:
        raise ModelFileError(f"The Keras model holds models more than {_DEEPEST} deep.")
    if not isinstance(data, dict):
        raise ModelFileError("The JSON file does not describe a Keras model.")
    old = "class_name" not in data and data.get("name") in ("Sequential", "Graph")
    if not old and ("class_name" not in data or "config" not in data):
        raise ModelFileError("The JSON file does not describe a Keras model.")
    kind = str(data["name"] if old else data["class_name"])
    config = data if old else data["config"]
    try:
        if kind == "Sequential":
            model = _sequential(config, depth)
        elif kind == "Graph" and isinstance(config, dict):
            model = _graph(config, depth)
        elif kind in _FUNCTIONAL or (isinstance(config, dict) and "input_layers" in config):
            model = _functional(config, depth)
        else:
            raise ModelFileError(
                f"This Keras model is of the class '{kind}', whose program is not in the file.",
                "Rebuild it as a functional model in Keras and save that.",
            )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"The architecture is broken: {error!r} is wrong in it.") from None
    if not model.calls:
        raise ModelFileError("The Keras model has no layers.")
    return model


def _sequential(config: object, depth: int) -> Model:
    """Read layers in a row; the first may be a merge of models, as Keras 0 and 1 could write."""
    entries = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(entries, list) or not entries:
        raise ModelFileError("The Keras model has no layers.")
    _check_number(entries)
    made = _Making(depth)
    names = [made.add(entry, number) for number, entry in enumerate(entries)]
    first = made.layers[names[0]]
    if first.kind in FIRST_LAYERS:
        taken: tuple[Source, ...] = (Source(names[0]),)
        made.inputs.append(names[0])
        names = names[1:]
    elif first.kind == "Merge" and isinstance(first.options.get("layers"), list):
        taken = made.branches(first)
    else:
        built = config.get("build_input_shape") if isinstance(config, dict) else None
        taken = (made.input_of(names[0], built),)
    for name in names:
        made.calls.append(Call(name, 0, taken))
        taken = (Source(name),)
    return made.model("Sequential", {taken[0].layer: taken[0]})


def _functional(config: Config, depth: int) -> Model:
    """Read layers that say themselves what they take."""
    entries = config["layers"]
    _check_number(entries)
    made = _Making(depth)
    for number, entry in enumerate(entries):
        name = made.add(entry, number)
        if made.layers[name].kind not in FIRST_LAYERS:
            for index, node in enumerate(entry.get("inbound_nodes") or ()):
                made.calls.append(Call(name, index, *arguments(node)))
    _check_number(made.calls)
    made.inputs += [source.layer for source in sources(config["input_layers"])]
    outputs: dict[str, Source] = {}
    for source in sources(config["output_layers"]):
        number = f"#{len(outputs) + 1}" if source.layer in outputs else ""
        outputs[source.layer + number] = source
    return made.model("Functional", outputs)


def _graph(config: Config, depth: int) -> Model:
    """Read a Graph of Keras 0 and 1: nodes by name, each with a merge of what it takes."""
    made = _Making(depth)
    _check_number(config["node_config"])
    for entry in config["input_config"]:
        options = {"input_shape": list(entry["input_shape"])}
        made.inputs.append(made.take(LayerConfig("InputLayer", str(entry["name"]), options)))
    outputs: dict[str, Source] = {}
    for number, entry in enumerate(config["node_config"]):
        name = made.add(config["nodes"][entry["name"]], number, name=str(entry["name"]))
        made.calls.append(Call(name, 0, made.merged(entry)))
        if entry.get("create_output"):
            outputs[name] = Source(name)
    for entry in config.get("output_config") or ():
        (outputs[str(entry["name"])],) = made.merged(entry)
    return made.model("Graph", outputs)


class _Making:
    """A model in the making."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.layers: dict[str, LayerConfig] = {}
        self.models: dict[str, Model] = {}
        self.calls: list[Call] = []
        self.inputs: list[str] = []

    def add(self, entry: object, number: int, *, name: str | None = None) -> str:
        """Add a layer of the file and return its name."""
        layer = layer_config(entry, number, name=name)
        if layer.kind in ("Sequential", *_FUNCTIONAL) or "input_layers" in layer.options:
            self.models[layer.name] = parse_model(entry, depth=self.depth + 1)
        return self.take(layer)

    def take(self, layer: LayerConfig) -> str:
        """Add a layer and return its name."""
        if layer.name in self.layers:
            raise ModelFileError(f"Two layers of the Keras model are called '{layer.name}'.")
        self.layers[layer.name] = layer
        return layer.name

    def input_of(self, name: str, built: object = None) -> Source:
        """Add the input that a layer wants and return it."""
        shape = self.shape_of(name)
        if shape is None and isinstance(built, list):
            shape = built[1:]
        made = LayerConfig("InputLayer", f"{name}.input", {"input_shape": shape})
        self.inputs.append(self.take(made))
        return Source(made.name)

    def shape_of(self, name: str) -> list | None:
        """Return the shape of the input that a layer says to want."""
        inner = self.models.get(name)
        return inner.layers[inner.inputs[0]].input_shape if inner else self.layers[name].input_shape

    def branches(self, merge: LayerConfig) -> tuple[Source, ...]:
        """Add the models that a merge of Keras 0 and 1 holds.

        *Choice:* branches that want the same shape read the same sequence, as such models were
        given the same array twice.
        """
        ends = []
        entrances: dict[str, Source] = {}
        for number, entry in enumerate(merge.options["layers"]):
            kind, named, _ = raw_entry(entry)
            name = self.add(entry, number, name=named or f"{merge.name}.{kind.lower()}_{number}")
            shape = str(self.shape_of(name))
            entrance = entrances[shape] = entrances.get(shape) or self.input_of(name)
            self.calls.append(Call(name, 0, (entrance,)))
            ends.append(Source(name))
        return tuple(ends)

    def merged(self, entry: Config) -> tuple[Source, ...]:
        """Return what a node of a Graph takes, after adding the merge that it describes."""
        if entry.get("input"):
            return (Source(str(entry["input"])),)
        taken = tuple(Source(str(name)) for name in entry["inputs"])
        if len(taken) == 1:
            return taken
        options = {name: entry[name] for name in ("concat_axis", "dot_axes") if name in entry}
        options["mode"] = entry.get("merge_mode") or "concat"
        name = self.take(LayerConfig("Merge", f"{entry['name']}.merge", options))
        self.calls.append(Call(name, 0, taken))
        return (Source(name),)

    def model(self, kind: str, outputs: dict[str, Source]) -> Model:
        """Return the finished model, after checking that every name leads somewhere."""
        if not outputs:
            raise ModelFileError("The Keras model has no output.")
        ends = (*outputs.values(), *map(Source, self.inputs))
        for source in (*ends, *(source for call in self.calls for source in call.sources)):
            if source.layer not in self.layers:
                raise ModelFileError(
                    f"The Keras model names '{source.layer}', which is not one of its layers."
                )
        calls = _numbered(self.calls, self.models, ends)
        return Model(kind, self.layers, self.models, calls, tuple(self.inputs), outputs)


def _numbered(
    calls: list[Call], models: Collection[str], ends: Iterable[Source]
) -> tuple[Call, ...]:
    """Return calls with those of inner models numbered as in the file.

    Keras counts them from 1: a model has been called once when it was made.
    """
    used = [*ends, *(source for call in calls for source in call.sources)]
    from_zero = {source.layer for source in used if source.call == 0}
    return tuple(
        replace(call, index=call.index + 1)
        if call.layer in models and call.layer not in from_zero
        else call
        for call in calls
    )


def _check_number(entries: object) -> None:
    """Refuse what is no list of layers, or an absurd number of them."""
    if not isinstance(entries, list):
        raise TypeError(entries)
    if len(entries) > _MOST_CALLS:
        raise ModelFileError(f"The Keras model has {len(entries):,} layers, too many to be one.")
