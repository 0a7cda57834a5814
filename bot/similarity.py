"""How alike a text is to many others: cosines over words, word pairs, the letters inside words, and meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoders import Vectors

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

WORDS, LETTERS, MEANING = 0.2, 0.1, 0.7
"""Shares of words and their pairs, of letters, and of the encoder's vectors in a cosine; without an encoder the first
two share it alone. Looked for on the training parts of BANKING77, CLINC150 and HWU64, where any mix near it does."""


class Features:
    """One way to cut texts, with how telling each piece is among them (sublinear TF-IDF)."""

    def __init__(self, pieces: Sequence[str], idf: Floats, unseen: float) -> None:
        self.pieces, self.idf, self.unseen = pieces, idf, unseen
        self.ids = {piece: number for number, piece in enumerate(pieces)}

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Features:
        """The pieces of these texts."""
        frequency = Counter(piece for pieces in texts for piece in set(pieces))
        pieces = sorted(frequency)
        counts = np.array([frequency[piece] for piece in pieces], dtype=float)
        return cls(pieces, np.log((1 + len(texts)) / (1 + counts)) + 1, math.log(1 + len(texts)) + 1)

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


RARE = 60
"""Texts in which a piece stands at most to be compared text by text; more frequent ones are multiplied at once."""


class Similarity:
    """The cosines of a text to a list of others.

    Words and letters stand in one sparse matrix stored by column, so that a question touches only the pieces it has;
    meaning is a row of numbers for each text.
    """

    def __init__(self, words: Features, letters: Features, postings: Mapping[str, Any], vectors: Vectors) -> None:
        self.words, self._letters, self._postings, self._vectors = words, letters, postings, vectors
        self.count = len(vectors)
        share = WORDS + LETTERS if vectors.shape[1] == 0 else 1.0
        self._words_share, self._letters_share, self._meaning_share = WORDS / share, LETTERS / share, MEANING

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], vectors: Vectors) -> Similarity:
        """The texts, each as its words, with their vectors (of no numbers where there is no encoder)."""
        cut_words, cut_letters = [word_pieces(words) for words in texts], [letter_pieces(words) for words in texts]
        words, letters = Features.of(cut_words), Features.of(cut_letters)
        rows, columns, weights = words.matrix(cut_words)
        letter_rows, letter_columns, letter_weights = letters.matrix(cut_letters)
        columns = np.concatenate((columns, letter_columns + len(words.ids)))
        order = np.argsort(columns, kind="stable")
        postings = {
            "rows": np.concatenate((rows, letter_rows))[order].astype(np.int32),
            "weights": np.concatenate((weights, letter_weights))[order].astype(np.float32),
            "starts": np.searchsorted(columns[order], np.arange(len(words.ids) + len(letters.ids) + 1)),
        }
        return cls(words, letters, postings, vectors)

    def cosines(self, words: Sequence[str], vector: Vectors) -> Vectors:
        """How alike a text is to each other one, from its words and its vector."""
        columns, weights = self._pieces(words)
        starts, ends = self._postings["starts"][columns], self._postings["starts"][columns + 1]
        lengths = ends - starts
        steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(starts, lengths) + steps
        products = self._postings["weights"][places] * np.repeat(weights, lengths)
        shared = np.bincount(self._postings["rows"][places], weights=products, minlength=self.count)
        found: Vectors = shared.astype(np.float32)
        if self._vectors.shape[1]:
            found += self._meaning_share * (self._vectors @ vector)
        return found

    def among(self) -> Vectors:
        """How alike each of the texts is to each other: a square of `count` rows."""
        starts, rows, weights = (self._postings[name] for name in ("starts", "rows", "weights"))
        frequency = np.diff(starts)
        share = np.full(len(frequency), self._letters_share, np.float32)
        share[: len(self.words.ids)] = self._words_share
        column = np.repeat(np.arange(len(frequency)), frequency)
        weights = weights * np.sqrt(share)[column]
        common = np.flatnonzero(frequency > RARE)
        filled = frequency[column] > RARE
        dense = np.zeros((self.count, len(common)), np.float32)
        dense[rows[filled], np.searchsorted(common, column[filled])] = weights[filled]
        square: Vectors = dense @ dense.T
        if self._vectors.shape[1]:
            square += self._meaning_share * (self._vectors @ self._vectors.T)
        for texts in range(1, RARE + 1):  # all pieces that stand in as many texts at once
            of_these = np.flatnonzero(frequency == texts)
            where = starts[of_these][:, None] + np.arange(texts)
            pair, value = rows[where].astype(np.int64), weights[where]
            products = value[:, :, None] * value[:, None, :]
            np.add.at(square.reshape(-1), pair[:, :, None] * self.count + pair[:, None, :], products)
        return square

    def _pieces(self, words: Sequence[str]) -> tuple[Numbers, Floats]:
        numbers, values = self.words.vector(word_pieces(words))
        letter_numbers, letter_values = self._letters.vector(letter_pieces(words))
        return (
            np.concatenate((numbers, letter_numbers + len(self.words.ids))),
            np.concatenate((self._words_share * values, self._letters_share * letter_values)),
        )


def word_pieces(words: Sequence[str]) -> list[str]:
    """The words and the pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def letter_pieces(words: Sequence[str]) -> list[str]:
    """The runs of four letters in each word, with its ends marked; runs of three and five add cost and find no more."""
    padded = [f" {word} " for word in words]
    return [word[i : i + 4] for word in padded for i in range(max(len(word) - 3, 1))]
