"""Checks what authors wrote against what a file must be, and names each mistake by file, line and field.

What is read is handed up together with its mistakes; what only checks yields them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from rapidfuzz.distance import OSA

from bot.content import files as documents
from bot.content.files import Record, Where
from bot.errors import Problem

_M = TypeVar("_M", bound=BaseModel)
_Steps = tuple[str | int, ...]

LETTERS = 3
"""Letters of a field's name for each that may be wrong or out of its turn: "titel" is title, "sektion" is section."""


def fields(*models: type[BaseModel]) -> frozenset[str]:
    """The fields of these models, by the names that authors write."""
    return frozenset(field.alias or name for model in models for name, field in model.model_fields.items())


def typed(model: type[_M], tree: Any) -> tuple[_M | None, list[Problem]]:
    """The record that a file is, or None for a file that is missing or not one; with each mistake."""
    return (None, []) if tree is None else checked(TypeAdapter(model), tree, fields(model))


def checked(adapter: TypeAdapter[Any], tree: Any, known: Collection[str] = ()) -> tuple[Any, list[Problem]]:
    """What a file with the `known` fields is, or None if it is something else; with each mistake."""
    try:
        return adapter.validate_python(tree), []
    except ValidationError as error:
        details = error.errors()
        meant = _meant(details, set(known) - tree.keys() if isinstance(tree, Record) else ())
        found = (detail for detail in details if detail["loc"] not in meant.values())
        return None, [_mistake(tree, detail, meant.get(detail["loc"]), known) for detail in found]


def problem(tree: Any, steps: Sequence[str | int], expected: str, found: str) -> Problem:
    """A mistake at the end of these steps into a file."""
    where, name = documents.locate(tree, steps) if isinstance(tree, Record) else (Where("content", 1), "")
    return Problem(where.path, where.line, name or "(file)", expected, found)


def nearest(written: str, names: Iterable[str]) -> str | None:
    """The name that a misspelt one was meant to be, if there is one."""
    near = {name: OSA.distance(written, name) for name in names}
    near = {name: far for name, far in near.items() if far <= max(1, len(name) // LETTERS)}
    return min(near, key=lambda name: (near[name], name)) if near else None


def _meant(details: Iterable[Any], unused: Collection[str]) -> dict[_Steps, _Steps]:
    """The field that each misspelt one was meant to be: one that is missing beside it, or that the file may have."""
    missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
    meant: dict[_Steps, _Steps] = {}
    for *inside, name in (detail["loc"] for detail in details if detail["type"] == "extra_forbidden"):
        beside = [str(loc[-1]) for loc in missing if loc[:-1] == tuple(inside)]
        if near := nearest(str(name), (*beside, *(() if inside else unused))):
            meant[*inside, name] = (*inside, near)
    return meant


def _mistake(tree: Any, detail: Any, meant: _Steps | None, known: Collection[str]) -> Problem:
    if meant:
        return problem(tree, detail["loc"], f"a known field (did you mean {meant[-1]}?)", "an unknown one")
    return problem(tree, detail["loc"], *_reason(detail, known))


def _reason(detail: Any, known: Collection[str]) -> tuple[str, str]:
    """What pydantic expected and found, in words for an author."""
    if detail["type"] == "missing":
        return "a value", "nothing"
    if detail["type"] == "extra_forbidden":
        listed = f"one of {', '.join(sorted(known))}" if len(detail["loc"]) == 1 else "a field of this list"
        return listed, "an unknown field"
    message = (
        str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("String should ")
    )
    message = _KINDS.get(detail["type"], message.removeprefix("have "))
    found = detail["input"]
    if detail["type"] == "string_too_long":
        return message, f"{len(found.strip())}"
    return message, repr(found[:80]) if isinstance(found, str) and found else documents.kind(found)


_KINDS = {"tuple_type": "a list", "model_type": "fields with values"}
"""What an author calls the kinds of value that pydantic asks for by their names in Python."""
