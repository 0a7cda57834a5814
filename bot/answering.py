"""What a question is answered with: which entries, for which region and day, or that there is no answer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from bot.cache import Cache
from bot.content import Content, Ref
from bot.encoders import Encoder
from bot.matching import Candidate, Kind, Match, Matcher, Phrasing, Polarity
from bot.messages import Turn
from bot.regions import Mention, asker_region, group_of
from bot.words import plain, tokens

Sort = Literal["answer", "clarify", "not_covered", "smalltalk", "unknown"]
"""What a message turned out to be: a question with an answer, one that may mean several, or none of the bot's."""

ANSWER, DECLINE, OFFER = 0.85, 0.6, 0.35
"""Confidence from which an entry is stated as the answer, from which a question is declined as one that the article
does not answer (a mistake there costs less), and from which entries are offered as ones that may be meant."""

BIAS, MARGIN_WEIGHT, COVER_WEIGHT = -1.3, 9.7, 2.2
"""Logistic weights of the confidence, fitted on tests/questions/linkedin-ai-training/heldout.yaml."""

STRANGE = 0.2
"""Share of known words below which a question is about something else, however it is put."""

GUESS = 0.5
"""Confidence in such a question at most: enough for offering what may be meant, never for stating it."""

SMALL_TALK = 0.7
"""Share of a message's words that its small talk has to know; with less the message is not understood."""

OFFERED = 3
"""Titles offered at most when a question is not clear."""

LONG = 30
"""Words from which a message is read sentence by sentence rather than as one question."""

SENTENCES = 8
"""Sentences of a message that are read at most; people put the question last."""

WHOLE = 0.9
"""Confidence from which a sentence is one question, even where two could be read into it."""

JOINTS = 4
"""Places at which a sentence may fall into two questions."""

ASIDE = 10
"""Words that a follow-up has at most: a longer message stands on its own."""

PLACE = "placename"
"""The word that stands for every named place, so that a place never decides which entry is meant."""


@dataclass(frozen=True)
class Part:
    """What a question, or half of one, means: an entry, a gap in the article or small talk."""

    ref: Ref
    kind: Kind = "entry"
    lead: Polarity = ""
    """The Yes or No that may stand before the answer."""
    match: Match | None = None
    asked: Ref | None = None
    """The entry that was asked for, where the one of the region answers in its place."""
    rival: Ref | None = None
    """What else was likeliest to be meant."""


@dataclass(frozen=True)
class Decision:
    """What a question is answered with, and for whom and when."""

    sort: Sort
    on: date
    parts: tuple[Part, ...] = ()
    offered: tuple[Ref, ...] = ()
    region: str | None = None
    named: bool = False
    """Whether the conversation itself named the region."""
    score: float = 0.0


class Knowledge:
    """The content made ready to be asked, with what the encoder knows of meaning if there is one."""

    def __init__(self, content: Content, encoder: Encoder | None = None, cache: Cache | None = None) -> None:
        self.content = content
        synonyms = {key: words for topic in content.topics for key, words in topic.words.synonyms.items()}
        names = [word for topic in content.topics for gap in topic.words.not_covered for word in gap.words]
        self.matcher = Matcher(list(self._candidates()), synonyms, encoder, names, cache)
        self.named: dict[tuple[str, ...], Ref] = {
            tuple(self.matcher.terms(word)): (topic.id, gap.id)
            for topic in content.topics
            for gap in topic.words.not_covered
            for word in gap.words
        }

    def _candidates(self) -> Iterator[Candidate]:
        for topic in self.content.topics:
            for entry in topic.words.entries:
                phrasings = (
                    *(Phrasing(self.unplaced(text)) for text in (entry.title, *entry.ask)),
                    *(Phrasing(self.unplaced(text), "yes") for text in entry.yes),
                    *(Phrasing(self.unplaced(text), "no") for text in entry.no),
                )
                yield Candidate((topic.id, entry.id), "entry", phrasings)
            for gap in topic.words.not_covered:
                yield Candidate(
                    (topic.id, gap.id), "not_covered", tuple(Phrasing(self.unplaced(t)) for t in (gap.title, *gap.ask))
                )
        for talk in self.content.phrases.small_talk:
            yield Candidate(("", talk.id), "small_talk", tuple(Phrasing(text) for text in talk.ask))

    def unplaced(self, text: str, mentions: Sequence[Mention] | None = None) -> str:
        """The text with each place it mentions replaced by one word for them all."""
        pieces, end = [], 0
        groups = [group for topic in self.content.topics for group in topic.facts.regions]
        for mention in self.content.gazetteer.mentioned(text) if mentions is None else mentions:
            group = group_of(mention.code, groups) or ""
            pieces += [text[end : mention.start], f" {PLACE} {PLACE}{group} "]
            end = mention.end
        return "".join((*pieces, text[end:]))


def answer(
    knowledge: Knowledge, text: str, today: date, before: Turn | None = None, region: str | None = None
) -> tuple[Decision, Turn | None]:
    """What to answer to `text` for somebody whose region is remembered, and what the conversation remembers then."""
    decision = settle(knowledge.content, decide(knowledge, text, today, before), region)
    return decision, remembered_turn(text, decision, before)


def decide(knowledge: Knowledge, text: str, today: date, before: Turn | None = None) -> Decision:
    """What `text` asks on `today`, after the turn `before`; `settle` makes it an answer for somebody."""
    text = plain(text)
    if not any(word.isalpha() and len(word) > 1 for word in tokens(text)):
        return Decision("smalltalk", today)
    mentions = knowledge.content.gazetteer.mentioned(text)
    question = knowledge.unplaced(text, mentions)
    region, named = _region(knowledge.content, text, mentions, before)
    decision = replace(_alone(knowledge, question, today, region), region=region, named=named)
    if before and before.entry and len(tokens(question)) <= ASIDE:
        if _only_places(question):
            part = Part(before.entry)
            return replace(decision, sort="answer", parts=(part,), offered=(), score=ANSWER)
        if decision.sort == "unknown":
            return _follow_up(knowledge, f"{knowledge.unplaced(before.question)} {question}", decision)
    return decision


def depends_on_region(content: Content, decision: Decision) -> bool:
    """Whether the answer differs by region and the conversation has not said which."""
    entries = (content.entry(part.ref) for part in decision.parts if part.kind == "entry")
    return not decision.named and any(entry and entry.by_region for entry in entries)


def settle(content: Content, decision: Decision, remembered: str | None = None) -> Decision:
    """The decision for somebody whose region is `remembered`, unless the conversation named another.

    Each entry is handed over to the one that answers for the region, and no entry answers twice.
    """
    region = decision.region if decision.named else remembered
    parts: dict[Ref, Part] = {}
    for part in decision.parts:
        ref = _answering(content, part.ref, region)
        parts.setdefault(ref, part if ref == part.ref else replace(part, ref=ref, lead="", asked=part.ref))
    return replace(decision, region=region, parts=tuple(parts.values()))


def remembered_turn(text: str, decision: Decision, before: Turn | None) -> Turn | None:
    """What the next question of a conversation may refer to; small talk leaves it at what was before."""
    if decision.sort == "smalltalk":
        return before
    entry = next((part.ref for part in decision.parts if part.kind == "entry"), None)
    return Turn(text, entry, decision.region if decision.named else None)


def _region(content: Content, text: str, mentions: Sequence[Mention], before: Turn | None) -> tuple[str | None, bool]:
    """The region group that the conversation names, and whether it names any; two at once are none of both."""
    if not mentions:
        region = before.region if before else None
        return region, region is not None
    groups = content.topics[0].facts.regions
    region = asker_region(text, mentions, groups)
    return region, region is not None or len({group_of(mention.code, groups) for mention in mentions}) > 1


def _alone(knowledge: Knowledge, question: str, today: date, region: str | None) -> Decision:
    """What a message asks by itself: one question, or several in sentences or halves of a sentence."""
    segments = _segments(question)
    if len(segments) == 1:
        whole = _judge(knowledge, segments[0], today, region)
        return whole if whole.score >= WHOLE else _halves(knowledge, segments[0], today, region) or whole
    judged = {segment: _judge(knowledge, segment, today, region) for segment in segments}
    asked = [judged[segment] for segment in segments if segment.endswith("?")] or list(judged.values())
    clear = _distinct([one for one in asked if one.sort in ("answer", "not_covered")])
    if len(tokens(question)) > LONG:
        return _of_many(clear, list(judged.values()))
    if len(clear) > 1:
        return _joined(clear)
    return max((_judge(knowledge, question, today, region), *clear), key=_rank)


def _of_many(clear: list[Decision], judged: list[Decision]) -> Decision:
    """Of a long message, the clearest question; the last one of those as clear."""
    if clear:
        return max(reversed(clear), key=lambda one: (one.sort == "answer", round(one.score, 1)))
    return max(judged, key=_rank)


_ORDER = {"unknown": 0, "smalltalk": 1, "clarify": 2, "not_covered": 3, "answer": 4}


def _rank(decision: Decision) -> tuple[int, float]:
    return _ORDER[decision.sort], decision.score


def _joined(decisions: list[Decision]) -> Decision:
    parts = tuple(part for decision in decisions for part in decision.parts)
    covered = any(part.kind == "entry" for part in parts)
    first = decisions[0]
    return replace(first, sort="answer" if covered else "not_covered", parts=parts[:3])


def _distinct(decisions: list[Decision]) -> list[Decision]:
    seen: set[Ref] = set()
    kept = []
    for decision in decisions:
        if decision.parts[0].ref not in seen:
            kept.append(decision)
            seen.add(decision.parts[0].ref)
    return kept


_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n+")
_CLAUSE = re.compile(r"\s*[,:;]\s+|\s+[-\u2013\u2014]+\s+")
_JOINT = re.compile(r",?\s+(?:and|also|plus|or)\s+|,\s+|:\s+", re.IGNORECASE)


def _segments(text: str) -> list[str]:
    """The sentences of a message, without those that only say where somebody is."""
    segments = [_asking(segment) for segment in _SENTENCE.split(text) if tokens(segment)] or [text]
    return [segment for segment in segments if not _only_places(segment)][-SENTENCES:] or segments[-1:]


def _asking(sentence: str) -> str:
    """A sentence without the clauses that only say where somebody is, unless there is no other."""
    clauses = [clause for clause in _CLAUSE.split(sentence) if not _only_places(clause)]
    return ", ".join(clauses) if any(tokens(clause) for clause in clauses) else sentence


def _only_places(text: str) -> bool:
    """Whether a text names a place and says nothing else."""
    words = tokens(text)
    return PLACE in words and all(word in LOCATING or word.startswith(PLACE) for word in words)


LOCATING = frozenset(
    f"{PLACE} i am in we are live living based from here the my our office team at of work working sit located btw and "
    "what how about for or also then but with myself currently now there somebody someone colleague colleagues friend "
    "would it be is s not asking hello hi hey so ok okay well too as member members a an".split()
)
"""Words that only say where somebody is, or turn to another place."""


def _halves(knowledge: Knowledge, text: str, today: date, region: str | None) -> Decision | None:
    """Two questions joined in one sentence, when both are clear by themselves and ask for different things."""
    for joint in list(_JOINT.finditer(text))[:JOINTS] if len(tokens(text)) <= LONG else ():
        first, second = text[: joint.start()], text[joint.end() :]
        if min(len(tokens(first)), len(tokens(second))) < 3:
            continue
        judged = [_judge(knowledge, half, today, region) for half in (first, second)]
        if all(one.sort == "answer" for one in judged) and len(_distinct(judged)) == 2:
            return _joined(judged)
    return None


def _judge(knowledge: Knowledge, text: str, today: date, region: str | None) -> Decision:
    """What one question means, by itself."""
    matches = knowledge.matcher.rank(text)
    if not matches:
        return Decision("unknown", today)
    if matches[0].kind == "small_talk":
        talk = Part(matches[0].ref, "small_talk", match=matches[0])
        chatty = matches[0].cover >= SMALL_TALK
        return Decision("smalltalk" if chatty else "unknown", today, (talk,) if chatty else (), score=matches[0].cover)
    matches = _rivals(knowledge.content, matches, region)
    if named := _named_gap(knowledge, text, matches):
        return Decision("not_covered", today, (Part(named, "not_covered"),), score=1.0)
    if not matches:
        return Decision("unknown", today)
    sure = confidence(matches)
    best, rival = matches[0], matches[1].ref if len(matches) > 1 else None
    if best.kind == "not_covered" and sure >= DECLINE:
        return Decision("not_covered", today, (Part(best.ref, "not_covered", match=best, rival=rival),), score=sure)
    if best.kind == "entry" and sure >= ANSWER:
        return Decision("answer", today, (Part(best.ref, "entry", best.lead, best, rival=rival),), score=sure)
    offered = tuple(match.ref for match in matches if match.kind == "entry")[:OFFERED]
    return Decision("clarify" if sure >= OFFER and offered else "unknown", today, offered=offered, score=sure)


def _rivals(content: Content, matches: list[Match], region: str | None) -> list[Match]:
    """The matches that answer anything, and of those that one entry answers for the region only the first."""
    rivals: dict[Ref, Match] = {}
    for match in matches:
        if match.kind != "small_talk":
            rivals.setdefault(_answering(content, match.ref, region), match)
    return list(rivals.values())


def _answering(content: Content, ref: Ref, region: str | None) -> Ref:
    """The entry that answers for a region in place of this one, or this one."""
    entry = content.entry(ref)
    return (ref[0], entry.instead.get(region or "", ref[1])) if entry else ref


def confidence(matches: list[Match]) -> float:
    """How sure it is that the first match is meant, from 0 to 1.

    What counts is how far it leads the second, and how much of the question it knows.
    """
    best = matches[0]
    margin = best.score - max(matches[1].score if len(matches) > 1 else 0.0, 0.0)
    sure = 1 / (1 + math.exp(-(BIAS + MARGIN_WEIGHT * margin + COVER_WEIGHT * best.cover)))
    return sure if best.cover >= STRANGE else min(sure, GUESS)


def _named_gap(knowledge: Knowledge, text: str, matches: list[Match]) -> Ref | None:
    """The gap whose own name stands in the question, unless the entry that matches best knows that name."""
    terms = knowledge.matcher.terms(text)
    known = set(matches[0].words) if matches and matches[0].kind == "entry" else set()
    names: Iterable[tuple[str, ...]] = (*((term,) for term in terms), *pairwise(terms))
    return next(
        (knowledge.named[name] for name in names if name in knowledge.named and not known.issuperset(name)), None
    )


def _follow_up(knowledge: Knowledge, both: str, alone: Decision) -> Decision:
    """What a turn that means nothing by itself may ask after the one before it; offered, since it is only a guess."""
    joined = _judge(knowledge, both, alone.on, alone.region)
    offered = (*(part.ref for part in joined.parts if part.kind == "entry"), *joined.offered)[:OFFERED]
    return replace(alone, sort="clarify", offered=offered, score=joined.score) if offered else alone
