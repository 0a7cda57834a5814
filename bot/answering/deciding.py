"""What to answer in a conversation: the reader of its language, the region it names and what the turn before tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from bot.answering.decisions import Decision, Part, settle, surest
from bot.answering.encoders import Encoder
from bot.answering.judging import ANSWER, Given
from bot.answering.reading import Reader, legible
from bot.answering.regions import Asker
from bot.answering.sentences import asked
from bot.cache import NO_CACHE, Cache
from bot.content.places import Mention, group_of
from bot.content.topics import Content, Ref
from bot.messages import Taken, Turn
from bot.text import addresses, in_one_writing, in_words, normal, quoted, tokens

TALK = 0.95
"""Confidence below which small talk that only pads a question is none: "pls" is put like no greeting."""


class Knowledge:
    """The content made ready to be asked in each of its languages, with what the encoder knows of meaning."""

    def __init__(self, content: Content, encoder: Encoder | None = None, cache: Cache = NO_CACHE) -> None:
        self.content = content
        self.readers = tuple(Reader(content, language, encoder, cache) for language in content.languages)

    @cached_property
    def asker(self) -> Asker:
        """How people say where they are, in every language."""
        return Asker(language.hearing.asker for language in self.content.languages)

    def is_padding(self, text: str) -> bool:
        """Whether a text is nothing but what people say around a question, in whatever languages."""
        words, ends = tuple(tokens(text)), {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + length for length in self._lengths if words[start : start + length] in self._paddings}
        return len(words) in ends

    @cached_property
    def _paddings(self) -> frozenset[tuple[str, ...]]:
        """The words of each padding of every language."""
        heard = (language.hearing for language in self.content.languages)
        return frozenset(tuple(tokens(way)) for one in heard for way in (*one.before, *one.after))

    @cached_property
    def _lengths(self) -> frozenset[int]:
        """How many words a padding may have."""
        return frozenset(map(len, self._paddings))

    def reads(self, code: str) -> Reader:
        """The reader of a language, or the first."""
        return next((reader for reader in self.readers if reader.code == code), self.readers[0])

    def reader(self, text: str, before: Turn | None = None) -> Reader:
        """The reader that knows most words of a text; of those as good the one of the turn before, else the first.

        The text is in one writing.
        """
        words = tokens(text)
        known = [reader.familiar(words) for reader in self.readers]
        good = [reader for reader, share in zip(self.readers, known, strict=True) if share >= max(known)]
        return next((reader for reader in good if before and reader.code == before.language), good[0])


def answer(
    knowledge: Knowledge, text: str, today: date, before: Turn | None = None, region: str | None = None
) -> tuple[Decision, Turn | None]:
    """What to answer to `text` for somebody whose region is remembered, and what the conversation remembers then."""
    decision = settle(knowledge.content, decide(knowledge, text, today, before), region)
    return decision, remembered_turn(decision, before)


def decide(knowledge: Knowledge, text: str, today: date, before: Turn | None = None) -> Decision:
    """What `text` asks on `today`, after the turn `before`; `settle` makes it an answer for somebody.

    What is quoted counts only where the person's own words ask about it and are not understood by themselves: it may
    hold the words that they ask with, but never says where they are. It is nearer than what was answered before.
    """
    own = in_one_writing(text) or _page(knowledge.content, text)
    decision = _decided(knowledge, own, today, before)
    quote = quoted(text)
    if not quote or not knowledge.reads(decision.language).points(own):
        return decision
    alone = _decided(knowledge, own, today) if before else decision
    if alone.sort != "unknown" and (alone.sort != "smalltalk" or alone.parts):
        return decision
    both = _decided(knowledge, f"{quote}\n{own}", today)
    if both.sort in ("unknown", "smalltalk"):
        return decision
    return replace(decision, sort=both.sort, parts=both.parts, offered=both.offered, score=both.score)


def _page(content: Content, text: str) -> str:
    """The words of the first address in a text that leads to the page of a setting, or to the site it is on."""
    pages = [f"{normal(in_words(topic.facts.link))} " for topic in content.topics]
    words = (normal(in_words(address)) for address in addresses(text))
    return next((found for found in words if any(page.startswith(f"{found} ") for page in pages)), "")


def _decided(knowledge: Knowledge, text: str, today: date, before: Turn | None = None) -> Decision:
    """What a text in one writing asks."""
    reader = knowledge.reader(text, before)
    if before and (chosen := _chosen(reader, text, today, before)):
        return chosen
    if not any(word.isalpha() and len(word) > 1 for word in tokens(text)):
        return Decision("smalltalk", today, language=reader.code)
    mentions = reader.mentions(text)
    question = reader.question(text, mentions)
    region, named = _region(knowledge, text, mentions, before)
    given = Given(reader, today, region)
    alone = _among_topics(given, question, before) or asked(given, question)
    meant = _continued(given, question, alone, before) if before and before.entry else alone
    country = _country(knowledge.content, mentions, region)
    decision = replace(meant, region=region, named=named, country=country, language=reader.code)
    if before and before.entry and reader.only_places(reader.unframed(question)):
        return replace(decision, sort="answer", parts=(Part(before.entry),), offered=(), score=ANSWER, missed=False)
    if (decision.sort in ("unknown", "clarify") or _is_unsure_talk(decision)) and knowledge.is_padding(text):
        return Decision("smalltalk", today, language=reader.code)
    return decision


def _is_unsure_talk(decision: Decision) -> bool:
    """Whether a message is taken for small talk without being sure of it."""
    return decision.sort == "smalltalk" and decision.score < TALK


def remembered_turn(decision: Decision, before: Turn | None, mark: str = "") -> Turn | None:
    """What the next question of a conversation may refer to; `mark` is what asks why it was answered so.

    Small talk leaves everything at what was before, and what is not understood all but the region and the language.
    """
    if decision.sort == "smalltalk":
        return before
    turn = turn_of(decision, mark)
    if decision.sort == "unknown":
        return replace(before or turn, offered=(), region=turn.region, language=turn.language)
    return turn


def turn_of(decision: Decision, mark: str = "") -> Turn:
    """What there is to remember of a decision."""
    taken = tuple(
        Taken(part.asked or part.ref, part.kind, part.rival, legible(part.match.phrasing.text) if part.match else "")
        for part in decision.parts
    )
    return Turn(
        taken,
        offered=decision.offered if decision.sort == "clarify" else (),
        region=decision.region if decision.named else None,
        language=decision.language,
        mark=mark,
        answered_for=decision.region,
        day=decision.on.isoformat(),
        score=decision.score,
    )


def _chosen(reader: Reader, text: str, today: date, before: Turn) -> Decision | None:
    """The one of the titles offered before that a text chooses, or none of them; nothing where it chooses not."""
    chosen = reader.chosen(text, before.offered) if before.offered else None
    if chosen is None:
        return None
    parts = tuple(Part(ref) for ref in chosen)
    return Decision(
        "answer" if parts else "unknown",
        today,
        parts,
        region=before.region,
        named=before.region is not None,
        score=ANSWER,
        language=reader.code,
    )


def _among_topics(given: Given, question: str, before: Turn | None) -> Decision | None:
    """What a question asks that leaves open which of several services it is about, if the turn before it tells.

    "And for the other one?" asks the same of another topic; "how do I stop it?" stays with the topic before.
    """
    if not before or len(given.reader.content.topics) == 1:
        return None
    if named := given.reader.services(question):
        if given.reader.only_services(question):
            if chosen := tuple(Part(ref) for ref in before.offered if ref[0] in named):
                return Decision("answer", given.today, chosen[:1], score=ANSWER)
            earlier, other = _as_before(given.reader, before), replace(given, topics=named)
            return surest(asked(other, text) for text in (f"{earlier} {question}", earlier))
        return None
    if not before.entry:
        return None
    alone = asked(given, question)
    if alone.sort != "clarify" or len({topic for topic, _ in alone.offered}) == 1:
        return alone
    return asked(replace(given, topics=frozenset(before.entry[:1])), question)


def _continued(given: Given, question: str, alone: Decision, before: Turn) -> Decision:
    """What a question means after an answer: one that points back to it may ask for another entry than its words."""
    meant = _meant_after(given.reader.content, alone.parts[0].ref, before.entry) if alone.parts else None
    if not meant or not given.reader.points(question):
        return alone
    return replace(alone, parts=(replace(alone.parts[0], ref=meant, lead="", match=None),))


def _meant_after(content: Content, ref: Ref, entry: Ref | None) -> Ref | None:
    """What a question for one entry means in its place where it points back to the answer of another, if anything."""
    topic = content.topic(ref[0])
    if not topic or not entry or entry[0] != ref[0]:
        return None
    meant = topic.facts.after.get(entry[1], {}).get(ref[1])
    return (ref[0], meant) if meant else None


def _as_before(reader: Reader, before: Turn) -> str:
    """The question of the turn before, as the content puts it; empty where it had no answer."""
    taken = next((one for one in before.taken if one.kind == "entry"), None)
    if not taken:
        return ""
    entry = reader.content.spoken(reader.code).entry(taken.ref)
    return taken.phrasing or (entry.title if entry else "")


def _country(content: Content, mentions: Sequence[Mention], region: str | None) -> str:
    """The country of a region group that these places name, if they name one alone."""
    codes = {mention.code for mention in mentions if region and group_of(mention.code, content.regions) == region}
    return codes.pop() if len(codes) == 1 else ""


def _region(
    knowledge: Knowledge, text: str, mentions: Sequence[Mention], before: Turn | None
) -> tuple[str | None, bool]:
    """The region group that the conversation names, and whether it names any; two at once are none of both."""
    if not mentions:
        region = before.region if before else None
        return region, region is not None
    groups = knowledge.content.regions
    region = knowledge.asker.region(text, mentions, groups)
    return region, region is not None or len({group_of(mention.code, groups) for mention in mentions}) > 1
