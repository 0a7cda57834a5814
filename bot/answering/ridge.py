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

BLOCK, PANEL = 256, 1024
"""Columns that are eliminated at once, and rows: as many as make the products of matrices wide enough to be fast."""


def kernel(cosines: Vectors) -> Vectors:
    """What a cosine counts for, from near 0 to 1 for the same text; the cosines are overwritten."""
    cosines -= 1
    cosines *= SHARPNESS
    return np.exp(cosines, out=cosines)


def solved(alike: Iterable[Vectors], owners: Numbers, candidates: int) -> Vectors:
    """The weights by which each text speaks for or against each candidate, from the texts' cosines to each other.

    They solve (K + RIDGE) W = Y, where Y says whose each text is; the score of a question is its kernel row times W.
    `alike` gives the lower half of the cosines, PANEL rows at a time, each up to the last of them.

    Cholesky's elimination by blocks, of the lower half alone: it holds half of one square in single precision, 176 MB
    for 9,385 texts. LAPACK's own, by numpy or SciPy, needs the whole square, and numpy a copy in double precision
    besides; SciPy would be 100 MB more to install.
    """
    weights = np.zeros((len(owners), candidates), np.float32)
    weights[np.arange(len(owners)), owners] = 1
    blocks: list[tuple[slice, Vectors, Vectors]] = []  # where each stands, its rows and the inverse of its own square
    for cosines in alike:
        panel = kernel(cosines)
        begin, end = panel.shape[1] - len(panel), panel.shape[1]
        panel[np.arange(len(panel)), np.arange(begin, end)] += RIDGE
        for at, above, inverse in blocks:
            panel[:, at] = (panel[:, at] - panel[:, : at.start] @ above.T) @ inverse.T
        for start in range(begin, end, BLOCK):
            at = slice(start, min(start + BLOCK, end))
            own, below = panel[start - begin : at.stop - begin], panel[at.stop - begin :]
            above = own[:, :start]
            inverse = np.linalg.inv(np.linalg.cholesky(own[:, at] - above @ above.T))
            below[:, at] = (below[:, at] - below[:, :start] @ above.T) @ inverse.T
            weights[at] = inverse @ (weights[at] - above @ weights[:start])
            blocks.append((at, above, inverse))
    for at, above, inverse in reversed(blocks):
        weights[at] = inverse.T @ weights[at]
        weights[: at.start] -= above.T @ weights[at]
    return weights
