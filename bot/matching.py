"""Which entries a question could mean: every entry scored by the words, word pairs and letters it shares with them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.spelling import Spelling
from bot.words import tokens

Kind = Literal["entry", "not_covered", "small_talk"]
Polarity = Literal["yes", "no", ""]
Floats = npt.NDArray[np.float64]

NEGATIONS = frozenset(
    ("not", "no", "never", "nothing", "none", "nobody", "without", "nor", "neither", "aint", "dont", "isnt")
)
"""Words that turn a question round."""

WORD_WEIGHT = 0.6
"""Share of words and word pairs in a score; the letters inside words have the rest."""

NEAREST = 0.4
"""Share of an entry's nearest phrasing in its score; all its phrasings together have the rest."""


@dataclass(frozen=True)
class Phrasing:
    """One way to ask for an entry; `polarity` is the word that would answer it."""

    text: str
    polarity: Polarity = ""


@dataclass(frozen=True)
class Candidate:
    """Something a question can mean, with the ways to ask for it."""

    ref: tuple[str, str]
    kind: Kind
    phrasings: tuple[Phrasing, ...]


@dataclass(frozen=True)
class Match:
    """A candidate that a question may mean: how alike they are, and which phrasing comes nearest."""

    ref: tuple[str, str]
    kind: Kind
    score: float
    nearest: float
    """How alike the question and the phrasing that comes nearest to it are."""
    phrasing: Phrasing
    lead: Polarity
    """The Yes or No that may stand before the answer: only where the question is put as a phrasing marked with it."""
    cover: float
    """Share of the question's words, weighted by how telling they are, that the candidate knows."""
    words: tuple[str, ...]


class Features:
    """One way to cut a text into features, with how telling each feature is among a set of texts (sublinear TF-IDF)."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.ids: dict[str, int] = {}
        frequency: Counter[str] = Counter()
        for features in texts:
            frequency.update(set(features))
        for feature in sorted(frequency):
            self.ids[feature] = len(self.ids)
        counts = np.array([frequency[feature] for feature in self.ids], dtype=float)
        self.unseen = math.log(1 + len(texts)) + 1
        self.idf: Floats = np.log((1 + len(texts)) / (1 + counts)) + 1

    def vector(self, features: Iterable[str]) -> tuple[npt.NDArray[np.int64], Floats]:
        """The known features' numbers and weights, in a vector of length one that counts the unknown ones too."""
        counts = Counter(features)
        known = {feature: count for feature, count in counts.items() if feature in self.ids}
        indices = np.array([self.ids[feature] for feature in known], dtype=np.int64)
        weights = (1 + np.log(np.array(list(known.values()), dtype=float))) * self.idf[indices]
        strange = sum(((1 + math.log(n)) * self.unseen) ** 2 for f, n in counts.items() if f not in known)
        length = math.sqrt(float(weights @ weights) + strange)
        return indices, weights / length if length else weights


class Similarity:
    """Cosine of a text to every phrasing and to every candidate's mean phrasing, for one way of cutting texts."""

    def __init__(self, texts: Sequence[Sequence[str]], owners: npt.NDArray[np.int64], size: int) -> None:
        self.features = Features(texts)
        vectors = [self.features.vector(features) for features in texts]
        rows = np.repeat(np.arange(len(texts)), [len(indices) for indices, _ in vectors])
        columns = np.concatenate([indices for indices, _ in vectors])
        weights = np.concatenate([values for _, values in vectors])
        width = len(self.features.ids)
        self.phrasings = _Postings(rows, columns, weights, len(texts), width)
        self.means = _Postings(*_mean(owners[rows], columns, weights, size), size, width)

    def to_all(self, features: Iterable[str]) -> tuple[Floats, Floats]:
        """Cosine to each phrasing, and to the mean of each candidate."""
        indices, weights = self.features.vector(features)
        return self.phrasings.dot(indices, weights), self.means.dot(indices, weights)


class _Postings:
    """A sparse matrix stored by column, so that a question touches only the features it has."""

    def __init__(
        self, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], weights: Floats, size: int, width: int
    ) -> None:
        order = np.argsort(columns, kind="stable")
        self.rows, self.weights, self.size = rows[order], weights[order], size
        self.starts = np.searchsorted(columns[order], np.arange(width + 1))

    def dot(self, indices: npt.NDArray[np.int64], weights: Floats) -> Floats:
        """The product of every row with a vector given by its indices and weights."""
        spans = [(self.starts[i], self.starts[i + 1], w) for i, w in zip(indices, weights, strict=True)]
        if not spans:
            return np.zeros(self.size)
        rows = np.concatenate([self.rows[start:end] for start, end, _ in spans])
        values = np.concatenate([self.weights[start:end] * weight for start, end, weight in spans])
        return np.bincount(rows, weights=values, minlength=self.size).astype(np.float64)


def _mean(
    owners: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], weights: Floats, size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    width = int(columns.max()) + 1 if len(columns) else 1
    keys, place = np.unique(owners * width + columns, return_inverse=True)
    sums = np.bincount(place, weights=weights)
    rows, columns = keys // width, keys % width
    lengths = np.sqrt(np.bincount(rows, weights=sums**2, minlength=size))
    return rows, columns, sums / lengths[rows]


class Matcher:
    """Ranks candidates for a question; built once from the content, then only read."""

    def __init__(self, candidates: Sequence[Candidate], synonyms: Mapping[str, Sequence[str]]) -> None:
        self.candidates = tuple(sorted(candidates, key=lambda c: (c.ref, c.kind)))
        self._canonical = _phrase_table(synonyms)
        self._spelling = Spelling(
            word for text in (*_all_texts(candidates), *_all_phrases(synonyms)) for word in tokens(text)
        )
        self._phrasings = [
            (i, p) for i, c in enumerate(self.candidates) for p in sorted(c.phrasings, key=lambda p: p.text)
        ]
        owners = np.array([owner for owner, _ in self._phrasings], dtype=np.int64)
        cut = [self.terms(phrasing.text) for _, phrasing in self._phrasings]
        size = len(self.candidates)
        self._words = Similarity([_word_grams(terms) for terms in cut], owners, size)
        self._letters = Similarity([_letter_grams(terms) for terms in cut], owners, size)
        self._known = [set[str]() for _ in self.candidates]
        for owner, terms in zip(owners, cut, strict=True):
            self._known[owner].update(terms)
        self.vocabulary = frozenset().union(*self._known)
        self._first = np.searchsorted(owners, np.arange(size))

    def terms(self, text: str) -> list[str]:
        """The words of a text, each phrase that means the same as another put as that one."""
        return _replaced([self._spelling.correct(word) for word in tokens(text)], self._canonical)

    def rank(self, text: str) -> list[Match]:
        """The candidates that share anything with a text, most alike first."""
        terms = self.terms(text)
        word_each, word_mean = self._words.to_all(_word_grams(terms))
        letter_each, letter_mean = self._letters.to_all(_letter_grams(terms))
        each = WORD_WEIGHT * word_each + (1 - WORD_WEIGHT) * letter_each
        mean = WORD_WEIGHT * word_mean + (1 - WORD_WEIGHT) * letter_mean
        scores = NEAREST * np.maximum.reduceat(each, self._first) + (1 - NEAREST) * mean
        best = [int(i) for i in np.argsort(-scores, kind="stable")[:TOP] if scores[i] > 0]
        return [self._match(i, float(scores[i]), each, terms) for i in best]

    def _match(self, index: int, score: float, each: Floats, terms: list[str]) -> Match:
        candidate, first, known = self.candidates[index], int(self._first[index]), self._known[index]
        own = each[first : first + len(candidate.phrasings)]
        phrasing = self._phrasings[first + int(np.argmax(own))][1]
        shared = tuple(dict.fromkeys(term for term in terms if term in known))
        lead, cover = self._lead(phrasing, first, own, terms), self._cover(terms, known)
        return Match(candidate.ref, candidate.kind, score, float(own.max()), phrasing, lead, cover, shared)

    def _lead(self, phrasing: Phrasing, first: int, own: Floats, terms: list[str]) -> Polarity:
        """The polarity of the nearest phrasing, if the question is as good as that one and no other sort comes near."""
        best = float(own.max())
        others = [
            float(similarity)
            for similarity, (_, other) in zip(own, self._phrasings[first:], strict=False)
            if other.polarity != phrasing.polarity
        ]
        if best < LEAD or (others and best - max(others) < LEAD_MARGIN):
            return ""
        return phrasing.polarity if _negated(terms) == _negated(self.terms(phrasing.text)) else ""

    def _cover(self, terms: list[str], known: set[str]) -> float:
        weights = {term: self._telling(term) for term in terms}
        total = sum(weights.values())
        return sum(weight for term, weight in weights.items() if term in known) / total if total else 1.0

    def _telling(self, term: str) -> float:
        """How much a word says of what is asked: nothing where every twentieth phrasing has it, most when unseen."""
        features = self._words.features
        idf = float(features.idf[features.ids[term]]) if term in features.ids else features.unseen
        return max(0.0, idf - COMMON)


COMMON = math.log(20) + 1
"""Inverse document frequency of a word that stands in every twentieth phrasing."""

LEAD, LEAD_MARGIN = 0.6, 0.1
"""How alike a question must be to a phrasing to be led by its Yes or No, and how much less alike to any other sort."""

TOP = 12
"""Candidates that a ranking holds; nobody is ever shown more."""


def _negated(terms: Sequence[str]) -> bool:
    return bool(NEGATIONS.intersection(terms))


def _word_grams(terms: Sequence[str]) -> list[str]:
    return [*terms, *(f"{a} {b}" for a, b in pairwise(terms))]


def _letter_grams(terms: Sequence[str]) -> list[str]:
    padded = [f" {term} " for term in terms]
    return [word[i : i + n] for word in padded for n in (3, 4, 5) for i in range(len(word) - n + 1)]


def _all_texts(candidates: Sequence[Candidate]) -> Iterable[str]:
    return (phrasing.text for candidate in candidates for phrasing in candidate.phrasings)


def _all_phrases(synonyms: Mapping[str, Sequence[str]]) -> Iterable[str]:
    return (phrase for canonical, phrases in synonyms.items() for phrase in (canonical, *phrases))


_Table = dict[str, list[tuple[tuple[str, ...], str]]]


def _phrase_table(synonyms: Mapping[str, Sequence[str]]) -> _Table:
    table: _Table = {}
    for canonical, phrases in synonyms.items():
        for phrase in (canonical, *phrases):
            if words := tuple(tokens(phrase)):
                table.setdefault(words[0], []).append((words, canonical.replace(" ", "_").lower()))
    for options in table.values():
        options.sort(key=lambda option: -len(option[0]))
    return table


def _replaced(words: list[str], table: _Table) -> list[str]:
    replaced, place = [], 0
    while place < len(words):
        for phrase, canonical in table.get(words[place], ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                replaced.append(canonical)
                place += len(phrase)
                break
        else:
            replaced.append(words[place])
            place += 1
    return replaced
