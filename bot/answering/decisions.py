"""What a message is answered with, as a value, and how several of them become one or fit somebody's region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.answering.matching import Kind, Match, Polarity
from bot.content.topics import LANGUAGE, Content, Ref

Sort = Literal["answer", "clarify", "not_covered", "smalltalk", "unknown"]
"""What a message turned out to be: a question with an answer, one that may mean several, or none of the bot's."""

PARTS = 3
"""Questions of one message that are answered at most."""


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
    country: str = ""
    """The code of the country that the message named for it, if it was one; only the reply says it."""
    score: float = 0.0
    missed: bool = False
    """Whether something else was asked in the same message and not understood."""
    language: str = LANGUAGE

    @property
    def is_clear(self) -> bool:
        """Whether it says something about the article, or that the article does not say it."""
        return self.sort in ("answer", "not_covered")

    @property
    def evidence(self) -> float:
        """How much of the question speaks for its first part; 1 where a gap's own name does."""
        match = self.parts[0].match if self.parts else None
        return match.score if match else float(bool(self.parts))


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
        ref = entry_for(content, part.ref, region)
        parts.setdefault(ref, part if ref == part.ref else replace(part, ref=ref, lead="", asked=part.ref))
    return replace(decision, region=region, parts=tuple(parts.values()))


def entry_for(content: Content, ref: Ref, region: str | None) -> Ref:
    """The entry that answers for a region in place of this one, or this one."""
    topic, entry = content.topic(ref[0]), content.entry(ref)
    return (ref[0], entry.instead.get(topic.group(region) or "", ref[1])) if topic and entry else ref


def surest(decisions: Iterable[Decision]) -> Decision:
    """The one that says most, and of those that say as much the one with the highest score."""
    return max(decisions, key=lambda decision: (_ASCENDING.index(decision.sort), decision.score))


_ASCENDING: tuple[Sort, ...] = ("unknown", "smalltalk", "clarify", "not_covered", "answer")
"""The sorts of decisions, from the one that says least."""


def distinct(content: Content, decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions but for those that mean what another means, or what its answer serves for as well."""
    first: dict[Ref, Decision] = {}
    for decision in decisions:
        first.setdefault(decision.parts[0].ref, decision)
    kept = dict(first)
    for ref in reversed(first):
        if any(content.serves(other, ref) for other in kept if other != ref):
            del kept[ref]
    return list(kept.values())


def unled(decision: Decision) -> Decision:
    """The decision without a Yes or No before any answer, where more was said than what it answers."""
    return replace(decision, parts=tuple(replace(part, lead="") for part in decision.parts))


def joined(decisions: Sequence[Decision]) -> Decision:
    """The decision that is all of these, an answer where any of them has one."""
    parts = tuple(part for decision in decisions for part in decision.parts)[:PARTS]
    covered = any(part.kind == "entry" for part in parts)
    return replace(decisions[0], sort="answer" if covered else "not_covered", parts=parts)
