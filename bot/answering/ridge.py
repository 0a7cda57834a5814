"""Which candidate a text belongs to, learnt from how alike the candidates' own texts are (kernel ridge regression)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bot.answering.encoders import Vectors
from bot.answering.similarity import Numbers

SHARPNESS = 2.0
"""How much nearer texts count than farther ones: a cosine c counts as exp(SHARPNESS (c - 1))."""

RIDGE = 0.05
"""How little a single text is trusted; both numbers were looked for on the training parts of the public sets."""

BLOCK = 256
"""Rows that are eliminated at once."""


def kernel(cosines: Vectors) -> Vectors:
    """What a cosine counts for, from near 0 to 1 for the same text; the cosines are overwritten."""
    cosines -= 1
    cosines *= SHARPNESS
    return np.exp(cosines, out=cosines)


def learnt(alike: Iterable[Vectors], owners: Numbers, candidates: int) -> Vectors:
    """The weights by which each text speaks for or against each candidate, from the texts' cosines to each other.

    They solve (K + RIDGE) W = Y, where Y says whose each text is; the score of a question is its kernel row times W.
    `alike` gives the lower half of the cosines, BLOCK rows at a time, each up to the last of them.

    Cholesky's elimination by blocks of rows, of the lower half alone: it holds half of one square in single precision,
    150 MB for 8,600 texts. LAPACK's own, by numpy or SciPy, needs the whole square, and numpy a copy of it in double
    precision besides; SciPy would be 100 MB more to install.
    """
    weights = np.zeros((len(owners), candidates), np.float32)
    weights[np.arange(len(owners)), owners] = 1
    rows: list[Vectors] = []
    inverses: list[Vectors] = []
    for own in alike:
        square = kernel(own)
        start, end = square.shape[1] - len(square), square.shape[1]
        square[np.arange(len(square)), np.arange(start, end)] += RIDGE
        for number, (inverse, above) in enumerate(zip(inverses, rows, strict=True)):
            at = slice(number * BLOCK, (number + 1) * BLOCK)
            left = square[:, : at.start] @ above[:, : at.start].T
            square[:, at] = (square[:, at] - left) @ inverse.T
        left = square[:, :start]
        inverse = np.linalg.inv(np.linalg.cholesky(square[:, start:] - left @ left.T))
        weights[start:end] = inverse @ (weights[start:end] - left @ weights[:start])
        rows.append(square)
        inverses.append(inverse)
    for square, inverse in zip(reversed(rows), reversed(inverses), strict=True):
        start, end = square.shape[1] - len(square), square.shape[1]
        weights[start:end] = inverse.T @ weights[start:end]
        weights[:start] -= square[:, :start].T @ weights[start:end]
    return weights
