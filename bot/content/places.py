"""Where a question says its asker is: the places it names, and the group of regions to answer for."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
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


def asker_region(text: str, mentions: Sequence[Mention], groups: Sequence[RegionGroup]) -> str | None:
    """Decide the group of regions to answer for, or None where the places decide on none or on several.

    Places that people are said to be away from, or data to go to, do not count. If the others lie in one group, it is
    that one. Otherwise those with the strongest claim decide, provided that they agree.
    """
    counted = [mention for mention in mentions if not _AWAY.search(_before(text, mention))]
    sides = {mention: group_of(mention.code, groups) for mention in counted}
    if len(set(sides.values())) > 1:
        claims = _claims(text, counted)
        strongest = max(claims.values())
        sides = {mention: side for mention, side in sides.items() if claims[mention] == strongest}
    return next(iter(sides.values())) if len(set(sides.values())) == 1 else None


def _claims(text: str, mentions: Sequence[Mention]) -> dict[Mention, int]:
    """How strongly each place claims to be the one meant; a place that is listed with the one before claims as much.

    5 turned to: "what about Texas", "for my colleague in Texas"
    4 the asker's own, in the last question that names a place or after it: "I live in Spain", "Oslo here", "Oslo: ..."
    3 asked for in that question: "for Germany", "in the US"
    2 the asker's own, before that question; or asked for where it compares: "the same as in the US"
    1 just named in that question: "the US rule"
    0 named before it, or somebody else's: "my US colleague", "our company in Texas"
    """
    start, end = _last_question(text, mentions)
    compares = _COMPARES.search(text[start:end].lower())
    claims: dict[Mention, int] = {}
    previous: Mention | None = None
    for mention in mentions:
        before, after = _before(text, mention), text[mention.end : mention.end + 40].lower()
        claim = int(start <= mention.start < end)
        if _TURNED_TO.search(before):
            claim = 5
        elif _OTHERS_BEFORE.search(before) or _OTHERS_AFTER.match(after):
            claim = 0
        else:
            opens = not text[start : mention.start].strip() and _OPENING.match(after)
            if opens or _OWN_BEFORE.search(before) or _OWN_AFTER.match(after):
                claim = 4 if mention.start >= start else 2
            elif claim and _ASKED_FOR.search(before):
                claim = 2 if compares else 3
            if previous and _LISTED.fullmatch(text[previous.end : mention.start].lower()):
                claim = max(claim, claims[previous])
        claims[mention] = claim
        previous = mention
    return claims


def _last_question(text: str, mentions: Sequence[Mention]) -> tuple[int, int]:
    """Find the bounds of the last sentence with a question mark that names a place, else of the last that names one."""
    inside = {position for mention in mentions for position in range(mention.start, mention.end)}
    ends = [0, *(stop.end() for stop in _STOP.finditer(text) if stop.start() not in inside), len(text)]
    naming = {bisect_right(ends, mention.start) for mention in mentions}
    sentences = [(ends[number - 1], ends[number]) for number in sorted(naming)]
    questions = [(start, end) for start, end in sentences if "?" in text[start:end]]
    return (questions or sentences)[-1]


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
_STOP = re.compile(r"[.?!]+(?=\s|$)|\n")


def _folded(word: str) -> str:
    if word.isascii():
        return "and" if word == "&" else word.lower()
    if len(word) > _LONGEST_WORD:
        return ""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_PLAIN_LETTERS)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _before(text: str, mention: Mention) -> str:
    """Cut out what leads up to a place, with the "in" or "the" that its own name may begin with."""
    own = _LEADING.match(mention.text)
    end = mention.start + (own.end() if own else 0)
    return text[max(0, end - 90) : end].lower().replace("\u2019", "'")


_LEADING = re.compile(r"(?:(?:in|from|for|about|within|i|aus)\s+)?(?:the\s+)?", re.IGNORECASE)
_IN = r"(?:in|at|out of|en|au|aux|à|im|we|w|i)"
_THE = r"(?:(?:the|our|my|der|den|les|la|los|de|gli|degli)\s+)?"
_CLAUSE = r"(?:(?!\b(?:but|and|while|though|aber|und|mais|et|pero|ma|maar|ale)\b)[^,;:.!?])"
_SOMEBODY = (
    r"(?:colleagues?|co-?workers?|team-?mates?|boss|manager|friends?|wife|husband|clients?|customers?|contractors?|"
    r"company|companies|firm|employer|parent|headquarters|hq|entity|"
    r"folks|guys?|he|she|they|someone|somebody|kolleg\w+|coll[eè]gues?|colegas?|collega|collega's|colleghi|koleg\w+)"
)
_AWAY = re.compile(
    r"(?:\bnon|\boutside(?: of)?|\bexcept(?: for| in)?|\bother than|\bunlike|\b(?:left|leaving)"
    r"|\b(?:am|are|is|was|i'?m|we'?re) (?:currently |actually )?not (?:in|from)|\b(?:aren'?t|isn'?t) in"
    r"|\b(?:move[ds]?|moving|relocat\w+|transferred|joined|came|switched)\b[^,;.?!]{0,40}\bfrom"
    r"|\b(?:sent|sends?|stored?|hosted|processed|shipped|exported|servers?)\b[^,;.?!]{0,20}\b(?:to|in))"
    r"[\s-]+(?:the\s+)?$"
)
_TURNED_TO = re.compile(
    rf"\b(?:what|how) about\b{_CLAUSE}{{0,40}}$"
    rf"|\bfor (?:my|our|an?|the) {_SOMEBODY} (?:\w+ )?in (?:the )?$"
    rf"|\bfor (?:my|our) (?:\w+ in (?:the )?)?$"
)
_OTHERS_BEFORE = re.compile(rf"\b{_SOMEBODY}\b{_CLAUSE}{{0,40}}$")
_OTHERS_AFTER = re.compile(rf"(?:'s)?[\s-]+(?:\w+[\s-]+)?(?:{_SOMEBODY}|citizens?|citizenship|passport|nationals?)\b")
_OWN_BEFORE = re.compile(
    rf"(?:\b(?:i'?m|i am|we'?re|we are|(?:i|we|but|and) (?:live|sit|work)|living|sitting|working|based|located|here|me)"
    rf"|\b(?:bin|sind|sitze|wohne|lebe|arbeite|suis|sommes|vis|habite|travaille|estoy|estamos|vivo|trabajo|sono|siamo"
    rf"|lavoro|ben|woon|werk|zit|bor|jobbar|sitter|jestem|jesteśmy|mieszkam|pracuję))"
    rf"\s+(?:\w+\s+)?{_IN}\s+{_THE}$|\b(?:hello|hi|hey|greetings|cheers) from\s+{_THE}$"
    rf"|\b(?:moved|relocated|moving) to\s+{_THE}$|\bwork(?:ing)? from\s+{_THE}$|\bour\s+$"
)
_OPENING = re.compile(r"\s*(?::|\s[-\u2013\u2014])\s")
_OWN_AFTER = re.compile(
    r"[\s-]+(?:(?:office|team|site|based)\s+)?(?:here|asking|hier|ici|aquí|qui)\b(?!\s+(?:is|are)\b)"
)
_ASKED_FOR = re.compile(
    r"(?<!\bonly )(?<!\bjust )\b(?:for|in|about|für|pour|para|per|voor|dla)\s+(?:the\s+|people in\s+)?$"
)
_COMPARES = re.compile(r"\b(?:same|differ\w*|compare[ds]?|versus|vs|between|both|than)\b")
_LISTED = re.compile(
    r"\s*(?:,|/|&|,?\s*(?:and|or|vs\.?|versus|und|oder|et|ou|y|o|e|en|of|lub))\s*(?:(?:in|for)\s+)?(?:the\s+)?"
)
