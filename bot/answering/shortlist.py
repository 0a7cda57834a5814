"""Scores in content too large for one joint solution: each question gets one of its own, among the phrasings near it.

The candidates that come nearest by their mean phrasing are looked at one phrasing after the other, and what
`regression` solves once for all phrasings of a small content is solved here for the nearest ones, on the same scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bot.answering import ridge as regression
from bot.answering.cache import Arrays, Cache, digest
from bot.answering.encoders import Vectors
from bot.answering.similarity import MEANING, Features, Floats, Lists, Numbers, Pieces, shares

CANDIDATES = 32
"""Candidates whose phrasings are looked at one by one."""

NEAREST = 48
"""Phrasings among which the solution is sought."""

FREQUENT = 0.25
"""Share of the candidates from which a piece of text says too little to look for them by it."""

ARRAYS = frozenset(
    [f"{lists}-{part}" for lists in ("rows", "candidates") for part in ("starts", "places", "weights")]
    + [f"{features}-{part}" for features in ("words", "letters") for part in ("pieces", "idf")]
)
"""The arrays of an index."""

VERSION = f"1 {FREQUENT} {regression.VERSION}"
"""What an index that was made otherwise is told by."""


class Shortlist:
    """Scores the candidates near a question, from an index of the phrasings and one of the candidates' means."""

    def __init__(self, owners: Numbers, vectors: Vectors, index: Arrays) -> None:
        pieces = Pieces(_features(index, "words"), _features(index, "letters"))
        self.words = pieces.words
        self._pieces, self._owners, self._vectors = pieces, owners, vectors
        self._means = _means(vectors, owners)
        self._rows, self._candidates = _lists(index, "rows"), _lists(index, "candidates")
        self._firsts = np.searchsorted(owners, np.arange(len(self._means) + 1))
        word_share, letter_share = shares(vectors)
        self._roots = math.sqrt(word_share), math.sqrt(letter_share)

    @classmethod
    def of(
        cls, texts: Sequence[Sequence[str]], vectors: Vectors, owners: Numbers, encoder: str, cache: Cache
    ) -> Shortlist:
        """The texts, each as its words, with their vectors by the encoder of that name and their owners in order."""
        marked = (f"{owner} {' '.join(words)}" for owner, words in zip(owners, texts, strict=True))
        name = "index-" + digest((VERSION, encoder, *marked))
        index = cache.load(name)
        if not index or not index.keys() >= ARRAYS or len(index["rows-starts"]) != len(texts) + 1:
            index = _index(texts, owners, shares(vectors))
            cache.save(name, index)
        return cls(owners, vectors, index)

    def scores(self, words: Sequence[str], vector: Vectors) -> tuple[Numbers, Vectors, Vectors]:
        """The candidates that a text may mean, their scores, and the cosines of the phrasings that were looked at."""
        columns, weights = self._pieces.vector(words, *self._roots)
        found = self._candidates.sums(columns, weights, len(self._means))
        if self._vectors.shape[1]:
            found += MEANING * (self._means @ vector)
        chosen = np.sort(np.argpartition(-found, min(CANDIDATES, len(found) - 1))[:CANDIDATES])
        lengths = self._firsts[chosen + 1] - self._firsts[chosen]
        rows = np.repeat(self._firsts[chosen] - np.cumsum(lengths) + lengths, lengths) + np.arange(int(lengths.sum()))
        alike = self._alike(rows, columns, weights, vector)
        cosines = np.zeros(len(self._owners), np.float32)
        cosines[rows] = alike
        near = np.sort(np.argpartition(-alike, min(NEAREST, len(rows) - 1))[:NEAREST])
        owners, own = np.unique(self._owners[rows[near]], return_inverse=True)
        learnt = regression.learnt(self._among(rows[near]), own, len(owners))
        return owners, regression.kernel(alike[near]) @ learnt, cosines

    def _alike(self, rows: Numbers, columns: Numbers, weights: Floats, vector: Vectors) -> Vectors:
        """The cosines of a text to some of the phrasings."""
        where, lengths = self._rows.together(rows)
        question = np.zeros(self._pieces.count, np.float32)
        question[columns] = weights
        products = self._rows.weights[where] * question[self._rows.places[where]]
        found: Vectors = np.bincount(np.repeat(np.arange(len(rows)), lengths), products, len(rows)).astype(np.float32)
        if self._vectors.shape[1]:
            found += MEANING * (self._vectors[rows] @ vector)
        return found

    def _among(self, rows: Numbers) -> Vectors:
        """The cosines of some phrasings to each other; a piece that only one of them has changes none."""
        where, lengths = self._rows.together(rows)
        _, own, counts = np.unique(self._rows.places[where], return_inverse=True, return_counts=True)
        shared = counts > 1
        table = np.zeros((len(rows), int(shared.sum())), np.float32)
        kept = shared[own]
        numbers = np.cumsum(shared) - 1
        table[np.repeat(np.arange(len(rows)), lengths)[kept], numbers[own[kept]]] = self._rows.weights[where[kept]]
        found: Vectors = table @ table.T
        if self._vectors.shape[1]:
            found += MEANING * (self._vectors[rows] @ self._vectors[rows].T)
        np.fill_diagonal(found, 1)
        return found


def _index(texts: Sequence[Sequence[str]], owners: Numbers, share: tuple[float, float]) -> Arrays:
    """What of a shortlist does not follow from vectors and owners at once."""
    pieces, (rows, columns, weights) = Pieces.of(texts)
    weights *= np.where(columns < len(pieces.words.ids), math.sqrt(share[0]), math.sqrt(share[1]))
    lists = Lists.of(rows, columns, weights, len(texts))
    sizes = np.bincount(owners)
    keys, places = np.unique(columns * len(sizes) + owners[rows], return_inverse=True)
    sums = np.bincount(places, weights)
    columns, candidates = keys // len(sizes), keys % len(sizes)
    telling = np.bincount(columns, minlength=pieces.count)[columns] <= max(FREQUENT * len(sizes), 1)
    columns, candidates, sums = columns[telling], candidates[telling], sums[telling]
    means = Lists.of(columns, candidates, sums / sizes[candidates], pieces.count)
    return {
        **{f"rows-{key}": value for key, value in vars(lists).items()},
        **{f"candidates-{key}": value for key, value in vars(means).items()},
        **_kept("words", pieces.words),
        **_kept("letters", pieces.letters),
    }


def _means(vectors: Vectors, owners: Numbers) -> Vectors:
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    sizes = np.diff(firsts, append=len(owners)).astype(np.float32)
    found: Vectors = (np.add.reduceat(vectors, firsts) / sizes[:, None]).astype(np.float32)
    return found


def _kept(name: str, features: Features) -> Arrays:
    text = "\n".join(features.pieces).encode("utf-8", "surrogatepass")
    return {f"{name}-pieces": np.frombuffer(text, np.uint8), f"{name}-idf": features.idf}


def _features(index: Arrays, name: str) -> Features:
    pieces = index[f"{name}-pieces"].tobytes().decode("utf-8", "surrogatepass").split("\n")
    texts = len(index["rows-starts"]) - 1
    return Features(pieces, index[f"{name}-idf"].astype(np.float64), math.log(1 + texts) + 1)


def _lists(index: Arrays, name: str) -> Lists:
    starts, places, weights = (index[f"{name}-{key}"] for key in ("starts", "places", "weights"))
    return Lists(starts.astype(np.int64), places.astype(np.int32), weights.astype(np.float32))
