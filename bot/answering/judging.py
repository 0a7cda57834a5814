"""What one question means: an entry, a gap in the article, small talk, or nothing that is sure enough."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

from bot.answering.confidence import confidence
from bot.answering.decisions import Decision, Part, entry_for, joined
from bot.answering.matching import Match
from bot.answering.reading import Reader
from bot.content.topics import Content, Ref
from bot.text import tokens

ANSWER, DECLINE, OFFER = 0.775, 0.6, 0.5
"""Confidence from which an entry is stated as the answer, from which a question is declined as one that the article
does not answer (a mistake there costs less), and from which entries are offered as ones that may be meant; with less,
titles are offered to many who ask for none of them."""

SHORT, PUT = 5, 0.3
"""Words up to which a question can be put as an entry is asked for, and the score that the entry then needs to be
stated; without it, strings of small words are answered nearly three times as often, and one question in 300 of
tests/questions wrongly."""

BESIDE, BESIDE_PUT = 0.9, 0.45
"""Confidence and score from which an entry is stated although a gap's own name stands in the question; with a score of
0.3, two more questions that want no answer are given one."""

SMALL_TALK = 0.3
"""Confidence from which small talk is returned: a friendly word too many costs nothing."""

PADDING = 0.5
"""Score from which what only pads a question, and speaks for nothing more, is no question."""

CLOSE = 0.85
"""Share of the best score from which what is of no topic is a rival."""

OFFERED = 3
"""Titles offered at most when a question is not clear."""

ALIKE = 0.15
"""Cosine by which an entry of one topic has to be nearer to a question that names no service than any of another."""


Reading = tuple[tuple[str, ...], frozenset[str]]
"""The words of a text and the topics that they are read for."""


@dataclass(frozen=True)
class Given:
    """What a message is judged with: how its language is read, the day, the region and the topics (none: any)."""

    reader: Reader
    today: date
    region: str | None
    topics: frozenset[str] = frozenset()
    ranked: dict[Reading, list[Match]] = field(default_factory=dict, compare=False)
    judged: dict[Reading, Decision] = field(default_factory=dict, compare=False)
    """What was found so far."""


def judge(given: Given, text: str) -> Decision:
    """What one question means, by itself; a message that can be read in several ways is judged once for each."""
    words = tokens(text)
    reading = (tuple(words), given.topics)
    if reading not in given.judged:
        given.judged[reading] = _judged(given, text, len(words))
    return given.judged[reading]


def _judged(given: Given, text: str, words: int) -> Decision:
    reader = given.reader
    topics, matches = given.topics or reader.services(text), ranked(given, text)
    padded = bool(matches) and matches[0].kind == "padding" and matches[0].score >= PADDING
    matches = [match for match in matches if match.kind != "padding"]
    if matches and matches[0].kind == "small_talk":
        return _small_talk(given, matches, words)
    if padded:
        return Decision("unknown", given.today)
    if matches and (named := _named_gap(reader, text, matches, topics)):
        return _beside(given, matches, words, named)
    if len(topics) > 1 and (each := _for_each_topic(given, text, topics)):
        return each
    decision = _weighed(given, matches, words)
    if decision.sort not in ("answer", "clarify") or matches[0].kind != "entry":
        return decision
    return _weighed(given, matches, words, reader.strangeness(text, matches[0]))


def ranked(given: Given, text: str) -> list[Match]:
    """What a text may mean among the topics that are asked about, likeliest first; each text is ranked once."""
    reading = (tuple(tokens(text)), given.topics)
    if reading not in given.ranked:
        given.ranked[reading] = given.reader.rank(text, given.topics or given.reader.services(text))
    return given.ranked[reading]


def _beside(given: Given, matches: list[Match], words: int, gap: Ref) -> Decision:
    """What becomes of a question in which a gap's own name stands: the gap, beside an entry that is meant as clearly.

    Where the gap is another service, the question is about that.
    """
    declined = Decision("not_covered", given.today, (Part(gap, "not_covered"),), score=1.0)
    others = [match for match in matches if match.ref != gap]
    if given.reader.content.is_other_service(gap) or not others or others[0].kind != "entry":
        return declined
    meant = _weighed(given, others, words)
    beside = meant.sort == "answer" and meant.score >= BESIDE and meant.evidence >= BESIDE_PUT
    return joined((meant, declined)) if beside else declined


def _small_talk(given: Given, matches: list[Match], words: int) -> Decision:
    """What becomes of a question that is likeliest to be small talk."""
    best, sure = matches[0], confidence(matches, words)
    if sure < SMALL_TALK:
        return Decision("unknown", given.today)
    return Decision("smalltalk", given.today, (Part(best.ref, "small_talk", match=best),), score=sure)


def _weighed(given: Given, matches: list[Match], words: int, strangeness: float = 0.0) -> Decision:
    """What becomes of a question of so many words that may mean these matches, each of them sure enough or not."""
    matches = rivals(given.reader.content, matches, given.region)
    if not matches:
        return Decision("unknown", given.today)
    best, sure = matches[0], confidence(matches, words, strangeness)
    rival = next((match.ref for match in matches[1:] if match.kind in ("entry", "not_covered")), None)
    decision = Decision("unknown", given.today, score=sure)
    if best.kind in ("near_miss", "elsewhere"):
        if sure >= DECLINE:
            return decision
        matches = [match for match in matches if match.ref != best.ref]
    if best.kind == "not_covered" and sure >= DECLINE:
        part = Part(best.ref, "not_covered", match=best, rival=rival)
        return replace(decision, sort="not_covered", parts=(part,))
    if offered := _of_each_topic(matches):
        return replace(decision, sort="clarify" if sure >= OFFER else "unknown", offered=offered)
    if best.kind == "entry" and stated(best, words, sure):
        return replace(decision, sort="answer", parts=(Part(best.ref, "entry", best.lead, best, rival=rival),))
    offered = tuple(match.ref for match in matches if match.kind == "entry")[:OFFERED]
    return replace(decision, sort="clarify" if sure >= OFFER and offered else "unknown", offered=offered)


def stated(entry: Match, words: int, sure: float) -> bool:
    """Whether an entry of which it is so sure is stated as the answer to a question of so many words."""
    return sure >= ANSWER and (words > SHORT or entry.score >= PUT)


def _for_each_topic(given: Given, text: str, topics: Collection[str]) -> Decision | None:
    """The answers for all services that a question names, if each of them has a clear one."""
    judged = [judge(replace(given, topics=frozenset((topic,))), text) for topic in sorted(topics)]
    return joined(judged) if all(one.sort == "answer" for one in judged) else None


def _of_each_topic(matches: list[Match]) -> tuple[Ref, ...]:
    """The best entry of each topic, where a question is as near to one topic as to another."""
    near = [match for match in matches if match.kind == "entry" and match.alike > matches[0].alike - ALIKE]
    first = {match.ref[0]: match.ref for match in reversed(near)}
    return tuple(match.ref for match in near if match.ref in first.values()) if len(first) > 1 else ()


def rivals(content: Content, matches: list[Match], region: str | None) -> list[Match]:
    """The matches but for what is of no topic, unless it comes close, and of those that one entry answers the first."""
    rivals: dict[tuple[Ref, bool], Match] = {}
    for match in matches:
        if match.kind in ("small_talk", "elsewhere") and match.score < CLOSE * matches[0].score:
            continue
        ref = entry_for(content, match.ref, region)
        if match.kind == "entry" and any(content.serves(other, ref) for other, is_near in rivals if not is_near):
            continue
        rivals.setdefault((ref, match.kind == "near_miss"), match)
    return list(rivals.values())


def _named_gap(reader: Reader, text: str, matches: list[Match], topics: Collection[str]) -> Ref | None:
    """The gap of these topics (none: of all) whose own name stands in the question, unless the best entry knows it."""
    best = matches[0]
    named = reader.named_gaps(text, topics)
    return next((ref for ref, name in named if best.kind != "entry" or not reader.asks_with(best, name)), None)
