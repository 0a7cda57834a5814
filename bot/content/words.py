"""A topic's words in one language: all in one file, or what is said, what is asked and synonyms in a file each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.content import files as documents
from bot.content.files import Items, Record
from bot.content.layout import ANNOUNCEMENTS, LANGUAGES, WORDS, ContentFile
from bot.content.mistakes import fields, nearest, problem, typed
from bot.content.models import (
    Entry,
    EntryAnswer,
    EntryQuestions,
    Model,
    NotCovered,
    NotCoveredAnswer,
    NotCoveredQuestions,
    TopicAnswers,
    TopicQuestions,
    TopicWords,
)
from bot.errors import Problem

_SAID, _ASKED, _SYNONYMS = WORDS
_LISTS = ("entries", "not_covered")
_TOPIC = {_SAID: fields(TopicAnswers) - set(_LISTS), _ASKED: fields(TopicQuestions) - set(_LISTS)}
_ITEM = {
    _SAID: fields(EntryAnswer, NotCoveredAnswer) - {"id"},
    _ASKED: fields(EntryQuestions, NotCoveredQuestions) - {"id"},
}
"""The fields of a topic and of an entry that belong to each side."""

_M = TypeVar("_M", bound=Model)


@dataclass(frozen=True)
class Written:
    """A topic's words in a language, and the trees in which what is said and what is asked stand."""

    words: TopicQuestions
    questions: TopicQuestions
    asked: Record
    said: Record | None = None


def read(layer: Iterable[ContentFile], spoken: Collection[str]) -> tuple[dict[str, Any], list[Problem]]:
    """The trees of one folder's files by their names, a topic's words taken apart.

    A file such as `en.yaml` says and asks each of its entries, in a language that is `spoken`, so that one in an
    overlay stands for all of it. Of the others each may hold any field of an entry, and stands for those alone.
    """
    trees: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, path in layer:
        tree, found = documents.read(path)
        problems += (*found, *_repeated(tree))
        if found and not tree:
            continue
        for part, piece in _pieces(name, tree, spoken).items():
            trees[part], twice = documents.join(trees[part], piece) if part in trees else (piece, [])
            problems += twice
    return trees, problems


def speaks(topic: str, code: str, names: Collection[str], spoken: Collection[str]) -> bool:
    """Whether these files answer about a topic in a language, rather than only ask."""
    return f"{topic}/{code}/{_SAID}" in names or (f"{topic}/{code}" in names and code in spoken)


def together(trees: Mapping[str, Any], folder: str, says: bool) -> tuple[Written | None, list[Problem]]:
    """What is said about a topic in a language with the ways it is asked for, or those alone."""
    said, asked, synonyms = (trees.get(f"{folder}/{part}") for part in WORDS)
    if asked is None:
        found = said if said is not None else synonyms
        return None, [] if found is None else [problem(found, (), f"{_ASKED}.yaml beside it", "nothing")]
    if synonyms is not None and _SYNONYMS not in asked:
        asked.put(_SYNONYMS, synonyms, synonyms.where)
    questions, problems = typed(TopicQuestions, asked)
    if not says:
        if said:
            expected = f"the questions alone, or {folder}/{_SAID}.yaml for this"
            problems.append(problem(said, _first(said), expected, "what is said"))
        return Written(questions, questions, asked) if questions else None, problems
    if not _first(said):
        expected = f"what is said, too, or {folder}/{_ASKED}.yaml for this"
        return None, [*problems, problem(said, (), expected, "the questions alone")]
    answers, found = typed(TopicAnswers, said)
    problems += found
    if not questions or not answers:
        return None, problems
    problems += _alone(folder, said, asked, answers, questions)
    if problems:
        return None, problems
    words = {
        **dict(questions),
        **dict(answers),
        "entries": _pairs(Entry, answers.entries, questions.entries),
        "not_covered": _pairs(NotCovered, answers.not_covered, questions.not_covered),
    }
    return Written(_both(TopicWords, words), questions, asked, said), problems


def _pieces(name: str, tree: Record, spoken: Collection[str]) -> dict[str, Record]:
    """A file's tree, that of a topic's words by the names of the parts that it holds."""
    topic, *rest = name.split("/")
    if topic == LANGUAGES or rest[:1] in ([], ["topic"], [ANNOUNCEMENTS]) or rest[1:] == [_SYNONYMS]:
        return {name: tree}
    code, whole = rest[0], len(rest) == 1 and rest[0] in spoken
    home = _SAID if whole else rest[1] if rest[1:] else _ASKED
    parts = {side: Record(tree.where) for side in (_SAID, _ASKED)}
    for key, value in tree.items():
        where = tree.places[key]
        if key == _SYNONYMS and isinstance(value, Record):
            parts[_SYNONYMS] = value
        elif key in _LISTS and isinstance(value, Items):
            for side in (_SAID, _ASKED):
                if (items := _halves(value, side, home, whole)) or whole or side == home:
                    parts[side].put(key, items, where)
        else:
            parts[_side(key, _TOPIC, home, whole)].put(key, value, where)
    if whole and "entries" not in parts[_ASKED]:
        parts[_ASKED].put("entries", Items(tree.where), tree.where)
    return {f"{topic}/{code}/{side}": part for side, part in parts.items() if part or whole or side == home}


def _halves(items: Items, side: str, home: str, whole: bool) -> Items:
    """What one side has of a list of entries, of two with one id the first; of the `whole` each entry is on both."""
    halves, ids = Items(items.where), set()
    for item, place in zip(items, items.places, strict=True):
        named = isinstance(item, Record) and isinstance(item.get("id"), str)
        if not named and side == home:
            halves.put(item, place)
        if not named or item["id"] in ids:
            continue
        ids.add(item["id"])
        half = Record(item.where)
        for key, value in item.items():
            if key == "id" or _side(key, _ITEM, home, whole) == side:
                half.put(key, value, item.places[key])
        if whole or side == home or len(half) > 1:
            halves.put(half, place)
    return halves


def _side(key: str, known: Mapping[str, Collection[str]], home: str, whole: bool) -> str:
    """The side that a field belongs to; one that nobody knows is at `home`, in a `whole` where it is near another."""
    for side, names in known.items():
        if key in names:
            return side
    near = nearest(key, (name for names in known.values() for name in names)) if whole else None
    return next((side for side, names in known.items() if near in names), home)


def _repeated(tree: Record) -> Iterator[Problem]:
    for kind in _LISTS:
        ids = set()
        for index, item in enumerate(items if isinstance(items := tree.get(kind), Items) else ()):
            named = item.get("id") if isinstance(item, Record) else None
            if isinstance(named, str) and named in ids:
                yield problem(tree, (kind, index, "id"), "each id once", repr(named))
            ids.add(str(named))


def _first(said: Any) -> tuple[str | int, ...]:
    """The steps to the first thing that is said, if there is any."""
    for key, value in said.items():
        if key not in _LISTS or not isinstance(value, Items):
            return (key,)
        for index, item in enumerate(value):
            if not isinstance(item, Record):
                return key, index
            for name in (name for name in item if name != "id"):
                return key, index, name
    return ()


def _alone(
    folder: str, said: Any, asked: Record, answers: TopicAnswers, questions: TopicQuestions
) -> Iterator[Problem]:
    """A mistake for each entry that only one side has; one where the two ids are nearly the same."""
    for kind in _LISTS:
        mine, theirs = ([item.id for item in getattr(side, kind)] for side in (answers, questions))
        lacking = [id_ for id_ in mine if id_ not in theirs]
        for index, id_ in enumerate(theirs):
            if id_ not in mine:
                near = nearest(id_, lacking)
                hint = f" (did you mean {near}?)" if near else ""
                yield problem(asked, (kind, index, "id"), f"an id of {folder}/{_SAID}.yaml{hint}", repr(id_))
                lacking = [other for other in lacking if other != near]
        for id_ in lacking:
            yield problem(said, (kind, mine.index(id_), "id"), f"the ways to ask it in {folder}/{_ASKED}.yaml", "none")


def _pairs(model: type[_M], answers: Sequence[Any], questions: Sequence[Any]) -> tuple[_M, ...]:
    asked = {one.id: one for one in questions}
    return tuple(_both(model, {**dict(asked[one.id]), **dict(one)}) for one in answers)


def _both(model: type[_M], values: Mapping[str, Any]) -> _M:
    return model.model_validate(values, by_alias=False, by_name=True)
