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

    def matrix(self, texts: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers, Floats]:
        """The vectors of texts whose pieces are all known, as the rows, columns and weights of one sparse matrix."""
        rows = np.repeat(np.arange(len(texts)), [len(pieces) for pieces in texts])
        columns = np.array([self.ids[piece] for pieces in texts for piece in pieces], dtype=np.int64)
        keys, counts = np.unique(rows * len(self.ids) + columns, return_counts=True)
        rows, columns = keys // len(self.ids), keys % len(self.ids)
        weights = (1 + np.log(counts)) * self.idf[columns]
        return rows, columns, weights / np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(texts)))[rows]

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
        cut_words = [word_pieces(words) for words in texts]
        cut_letters = [letter_pieces(words) for words in texts]
        self.words, self._letters = Features(cut_words), Features(cut_letters)
        rows, columns, weights = self.words.matrix(cut_words)
        letter_rows, letter_columns, letter_weights = self._letters.matrix(cut_letters)
        rows = np.concatenate((rows, letter_rows))
        columns = np.concatenate((columns, letter_columns + len(self.words.ids)))
        weights = np.concatenate((weights, letter_weights))
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
        columns, weights = self._vector(words)
        starts, ends = self._starts[columns], self._starts[columns + 1]
        lengths = ends - starts
        steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(starts, lengths) + steps
        products = self._weights[places] * np.repeat(weights, lengths)
        sums = np.bincount(self._rows[places], weights=products, minlength=self._size).astype(np.float64)
        return sums[: self.count], sums[self.count :]

    def _vector(self, words: Sequence[str]) -> tuple[Numbers, Floats]:
        numbers, values = self.words.vector(word_pieces(words))
        letter_numbers, letter_values = self._letters.vector(letter_pieces(words))
        return (
            np.concatenate((numbers, letter_numbers + len(self.words.ids))),
            np.concatenate((WORD_WEIGHT * values, (1 - WORD_WEIGHT) * letter_values)),
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
