"""YAML files read as plain text values that know where they stand, so that a mistake can be named; and written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.errors import Problem

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


DEEPEST = 20
"""Levels of nesting that a file may have; content needs five."""

WIDTH = 110
"""Characters after which a line is broken in a file that is written."""


class _TextLoader(_Loader):  # type: ignore[misc]
    """A safe loader that guesses no types: `no`, `on`, 12:30 and dates stay the text that somebody wrote."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


class Where(NamedTuple):
    """A line in a file."""

    path: str
    line: int


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
    empty = Record(Where(shown, 1))
    try:
        if _depth(text) > DEEPEST:
            return empty, [Problem(shown, 1, "(file)", f"{DEEPEST} levels of nesting at most", "more")]
        node = yaml.compose(text, Loader=_TextLoader)
        problems: list[Problem] = []
        tree = _convert(node, shown, set(), problems) if node else empty
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return empty, [Problem(shown, line, "(file)", "well-formed YAML", str(error.problem or error.context))]
    except yaml.YAMLError:
        return _unreadable(shown, "UTF-8 text", "characters that YAML does not allow")
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


def _convert(node: Any, path: str, seen: set[int], problems: list[Problem]) -> Any:
    where = Where(path, node.start_mark.line + 1)
    if id(node) in seen:
        problems.append(Problem(path, where.line, "(alias)", "every value written out", "an anchor used again"))
        return ""
    seen.add(id(node))
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.rpartition(":")[2] not in ("str", "map", "seq"):
        problems.append(Problem(path, where.line, "(tag)", "plain values", node.tag))
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        items = Items(where)
        for child in node.value:
            items.put(_convert(child, path, seen, problems), Where(path, child.start_mark.line + 1))
        return items
    record = Record(where)
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(path, line, "(key)", "a word", "a list or mapping"))
        elif key in record:
            problems.append(
                Problem(path, line, key, "each field once", f"it again (first in line {record.places[key].line})")
            )
        else:
            record.put(key, _convert(child, path, seen, problems), Where(path, line))
    return record


def _depth(text: str) -> int:
    """How deep the values of a text are nested; composing them would end the process where that is very deep."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_TextLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest


def _named(items: Items) -> bool:
    return all(isinstance(item, Record) and isinstance(item.get("id"), str) for item in items)


def kind(value: Any) -> str:
    """What sort of value this is, in a word."""
    return {"Record": "fields", "Items": "a list", "str": "text"}[type(value).__name__] if value else "nothing"
