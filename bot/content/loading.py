"""The knowledge base: every content folder read, laid over each other and checked, or every mistake in them named."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.content import files as documents
from bot.content.files import Record
from bot.content.mistakes import checked, problem, typed
from bot.content.models import (
    ANSWER_LIMIT,
    UNKNOWN_REGION,
    Announcement,
    AudiencePlace,
    Company,
    Contact,
    Country,
    Entry,
    EntryQuestions,
    Id,
    NotCovered,
    NotCoveredQuestions,
    Phase,
    RegionGroup,
    TopicFacts,
    TopicQuestions,
    TopicWords,
)
from bot.content.phrases import Heard, Phrases
from bot.content.places import Gazetteer
from bot.content.topics import LANGUAGE, TAKEN, Content, Language, Ref, Topic
from bot.errors import ContentError, Problem
from bot.text import normal

_BOT = Path(__file__).parents[1]
SHIPPED = next(path for path in (_BOT / "shipped" / "content", _BOT.parent / "content") if path.is_dir())
"""The content that comes with the bot: inside the installed package, or beside it in a checkout."""

ANNOUNCEMENTS = "announcements"
"""The folder beside a topic's files that holds its announcements."""

_Asked = Entry | EntryQuestions | NotCovered | NotCoveredQuestions


def load(overlays: Sequence[Path] = (), contact: str = "") -> Content:
    """The shipped content with each overlay folder laid over it; `contact` stands for the company's own.

    Raises ContentError with every mistake in all the files.
    """
    problems: list[Problem] = []
    trees = _merged((SHIPPED, *overlays), problems)
    company = typed(Company, trees.pop("company", None), problems) or Company()
    if contact:
        company = company.model_copy(update={"contact": Contact(person=contact)})
    audiences = checked(TypeAdapter(dict[Id, tuple[AudiencePlace, ...]]), trees.pop("audiences", {}), problems, set())
    countries = _countries(trees.pop("regions", None), problems)
    codes = [LANGUAGE, *sorted(_codes(trees) - {LANGUAGE})]
    phrases = {code: _phrases(code, trees.pop(f"phrases/{code}", None), problems) for code in codes}
    names = _topic_names(trees)
    topics = [topic for name in names if (topic := _topic(name, trees, countries, problems))]
    languages = [
        Language(code, heard, {topic.id: words for topic in topics if (words := _words(topic, code, trees, problems))})
        for code, heard in phrases.items()
        if heard
    ]
    announcements = _announcements(trees, names, codes, problems)
    problems += [problem(trees[f"{name}/topic"], *mistake) for name, mistake in _region_clashes(topics)]
    problems += _strays(trees, codes)
    said = phrases[LANGUAGE]
    if problems or not isinstance(said, Phrases):
        raise ContentError(problems)
    version = _version((SHIPPED, *overlays), contact)
    return Content(
        tuple(topics),
        said,
        Gazetteer(countries),
        company,
        version,
        tuple(languages),
        announcements=announcements,
        audiences=audiences or {},
    )


def due(content: Content, today: date) -> tuple[str, ...]:
    """A sentence for each topic whose review is overdue."""
    return tuple(
        f"{topic.id}/topic.yaml: review_by was {topic.facts.review_by}: {topic.facts.owner} should read it again"
        for topic in content.topics
        if topic.facts.review_by < today
    )


def _merged(folders: Sequence[Path], problems: list[Problem]) -> dict[str, Any]:
    trees: dict[str, Any] = {}
    for folder in folders:
        for path in _files(folder):
            tree, found = documents.read(path)
            problems += found
            name = path.relative_to(folder).as_posix().removesuffix(".yaml")
            trees[name] = documents.merge(trees[name], tree) if name in trees else tree
    return trees


def _codes(trees: dict[str, Any]) -> set[str]:
    """The languages that the bot has phrases for."""
    return {name.partition("/")[2] for name in trees if name.startswith("phrases/")}


def _phrases(code: str, tree: Any, problems: list[Problem]) -> Phrases | Heard | None:
    """The phrases of a language: all of them, or with `in_english` what it takes to read questions in it."""
    if code == LANGUAGE or (isinstance(tree, Record) and "welcome" in tree):
        return typed(Phrases, tree, problems)
    return typed(Heard, tree, problems)


def _words(
    topic: Topic, code: str, trees: dict[str, Any], problems: list[Problem]
) -> TopicWords | TopicQuestions | None:
    """A topic's words in a language: all of them if the file has a title, else the questions alone."""
    tree = trees.get(f"{topic.id}/{code}")
    if code == LANGUAGE or tree is None:
        return topic.words if code == LANGUAGE else None
    complete = isinstance(tree, Record) and "title" in tree
    words = typed(TopicWords, tree, problems) if complete else typed(TopicQuestions, tree, problems)
    if words:
        found = _word_mistakes(replace(topic, words=words), tree) if isinstance(words, TopicWords) else ()
        known = topic.entries.keys() | topic.not_covered.keys()
        kinds: dict[str, Sequence[_Asked]] = {"entries": words.entries, "not_covered": words.not_covered}
        strange = (
            ((kind, index, "id"), f"an id of {LANGUAGE}.yaml", repr(item.id))
            for kind, items in kinds.items()
            for index, item in enumerate(items)
            if item.id not in known
        )
        problems += [problem(tree, *mistake) for mistake in (*found, *strange, *_repetitions(words, tree))]
    return words


def _announcements(
    trees: dict[str, Any], topics: Sequence[str], codes: Sequence[str], problems: list[Problem]
) -> dict[Ref, Announcement]:
    """The announcements beside each topic, taken out of the other files; each has to have English words."""
    found = {}
    for name in [name for name in trees if name.count("/") == 2 and name.split("/")[1] == ANNOUNCEMENTS]:
        tree = trees.pop(name)
        topic, _, own = name.split("/")
        if one := announcement(tree, (topic, own), topics, codes, problems):
            found[topic, own] = one
    return found


def announcement(
    tree: Any, ref: Ref, topics: Sequence[str], codes: Sequence[str], problems: list[Problem]
) -> Announcement | None:
    """The announcement that a file beside a topic is, or None for something else; each mistake goes to `problems`."""
    topic, own = ref
    announcement = typed(Announcement, tree, problems)
    if topic not in topics:
        problems.append(problem(tree, (), "a topic in the folder above", topic))
    elif own in TAKEN:
        problems.append(problem(tree, (), "another name", f"{own}.yaml, which stands for {TAKEN[own]}"))
    problems += [problem(tree, *mistake) for mistake in _announcement_mistakes(tree, codes)]
    return announcement


def _announcement_mistakes(tree: Any, codes: Sequence[str]) -> Iterator[_Mistake]:
    """What the fields of an announcement's file must be together, whatever is wrong with each of them."""
    said = tree.get("words")
    if not isinstance(said, Record):
        return
    for code in said.keys() - set(codes):
        yield ("words", code), f"one of {', '.join(codes)}", code
    if LANGUAGE not in said:
        yield ("words",), f"words in {LANGUAGE}", "none"
    for code, words in said.items():
        alt = words.get("alt") if isinstance(words, Record) else None
        if tree.get("picture") and not alt:
            yield ("words", code, "alt"), "what the picture shows", "nothing"
        if alt and not tree.get("picture"):
            yield ("picture",), "the address of the picture", "alt without one"


def _strays(trees: dict[str, Any], codes: Sequence[str]) -> list[Problem]:
    """A problem for each file that has none of the names that are read."""
    languages = ", ".join(f"{code}.yaml" for code in codes)
    expected = f"company.yaml, regions.yaml, audiences.yaml, topic.yaml or {languages}"
    return [
        Problem(
            tree.where.path,
            1,
            "(file)",
            expected,
            "another name",
        )
        for name, tree in trees.items()
        if name.rpartition("/")[2] not in ("topic", *codes) or "/" not in name
    ]


def _files(folder: Path) -> list[Path]:
    """Every YAML file of a content folder, in the order of their names."""
    deep = ("", "*/", f"*/{ANNOUNCEMENTS}/")
    patterns = (f"{folder}*.{ending}" for folder in deep for ending in ("yaml", "yml"))
    return sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())


def _version(folders: Sequence[Path], contact: str) -> str:
    digest = hashlib.sha256(contact.encode())
    for folder in folders:
        for path in _files(folder):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _topic_names(trees: dict[str, Any]) -> list[str]:
    return sorted({name.partition("/")[0] for name in trees if "/" in name and not name.startswith("phrases/")})


def _topic(name: str, trees: dict[str, Any], countries: dict[str, Country], problems: list[Problem]) -> Topic | None:
    facts_tree, words_tree = trees.get(f"{name}/topic"), trees.get(f"{name}/{LANGUAGE}")
    if facts_tree is None or words_tree is None:
        problems.append(Problem(name, 1, "(folder)", f"topic.yaml and {LANGUAGE}.yaml", "only one of them"))
        return None
    facts, words = typed(TopicFacts, facts_tree, problems), typed(TopicWords, words_tree, problems)
    if not facts or not words:
        return None
    topic = Topic(name, facts, words)
    problems += [
        problem(words_tree, ("regions", group.id), "name and label of the region", "nothing")
        for group in facts.regions
        if group.id not in words.regions
    ]
    for tree, steps, expected, found in (
        *((facts_tree, *rest) for rest in _fact_mistakes(facts, countries)),
        *((words_tree, *rest) for rest in _word_mistakes(topic, words_tree)),
        *((words_tree, *rest) for rest in _repetitions(words, words_tree)),
    ):
        problems.append(problem(tree, steps, expected, found))
    return topic


_Mistake = tuple[tuple[str | int, ...], str, str]


def _fact_mistakes(facts: TopicFacts, countries: dict[str, Country]) -> Iterator[_Mistake]:
    for name, day in facts.dates.items():
        if day.confirmed_on and not day.source:
            yield ("dates", name, "source"), "the address that confirms the date", "confirmed_on without it"
    group_of: dict[str, str] = {}
    for index, group in enumerate(facts.regions):
        for code in ("rest",) if group.codes == "rest" else group.codes:
            if code != "rest" and code not in countries:
                yield ("regions", index, "codes"), "codes of content/regions.yaml", repr(code)
            if code in group_of:
                yield ("regions", index, "codes"), "each code in one group", f"{code!r} in {group_of[code]} too"
            group_of[code] = group.id


def _region_clashes(topics: Sequence[Topic]) -> Iterator[tuple[str, _Mistake]]:
    """Groups of two topics that are called the same and differ, or overlap: a region has to mean one thing to all."""
    owners: dict[str, tuple[str, RegionGroup]] = {}
    for topic in topics:
        for index, group in enumerate(topic.facts.regions):
            steps = ("regions", index, "codes")
            for other, known in list(owners.values()):
                if known.id == group.id and _codes_of(known) != _codes_of(group):
                    yield topic.id, (steps, f"the codes that {known.id} has in {other}/topic.yaml", "others")
                elif known.id != group.id and other != topic.id and _codes_of(known) & _codes_of(group):
                    both = ", ".join(sorted(_codes_of(known) & _codes_of(group)))
                    yield topic.id, (steps, f"no code of {known.id} in {other}/topic.yaml", both)
            owners.setdefault(group.id, (topic.id, group))


def _codes_of(group: RegionGroup) -> frozenset[str]:
    return frozenset(("rest",) if group.codes == "rest" else group.codes)


def _word_mistakes(topic: Topic, tree: Record) -> Iterator[_Mistake]:
    groups = [group.id for group in topic.facts.regions]
    if topic.words.regions.keys() - set(groups):
        yield ("regions",), f"only {', '.join(groups)}", ", ".join(topic.words.regions.keys() - set(groups))
    if topic.words.steps.section not in topic.facts.source.sections:
        yield ("steps", "section"), f"one of {', '.join(topic.facts.source.sections)}", repr(topic.words.steps.section)
    for index, suggested in enumerate(topic.words.suggested):
        if suggested not in topic.entries:
            yield ("suggested", index), "the id of an entry", repr(suggested)
    for index, entry in enumerate(topic.words.entries):
        for steps, expected, found in _entry_mistakes(topic, entry, groups):
            yield ("entries", index, *steps), expected, found


def _entry_mistakes(topic: Topic, entry: Entry, groups: list[str]) -> Iterator[_Mistake]:
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


def _repetitions(words: TopicWords | TopicQuestions, tree: Record) -> Iterator[_Mistake]:
    """Ids and phrasings that stand twice; of two places the one that is not shipped is named, which can be mended."""
    first: dict[str, tuple[tuple[str | int, ...], str]] = {}
    ids: set[str] = set()
    kinds: dict[str, Sequence[_Asked]] = {"entries": words.entries, "not_covered": words.not_covered}
    for kind, items in kinds.items():
        for index, item in enumerate(items):
            if item.id in ids:
                yield (kind, index, "id"), "each id once", repr(item.id)
            ids.add(item.id)
            for steps, phrasing in _phrasings(kind, index, item):
                key = normal(phrasing)
                if not key:
                    yield steps, "words", repr(phrasing)
                elif key in first:
                    pair = ((steps, first[key][1]), (first[key][0], item.id))
                    blamed, other = min(pair, key=lambda one: _is_shipped(tree, one[0]))
                    yield blamed, "a phrasing of its own", f"{phrasing!r} (also in {other})"
                first.setdefault(key, (steps, item.id))


def _phrasings(kind: str, index: int, item: _Asked) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for way, name in {"ask": "ask", "yes": "yes", "no": "no", "not": "near"}.items():
        for place, phrasing in enumerate(getattr(item, name, ())):
            yield (kind, index, way, place), phrasing


def _is_shipped(tree: Record, steps: tuple[str | int, ...]) -> bool:
    return Path(documents.locate(tree, steps)[0].path).resolve().is_relative_to(SHIPPED)


def _countries(tree: Any, problems: list[Problem]) -> dict[str, Country]:
    countries = checked(TypeAdapter(dict[str, Country]), tree, problems, set())
    return countries or {}
