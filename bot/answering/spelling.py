"""Misspelt words put right against the words of the knowledge base, never against a whole language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

SHORTEST = 3
"""Letters a word needs before it is corrected; one of just so many only where two of them changed places."""

NEAR = 8
"""Words as near as each other that are looked at; people leave letters out more often than they change them."""

LONG = 8
"""Letters from which two edits are allowed."""


class Spelling:
    """Knows the words of the knowledge base and finds the one that a misspelt word was meant to be.

    `others` are words that exist, though not there, and so are those that `exist` says yes to: they are left alone.
    `hurried` are words as people type them in a hurry, with the word that each stands for.
    """

    def __init__(
        self,
        words: Iterable[str],
        others: frozenset[str] = frozenset(),
        hurried: Mapping[str, str] | None = None,
        exist: Callable[[str], bool] | None = None,
    ) -> None:
        self._words, self._others, self._hurried = frozenset(words), others, hurried or {}
        self._exist = exist or (lambda _: False)
        self._right = self._words - self._hurried.keys()

    @cached_property
    def _by_letter(self) -> Mapping[str, Sequence[str]]:
        """The known words that are long enough to be meant, by their first letter."""
        by_letter: dict[str, list[str]] = {}
        for word in sorted(self._words):
            if len(word) >= SHORTEST:
                by_letter.setdefault(word[0], []).append(word)
        return by_letter

    def knows(self, word: str) -> bool:
        """Whether a word stands in the knowledge base."""
        return word in self._words

    def exists(self, word: str) -> bool:
        """Whether a word is one at all, of the knowledge base or not, as far as is known."""
        return word in self._words or word in self._others or self._exist(word)

    def corrected(self, words: list[str]) -> list[str]:
        """The words that these were meant to be; one of them may have been meant to be two."""
        if self._right.issuperset(words):
            return words
        right = {word: self.correct(word).split() for word in dict.fromkeys(words)}
        return [part for word in words for part in right[word]]

    def correct(self, word: str) -> str:
        """The known word that `word` was meant to be, or `word` itself."""
        if word in self._hurried:
            return self._hurried[word]
        if not SHORTEST <= len(word) <= 30 or not word.isalpha() or self.exists(word):
            return word
        edits = 2 if len(word) >= LONG else 1
        near = [*self._by_letter.get(word[0], ()), *(self._by_letter.get(word[1], ()) if word[1] != word[0] else ())]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=edits, limit=NEAR)
        least = [known for known, distance, _ in found if distance == found[0][1]]
        swapped = sorted(word)
        meant = max(least, key=lambda k: (sorted(k) == swapped, JaroWinkler.similarity(word, k)), default=word)
        return word if len(word) == SHORTEST and sorted(meant) != sorted(word) else meant
