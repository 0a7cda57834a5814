"""How alike a text is to many others: cosines over words, word pairs, the letters inside words, and meaning."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt

from bot.answering.encoders import Vectors
from bot.cache import Arrays

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
Triplets = tuple[Numbers, Numbers, Floats]
"""The rows, columns and weights of a sparse matrix."""

WORDS, LETTERS, MEANING = 0.17, 0.08, 0.75
"""Shares of words and their pairs, of letters, and of the encoder's vectors in a cosine; without an encoder the first
two share it alone. Looked for on the training parts of BANKING77, CLINC150 and HWU64, where any mix near it does."""

COMMONEST = 64
"""Pieces that most texts have; in the shipped English content three quarters of what texts share are of them."""

TOGETHER = 16
"""Texts whose cosines to many others are added up at once; with more, what is added up leaves a core's own memory."""


class Features:
    """One way to cut texts, with how telling each piece is among them (sublinear TF-IDF).

    A piece is known by 64 bits of its digest, so that all of them are an array that can be kept and mapped, not a
    dictionary that has to be made: its number is its place among the digests in their order.
    """

    def __init__(self, keys: Keys, idf: Floats, texts: int) -> None:
        self._keys, self._idf, self.count = keys, idf, len(keys)
        self.unseen = math.log(1 + texts) + 1

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Features:
        """The pieces of these texts."""
        frequency = Counter(piece for pieces in texts for piece in set(pieces))
        keys, counts = _keys(frequency), np.array(list(frequency.values()), dtype=float)
        order = np.argsort(keys)
        return cls(keys[order], np.log((1 + len(texts)) / (1 + counts[order])) + 1, len(texts))

    def idf_of(self, pieces: Sequence[str]) -> Floats:
        """How telling each of some known pieces is."""
        found: Floats = self._idf[self._places(pieces)[0]]
        return found

    def matrix(self, texts: Sequence[Sequence[str]]) -> Triplets:
        """The vectors of texts whose pieces are all known, as the rows, columns and weights of one sparse matrix."""
        numbers = dict.fromkeys(piece for pieces in texts for piece in pieces)
        numbers = dict(zip(numbers, self._places(list(numbers))[0].tolist(), strict=True))
        rows = np.repeat(np.arange(len(texts)), [len(pieces) for pieces in texts])
        columns = np.array([numbers[piece] for pieces in texts for piece in pieces], dtype=np.int64)
        keys, counts = np.unique(rows * self.count + columns, return_counts=True)
        rows, columns = keys // max(self.count, 1), keys % max(self.count, 1)
        weights = (1 + np.log(counts)) * self._idf[columns]
        return rows, columns, weights / np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(texts)))[rows]

    def vector(self, pieces: Iterable[str]) -> tuple[Numbers, Floats]:
        """The known pieces' numbers and weights, in a vector of length one that counts the unknown ones too."""
        counts = Counter(pieces)
        places, known = self._places(list(counts))
        weights = 1 + np.log(np.array(list(counts.values()), dtype=float))
        weights[known] *= self._idf[places[known]]
        weights[~known] *= self.unseen
        length = math.sqrt(float(weights @ weights))
        return places[known], weights[known] / length if length else weights[known]

    def arrays(self, name: str) -> Arrays:
        """What `read` makes them of again."""
        return {f"{name}-keys": self._keys, f"{name}-idf": self._idf}

    @classmethod
    def read(cls, arrays: Arrays, name: str, texts: int) -> Features:
        """The features that were kept under a name, of so many texts."""
        return cls(cast(Keys, arrays[f"{name}-keys"]), cast(Floats, arrays[f"{name}-idf"]), texts)

    def _places(self, pieces: Sequence[str]) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        """The number of each piece, and whether it is known."""
        keys = _keys(pieces)
        if not self.count:
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        places = np.minimum(np.searchsorted(self._keys, keys), self.count - 1)
        return places, self._keys[places] == keys


def _keys(pieces: Iterable[str]) -> Keys:
    """64 bits of each piece's digest."""
    whole = b"".join(
        hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest() for piece in pieces
    )
    return np.frombuffer(whole, np.uint64)


class Lists:
    """A sparse matrix (compressed sparse rows): for each of its lines which places are filled, and with what."""

    def __init__(self, starts: Numbers, places: Positions, weights: Vectors) -> None:
        self.starts, self.places, self.weights = starts, places, weights

    @classmethod
    def of(cls, lines: Numbers | Positions, places: Numbers, weights: Floats, count: int) -> Lists:
        """The lists of `count` lines."""
        order = np.argsort(lines, kind="stable")
        starts = np.searchsorted(lines[order], np.arange(count + 1))
        return cls(starts, places[order].astype(np.int32), weights[order].astype(np.float32))

    def sums(self, lines: Numbers, weights: Floats, count: int) -> Vectors:
        """The weighted sum of several lines, over `count` places."""
        lengths = self.starts[lines + 1] - self.starts[lines]
        where = self._together(lines, lengths)
        products = self.weights[where] * np.repeat(weights, lengths)
        found: Vectors = np.bincount(self.places[where], weights=products, minlength=count).astype(np.float32)
        return found

    def many_sums(
        self, of: Numbers, lines: Positions, weights: Vectors, shape: tuple[int, int], lengths: Numbers
    ) -> Vectors:
        """As many weighted sums as the shape has rows, each of its own lines, of which so many entries count."""
        where = self._together(lines, lengths)
        products = self.weights[where] * np.repeat(weights, lengths)
        places = self.places[where] + np.repeat(of * shape[1], lengths)
        found: Vectors = np.bincount(places, weights=products, minlength=shape[0] * shape[1]).astype(np.float32)
        return found.reshape(shape)

    def _together(self, lines: Numbers | Positions, lengths: Numbers) -> Numbers:
        """Where the first so many entries of several lines stand, one line after the other."""
        before: Numbers = self.starts[lines] - np.cumsum(lengths) + lengths
        return np.repeat(before, lengths) + np.arange(int(lengths.sum()))


class Similarity:
    """The cosines of a text to a list of others.

    Words and letters stand in one sparse matrix stored by column, so that a question touches only the pieces it has;
    meaning is a row of numbers for each text.
    """

    def __init__(self, words: Features, letters: Features, postings: Lists, vectors: Vectors) -> None:
        self.words, self._letters, self._postings, self._vectors = words, letters, postings, vectors
        whole = 1.0 if vectors.shape[1] else WORDS + LETTERS
        self._word_share, self._letter_share = WORDS / whole, LETTERS / whole

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], vectors: Vectors) -> Similarity:
        """The texts, each as its words, with their vectors (of no numbers where there is no encoder)."""
        cut_words, cut_letters = [word_pieces(words) for words in texts], [letter_pieces(words) for words in texts]
        words, letters = Features.of(cut_words), Features.of(cut_letters)
        rows, columns, weights = words.matrix(cut_words)
        letter_rows, letter_columns, letter_weights = letters.matrix(cut_letters)
        postings = Lists.of(
            np.concatenate((columns, letter_columns + words.count)),
            np.concatenate((rows, letter_rows)),
            np.concatenate((weights, letter_weights)),
            words.count + letters.count,
        )
        return cls(words, letters, postings, vectors)

    def cosines(self, words: Sequence[str], vector: Vectors) -> Vectors:
        """How alike a text is to each other one, from its words and its vector."""
        columns, weights = self._vector(words)
        found = self._postings.sums(columns, weights, len(self._vectors))
        if self._vectors.shape[1]:
            found += MEANING * (self._vectors @ vector)
        return found

    def among(self, block: int) -> Iterator[Vectors]:
        """How alike the texts are to each other, so many rows at a time, each up to the last of these texts.

        That is the lower half of a square whose other half says the same. What few pieces make up, those that most
        texts have, is one product together with the meaning; the others are added up list by list.
        """
        texts, rows = len(self._vectors), self._rows()
        lengths = np.diff(self._postings.starts)
        common = np.sort(np.argsort(-lengths, kind="stable")[:COMMONEST])
        dense = np.concatenate((math.sqrt(MEANING) * self._vectors, self._columns(common)), axis=1, dtype=np.float32)
        upto = np.zeros(len(lengths), np.int64)  # the postings stand in the order of the texts: those so far come first
        rare = np.ones(len(lengths), bool)
        rare[common] = False
        for start in range(0, texts, block):
            end = min(start + block, texts)
            found = dense[start:end] @ dense[:end].T
            upto += np.bincount(rows.places[rows.starts[start] : rows.starts[end]], minlength=len(upto))
            for first in range(start, end, TOGETHER):
                last = min(first + TOGETHER, end)
                some = slice(rows.starts[first], rows.starts[last])
                of = np.repeat(np.arange(last - first), np.diff(rows.starts[first : last + 1]))
                own, weights = rows.places[some], rows.weights[some]
                left = rare[own]
                found[first - start : last - start] += self._postings.many_sums(
                    of[left], own[left], weights[left], (last - first, end), upto[own[left]]
                )
            yield found

    def _rows(self) -> Lists:
        """The pieces of each text, with their weights by the shares of words and letters."""
        columns = np.repeat(np.arange(len(self._postings.starts) - 1), np.diff(self._postings.starts))
        weights: Floats = np.where(columns < self.words.count, self._word_share, self._letter_share)
        return Lists.of(self._postings.places, columns, weights * self._postings.weights, len(self._vectors))

    def _columns(self, pieces: Numbers) -> Vectors:
        """The weights of some pieces in each text, so that the product of two texts' rows is what the pieces add."""
        columns = np.zeros((len(self._vectors), len(pieces)), np.float32)
        for number, piece in enumerate(pieces):
            own = slice(self._postings.starts[piece], self._postings.starts[piece + 1])
            share = self._word_share if piece < self.words.count else self._letter_share
            columns[self._postings.places[own], number] = self._postings.weights[own] * math.sqrt(share)
        return columns

    def arrays(self) -> Arrays:
        """What `read` makes it of again."""
        return {
            **self.words.arrays("words"),
            **self._letters.arrays("letters"),
            **{f"postings-{name}": array for name, array in vars(self._postings).items()},
            "vectors": self._vectors,
        }

    @classmethod
    def read(cls, arrays: Arrays) -> Similarity:
        """The similarity to texts that was kept."""
        vectors = cast(Vectors, arrays["vectors"])
        words, letters = (Features.read(arrays, name, len(vectors)) for name in ("words", "letters"))
        postings = Lists(
            cast(Numbers, arrays["postings-starts"]),
            cast(Positions, arrays["postings-places"]),
            cast(Vectors, arrays["postings-weights"]),
        )
        return cls(words, letters, postings, vectors)

    def _vector(self, words: Sequence[str]) -> tuple[Numbers, Floats]:
        """The known pieces of a text, words and letters weighted by their shares."""
        numbers, values = self.words.vector(word_pieces(words))
        letter_numbers, letter_values = self._letters.vector(letter_pieces(words))
        return (
            np.concatenate((numbers, letter_numbers + self.words.count)),
            np.concatenate((self._word_share * values, self._letter_share * letter_values)),
        )


def word_pieces(words: Sequence[str]) -> list[str]:
    """The words and the pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def letter_pieces(words: Sequence[str]) -> list[str]:
    """The runs of four letters in each word, with its ends marked; runs of three and five add cost and find no more."""
    padded = [f" {word} " for word in words]
    return [word[i : i + 4] for word in padded for i in range(max(len(word) - 3, 1))]
