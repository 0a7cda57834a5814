"""Which entries a question could mean: every entry scored by the words, letters and meaning it shares with them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np

from bot.answering.encoders import Encoder, Vectors
from bot.answering.ridge import PANEL, kernel, solved
from bot.answering.similarity import Similarity
from bot.answering.spelling import Spelling
from bot.answering.vectors import vectors
from bot.cache import Arrays, Cache, as_array, text_of
from bot.text import tokens

Kind = Literal["entry", "near_miss", "not_covered", "small_talk", "padding", "elsewhere"]
"""What a candidate stands for; a `near_miss` has the name of the entry that it looks like and is not, and `padding` is
what stands around a question and means nothing, `elsewhere` what people ask about anything else."""
Polarity = Literal["yes", "no", ""]

POLARITIES: tuple[Polarity, ...] = ("", "yes", "no")
"""The polarities in the order of the numbers by which they are kept."""


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
    """A candidate that a question may mean: how much speaks for it, and which phrasing comes nearest."""

    ref: tuple[str, str]
    kind: Kind
    score: float
    """About 1 where the question is put as one of the candidate's phrasings, 0 where nothing speaks for it."""
    alike: float
    """The cosine of the question to the nearest phrasing."""
    phrasing: Phrasing
    lead: Polarity
    """The Yes or No that may stand before the answer: only where the question is put as a phrasing marked with it."""
    cover: float
    """Share of the question's words, weighted by how telling they are, that the candidate knows."""
    words: tuple[str, ...]
    """The words of the question that the candidate knows, the most telling first."""
    guarded: bool
    """Whether there are candidates for what is not answered, which a question could mean instead."""


@dataclass(frozen=True)
class Lexicon:
    """What is known of a language's words besides the phrasings in which they stand."""

    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Phrases that mean the same, each list under the one that stands for all."""
    names: tuple[str, ...] = ()
    """Names that people ask about, which are words although no phrasing has them."""
    hurried: Mapping[str, str] = field(default_factory=dict)
    """Words as people type them in a hurry, with the word that each stands for."""
    negations: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    """Words that begin a question which no Yes or No answers."""


class Matcher:
    """Ranks candidates for a question; learnt once from the content, then only read."""

    def __init__(self, learnt: Arrays, lexicon: Lexicon = Lexicon(), encoder: Encoder | None = None) -> None:
        """`learnt` is what `learn` gives for the same lexicon and encoder."""
        self._lexicon, self._encoder = lexicon, encoder
        self._canonical = _phrase_table(lexicon.synonyms)
        self.candidates = tuple(((topic, id_), kind) for topic, id_, kind in json.loads(text_of(learnt["candidates"])))
        self._similarity = Similarity.read(learnt)
        self._weights = cast(Vectors, learnt["weights"])
        self._firsts, self._polarities = learnt["firsts"], learnt["polarities"]
        self._texts, self._text_ends = learnt["texts"], learnt["text-ends"]
        self._terms = {term: number for number, term in enumerate(text_of(learnt["terms"]).split("\n"))}
        self._term_ids, self._term_ends = learnt["term-ids"], learnt["term-ends"]
        self._known, self._heard, self._idf = learnt["known"], learnt["heard"], learnt["idf"]
        self._unseen = self._similarity.words.unseen
        words, others = (frozenset(text_of(learnt[name]).split("\n")) - {""} for name in ("known-words", "other-words"))
        self.spelling = Spelling(words, others, lexicon.hurried, encoder.knows if encoder else None)
        self._negations = frozenset(self._terms[word] for word in lexicon.negations if word in self._terms)
        self.spoken = text_of(learnt["spoken"]).split("\n") if "spoken" in learnt else []
        self._guarded = any(kind in ("near_miss", "not_covered") for _, kind in self.candidates)

    def terms(self, text: str) -> list[str]:
        """The words of a text, each phrase that means the same as another put as that one."""
        return _replaced(self._spelt(text), self._canonical)

    def rank(self, text: str) -> list[Match]:
        """The candidates that a text may mean, likeliest first."""
        spelt = self._spelt(text)
        terms = _replaced(spelt, self._canonical)
        scores, cosines = self._scores(spelt, terms)
        telling = {term: self._telling(term) for term in terms}
        best = np.argsort(-scores, kind="stable")[:TOP]
        return [self._match(int(index), float(scores[index]), cosines, terms, telling) for index in best]

    def asks_with(self, match: Match, name: tuple[str, ...]) -> bool:
        """Whether a match is asked for with these words, one after the other."""
        index, wanted = self._index(match), [self._terms.get(word, -1) for word in name]
        if not self._known[wanted, index].all():
            return False
        own = (self._term_numbers(number) for number in range(self._firsts[index], self._firsts[index + 1]))
        return any(wanted == terms[at : at + len(wanted)] for terms in own for at in range(len(terms)))

    def strange(self, text: str) -> list[str]:
        """The words of a text that nothing asked has and that are no misspelt ones."""
        return self._strange(self.terms(text))

    def strangeness(self, text: str, match: Match) -> float:
        """How much more would speak for a match without the most telling word of the text that nothing asked has.

        "How long does a visa take" is put as a question that it knows, were it not for the visa.
        """
        spelt = self._spelt(text)
        strange = self._strange(_replaced(spelt, self._canonical))
        if not strange:
            return 0.0
        word = max(strange, key=self._telling)
        rest = [other for other in spelt if other != word]
        scores, _ = self._scores(rest, _replaced(rest, self._canonical))
        return float(scores[self._index(match)]) - match.score

    def _index(self, match: Match) -> int:
        return self.candidates.index((match.ref, match.kind))

    def _scores(self, spelt: list[str], terms: list[str]) -> tuple[Vectors, Vectors]:
        """How much speaks for each candidate, and the cosines of a text to each phrasing."""
        vector = self._encoder.encode([" ".join(spelt)])[0] if self._encoder else np.zeros(0, np.float32)
        cosines = self._similarity.cosines(terms, vector)
        return kernel(cosines.copy()) @ self._weights, cosines

    def _strange(self, terms: list[str]) -> list[str]:
        return [word for word in terms if not self._is_heard(word) and self.spelling.exists(word)]

    def _is_heard(self, word: str) -> bool:
        return word in self._terms and bool(self._heard[self._terms[word]])

    def _spelt(self, text: str) -> list[str]:
        return self.spelling.corrected(tokens(text))

    def _term_numbers(self, phrasing: int) -> list[int]:
        """The numbers of a phrasing's words."""
        start = self._term_ends[phrasing - 1] if phrasing else 0
        numbers: list[int] = self._term_ids[start : self._term_ends[phrasing]].tolist()
        return numbers

    def _phrasing(self, number: int) -> Phrasing:
        start = self._text_ends[number - 1] if number else 0
        return Phrasing(text_of(self._texts[start : self._text_ends[number]]), POLARITIES[self._polarities[number]])

    def _match(
        self, index: int, score: float, cosines: Vectors, terms: list[str], telling: Mapping[str, float]
    ) -> Match:
        (ref, kind), first = self.candidates[index], int(self._firsts[index])
        own = cosines[first : self._firsts[index + 1]]
        nearest = int(np.argmax(own))
        known = {term for term in telling if term in self._terms and self._known[self._terms[term], index]}
        return Match(
            ref=ref,
            kind=kind,
            score=score,
            alike=float(own[nearest]),
            phrasing=self._phrasing(first + nearest),
            lead=self._lead(first, nearest, own, terms),
            cover=_share(telling, known),
            words=tuple(sorted((term for term in telling if term in known), key=lambda term: -telling[term])),
            guarded=self._guarded,
        )

    def _lead(self, first: int, nearest: int, own: Vectors, terms: list[str]) -> Polarity:
        """The polarity of the nearest phrasing, if the question is as good as that one and no other sort comes near."""
        polarity, best = self._polarities[first + nearest], float(own[nearest])
        if (
            not polarity
            or best < LEAD
            or terms[0] in self._lexicon.openers
            or self._lexicon.negations.isdisjoint(terms)
            != self._negations.isdisjoint(self._term_numbers(first + nearest))
        ):
            return ""
        others = own[self._polarities[first : first + len(own)] != polarity]
        return POLARITIES[polarity] if not len(others) or best - float(others.max()) >= LEAD_MARGIN else ""

    def _telling(self, term: str) -> float:
        """How much a word says of what is asked: nothing where every twentieth phrasing has it, most when unseen."""
        idf = float(self._idf[self._terms[term]]) if term in self._terms else self._unseen
        return max(0.0, idf - min(COMMON, self._unseen - 1))


def learn(
    candidates: Iterable[Candidate], lexicon: Lexicon, encoder: Encoder | None, cache: Cache, name: str
) -> Arrays:
    """What a `Matcher` reads: everything that can be known of the candidates before a question is asked.

    The vectors of their phrasings are kept in the cache under `name`, if the encoder is slow.
    """
    ordered = sorted((c for c in candidates if c.phrasings), key=lambda c: (c.ref, c.kind))
    phrasings = [(i, p) for i, c in enumerate(ordered) for p in sorted(c.phrasings, key=lambda p: p.text)]
    owners = np.array([owner for owner, _ in phrasings], dtype=np.int64)
    cut = [tokens(phrasing.text) for _, phrasing in phrasings]
    written = (*_all_phrases(lexicon.synonyms), *lexicon.names)
    known, others = {word for text in written for word in tokens(text)}, set[str]()
    for owner, words in zip(owners, cut, strict=True):
        if ordered[owner].kind not in ("padding", "elsewhere"):  # these are typed as people type them
            (others if ordered[owner].kind == "near_miss" else known).update(words)
    spelling = Spelling(known, frozenset(others), lexicon.hurried, encoder.knows if encoder else None)
    spelt = [spelling.corrected(words) for words in cut]
    canonical = _phrase_table(lexicon.synonyms)
    terms = [_replaced(words, canonical) for words in spelt]
    numbers = {term: number for number, term in enumerate(sorted({term for words in terms for term in words}))}
    term_ids = np.array([numbers[term] for words in terms for term in words], np.int32)
    knows = np.zeros((len(numbers) + 1, len(ordered)), bool)  # the last row is that of a word that none of them has
    knows[term_ids, np.repeat(owners, [len(words) for words in terms])] = True
    asking = [candidate.kind in ("entry", "small_talk", "padding") for candidate in ordered]
    similarity = Similarity.of(terms, _vectors(spelt, encoder, cache, name))
    texts = [phrasing.text.encode("utf-8", "surrogatepass") for _, phrasing in phrasings]
    return {
        "candidates": as_array(json.dumps([(*candidate.ref, candidate.kind) for candidate in ordered])),
        "firsts": np.searchsorted(owners, np.arange(len(ordered) + 1)),
        "polarities": np.array([POLARITIES.index(phrasing.polarity) for _, phrasing in phrasings], np.uint8),
        "texts": np.frombuffer(b"".join(texts), np.uint8),
        "text-ends": np.cumsum([len(text) for text in texts], dtype=np.int64),
        "terms": as_array("\n".join(numbers)),
        "term-ids": term_ids,
        "term-ends": np.cumsum([len(words) for words in terms], dtype=np.int64),
        "known": knows,
        "idf": similarity.words.idf_of(list(numbers)),
        "heard": np.asarray(knows[:, asking].any(axis=1)),
        "known-words": as_array("\n".join(sorted(known))),
        "other-words": as_array("\n".join(sorted(others))),
        "weights": solved(similarity.among(PANEL), owners, len(ordered)),
        **similarity.arrays(),
    }


def _vectors(texts: Sequence[Sequence[str]], encoder: Encoder | None, cache: Cache, name: str) -> Vectors:
    if not encoder or not texts:
        return np.zeros((len(texts), 0), np.float32)
    joined = [" ".join(words) for words in texts]
    return vectors(cache, name, joined, encoder.encode) if encoder.slow else encoder.encode(joined)


COMMON = math.log(20) + 1
"""Inverse document frequency of a word that stands in every twentieth phrasing; where there are few phrasings, a word
that none of them has is telling all the same."""

LEAD, LEAD_MARGIN = 0.6, 0.1
"""How alike a question must be to a phrasing to be led by its Yes or No, and how much less alike to any other sort."""

TOP = 6
"""Candidates that a ranking holds; nobody is ever shown more."""


def _share(telling: Mapping[str, float], known: set[str]) -> float:
    total = sum(telling.values())
    return sum(weight for term, weight in telling.items() if term in known) / total if total else 1.0


def _all_phrases(synonyms: Mapping[str, Sequence[str]]) -> Iterable[str]:
    return (phrase for canonical, phrases in synonyms.items() for phrase in (canonical, *phrases))


_Table = dict[str, list[tuple[tuple[str, ...], str]]]


def _phrase_table(synonyms: Mapping[str, Sequence[str]]) -> _Table:
    table: _Table = {}
    for canonical, phrases in synonyms.items():
        for phrase in (canonical, *phrases):
            if words := tuple(tokens(phrase)):
                table.setdefault(words[0], []).append((words, "_".join(canonical.lower().split())))
    for options in table.values():
        options.sort(key=lambda option: -len(option[0]))
    return table


def _replaced(words: list[str], table: _Table) -> list[str]:
    if table.keys().isdisjoint(words):
        return words
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
