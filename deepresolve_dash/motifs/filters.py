"""A first-layer filter as a motif: probabilities, information content, consensus."""

import numpy as np

BASES = "ACGT"


def filter_pwm(kernel: np.ndarray) -> np.ndarray:
    """Turn the positive weights of a filter into probabilities.

    *Source:* the paper's conversion of filters for TOMTOM: negative weights are set to 0 and each
    position is divided by its sum. A position without a positive weight becomes 0.25 for each base.

    Parameters
    ----------
    kernel : float array (offset, base)
        Weights in reading direction, bases A, C, G, T.

    Returns
    -------
    float64 array (offset, base), rows sum to 1
    """
    positive = np.clip(np.asarray(kernel, dtype=np.float64), 0, None)
    total = positive.sum(axis=1, keepdims=True)
    return np.where(total > 0, positive / np.where(total > 0, total, 1), 0.25)


def information_bits(pwm: np.ndarray) -> np.ndarray:
    """Return the information content of each position against a uniform background.

    Parameters
    ----------
    pwm : float array (offset, base), rows sum to 1

    Returns
    -------
    float64 array (offset,), 0 to 2 bits; 2 + sum_b p log2 p without small-sample correction
    """
    pwm = np.asarray(pwm, dtype=np.float64)
    logarithms = np.log2(np.where(pwm > 0, pwm, 1))
    return np.clip(2 + (pwm * logarithms).sum(axis=1), 0, None)


def filter_information(kernel: np.ndarray) -> tuple[float, float]:
    """Return the information content of what a filter likes and of what it avoids.

    *Source:* the paper reports that negative weights carry information too. Choice: the negative
    part is the motif of the negated weights.

    Parameters
    ----------
    kernel : float array (offset, base)

    Returns
    -------
    positive, negative : float
        Bits, summed over positions.
    """
    kernel = np.asarray(kernel)
    parts = (information_bits(filter_pwm(sign * kernel)).sum() for sign in (1, -1))
    positive, negative = map(float, parts)
    return positive, negative


def consensus(pwm: np.ndarray, *, threshold: float = 0.5) -> str:
    """Spell a motif: a position's likeliest base, or N where it does not exceed the threshold.

    Parameters
    ----------
    pwm : float array (offset, base), rows sum to 1
    threshold : float
        Probability that a base must exceed to be named.
    """
    pwm = np.asarray(pwm)
    likeliest = pwm.argmax(axis=1)
    return "".join(
        BASES[base] if row[base] > threshold else "N"
        for row, base in zip(pwm, likeliest, strict=True)
    )


def reverse_complement(matrix: np.ndarray) -> np.ndarray:
    """Return a motif or filter (offset, base) as it reads on the other strand."""
    return np.asarray(matrix)[::-1, ::-1]
