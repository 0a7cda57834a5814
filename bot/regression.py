"""Which candidate a text belongs to, learnt from how alike the candidates' own texts are (kernel ridge regression)."""

from __future__ import annotations

import numpy as np

from bot.encoders import Vectors
from bot.similarity import LETTERS, MEANING, WORDS, Numbers

SHARPNESS = 2.0
"""How much nearer texts count than farther ones: a cosine c counts as exp(SHARPNESS (c - 1))."""

RIDGE = 0.05
"""How little a single text is trusted; both numbers were looked for on the training parts of the public sets."""

VERSION = f"1 {WORDS} {LETTERS} {MEANING} {SHARPNESS} {RIDGE}"
"""What weights that were learnt otherwise are told by; the first number goes up when the code changes them."""


def kernel(cosines: Vectors) -> Vectors:
    """What a cosine counts for, from near 0 to 1 for the same text."""
    counted: Vectors = np.exp(SHARPNESS * (cosines - 1))
    return counted


def learnt(alike: Vectors, owners: Numbers, candidates: int) -> Vectors:
    """The weights by which each text speaks for or against each candidate, from the texts' cosines to each other.

    They solve (K + RIDGE) W = Y, where Y says whose each text is; the score of a question is its kernel row times W.
    """
    targets = np.zeros((len(owners), candidates), np.float32)
    targets[np.arange(len(owners)), owners] = 1
    square = kernel(alike)
    square.flat[:: len(owners) + 1] += RIDGE
    weights: Vectors = np.linalg.solve(square, targets)
    return weights
