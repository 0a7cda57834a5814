"""Checks what authors wrote against what a file must be, and names each mistake by file, line and field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.content import files as documents
from bot.content.files import Record, Where
from bot.errors import Problem

_M = TypeVar("_M", bound=BaseModel)


def typed(model: type[_M], tree: Any, problems: list[Problem]) -> _M | None:
    """The record that a file is, or None for a file that is missing or not one; each mistake goes to `problems`."""
    if tree is None:
        return None
    typed: _M | None = checked(TypeAdapter(model), tree, problems, set(model.model_fields))
    return typed


def checked(adapter: TypeAdapter[Any], tree: Any, problems: list[Problem], fields: set[str]) -> Any:
    """What a file is, or None if it is something else; each mistake goes to `problems`."""
    try:
        return adapter.validate_python(tree)
    except ValidationError as error:
        for detail in error.errors():
            expected, found = _reason(detail, fields)
            problems.append(problem(tree, detail["loc"], expected, found))
        return None


def _reason(detail: Any, fields: set[str]) -> tuple[str, str]:
    """What pydantic expected and found, in words for an author."""
    if detail["type"] == "missing":
        return "a value", "nothing"
    if detail["type"] == "extra_forbidden":
        known = f"one of {', '.join(sorted(fields))}" if len(detail["loc"]) == 1 else "a field of this list"
        return known, "an unknown field"
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


def problem(tree: Any, steps: Sequence[str | int], expected: str, found: str) -> Problem:
    """A mistake at the end of these steps into a file."""
    where, name = documents.locate(tree, steps) if isinstance(tree, Record) else (Where("content", 1), "")
    return Problem(where.path, where.line, name or "(file)", expected, found)
