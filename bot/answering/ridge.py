"""Which candidate a text belongs to, learnt from how alike the candidates' own texts are (kernel ridge regression)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.answering.cache import Cache, digest
from bot.answering.encoders import Vectors
from bot.answering.similarity import LETTERS, MEANING, WORDS, Numbers, Similarity

SHARPNESS = 2.0
"""How much nearer texts count than farther ones: a cosine c counts as exp(SHARPNESS (c - 1))."""

RIDGE = 0.05
"""How little a single text is trusted; both numbers were looked for on the training parts of the public sets."""

VERSION = f"3 {WORDS} {LETTERS} {MEANING} {SHARPNESS} {RIDGE}"
"""What weights that were learnt otherwise are told by; the first number goes up when the code changes them."""


class Joint:
    """Scores all candidates by one solution learnt from all their texts."""

    def __init__(self, similarity: Similarity, weights: Vectors) -> None:
        self.words = similarity.words
        self._similarity, self._weights = similarity, weights

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], vectors: Vectors, owners: Numbers, encoder: str, cache: Cache) -> Joint:
        """The texts, each as its words, with their vectors by the encoder of that name and their owners in order."""
        similarity = Similarity.of(texts, vectors)
        marked = (f"{owner} {' '.join(words)}" for owner, words in zip(owners, texts, strict=True))
        name = "weights-" + digest((VERSION, encoder, *marked))
        shape = (len(owners), int(owners.max(initial=-1)) + 1)
        kept = cache.load(name)
        weights = kept["weights"] if kept and "weights" in kept else np.zeros(0)
        if weights.shape != shape or weights.dtype != np.float32 or not np.isfinite(weights).all():
            weights = learnt(similarity.among(texts), owners, shape[1])
            cache.save(name, {"weights": weights})
        return cls(similarity, weights.astype(np.float32, copy=False))

    def scores(self, words: Sequence[str], vector: Vectors) -> tuple[Numbers, Vectors, Vectors]:
        """The candidates, how much speaks for each, and the cosines of a text to each of theirs."""
        cosines = self._similarity.cosines(words, vector)
        scores = kernel(cosines) @ self._weights
        return np.arange(len(scores)), scores, cosines


def kernel(cosines: Vectors) -> Vectors:
    """What a cosine counts for, from near 0 to 1 for the same text."""
    counted: Vectors = cosines - 1
    counted *= SHARPNESS
    return np.exp(counted, out=counted)


def learnt(alike: Vectors, owners: Numbers, candidates: int) -> Vectors:
    """The weights by which each text speaks for or against each candidate, from the texts' cosines to each other.

    They solve (K + RIDGE) W = Y, where Y says whose each text is; the score of a question is its kernel row times W.
    """
    targets = np.zeros((len(owners), candidates), np.float32)
    targets[np.arange(len(owners)), owners] = 1
    square = kernel(alike)
    square.flat[:: len(owners) + 1] += RIDGE
    return _solved(square, targets)


BLOCK = 512
"""Rows that are eliminated at once."""


def _solved(square: Vectors, targets: Vectors) -> Vectors:
    """What `square`, symmetric and positive, has to be multiplied by to give `targets`; both are overwritten.

    Cholesky's elimination by blocks, in place: numpy's own `solve` works on two copies in double precision, which for
    8,000 texts are a gigabyte, and takes four times as long. SciPy's `solve(assume_a="pos")` would do the same, but
    nothing else here needs SciPy, which is 100 MB to install.
    """
    bounds = [(start, min(start + BLOCK, len(square))) for start in range(0, len(square), BLOCK)]
    inverses = []
    for start, end in bounds:
        left = square[start:end, :start]
        square[start:, start:end] -= square[start:, :start] @ left.T
        inverse = np.linalg.inv(np.linalg.cholesky(square[start:end, start:end]))
        inverses.append(inverse)
        square[end:, start:end] = square[end:, start:end] @ inverse.T
        targets[start:end] = inverse @ (targets[start:end] - left @ targets[:start])
    for (start, end), inverse in zip(reversed(bounds), reversed(inverses), strict=True):
        targets[start:end] = inverse.T @ (targets[start:end] - square[end:, start:end].T @ targets[end:])
    return targets
