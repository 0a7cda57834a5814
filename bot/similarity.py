"""How alike a text is to many others: cosines of TF-IDF vectors over words, word pairs and the letters inside words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

WORD_WEIGHT = 0.6
"""Share of words and word pairs in a cosine; the letters inside words have the rest."""


class Features:
    """One way to cut texts, with how telling each piece is among them (sublinear TF-IDF)."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        frequency = Counter(piece for pieces in texts for piece in set(pieces))
        self.ids = {piece: number for number, piece in enumerate(sorted(frequency))}
        counts = np.array([frequency[piece] for piece in self.ids], dtype=float)
        self.unseen = math.log(1 + len(texts)) + 1
        self.idf: Floats = np.log((1 + len(texts)) / (1 + counts)) + 1

    def vector(self, pieces: Iterable[str]) -> tuple[Numbers, Floats]:
        """The known pieces' numbers and weights, in a vector of length one that counts the unknown ones too."""
        counts = Counter(pieces)
        known = [(self.ids[piece], count) for piece, count in counts.items() if piece in self.ids]
        indices = np.array([number for number, _ in known], dtype=np.int64)
        weights = (1 + np.log(np.array([count for _, count in known], dtype=float))) * self.idf[indices]
        strange = sum(((1 + math.log(n)) * self.unseen) ** 2 for piece, n in counts.items() if piece not in self.ids)
        length = math.sqrt(float(weights @ weights) + strange)
        return indices, weights / length if length else weights


class Similarity:
    """The cosines of a text to a list of others and to the mean of each group of them.

    Both cuttings and both sorts of rows stand in one sparse matrix stored by column, so that a question touches only
    the pieces it has. `owners` gives the group of each text, in rising order.
    """

    def __init__(self, texts: Sequence[Sequence[str]], owners: Numbers, groups: int) -> None:
        self.count = len(texts)
        self.words = Features([word_pieces(words) for words in texts])
        self._letters = Features([letter_pieces(words) for words in texts])
        vectors = [self._vector(words) for words in texts]
        rows = np.repeat(np.arange(self.count), [len(indices) for indices, _ in vectors])
        columns = np.concatenate([indices for indices, _ in vectors])
        weights = np.concatenate([values for _, values in vectors])
        mean_rows, mean_columns, mean_weights = self._means(owners[rows], columns, weights, groups)
        columns = np.concatenate((columns, mean_columns))
        order = np.argsort(columns, kind="stable")
        self._rows = np.concatenate((rows, self.count + mean_rows))[order].astype(np.int32)
        self._weights = np.concatenate((weights, mean_weights))[order].astype(np.float32)
        self._size = self.count + groups
        width = len(self.words.ids) + len(self._letters.ids)
        self._starts = np.searchsorted(columns[order], np.arange(width + 1))

    def cosines(self, words: Sequence[str]) -> tuple[Floats, Floats]:
        """How alike the words are to each text, and to the mean of each group."""
        columns, weights = self._vector(words, (WORD_WEIGHT, 1 - WORD_WEIGHT))
        starts, ends = self._starts[columns], self._starts[columns + 1]
        lengths = ends - starts
        steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(starts, lengths) + steps
        products = self._weights[places] * np.repeat(weights, lengths)
        sums = np.bincount(self._rows[places], weights=products, minlength=self._size).astype(np.float64)
        return sums[: self.count], sums[self.count :]

    def _vector(self, words: Sequence[str], shares: tuple[float, float] = (1.0, 1.0)) -> tuple[Numbers, Floats]:
        numbers, values = self.words.vector(word_pieces(words))
        letter_numbers, letter_values = self._letters.vector(letter_pieces(words))
        return (
            np.concatenate((numbers, letter_numbers + len(self.words.ids))),
            np.concatenate((shares[0] * values, shares[1] * letter_values)),
        )

    def _means(
        self, owners: Numbers, columns: Numbers, weights: Floats, groups: int
    ) -> tuple[Numbers, Numbers, Floats]:
        """The mean of each group as rows, columns and weights; each cutting's part of a row has length one."""
        width = len(self.words.ids) + len(self._letters.ids)
        keys, place = np.unique(owners * width + columns, return_inverse=True)
        sums = np.bincount(place, weights=weights)
        rows, columns = keys // width, keys % width
        part = rows * 2 + (columns >= len(self.words.ids))
        lengths = np.sqrt(np.bincount(part, weights=sums**2, minlength=2 * groups))
        return rows, columns, sums / lengths[part]


def word_pieces(words: Sequence[str]) -> list[str]:
    """The words and the pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def letter_pieces(words: Sequence[str]) -> list[str]:
    """The runs of four letters in each word, with its ends marked; runs of three and five add cost and find no more."""
    padded = [f" {word} " for word in words]
    return [word[i : i + 4] for word in padded for i in range(max(len(word) - 3, 1))]
