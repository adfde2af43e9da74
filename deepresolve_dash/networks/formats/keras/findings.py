"""What was assumed in reading a Keras model, for its card."""

from deepresolve_dash.networks.formats.keras.inputs import Inputs
from deepresolve_dash.networks.formats.keras.origin import Origin
from deepresolve_dash.networks.graph import Finding


def findings(origin: Origin, inputs: Inputs, *, forked: bool, by_order: bool) -> list[Finding]:
    """Say what was assumed of the bases, the kernels, the input and the weights."""
    found = [
        Finding(
            "The rows of the input are taken as A, C, G, T.",
            "Keras files do not record the order of the bases.",
            "If motifs come out wrong, set the order that the model was trained with.",
        )
    ]
    if origin.theano:
        found.append(
            Finding(
                "The kernels of all convolutions were reversed.",
                f"{origin.evidence} Theano reads kernels backwards.",
                "If the model was trained with another backend, flip the kernels back.",
            )
        )
    elif origin.major < 2:
        found.append(
            Finding(
                "The kernels of all convolutions were left as they are.",
                origin.evidence,
                "If the model was trained with Theano, flip the kernels.",
            )
        )
    if inputs.given:
        found.append(
            Finding(
                f"Sequences are {inputs.length} bp long.",
                "The model leaves the length open; it was given.",
                "Read the model again with another length to change it.",
            )
        )
    shape = inputs.shapes[inputs.sequence]
    also = [name for name, other in inputs.shapes.items() if other == shape]
    if len(also) > 1:
        found.append(
            Finding(
                f"The input '{inputs.sequence}' is taken as the sequence.",
                f"The inputs {', '.join(also)} all have the shape of one-hot DNA.",
                "The others are held constant; below is what else they can be.",
            )
        )
    if forked:
        found.append(
            Finding(
                "The branches at the beginning of the model all read the same sequence.",
                "They are models of their own, and take inputs of the same shape.",
                "If they were trained with different sequences, this model cannot be used here.",
            )
        )
    if by_order:
        found.append(
            Finding(
                "The weights were matched with the layers by their order.",
                "The weight file and the architecture name the layers differently.",
                "Check that the two files belong together.",
            )
        )
    return found
