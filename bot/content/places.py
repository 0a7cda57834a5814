"""The places that a text names, misspelt ones too, and the group of regions that each belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.content.models import Country, RegionGroup
from bot.text import normal

NOWHERE = "NOWHERE"
"""The code of words that contain a place's name and yet mean no place, such as "in German" and "guinea pig"."""

SHORTEST, LONG = 6, 9
"""Letters that a place's name and a misspelt word need for one to be taken for the other, and for two to be off."""


@dataclass(frozen=True)
class Mention:
    """A place that a text names, and where: `text[start:end]` is what it says."""

    code: str
    start: int
    end: int
    text: str


class Gazetteer:
    """The names of all places, ready to be found in a text."""

    def __init__(self, countries: Mapping[str, Country]) -> None:
        self.codes = frozenset(countries) - {NOWHERE}
        self._names = _Node()
        for code, country in countries.items():
            for spellings, exact in ((country.names, False), (country.exact, True)):
                for spelling in spellings:
                    node = self._names
                    for word in _WORD.findall(spelling):
                        node = node.after.setdefault(_folded(word), _Node())
                    node.names.append(_Name(code, _composed(spelling), exact))
        self._single: dict[str, dict[str, str]] = {}
        for word, node in self._names.after.items():
            if node.names and not node.names[0].exact and node.names[0].code != NOWHERE and len(word) >= SHORTEST:
                self._single.setdefault(word[0], {})[word] = node.names[0].code

    def mentioned(self, text: str) -> tuple[Mention, ...]:
        """Find the places that `text` names, in order; of names that overlap the first, and of those the longest."""
        return tuple(mention for mention in self._found(text) if mention.code != NOWHERE)

    def misspelt(self, word: str) -> str | None:
        """Give the code of the place that a word which is none was meant to name: one letter off, in long names two.

        In a short one a letter is missing, too many or out of its turn; with another letter it may be another word, as
        "recipe" is beside Recife. With another ending it is a word made from the name, as "spanisch" and "américaine"
        are, or somebody's own.
        """
        letters = _folded(word)
        if not SHORTEST <= len(letters) <= _LONGEST_WORD:
            return None
        far = 2 if len(letters) >= LONG else 1
        near = self._single.get(letters[0], {})
        for name, _, _ in process.extract(letters, near.keys(), scorer=OSA.distance, score_cutoff=far):
            jumbled, end = sorted(name) == sorted(letters), -1 if len(letters) < len(name) else -2
            if jumbled or (name[end:] == letters[end:] and (len(name) != len(letters) or far > 1)):
                return near[name]
        return None

    def _found(self, text: str) -> Iterator[Mention]:
        words = list(_WORD.finditer(text))
        folded = [_folded(word[0]) for word in words]
        shouted, free = text.isupper() and len(words) > 1, 0
        first_words = self._names.after
        for at in [at for at, word in enumerate(folded) if word in first_words]:
            if words[at].start() >= free:
                mention = self._longest(text, words[at : at + _MOST_WORDS], folded[at : at + _MOST_WORDS], shouted)
                if mention:
                    free = mention.end
                    yield mention

    def _longest(self, text: str, words: list[re.Match[str]], folded: list[str], shouted: bool) -> Mention | None:
        """Find the longest name that begins with the first of these words."""
        node, start, end, longest = self._names, words[0].start(), words[0].start(), None
        for word, letters in zip(words, folded, strict=True):
            if letters not in node.after or not _JOINT.fullmatch(text, end, word.start()):
                break
            node, end = node.after[letters], word.end()
            for name in node.names:
                stop = end + (name.spelling.endswith(".") and text.startswith(".", end))
                if name.counts(text[start:stop], shouted):
                    longest = Mention(name.code, start, stop, text[start:stop])
                    break
        return longest


def group_of(code: str, groups: Sequence[RegionGroup]) -> str | None:
    """Name the group that lists `code`, else the one that takes the rest."""
    for group in groups:
        if group.codes != "rest" and code in group.codes:
            return group.id
    return next((group.id for group in groups if group.codes == "rest"), None)


def group_named(place: str, gazetteer: Gazetteer, groups: Sequence[RegionGroup]) -> str | None:
    """The id of the group of a text that is one place, by name or code, and nothing else."""
    if place.upper() in gazetteer.codes:
        return group_of(place.upper(), groups)
    for spelling in (place, place.title(), place.upper()):
        mentions = gazetteer.mentioned(spelling)
        if len(mentions) == 1 and normal(mentions[0].text) == normal(place):
            return group_of(mentions[0].code, groups)
    return None


@dataclass(frozen=True)
class _Name:
    code: str
    spelling: str
    exact: bool

    def counts(self, text: str, shouted: bool) -> bool:
        """Decide whether this name, found as `text`, is the place; a short word in a shouted text is any word."""
        if not self.exact:
            return True
        alone = self.spelling.isalpha() and self.spelling not in _PLAIN_IN_CAPITALS
        return _composed(text) == self.spelling and not (shouted and alone)


@dataclass
class _Node:
    """The names that end here, and the words by which longer ones go on."""

    names: list[_Name] = field(default_factory=list)
    after: dict[str, _Node] = field(default_factory=dict)


_PLAIN_IN_CAPITALS = frozenset({"EU", "NZ", "HK", "DACH"})
"""Exact names that are no other word where a whole text is in capitals, as US and LA are."""

_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*|&")
_LONGEST_WORD = 40
_MOST_WORDS = 12
_JOINT = re.compile(r"(?:[^\S\n]|[.,()'\u2018\u2019\-\u2010\u2011\u2013\u200e\u200f]){0,3}")
_PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "&": "and"})


def _folded(word: str) -> str:
    if word.isascii():
        return "and" if word == "&" else word.lower()
    if len(word) > _LONGEST_WORD:
        return ""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_PLAIN_LETTERS)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
