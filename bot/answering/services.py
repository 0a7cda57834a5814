"""The services that topics are about: which of them a question names, and how it reads without the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.answering.spelling import Spelling
from bot.text import tokens


class Services:
    """The name of each topic's service, ready to be found in a text, misspelt too; words that `exist` are never one."""

    def __init__(self, names: Mapping[str, str], exist: Callable[[str], bool] | None = None) -> None:
        self._names = {topic: tuple(tokens(name)) for topic, name in names.items()}
        self._spelling = Spelling((word for name in self._names.values() for word in name), exist=exist)

    def named(self, text: str) -> frozenset[str]:
        """The topics whose service a text names; of a single topic there is nothing to tell apart."""
        if len(self._names) < 2:
            return frozenset()
        words = self._corrected(text)
        return frozenset(topic for topic, name in self._names.items() if _place_of(name, words) is not None)

    def others(self, topic: str) -> frozenset[str]:
        """The topics that are about another service than this one is."""
        return frozenset(other for other, name in self._names.items() if name != self._names.get(topic))

    def without(self, text: str, topics: Iterable[str]) -> str:
        """The words of a text, without the names of these topics' services."""
        words = self._corrected(text)
        for name in {self._names[topic] for topic in topics}:
            while (at := _place_of(name, words)) is not None:
                words[at : at + len(name)] = []
        return " ".join(words)

    def spoken_of(self, texts: Iterable[str]) -> frozenset[str]:
        """The topics whose service any of the texts names."""
        return frozenset(topic for text in texts for topic in self.named(text))

    def _corrected(self, text: str) -> list[str]:
        return [self._spelling.correct(word) for word in tokens(text)]


def _place_of(name: tuple[str, ...], words: list[str]) -> int | None:
    """Where a name's words stand in these, one after the other."""
    starts = range(len(words) - len(name) + 1)
    return next((at for at in starts if tuple(words[at : at + len(name)]) == name), None)
