"""Turns what there is to show into HTML."""

from __future__ import annotations

from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.messages import Element


def render(template: str, **values: Any) -> str:
    """The page that a template makes of the values, which are escaped."""
    return _environment.get_template(template).render(values)


def kind(element: Element) -> str:
    """The name of an element's kind, as the templates call it."""
    return type(element).__name__.lower()


def long_date(day: date) -> str:
    """A day as people write it."""
    return f"{day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """A day where there is little room."""
    return f"{day.day} {day:%b %Y}"


_environment = Environment(
    loader=PackageLoader("bot.platforms.preview"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(kind=kind, long_date=long_date, short_date=short_date)
