"""Which entries a question could mean: every entry scored by the words, letters and meaning it shares with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bot.answering import cache as caching
from bot.answering.cache import Cache
from bot.answering.encoders import Encoder, Vectors
from bot.answering.ridge import Joint
from bot.answering.shortlist import Shortlist
from bot.answering.similarity import Numbers
from bot.answering.spelling import Spelling
from bot.text import WORD, tokens

Kind = Literal["entry", "near_miss", "not_covered", "small_talk"]
"""What a candidate stands for; a `near_miss` has the name of the entry that it looks like and is not."""
Polarity = Literal["yes", "no", ""]

LIMIT = 10_000
"""Phrasings up to which one solution is learnt for all of them; its cost grows with their square."""


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
    """Ranks candidates for a question; built once from the content, then only read."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        lexicon: Lexicon = Lexicon(),
        encoder: Encoder | None = None,
        cache: Cache | None = None,
        *,
        limit: int = LIMIT,
    ) -> None:
        """With more phrasings than `limit` a question is scored among those near it instead of all of them."""
        self.candidates = tuple(sorted((c for c in candidates if c.phrasings), key=lambda c: (c.ref, c.kind)))
        self._lexicon, self._encoder = lexicon, encoder
        self._canonical = _phrase_table(lexicon.synonyms)
        self._phrasings = [
            (i, p) for i, c in enumerate(self.candidates) for p in sorted(c.phrasings, key=lambda p: p.text)
        ]
        owners = np.array([owner for owner, _ in self._phrasings], dtype=np.int64)
        cut = [tokens(phrasing.text) for _, phrasing in self._phrasings]
        self.spelling = self._learnt_spelling(cut)
        spelt = [self.spelling.corrected(words) for words in cut]
        self._terms = [_replaced(words, self._canonical) for words in spelt]
        scored, cache = Joint if len(owners) <= limit else Shortlist, cache or Cache()
        vectors, name = self._kept_vectors(spelt, cache), encoder.name if encoder else ""
        self._scored = scored.of(self._terms, vectors, owners, name, cache)
        self._known = [set[str]() for _ in self.candidates]
        for owner, terms in zip(owners, self._terms, strict=True):
            self._known[owner].update(terms)
        heard = zip(self.candidates, self._known, strict=True)
        self._heard = frozenset(term for c, known in heard if c.kind in ("entry", "small_talk") for term in known)
        self._guarded = any(candidate.kind in ("near_miss", "not_covered") for candidate in self.candidates)
        self._first = np.searchsorted(owners, np.arange(len(self.candidates)))

    def terms(self, text: str) -> list[str]:
        """The words of a text, each phrase that means the same as another put as that one."""
        return _replaced(self._spelt(text), self._canonical)

    def corrected(self, text: str) -> str:
        """A text with its misspelt words put right, and everything else as it was written."""
        return WORD.sub(lambda found: self._right(found[0]), text)

    def rank(self, text: str) -> list[Match]:
        """The candidates that a text may mean, likeliest first."""
        spelt = self._spelt(text)
        terms = _replaced(spelt, self._canonical)
        found, scores, cosines = self._scores(spelt)
        telling = {term: self._telling(term) for term in terms}
        best = np.argsort(-scores, kind="stable")[:TOP]
        return [self._match(int(found[i]), float(scores[i]), cosines, terms, telling) for i in best]

    def asks_with(self, match: Match, name: tuple[str, ...]) -> bool:
        """Whether a match is asked for with these words, one after the other."""
        index = self._index(match)
        first = int(self._first[index])
        own = self._terms[first : first + len(self.candidates[index].phrasings)]
        return any(name == tuple(terms[at : at + len(name)]) for terms in own for at in range(len(terms)))

    def strangeness(self, text: str, match: Match) -> float:
        """How much more would speak for a match without the most telling word of the text that nothing asked has.

        "How long does a visa take" is put as a question that it knows, were it not for the visa.
        """
        spelt = self._spelt(text)
        strange = [word for word in spelt if word not in self._heard and self.spelling.exists(word)]
        if not strange:
            return 0.0
        word = max(strange, key=self._telling)
        found, scores, _ = self._scores([other for other in spelt if other != word])
        return float(scores[found == self._index(match)].sum()) - match.score

    def _index(self, match: Match) -> int:
        return next(i for i, c in enumerate(self.candidates) if (c.ref, c.kind) == (match.ref, match.kind))

    def _scores(self, spelt: list[str]) -> tuple[Numbers, Vectors, Vectors]:
        return self._scored.scores(_replaced(spelt, self._canonical), self._vectors([spelt])[0])

    def _right(self, written: str) -> str:
        before, after = tokens(written), self._spelt(written)
        if len(before) != 1 or before == after:
            return written
        return after[0].capitalize() if written[0].isupper() else after[0]

    def _spelt(self, text: str) -> list[str]:
        return self.spelling.corrected(tokens(text))

    def _learnt_spelling(self, phrasings: Sequence[Sequence[str]]) -> Spelling:
        """The spelling of all words that candidates are asked for with; those of near misses and the encoder exist."""
        known = {
            word for text in (*_all_phrases(self._lexicon.synonyms), *self._lexicon.names) for word in tokens(text)
        }
        exist = set(self._encoder.words if self._encoder else ())
        for (owner, _), words in zip(self._phrasings, phrasings, strict=True):
            (exist if self.candidates[owner].kind == "near_miss" else known).update(words)
        return Spelling(known, frozenset(exist), self._lexicon.hurried)

    def _kept_vectors(self, texts: Sequence[Sequence[str]], cache: Cache) -> Vectors:
        if not self._encoder or not texts:
            return np.zeros((len(texts), 0), np.float32)
        return caching.vectors(cache, self._encoder.name, [" ".join(words) for words in texts], self._encoder.encode)

    def _vectors(self, texts: Sequence[Sequence[str]]) -> Vectors:
        if not self._encoder:
            return np.zeros((len(texts), 0), np.float32)
        return self._encoder.encode([" ".join(words) for words in texts])

    def _match(
        self, index: int, score: float, cosines: Vectors, terms: list[str], telling: Mapping[str, float]
    ) -> Match:
        candidate, known = self.candidates[index], self._known[index]
        first = int(self._first[index])
        own = cosines[first : first + len(candidate.phrasings)]
        nearest = first + int(np.argmax(own))
        return Match(
            ref=candidate.ref,
            kind=candidate.kind,
            score=score,
            alike=float(own.max()),
            phrasing=self._phrasings[nearest][1],
            lead=self._lead(nearest, first, own, terms),
            cover=_share(telling, known),
            words=tuple(sorted((term for term in telling if term in known), key=lambda term: -telling[term])),
            guarded=self._guarded,
        )

    def _lead(self, nearest: int, first: int, own: Vectors, terms: list[str]) -> Polarity:
        """The polarity of the nearest phrasing, if the question is as good as that one and no other sort comes near."""
        polarity, best = self._phrasings[nearest][1].polarity, float(own[nearest - first])
        if (
            not polarity
            or best < LEAD
            or terms[0] in self._lexicon.openers
            or self._negated(terms) != self._negated(self._terms[nearest])
        ):
            return ""
        pairs = zip(own, self._phrasings[first : first + len(own)], strict=True)
        others = [float(alike) for alike, (_, other) in pairs if other.polarity != polarity]
        return polarity if not others or best - max(others) >= LEAD_MARGIN else ""

    def _negated(self, terms: Sequence[str]) -> bool:
        return not self._lexicon.negations.isdisjoint(terms)

    def _telling(self, term: str) -> float:
        """How much a word says of what is asked: nothing where every twentieth phrasing has it, most when unseen."""
        features = self._scored.words
        idf = float(features.idf[features.ids[term]]) if term in features.ids else features.unseen
        return max(0.0, idf - min(COMMON, features.unseen - 1))


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
                table.setdefault(words[0], []).append((words, canonical.replace(" ", "_").lower()))
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
