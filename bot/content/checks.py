"""Looks for mistakes that show only where several fields or files are seen together; each function yields them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.content import files as documents
from bot.content import layout
from bot.content.files import Record
from bot.content.mistakes import problem
from bot.content.models import (
    ANSWER_LIMIT,
    UNKNOWN_REGION,
    Entry,
    EntryQuestions,
    NotCoveredQuestions,
    Phase,
    RegionGroup,
    TopicFacts,
    TopicQuestions,
    TopicWords,
)
from bot.content.topics import LANGUAGE, TAKEN, Language, Ref, Topic
from bot.content.words import Written
from bot.errors import Problem
from bot.text import normal

_Steps = tuple[str | int, ...]


def strays(sources: Iterable[layout.ContentFile], codes: Sequence[str]) -> Iterator[Problem]:
    """Files that have none of the names that are read."""
    for name, path in sources:
        if mistake := layout.stray(name, codes):
            yield Problem(documents.show(path), 1, "(file)", *mistake)


def languages(languages: Sequence[Language], trees: Mapping[str, Any]) -> Iterator[Problem]:
    """What a language lacks that is only read, and small talk without a reply, or replies to none."""
    for language in languages:
        hears, says = (trees.get(f"{layout.LANGUAGES}/{language.code}/{file}") for file in layout.SPOKEN)
        talk = [one.id for one in language.hearing.small_talk]
        replies = [[reply.id for reply in one.phrases.small_talk] for one in (language, languages[0]) if one.phrases]
        if not language.phrases and not language.hearing.in_english:
            yield problem(hears, ("in_english",), "a value", "nothing")
        for index, id_ in enumerate(talk):
            if id_ not in replies[0]:
                yield problem(hears, ("small_talk", index, "id"), "an id that says.yaml has a reply to", repr(id_))
        for index, id_ in enumerate(replies[0] if language.phrases else ()):
            if id_ not in talk:
                yield problem(says, ("small_talk", index, "id"), "an id of hears.yaml", repr(id_))


def facts(facts: TopicFacts, tree: Any, countries: Collection[str]) -> Iterator[Problem]:
    """Dates that are confirmed by nothing, and countries that are none or stand in two groups."""
    for name, day in facts.dates.items():
        if day.confirmed_on and not day.source:
            steps = ("dates", name, "source")
            yield problem(tree, steps, "the address that confirms the date", "confirmed_on without it")
    group_of: dict[str, str] = {}
    for index, group in enumerate(facts.regions):
        listed = ("regions", index, "codes")
        for code in ("rest",) if group.codes == "rest" else group.codes:
            if code != "rest" and code not in countries:
                yield problem(tree, listed, "codes of places.yaml", repr(code))
            if code in group_of:
                yield problem(tree, listed, "each code in one group", f"{code!r} in {group_of[code]} too")
            group_of[code] = group.id


def region_clashes(topics: Sequence[Topic], trees: Mapping[str, Any]) -> Iterator[Problem]:
    """Groups of two topics that are called the same and differ, or overlap: a region has to mean one thing to all."""
    owners: dict[str, tuple[str, RegionGroup]] = {}
    for topic in topics:
        tree = trees[f"{topic.id}/topic"]
        for index, group in enumerate(topic.facts.regions):
            steps = ("regions", index, "codes")
            for other, known in list(owners.values()):
                both = _codes(known) & _codes(group)
                if known.id == group.id and _codes(known) != _codes(group):
                    yield problem(tree, steps, f"the codes that {known.id} has in {other}/topic.yaml", "others")
                elif known.id != group.id and other != topic.id and both:
                    yield problem(tree, steps, f"no code of {known.id} in {other}/topic.yaml", ", ".join(sorted(both)))
            owners.setdefault(group.id, (topic.id, group))


def relations(topic: Topic, tree: Any) -> Iterator[Problem]:
    """What the facts of a topic say of entries and gaps that it does not have."""
    for index, gap in enumerate(topic.facts.other_services):
        if gap not in topic.not_covered:
            yield problem(tree, ("other_services", index), "a gap of this topic", repr(gap))
    for steps, entry in _related(topic.facts):
        if entry not in topic.entries:
            yield problem(tree, steps, "an entry of this topic", repr(entry))


def _related(facts: TopicFacts) -> Iterator[tuple[_Steps, str]]:
    """The entries that are put in relation to others, each with where it stands."""
    for entry, others in facts.also_answers.items():
        yield ("also_answers", entry), entry
        yield from ((("also_answers", entry, index), other) for index, other in enumerate(others))
    for entry, means in facts.after.items():
        yield ("after", entry), entry
        for asked, meant in means.items():
            yield from ((("after", entry, asked), one) for one in (asked, meant))


def words(topic: Topic, written: Written, code: str) -> Iterator[Problem]:
    """What is wrong between a topic's facts, its words in English and those in a language."""
    if written.said is not None and isinstance(written.words, TopicWords):
        yield from _answers(topic, written.words, written.said, code)
    if code != LANGUAGE:
        tree = written.asked if written.said is None else written.said
        known = {"entries": topic.entries.keys(), "not_covered": topic.not_covered.keys()}
        for kind, index, item in _items(written.words):
            if item.id not in known[kind]:
                yield problem(tree, (kind, index, "id"), f"an id that {LANGUAGE} has too", repr(item.id))
    yield from _repetitions(written.questions, written.asked)


def announcement(tree: Record, ref: Ref, topics: Sequence[str], codes: Sequence[str]) -> Iterator[Problem]:
    """What the fields of an announcement's file must be together, whatever is wrong with each of them."""
    topic, own = ref
    if topic not in topics:
        yield problem(tree, (), "a topic in the folder above", topic)
    elif own in TAKEN:
        yield problem(tree, (), "another name", f"{own}.yaml, which stands for {TAKEN[own]}")
    said = tree.get("words")
    if not isinstance(said, Record):
        return
    for code in said.keys() - set(codes):
        yield problem(tree, ("words", code), f"one of {', '.join(codes)}", code)
    if LANGUAGE not in said:
        yield problem(tree, ("words",), f"words in {LANGUAGE}", "none")
    for code, words in said.items():
        alt = words.get("alt") if isinstance(words, Record) else None
        if tree.get("picture") and not alt:
            yield problem(tree, ("words", code, "alt"), "what the picture shows", "nothing")
        if alt and not tree.get("picture"):
            yield problem(tree, ("picture",), "the address of the picture", "alt without one")


def _codes(group: RegionGroup) -> frozenset[str]:
    return frozenset(("rest",) if group.codes == "rest" else group.codes)


def _answers(topic: Topic, words: TopicWords, tree: Record, code: str) -> Iterator[Problem]:
    sections, groups = topic.facts.source.sections, [group.id for group in topic.facts.regions]
    for group in (group for group in groups if code == LANGUAGE and group not in words.regions):
        yield problem(tree, ("regions", group), "name and label of the region", "nothing")
    if words.regions.keys() - set(groups):
        yield problem(
            tree, ("regions",), f"only {', '.join(groups)}", ", ".join(sorted(words.regions.keys() - set(groups)))
        )
    if words.steps.section not in sections:
        yield problem(tree, ("steps", "section"), f"one of {', '.join(sections)}", repr(words.steps.section))
    for index, suggested in enumerate(words.suggested):
        if suggested not in {entry.id for entry in words.entries}:
            yield problem(tree, ("suggested", index), "the id of an entry", repr(suggested))
    in_language = replace(topic, words=words)
    for index, entry in enumerate(words.entries):
        for steps, expected, found in _entry(in_language, entry, groups):
            yield problem(tree, ("entries", index, *steps), expected, found)


def _entry(topic: Topic, entry: Entry, groups: Sequence[str]) -> Iterator[tuple[_Steps, str, str]]:
    if entry.section not in topic.facts.source.sections:
        yield ("section",), f"one of {', '.join(topic.facts.source.sections)}", repr(entry.section)
    for group, other in entry.instead.items():
        if group not in groups or other not in topic.entries or other == entry.id:
            yield ("instead", group), "a region and another entry of this topic", f"{group}: {other}"
    known = True
    for index, fragment in enumerate(entry.answer):
        for region in (region for region in fragment.region if region not in (*groups, UNKNOWN_REGION)):
            known = False
            yield ("answer", index, "region"), f"one of {', '.join(groups)}, {UNKNOWN_REGION}", repr(region)
        for name in (name for name in fragment.dates if name not in topic.facts.dates):
            known = False
            yield ("answer", index, "dates"), f"one of {', '.join(topic.facts.dates)}", repr(name)
    for case, text in _every_answer(topic, entry) if known else ():
        if not 1 <= len(text) <= ANSWER_LIMIT:
            yield ("answer",), f"1 to {ANSWER_LIMIT} characters", f"{len(text)} ({case})"


def _every_answer(topic: Topic, entry: Entry) -> Iterator[tuple[str, str]]:
    names = sorted({name for fragment in entry.answer for name in fragment.dates})
    phases: tuple[Phase, ...] = ("upcoming", "passed", "confirmed")
    for region in (None, *(group.id for group in topic.facts.regions)):
        for chosen in itertools.product(phases, repeat=len(names)):
            case = ", ".join((f"region {region or UNKNOWN_REGION}", *map(" ".join, zip(names, chosen, strict=True))))
            yield case, entry.text(region, dict(zip(names, chosen, strict=True)))


def _repetitions(words: TopicQuestions, tree: Record) -> Iterator[Problem]:
    """Ids and phrasings that stand twice; of two places the one that is not shipped is named, which can be mended."""
    first: dict[str, tuple[_Steps, str]] = {}
    ids: set[str] = set()
    for kind, index, item in _items(words):
        if item.id in ids:
            yield problem(tree, (kind, index, "id"), "each id once", repr(item.id))
        ids.add(item.id)
        for steps, phrasing in _phrasings(kind, index, item):
            key = normal(phrasing)
            if not key:
                yield problem(tree, steps, "words", repr(phrasing))
            elif key in first:
                pair = ((steps, first[key][1]), (first[key][0], item.id))
                blamed, other = min(pair, key=lambda one: _is_shipped(tree, one[0]))
                yield problem(tree, blamed, "a phrasing of its own", f"{phrasing!r} (also in {other})")
            first.setdefault(key, (steps, item.id))


def _items(words: TopicQuestions) -> Iterator[tuple[str, int, EntryQuestions | NotCoveredQuestions]]:
    """The entries and then the gaps, each with the name of its list and its place there."""
    kinds: dict[str, Sequence[EntryQuestions | NotCoveredQuestions]]
    kinds = {"entries": words.entries, "not_covered": words.not_covered}
    return ((kind, index, item) for kind, items in kinds.items() for index, item in enumerate(items))


def _phrasings(kind: str, index: int, item: EntryQuestions | NotCoveredQuestions) -> Iterator[tuple[_Steps, str]]:
    for way, name in {"ask": "ask", "yes": "yes", "no": "no", "not": "near"}.items():
        for place, phrasing in enumerate(getattr(item, name, ())):
            yield (kind, index, way, place), phrasing


def _is_shipped(tree: Record, steps: _Steps) -> bool:
    return Path(documents.locate(tree, steps)[0].path).resolve().is_relative_to(layout.SHIPPED)
