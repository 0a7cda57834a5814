"""YAML files read as plain text values that know where they stand, so that a mistake can be named; and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.errors import Problem

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


DEEPEST = 20
"""Levels of nesting that a file may have; content needs five."""

WIDTH = 110
"""Characters after which a line is broken in a file that is written."""


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


class Where(NamedTuple):
    """A line in a file."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Record(dict[str, Any]):
    """A mapping that knows where it and each of its keys stand."""

    def __init__(self, where: Where) -> None:
        super().__init__()
        self.where = where
        self.places: dict[str, Where] = {}

    def put(self, key: str, value: Any, where: Where) -> None:
        """Sets a key together with its place."""
        self[key] = value
        self.places[key] = where


class Items(list[Any]):
    """A list that knows where it and each of its items stand."""

    def __init__(self, where: Where) -> None:
        super().__init__()
        self.where = where
        self.places: list[Where] = []

    def put(self, value: Any, where: Where) -> None:
        """Adds an item together with its place."""
        self.append(value)
        self.places.append(where)


def read(path: Path) -> tuple[Record, list[Problem]]:
    """The mapping that a YAML file holds, and what is wrong with its writing (then the mapping is incomplete)."""
    shown = show(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _unreadable(shown, "UTF-8 text", "characters that YAML does not allow")
    except OSError as error:
        return _unreadable(shown, "a file that can be read", str(error.strerror))
    return parse(text, shown)


def parse(text: str, shown: str) -> tuple[Record, list[Problem]]:
    """The mapping that the text of a YAML file holds, as `read` gives it; `shown` is what the file is called."""
    empty, problems = Record(Where(shown, 1)), list[Problem]()
    try:
        tree = _document(yaml.parse(text, Loader=_Loader), shown, problems)
    except _DepthError:
        return empty, [Problem(shown, 1, "(file)", f"{DEEPEST} levels of nesting at most", "more")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return empty, [Problem(shown, line, "(file)", "well-formed YAML", str(error.problem or error.context))]
    except yaml.YAMLError:
        return _unreadable(shown, "UTF-8 text", "characters that YAML does not allow")
    if tree is None:
        return empty, problems
    if not isinstance(tree, Record):
        return empty, [*problems, Problem(shown, 1, "(file)", "fields with values", kind(tree))]
    return tree, problems


def write(value: dict[str, Any]) -> str:
    """The text of a YAML file that holds these values, in their order."""
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text


def merge(base: Any, over: Any) -> Any:
    """`base` with what `over` says instead: fields one by one, items of a list by their `id`, all else as a whole."""
    if isinstance(base, Record) and isinstance(over, Record):
        merged = Record(over.where)
        for key in (*base, *(key for key in over if key not in base)):
            if key not in over:
                merged.put(key, base[key], base.places[key])
            else:
                merged.put(key, merge(base[key], over[key]) if key in base else over[key], over.places[key])
        return merged
    if isinstance(base, Items) and isinstance(over, Items) and _named(base) and _named(over):
        replaced = {item["id"]: (item, where) for item, where in zip(over, over.places, strict=True)}
        merged_items = Items(over.where)
        for item, where in zip(base, base.places, strict=True):
            merged_items.put(*replaced.pop(item["id"], (item, where)))
        for item, where in replaced.values():
            merged_items.put(item, where)
        return merged_items
    return over


def join(first: Record, second: Record) -> tuple[Record, list[Problem]]:
    """One mapping out of two that hold parts of it, items of a list by their `id`; what stands in both is a mistake."""
    joined, problems = Record(first.where), []
    for key in (*first, *(key for key in second if key not in first)):
        one, other = first.get(key), second.get(key)
        where = (first if key in first else second).places[key]
        if isinstance(one, Items) and isinstance(other, Items) and _named(one) and _named(other):
            items, found = _join_items(one, other)
            joined.put(key, items, where)
            problems += found
        else:
            joined.put(key, one if key in first else other, where)
            if key in first and key in second and key != "id":
                again = second.places[key]
                problems.append(Problem(again.path, again.line, key, "each field once", f"it again (first in {where})"))
    return joined, problems


def _join_items(first: Items, second: Items) -> tuple[Items, list[Problem]]:
    joined, problems = Items(first.where), []
    others = {item["id"]: (item, where) for item, where in zip(second, second.places, strict=True)}
    for item, where in zip(first, first.places, strict=True):
        other, _ = others.pop(item["id"], (None, None))
        whole, found = join(item, other) if other else (item, [])
        joined.put(whole, where)
        problems += found
    for item, where in others.values():
        joined.put(item, where)
    return joined, problems


def locate(tree: Any, steps: Iterable[int | str]) -> tuple[Where, str]:
    """Where the value at the end of `steps` stands, or the last one on the way that exists, and its written name."""
    where, name = tree.where, ""
    for step in steps:
        if isinstance(tree, Record) and step in tree:
            where, tree, name = tree.places[str(step)], tree[str(step)], f"{name}.{step}" if name else str(step)
        elif isinstance(tree, Items) and isinstance(step, int) and step < len(tree):
            where, tree = tree.places[step], tree[step]
            name += f"[{tree['id'] if isinstance(tree, Record) and 'id' in tree else step + 1}]"
        elif isinstance(step, str) and isinstance(tree, Record):
            return where, f"{name}.{step}" if name else step
    return where, name


def show(path: Path) -> str:
    """A path as somebody in the current folder would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _unreadable(shown: str, expected: str, found: str) -> tuple[Record, list[Problem]]:
    return Record(Where(shown, 1)), [Problem(shown, 1, "(file)", expected, found)]


class _DepthError(Exception):
    """The values of a file are nested deeper than content ever is."""


def _document(events: Iterator[Any], path: str, problems: list[Problem]) -> Any:
    """The value that a file's events describe, None for an empty file; all that is written is text."""
    tree = None
    for event in events:
        if not isinstance(event, yaml.NodeEvent):
            continue
        if tree is None:
            tree = _value(event, events, path, problems, 0)
        else:
            problems.append(Problem(path, _line(event), "(file)", "one document", "another one"))
            return tree
    return tree


def _value(event: Any, events: Iterator[Any], path: str, problems: list[Problem], depth: int) -> Any:
    """The value that begins with an event; the events of what is inside it are taken from the rest."""
    where = Where(path, _line(event))
    if isinstance(event, yaml.AliasEvent):
        problems.append(Problem(path, where.line, "(alias)", "every value written out", "an anchor used again"))
        return ""
    if event.tag not in _PLAIN:
        problems.append(Problem(path, where.line, "(tag)", "plain values", event.tag))
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if depth == DEEPEST:
        raise _DepthError
    if isinstance(event, yaml.SequenceStartEvent):
        items = Items(where)
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.put(_value(event, events, path, problems, depth + 1), Where(path, _line(event)))
        return items
    record = Record(where)
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = _line(event)
        key = _value(event, events, path, problems, depth + 1)
        value = _value(next(events), events, path, problems, depth + 1)
        if not isinstance(event, yaml.ScalarEvent):
            problems.append(Problem(path, line, "(key)", "a word", "a list or mapping"))
        elif key in record:
            first = record.places[key].line
            problems.append(Problem(path, line, key, "each field once", f"it again (first in line {first})"))
        else:
            record.put(key, value, Where(path, line))
    return record


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line


_PLAIN = frozenset((None, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))))
"""The tags of the values that content is made of; most have none."""


def _named(items: Items) -> bool:
    return all(isinstance(item, Record) and isinstance(item.get("id"), str) for item in items)


def kind(value: Any) -> str:
    """What sort of value this is, in a word."""
    return {"Record": "fields", "Items": "a list", "str": "text"}[type(value).__name__] if value else "nothing"
