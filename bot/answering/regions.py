"""The group of regions that a question is answered for: which of the places that it names is the asker's own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from bot.content.hearing import AskerWords
from bot.content.models import RegionGroup
from bot.content.places import Mention, group_of
from bot.text import any_of


class Asker:
    """How people say where they are, in all languages at once: somebody may write two of them in one sentence."""

    def __init__(self, languages: Iterable[AskerWords]) -> None:
        spoken = tuple(languages)

        def words(*names: str) -> str:
            found = {word.lower() for one in spoken for name in names for word in getattr(one, name)}
            return any_of(found).replace("'", "'?")

        at, others = words("at"), words("others")
        article, own_article = rf"(?:{words('articles')}\s+)?", rf"(?:{words('articles', 'own_articles')}\s+)?"
        clause = rf"(?:(?!\b{words('clauses')}\b)[^,;:.!?])"
        only = "".join(rf"(?<!\b{re.escape(word)} )" for one in spoken for word in one.asked_for_not)
        self._leading = re.compile(rf"(?:{words('leading')}\s+)?{article}", re.IGNORECASE)
        self._away = re.compile(
            rf"\b(?:{words('away')}|{words('moved')}\b[^,;.?!]{{0,40}}\b{words('moved_from')}"
            rf"|{words('sent')}\b[^,;.?!]{{0,20}}\b{words('sent_to')})[\s-]+{article}$"
        )
        self._turned_to = re.compile(
            rf"\b{words('turned_to')}\b{clause}{{0,40}}$"
            rf"|\b{words('for_others')}\s+{others}\s+(?:\w+\s+)?{at}\s+{article}$"
            rf"|\b{words('for_own')}\s+(?:\w+\s+{at}\s+{article})?$"
        )
        self._others_before = re.compile(rf"\b{others}\b{clause}{{0,40}}$")
        self._others_after = re.compile(rf"(?:'s)?[\s-]+(?:\w+[\s-]+)?{words('others', 'nationals')}\b")
        self._own_before = re.compile(
            rf"\b{words('own')}\s+(?:\w+\s+)?{at}\s+{own_article}$|\b{words('own_before')}\s+{own_article}$"
        )
        self._own_after = re.compile(
            rf"[\s-]+(?:{words('offices')}\s+)?{words('own_after')}\b(?!\s+{words('own_after_not')}\b)"
        )
        self._asked_for = re.compile(rf"{only}\b{words('asked_for')}\s+{article}$")
        self._compares = re.compile(rf"\b{words('compares')}\b")
        self._listed = re.compile(rf"\s*(?:,|/|&|,?\s*{words('listed')})\s*(?:{words('asked_for')}\s+)?{article}")

    def region(self, text: str, mentions: Sequence[Mention], groups: Sequence[RegionGroup]) -> str | None:
        """Decide the group of regions to answer for, or None where the places decide on none or on several.

        Places that people are said to be away from, or data to go to, do not count. If the others lie in one group, it
        is that one. Otherwise those with the strongest claim decide, provided that they agree.
        """
        counted = [mention for mention in mentions if not self._away.search(self._before(text, mention))]
        sides = {mention: group_of(mention.code, groups) for mention in counted}
        if len(set(sides.values())) > 1:
            claims = self._claims(text, counted)
            strongest = max(claims.values())
            sides = {mention: side for mention, side in sides.items() if claims[mention] == strongest}
        return next(iter(sides.values())) if len(set(sides.values())) == 1 else None

    def _claims(self, text: str, mentions: Sequence[Mention]) -> dict[Mention, int]:
        """How strongly each place claims to be the one meant; one that is listed with the one before claims as much.

        5 turned to: "what about Texas", "for my colleague in Texas"
        4 the asker's own, in the last question that names a place or after it: "I live in Spain", "Oslo here", "Oslo: "
        3 asked for in that question: "for Germany", "in the US"
        2 the asker's own, before that question; or asked for where it compares: "the same as in the US"
        1 just named in that question: "the US rule"
        0 named before it, or somebody else's: "my US colleague", "our company in Texas"
        """
        start, end = _last_question(text, mentions)
        compares = self._compares.search(text[start:end].lower())
        claims: dict[Mention, int] = {}
        previous: Mention | None = None
        for mention in mentions:
            before, after = self._before(text, mention), text[mention.end : mention.end + 40].lower()
            claim = int(start <= mention.start < end)
            if self._turned_to.search(before):
                claim = 5
            elif self._others_before.search(before) or self._others_after.match(after):
                claim = 0
            else:
                opens = not text[start : mention.start].strip() and _OPENING.match(after)
                if opens or self._own_before.search(before) or self._own_after.match(after):
                    claim = 4 if mention.start >= start else 2
                elif claim and self._asked_for.search(before):
                    claim = 2 if compares else 3
                if previous and self._listed.fullmatch(text[previous.end : mention.start].lower()):
                    claim = max(claim, claims[previous])
            claims[mention] = claim
            previous = mention
        return claims

    def _before(self, text: str, mention: Mention) -> str:
        """Cut out what leads up to a place, with the "in" or "the" that its own name may begin with."""
        own = self._leading.match(mention.text)
        end = mention.start + (own.end() if own else 0)
        return text[max(0, end - 90) : end].lower().replace("\u2019", "'")


def _last_question(text: str, mentions: Sequence[Mention]) -> tuple[int, int]:
    """Find the bounds of the last sentence with a question mark that names a place, else of the last that names one."""
    inside = {position for mention in mentions for position in range(mention.start, mention.end)}
    ends = [0, *(stop.end() for stop in _STOP.finditer(text) if stop.start() not in inside), len(text)]
    naming = {bisect_right(ends, mention.start) for mention in mentions}
    sentences = [(ends[number - 1], ends[number]) for number in sorted(naming)]
    questions = [(start, end) for start, end in sentences if "?" in text[start:end]]
    return (questions or sentences)[-1]


_STOP = re.compile(r"[.?!]+(?=\s|$)|\n")
_OPENING = re.compile(r"\s*(?::|\s[-\u2013\u2014])\s")
