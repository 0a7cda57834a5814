"""Reads every content folder, lays them over each other and checks them: the content, or every mistake in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from bot.cache import NO_CACHE, Cache, as_array, code_digest, digest, text_of
from bot.content import checks, layout
from bot.content import files as documents
from bot.content.hearing import Hearing
from bot.content.mistakes import checked, problem, typed
from bot.content.models import (
    Announcement,
    AudiencePlace,
    Company,
    Contact,
    Country,
    Id,
    TopicFacts,
    TopicQuestions,
    TopicWords,
)
from bot.content.phrases import Phrases
from bot.content.topics import LANGUAGE, Content, Language, Ref, Topic
from bot.content.words import Written, read, speaks, together
from bot.errors import ContentError, Problem

_T = TypeVar("_T")


class Parsed(BaseModel):
    """What all content files say together: the content is made of it, and it is what is kept of the files."""

    facts: dict[str, TopicFacts]
    company: Company
    countries: dict[str, Country]
    hearing: dict[str, Hearing]
    phrases: dict[str, Phrases]
    said: dict[str, dict[str, TopicWords]]
    """The words of each topic in each language in which it is answered about, by language and topic."""
    asked: dict[str, dict[str, TopicQuestions]]
    """Those where it is only asked about."""
    announcements: dict[str, dict[str, Announcement]]
    audiences: dict[str, tuple[AudiencePlace, ...]]


def load(overlays: Sequence[Path] = (), contact: str = "", cache: Cache = NO_CACHE) -> Content:
    """The shipped content with each overlay folder laid over it; `contact` stands for the company's own.

    Files that were in order once are not read again until they change. Raises ContentError with every mistake in all
    the files.
    """
    folders = (layout.SHIPPED, *overlays)
    version = layout.version(folders, contact)
    name = f"content-{digest((code_digest(), version))}"
    kept = cache.kept(name, lambda: {"json": as_array(_parsed(folders, contact).model_dump_json(by_alias=True))})
    return _content(Parsed.model_validate_json(text_of(kept["json"])), version)


def _content(parsed: Parsed, version: str) -> Content:
    words = {code: {**parsed.asked.get(code, {}), **parsed.said.get(code, {})} for code in parsed.hearing}
    languages = tuple(
        Language(code, hearing, parsed.phrases.get(code), words[code]) for code, hearing in parsed.hearing.items()
    )
    return Content(
        tuple(Topic(name, facts, parsed.said[LANGUAGE][name]) for name, facts in parsed.facts.items()),
        parsed.phrases[LANGUAGE],
        parsed.countries,
        parsed.company,
        version,
        languages,
        announcements={(topic, own): one for topic, all_ in parsed.announcements.items() for own, one in all_.items()},
        audiences=parsed.audiences,
    )


def _parsed(folders: Sequence[Path], contact: str) -> Parsed:
    """What all the files hold; raises ContentError with every mistake."""
    problems: list[Problem] = []

    def kept(result: tuple[_T, Sequence[Problem]]) -> _T:
        problems.extend(result[1])
        return result[0]

    layers = layout.sources(folders)
    names = {name for layer in layers for name, _ in layer}
    codes = layout.languages(names)
    trees = kept(_trees(layers, codes, layout.spoken(names)))
    company = kept(typed(Company, trees.get("company"))) or Company()
    if contact:
        company = company.model_copy(update={"contact": Contact(person=contact)})
    audiences = kept(checked(TypeAdapter(dict[Id, tuple[AudiencePlace, ...]]), trees.get("audiences", {})))
    countries = kept(checked(TypeAdapter(dict[str, Country]), trees.get("places"))) or {}
    topic_names = layout.topics(names)
    topics: list[Topic] = []
    words: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for name in topic_names:
        topic, written = kept(_topic(name, trees, names, countries))
        topics += [topic] if topic else []
        for code, one in written.items():
            words[code][name] = one.words
    languages = [language for code in codes if (language := kept(_language(code, trees, words[code])))]
    announcements = kept(_announcements(trees, topic_names, codes))
    problems += checks.region_clashes(topics, trees)
    problems += checks.languages(languages, trees) if len(languages) == len(codes) else ()
    if problems or not languages[0].phrases:
        raise ContentError(problems)
    return Parsed.model_construct(
        facts={topic.id: topic.facts for topic in topics},
        company=company,
        countries=countries,
        hearing={language.code: language.hearing for language in languages},
        phrases={language.code: language.phrases for language in languages if language.phrases},
        said={code: {n: one for n, one in by.items() if isinstance(one, TopicWords)} for code, by in words.items()},
        asked={
            code: {n: one for n, one in by.items() if not isinstance(one, TopicWords)} for code, by in words.items()
        },
        announcements=announcements,
        audiences=audiences,
    )


def due(content: Content, today: date) -> tuple[str, ...]:
    """A sentence for each topic whose review is overdue."""
    return tuple(
        f"{topic.id}/topic.yaml: review_by was {topic.facts.review_by}: {topic.facts.owner} should read it again"
        for topic in content.topics
        if topic.facts.review_by < today
    )


def announcement(
    tree: Any, ref: Ref, topics: Sequence[str], codes: Sequence[str]
) -> tuple[Announcement | None, list[Problem]]:
    """The announcement that a file beside a topic is, or None for something else; with each mistake."""
    announcement, problems = typed(Announcement, tree)
    return announcement, [*problems, *checks.announcement(tree, ref, topics, codes)]


def _trees(
    layers: Sequence[Sequence[layout.ContentFile]], codes: Sequence[str], spoken: Collection[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The trees of all folders by their names, each laid over those before it."""
    trees: dict[str, Any] = {}
    problems: list[Problem] = []
    for layer in layers:
        problems += checks.strays(layer, codes)
        own, found = read((source for source in layer if not layout.stray(source.name, codes)), spoken)
        problems += found
        trees |= {name: documents.merge(trees[name], tree) if name in trees else tree for name, tree in own.items()}
    return trees, problems


def _language(code: str, trees: Mapping[str, Any], words: Mapping[str, Any]) -> tuple[Language | None, list[Problem]]:
    hears, says = (trees.get(f"{layout.LANGUAGES}/{code}/{file}") for file in layout.SPOKEN)
    if hears is None:
        return None, [] if says is None else [problem(says, (), "hears.yaml beside it", "nothing")]
    hearing, problems = typed(Hearing, hears)
    phrases, found = typed(Phrases, says)
    if not hearing or (says is not None and not phrases):
        return None, [*problems, *found]
    return Language(code, hearing, phrases, words), []


def _topic(
    name: str, trees: Mapping[str, Any], names: Collection[str], countries: Collection[str]
) -> tuple[tuple[Topic | None, dict[str, Written]], list[Problem]]:
    """A topic with its words in every language."""
    codes, spoken = layout.languages(names), layout.spoken(names)
    if f"{name}/topic" not in names or not speaks(name, LANGUAGE, names, spoken):
        expected = f"topic.yaml and {LANGUAGE}.yaml, or topic.yaml and {LANGUAGE}/answers.yaml"
        return (None, {}), [Problem(name, 1, "(folder)", expected, "only one of them")]
    tree = trees.get(f"{name}/topic")
    facts, problems = typed(TopicFacts, tree)
    written: dict[str, Written] = {}
    for code in codes:
        one, found = together(trees, f"{name}/{code}", speaks(name, code, names, spoken))
        problems += found
        written |= {code: one} if one else {}
    first = written.get(LANGUAGE)
    if not facts or not first or not isinstance(first.words, TopicWords):
        return (None, {}), problems
    topic = Topic(name, facts, first.words)
    problems += [*checks.facts(facts, tree, countries), *checks.relations(topic, tree)]
    for code, one in written.items():
        problems += checks.words(topic, one, code)
    return (topic, written), problems


def _announcements(
    trees: Mapping[str, Any], topics: Sequence[str], codes: Sequence[str]
) -> tuple[dict[str, dict[str, Announcement]], list[Problem]]:
    """The announcements beside each topic, by topic and name; each has to have English words."""
    found: dict[str, dict[str, Announcement]] = {}
    problems: list[Problem] = []
    for name, tree in trees.items():
        topic, _, own = name.partition(f"/{layout.ANNOUNCEMENTS}/")
        if own:
            one, wrong = announcement(tree, (topic, own), topics, codes)
            problems += wrong
            if one:
                found.setdefault(topic, {})[own] = one
    return found, problems
