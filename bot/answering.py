"""What a question is answered with: which entries, for which region and day, or that there is no answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.cache import Cache
from bot.confidence import confidence
from bot.content import LANGUAGE, Content, Ref
from bot.encoders import Encoder
from bot.matching import Kind, Match, Polarity
from bot.messages import Turn
from bot.reading import Reader
from bot.regions import Mention, asker_region, group_of
from bot.words import plain, tokens

Sort = Literal["answer", "clarify", "not_covered", "smalltalk", "unknown"]
"""What a message turned out to be: a question with an answer, one that may mean several, or none of the bot's."""

ANSWER, DECLINE, OFFER = 0.7, 0.6, 0.3
"""Confidence from which an entry is stated as the answer, from which a question is declined as one that the article
does not answer (a mistake there costs less), and from which entries are offered as ones that may be meant."""

SMALL_TALK = 0.7
"""Share of a message's words that its small talk has to know; with less the message is not understood."""

CLOSE = 0.85
"""Share of the best score from which small talk is a rival."""

OFFERED = 3
"""Titles offered at most when a question is not clear."""

LONG = 30
"""Words from which a message is read sentence by sentence rather than as one question."""

TOLD = 0.24
"""Score below which all sentences of a long message together say nothing."""

SENTENCES = 6
"""Sentences of a message that are read at most; people put the question last."""

WHOLE = 0.8
"""Confidence from which a sentence is one question, even where two could be read into it."""

JOINTS = 4
"""Places at which a sentence may fall into two questions."""

ASIDE = 10
"""Words that a follow-up has at most: a longer message stands on its own."""

ALIKE = 0.15
"""Cosine by which an entry of one topic has to be nearer to a question that names no service than any of another."""


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
    language: str = LANGUAGE


@dataclass(frozen=True)
class _Given:
    """What a question is judged with: how its language is read, the day, the region and the topics (none: any)."""

    reader: Reader
    today: date
    region: str | None
    topics: frozenset[str] = frozenset()


class Knowledge:
    """The content made ready to be asked in each of its languages, with what the encoder knows of meaning."""

    def __init__(self, content: Content, encoder: Encoder | None = None, cache: Cache | None = None) -> None:
        self.content = content
        self.readers = tuple(Reader(content, language, encoder, cache) for language in content.languages)

    def make_ready(self) -> None:
        """Makes every language ready, so that nobody who asks waits for it."""
        for reader in self.readers:
            reader.gap_names.keys()

    def reads(self, code: str) -> Reader:
        """The reader of a language, or the first."""
        return next((reader for reader in self.readers if reader.code == code), self.readers[0])

    def reader(self, text: str, before: str = "") -> Reader:
        """The reader that knows most words of a text; of those as good the one of `before`, else the first."""
        words = tokens(text)
        known = [reader.familiar(words) for reader in self.readers]
        good = [reader for reader, share in zip(self.readers, known, strict=True) if share >= max(known)]
        return next((reader for reader in good if reader.code == before), good[0])


def answer(
    knowledge: Knowledge, text: str, today: date, before: Turn | None = None, region: str | None = None
) -> tuple[Decision, Turn | None]:
    """What to answer to `text` for somebody whose region is remembered, and what the conversation remembers then."""
    decision = settle(knowledge.content, decide(knowledge, text, today, before), region)
    return decision, remembered_turn(text, decision, before)


def decide(knowledge: Knowledge, text: str, today: date, before: Turn | None = None) -> Decision:
    """What `text` asks on `today`, after the turn `before`; `settle` makes it an answer for somebody."""
    text = plain(text)
    reader = knowledge.reader(text, before.language if before else "")
    nothing = Decision("smalltalk", today, language=reader.code)
    if not any(word.isalpha() and len(word) > 1 for word in tokens(text)):
        return nothing
    mentions = reader.mentions(text)
    question = reader.unplaced(text, mentions)
    region, named = _region(knowledge.content, text, mentions, before)
    given = _Given(reader, today, region)
    alone = _among_topics(given, question, before) or _alone(given, question)
    decision = replace(alone, region=region, named=named, language=reader.code)
    if before and before.entry and len(tokens(question)) <= ASIDE:
        if reader.only_places(question):
            part = Part(before.entry)
            return replace(decision, sort="answer", parts=(part,), offered=(), score=ANSWER)
        if decision.sort == "unknown" and decision.score < DECLINE:
            return _follow_up(given, f"{reader.unplaced(before.question)} {question}", decision)
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
    return Turn(text, entry, decision.region if decision.named else None, decision.language)


def _among_topics(given: _Given, question: str, before: Turn | None) -> Decision | None:
    """What a question asks that leaves open which of several services it is about, if the turn before it tells.

    "And for the other one?" asks the same of another topic; "how do I stop it?" stays with the topic before.
    """
    if not before or len(given.reader.content.topics) == 1:
        return None
    if named := given.reader.services(question):
        if given.reader.only_services(question):
            earlier = given.reader.unplaced(before.question)
            asked = replace(given, topics=named)
            return max((_alone(asked, text) for text in (f"{earlier} {question}", earlier)), key=_rank)
        return None
    if not before.entry:
        return None
    alone = _alone(given, question)
    if alone.sort != "clarify" or len({topic for topic, _ in alone.offered}) == 1:
        return alone
    return _alone(replace(given, topics=frozenset(before.entry[:1])), question)


def _region(content: Content, text: str, mentions: Sequence[Mention], before: Turn | None) -> tuple[str | None, bool]:
    """The region group that the conversation names, and whether it names any; two at once are none of both."""
    if not mentions:
        region = before.region if before else None
        return region, region is not None
    groups = content.regions
    region = asker_region(text, mentions, groups)
    return region, region is not None or len({group_of(mention.code, groups) for mention in mentions}) > 1


def _alone(given: _Given, question: str) -> Decision:
    """What a message asks by itself: one question, or several in sentences or halves of a sentence."""
    question = given.reader.unframed(question)
    segments = _segments(given.reader, question)
    if len(segments) == 1:
        whole = _placed(given, segments[0])
        if segments[0] != question:  # another sentence only says where somebody is, which may be what is asked about
            whole = max(whole, _judge(given, question), key=_rank)
        one = whole.score >= WHOLE and whole.sort != "not_covered"
        return whole if one else _halves(given, segments[0]) or whole
    if len(tokens(question)) > LONG:
        return _told(given, segments)
    judged = {segment: _placed(given, segment) for segment in segments}
    asked = [judged[segment] for segment in segments if segment.endswith("?")] or list(judged.values())
    clear = _distinct([one for one in asked if one.sort in ("answer", "not_covered")])
    if len(clear) > 1:
        return _joined(clear)
    return max((_judge(given, question), *clear), key=_rank)


def _told(given: _Given, sentences: Sequence[str]) -> Decision:
    """What a long message asks that is told in several sentences: what speaks for an entry in each of them adds up."""
    topics = given.topics or given.reader.services(" ".join(sentences))
    found: dict[tuple[Ref, Kind], list[Match]] = {}
    for sentence in sentences:
        for match in given.reader.rank(sentence, topics):
            if match.kind != "small_talk" and match.score > 0:
                found.setdefault((match.ref, match.kind), []).append(match)
    added = [replace(max(same, key=_score), score=sum(map(_score, same))) for same in found.values()]
    told = [match for match in sorted(added, key=_score, reverse=True) if match.score >= TOLD]
    return _decided(given, told, topics, LONG)


def _score(match: Match) -> float:
    return match.score


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
_JOINT = re.compile(r",?\s+(?:and|also|plus|or|und|oder|et|ou|y|och|eller)\s+|,\s+|:\s+", re.IGNORECASE)


def _segments(reader: Reader, text: str) -> list[str]:
    """The sentences of a message, without those that only say where somebody is.

    One that only names another service ("And of that?") belongs to the one before.
    """
    segments: list[str] = []
    for segment in _SENTENCE.split(text):
        if segments and reader.only_services(segment):
            segments[-1] += f" {segment}"
        elif tokens(segment):
            segments.append(segment)
    segments = segments or [text]
    return [segment for segment in segments if not reader.only_places(segment)][-SENTENCES:] or segments[-1:]


def _placed(given: _Given, sentence: str) -> Decision:
    """What a sentence means, or what is left of it without where somebody is and who says so, whichever is surer."""
    sentence = given.reader.unframed(sentence)
    asking = _asking(given.reader, sentence)
    readings = dict.fromkeys((asking, sentence, given.reader.claimed(asking)))
    return max((_judge(given, reading) for reading in readings), key=_rank)


def _asking(reader: Reader, sentence: str) -> str:
    """A sentence without the clauses that only say where somebody is, unless there is no other."""
    clauses = [clause for clause in _CLAUSE.split(sentence) if not reader.only_places(clause)]
    return ", ".join(clauses) if any(tokens(clause) for clause in clauses) else sentence


def _halves(given: _Given, text: str) -> Decision | None:
    """The questions joined in one sentence, where at least two of them are clear and ask for different things.

    Only a later one that a word joins may be beside the article: "opt out, on Facebook" is one question, and so is
    "does Facebook do it and can I switch it off".
    """
    joints = list(_JOINT.finditer(text))[:JOINTS] if len(tokens(text)) <= LONG else []
    splits = [joints] if len(joints) > 1 else []
    for at in (*splits, *([joint] for joint in joints)):
        bounds = [0, *(bound for joint in at for bound in joint.span()), len(text)]
        pieces = [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
        if min(len(tokens(piece)) for piece in pieces) < 3:
            continue
        judged = [_placed(given, piece) for piece in pieces]
        joined = all(any(c.isalpha() for c in joint[0]) for joint in at)
        wanted = ("answer", "not_covered") if joined else ("answer",)
        clear = judged[0].sort == "answer" and all(one.sort in wanted for one in judged)
        if clear and len(_distinct(judged)) > 1:
            return _joined(_distinct(judged))
    return None


def _judge(given: _Given, text: str) -> Decision:
    """What one question means, by itself."""
    reader = given.reader
    topics = given.topics or reader.services(text)
    matches = reader.rank(text, topics)
    if matches and matches[0].kind == "small_talk":
        talk = Part(matches[0].ref, "small_talk", match=matches[0])
        chatty = matches[0].cover >= SMALL_TALK
        unknown = Decision("unknown", given.today)
        return replace(unknown, sort="smalltalk", parts=(talk,), score=matches[0].cover) if chatty else unknown
    if matches and (named := _named_gap(reader, text, matches, topics)):
        return Decision("not_covered", given.today, (Part(named, "not_covered"),), score=1.0)
    if len(topics) > 1 and (joined := _for_each_topic(given, text, topics)):
        return joined
    decision = _decided(given, matches, topics, len(tokens(text)))
    if decision.sort == "answer" and (strangeness := reader.strangeness(text, matches[0])) > 0:
        return _decided(given, matches, topics, len(tokens(text)), strangeness)
    return decision


def _decided(
    given: _Given, matches: list[Match], topics: Collection[str], words: int, strangeness: float = 0.0
) -> Decision:
    """What becomes of a question of so many words that may mean these matches, each of them sure enough or not."""
    matches = _rivals(given.reader.content, matches, given.region)
    if not matches:
        return Decision("unknown", given.today)
    best, sure = matches[0], confidence(matches, words, strangeness)
    rival = next((match.ref for match in matches[1:] if match.kind in ("entry", "not_covered")), None)
    decision = Decision("unknown", given.today, score=sure)
    if best.kind == "near_miss":
        if sure >= DECLINE:
            return decision
        matches = [match for match in matches if match.ref != best.ref]
    if best.kind == "not_covered" and sure >= DECLINE:
        part = Part(best.ref, "not_covered", match=best, rival=rival)
        return replace(decision, sort="not_covered", parts=(part,))
    if offered := _of_each_topic(matches):
        return replace(decision, sort="clarify" if sure >= OFFER else "unknown", offered=offered)
    if best.kind == "entry" and sure >= ANSWER:
        return replace(decision, sort="answer", parts=(Part(best.ref, "entry", best.lead, best, rival=rival),))
    offered = tuple(match.ref for match in matches if match.kind == "entry")[:OFFERED]
    return replace(decision, sort="clarify" if sure >= OFFER and offered else "unknown", offered=offered)


def _for_each_topic(given: _Given, text: str, topics: Collection[str]) -> Decision | None:
    """The answers for all services that a question names, if each of them has a clear one."""
    judged = [_judge(replace(given, topics=frozenset((topic,))), text) for topic in sorted(topics)]
    return _joined(judged) if all(one.sort == "answer" for one in judged) else None


def _of_each_topic(matches: list[Match]) -> tuple[Ref, ...]:
    """The best entry of each topic, where a question is as near to one topic as to another."""
    near = [match for match in matches if match.kind == "entry" and match.alike > matches[0].alike - ALIKE]
    first = {match.ref[0]: match.ref for match in reversed(near)}
    return tuple(match.ref for match in near if match.ref in first.values()) if len(first) > 1 else ()


def _rivals(content: Content, matches: list[Match], region: str | None) -> list[Match]:
    """The matches but for small talk, unless it comes close, and of those that one entry answers only the first."""
    rivals: dict[tuple[Ref, bool], Match] = {}
    for match in matches:
        if match.kind == "small_talk" and match.score < CLOSE * matches[0].score:
            continue
        rivals.setdefault((_answering(content, match.ref, region), match.kind == "near_miss"), match)
    return list(rivals.values())


def _answering(content: Content, ref: Ref, region: str | None) -> Ref:
    """The entry that answers for a region in place of this one, or this one."""
    topic, entry = content.topic(ref[0]), content.entry(ref)
    return (ref[0], entry.instead.get(topic.group(region) or "", ref[1])) if topic and entry else ref


def _named_gap(reader: Reader, text: str, matches: list[Match], topics: Collection[str]) -> Ref | None:
    """The gap of these topics (none: of all) whose own name stands in the question, unless the best entry knows it."""
    best = matches[0]
    named = reader.named_gaps(text, topics)
    return next((ref for ref, name in named if best.kind != "entry" or not reader.asks_with(best, name)), None)


def _follow_up(given: _Given, both: str, alone: Decision) -> Decision:
    """What a turn that means nothing by itself may ask after the one before it; offered, since it is only a guess."""
    joined = _judge(given, both)
    offered = (*(part.ref for part in joined.parts if part.kind == "entry"), *joined.offered)[:OFFERED]
    return replace(alone, sort="clarify", offered=offered, score=joined.score) if offered else alone
