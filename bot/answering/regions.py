"""The group of regions that a question is answered for: which of the places that it names is the asker's own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from bot.content.models import RegionGroup
from bot.content.places import Mention, group_of


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
_STOP = re.compile(r"[.?!]+(?=\s|$)|\n")
