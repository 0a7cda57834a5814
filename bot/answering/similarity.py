"""How alike a text is to many others: cosines over words, word pairs, the letters inside words, and meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.answering.encoders import Vectors

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Entries = tuple[Numbers, Numbers, Floats]
"""The rows, columns and weights of a sparse matrix."""

WORDS, LETTERS, MEANING = 0.17, 0.08, 0.75
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

    def matrix(self, texts: Sequence[Sequence[str]]) -> Entries:
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


class Pieces:
    """The words, word pairs and letters of texts, as the columns of one sparse matrix."""

    def __init__(self, words: Features, letters: Features) -> None:
        self.words, self.letters = words, letters
        self.count = len(words.ids) + len(letters.ids)

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> tuple[Pieces, Entries]:
        """The pieces of these texts, each given as its words, and the texts as rows over them."""
        cut_words, cut_letters = [word_pieces(words) for words in texts], [letter_pieces(words) for words in texts]
        words, letters = Features.of(cut_words), Features.of(cut_letters)
        rows, columns, weights = words.matrix(cut_words)
        letter_rows, letter_columns, letter_weights = letters.matrix(cut_letters)
        return cls(words, letters), (
            np.concatenate((rows, letter_rows)),
            np.concatenate((columns, letter_columns + len(words.ids))),
            np.concatenate((weights, letter_weights)),
        )

    def vector(self, words: Sequence[str], word_share: float, letter_share: float) -> tuple[Numbers, Floats]:
        """The known pieces of a text, words and letters weighted by their shares."""
        numbers, values = self.words.vector(word_pieces(words))
        letter_numbers, letter_values = self.letters.vector(letter_pieces(words))
        return (
            np.concatenate((numbers, letter_numbers + len(self.words.ids))),
            np.concatenate((word_share * values, letter_share * letter_values)),
        )


class Lists:
    """A sparse matrix as one list for each of its lines: which places of the line are filled, and with what."""

    def __init__(self, starts: Numbers, places: Places, weights: Vectors) -> None:
        self.starts, self.places, self.weights = starts, places, weights

    @classmethod
    def of(cls, lines: Numbers, places: Numbers, weights: Floats, count: int) -> Lists:
        """The lists of `count` lines."""
        order = np.argsort(lines, kind="stable")
        starts = np.searchsorted(lines[order], np.arange(count + 1))
        return cls(starts, places[order].astype(np.int32), weights[order].astype(np.float32))

    def together(self, lines: Numbers) -> tuple[Numbers, Numbers]:
        """Where the contents of several lines stand, one line after the other, and how many each has."""
        starts = self.starts[lines]
        lengths = self.starts[lines + 1] - starts
        return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(int(lengths.sum())), lengths

    def sums(self, lines: Numbers, weights: Floats, count: int) -> Vectors:
        """The weighted sum of several lines, over `count` places."""
        where, lengths = self.together(lines)
        products = self.weights[where] * np.repeat(weights, lengths)
        found: Vectors = np.bincount(self.places[where], weights=products, minlength=count).astype(np.float32)
        return found


def shares(vectors: Vectors) -> tuple[float, float]:
    """What words and letters count, given the encoder's vectors, which may have no numbers."""
    whole = 1.0 if vectors.shape[1] else WORDS + LETTERS
    return WORDS / whole, LETTERS / whole


class Similarity:
    """The cosines of a text to a list of others.

    Words and letters stand in one sparse matrix stored by column, so that a question touches only the pieces it has;
    meaning is a row of numbers for each text.
    """

    def __init__(self, pieces: Pieces, postings: Lists, vectors: Vectors) -> None:
        self.words = pieces.words
        self._pieces, self._postings, self._vectors = pieces, postings, vectors
        self._shares = shares(vectors)

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], vectors: Vectors) -> Similarity:
        """The texts, each as its words, with their vectors (of no numbers where there is no encoder)."""
        pieces, (rows, columns, weights) = Pieces.of(texts)
        return cls(pieces, Lists.of(columns, rows, weights, pieces.count), vectors)

    def cosines(self, words: Sequence[str], vector: Vectors) -> Vectors:
        """How alike a text is to each other one, from its words and its vector."""
        found = self._postings.sums(*self._pieces.vector(words, *self._shares), len(self._vectors))
        if self._vectors.shape[1]:
            found += MEANING * (self._vectors @ vector)
        return found

    def among(self, texts: Sequence[Sequence[str]]) -> Vectors:
        """How alike each of the texts is to each other: a square."""
        square: Vectors = self._vectors @ self._vectors.T
        square *= MEANING
        for row, words in zip(square, texts, strict=True):
            row += self._postings.sums(*self._pieces.vector(words, *self._shares), len(texts))
        return square


def word_pieces(words: Sequence[str]) -> list[str]:
    """The words and the pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def letter_pieces(words: Sequence[str]) -> list[str]:
    """The runs of four letters in each word, with its ends marked; runs of three and five add cost and find no more."""
    padded = [f" {word} " for word in words]
    return [word[i : i + 4] for word in padded for i in range(max(len(word) - 3, 1))]
