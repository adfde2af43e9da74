"""What layers compute, in plain numpy on one sequence at a time: arrays (position, channel)."""

import numpy as np


def correlate(x, kernel, bias, *, before=0, after=0, stride=1, dilation=1):
    """kernel (width, in, out); out[i] = sum_j kernel[j] x[i + j]."""
    x = np.pad(x, ((before, after), (0, 0)))
    reach = (len(kernel) - 1) * dilation + 1
    return np.array(
        [
            sum(x[start + j * dilation] @ kernel[j] for j in range(len(kernel))) + bias
            for start in range(0, len(x) - reach + 1, stride)
        ]
    )


def theano_same(x, kernel, bias):
    """A true convolution, its border being half of the kernel; np.convolve is the definition."""
    width, n_inputs, n_outputs = kernel.shape
    start = width - 1 - width // 2
    return np.stack(
        [
            sum(
                np.convolve(x[:, c], kernel[:, c, k])[start : start + len(x)]
                for c in range(n_inputs)
            )
            + bias[k]
            for k in range(n_outputs)
        ],
        axis=1,
    )


def windows(length, size, stride, *, same):
    """Bases that each pooling window holds; border positions left out."""
    if not same:
        return [range(i, i + size) for i in range(0, length - size + 1, stride)]
    n = -(-length // stride)
    left = max((n - 1) * stride + size - length, 0) // 2
    starts = [i * stride - left for i in range(n)]
    return [range(max(s, 0), min(s + size, length)) for s in starts]


def pool(x, size, stride=None, *, same=False, how=np.max):
    return np.array(
        [how(x[list(w)], axis=0) for w in windows(len(x), size, stride or size, same=same)]
    )


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def one_hots(generator, n, length):
    """(n, position, base)"""
    return np.eye(4)[generator.integers(4, size=(n, length))]


def lstm(x, gates, *, gate=sigmoid):
    """gates: (kernel (in, h), recurrent (h, h), bias (h,)) for i, f, c, o; all states."""
    h, c = (np.zeros(gates[0][1].shape[0]) for _ in range(2))
    states = []
    for step in x:
        i, f, g, o = (step @ kernel + h @ inner + bias for kernel, inner, bias in gates)
        c = gate(f) * c + gate(i) * np.tanh(g)
        h = gate(o) * np.tanh(c)
        states.append(h)
    return np.array(states)


def gru(x, gates, *, gate=sigmoid):
    """gates for z, r, h, as `lstm`; the reset gate scales the state before its product."""
    h = np.zeros(gates[0][1].shape[0])
    states = []
    for step in x:
        z, r = (gate(step @ kernel + h @ inner + bias) for kernel, inner, bias in gates[:2])
        kernel, inner, bias = gates[2]
        h = z * h + (1 - z) * np.tanh(step @ kernel + (r * h) @ inner + bias)
        states.append(h)
    return np.array(states)


def hard_sigmoid(x):
    """Of Keras 1 and 2."""
    return np.clip(0.2 * x + 0.5, 0, 1)
