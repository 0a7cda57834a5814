"""Announcements as people write them in the page, checked as the files that they become are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from pydantic import TypeAdapter, ValidationError

from bot.content import files as documents
from bot.content import loading as contents
from bot.content.layout import ANNOUNCEMENTS
from bot.content.models import ANNOUNCEMENT_LIMIT, NAME_LIMIT, Announcement, Id
from bot.content.topics import LANGUAGE, Content, Ref
from bot.errors import Problem

LIMITS = {"title": NAME_LIMIT, "text": ANNOUNCEMENT_LIMIT, "alt": NAME_LIMIT}
"""The fields of an announcement's words, and the characters that each may have."""


@dataclass(frozen=True)
class Draft:
    """What somebody wrote: the fields of the form, the file that they make, and what is wrong with it."""

    fields: Mapping[str, str]
    file: str
    announcement: Announcement | None
    problems: tuple[Problem, ...] = ()

    @property
    def ref(self) -> Ref:
        """The announcement's name."""
        return self.fields["topic"], self.fields["name"]

    def wrong(self, field: str) -> tuple[str, ...]:
        """What is wrong with a field, in words."""
        return tuple(said(problem) for problem in self.problems if problem.field == field)

    @property
    def can_be_shown(self) -> bool:
        """Whether there are words enough to show the message."""
        return self.announcement is not None and LANGUAGE in self.announcement.words


def said(problem: Problem) -> str:
    """A mistake in a field, in words."""
    return f"Expected {problem.expected}, found {problem.found}."


def languages(content: Content) -> tuple[tuple[str, str, bool], ...]:
    """The code and the name of each language that announcements may have, and whether the bot speaks it."""
    return tuple(
        (each.code, str(Locale.parse(each.code).english_name), each.phrases is not None) for each in content.languages
    )


def names(content: Content) -> Iterator[str]:
    """The names of the form's fields."""
    yield from ("topic", "name", "sender", "picture")
    for language in content.languages:
        yield from (f"words.{language.code}.{field}" for field in LIMITS)


def fields_of(content: Content, ref: Ref, announcement: Announcement | None) -> dict[str, str]:
    """The fields that an announcement fills in the form, or empty ones."""
    fields = dict.fromkeys(names(content), "")
    fields |= {"topic": ref[0], "name": ref[1]}
    if announcement:
        fields |= {"sender": announcement.sender, "picture": announcement.picture or ""}
        for code, words in announcement.words.items():
            fields |= {f"words.{code}.{field}": getattr(words, field) or "" for field in LIMITS}
    return fields


def checked(content: Content, fields: Mapping[str, str]) -> Draft:
    """What the fields of the form make, with everything that is wrong with it."""
    topics, codes = [topic.id for topic in content.topics], [each.code for each in content.languages]
    ref = fields["topic"], fields["name"]
    file = documents.write(_values(fields, codes))
    tree, problems = documents.parse(file, path_of(ref))
    announcement, found = contents.announcement(tree, ref, topics, codes) if not problems else (None, problems)
    named = (_named(problem) for problem in found)
    return Draft(fields, file, announcement, (*_name_mistakes(ref), *named))


def file_of(announcement: Announcement) -> str:
    """The file that an announcement is."""
    return documents.write(announcement.model_dump(exclude_none=True, include={"sender", "picture", "words"}))


def path_of(ref: Ref) -> str:
    """Where the file of an announcement belongs, in a folder of content."""
    return f"{ref[0]}/{ANNOUNCEMENTS}/{ref[1]}.yaml"


def file_name(ref: Ref) -> str:
    """What the file of an announcement is called, in characters that every system takes."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", ref[1]) + ".yaml"


def _values(fields: Mapping[str, str], codes: Sequence[str]) -> dict[str, Any]:
    """The values of the file: what was left empty is left out, but for what has to be there."""
    values: dict[str, Any] = {"sender": fields["sender"].strip()}
    if fields["picture"].strip():
        values["picture"] = fields["picture"].strip()
    values["words"] = {}
    for code in codes:
        words = {field: fields[f"words.{code}.{field}"].strip() for field in LIMITS}
        if any(words.values()):
            needed = {field: text for field, text in words.items() if text or field != "alt"}
            values["words"][code] = needed
    return values


def _name_mistakes(ref: Ref) -> Iterator[Problem]:
    try:
        TypeAdapter(Id).validate_python(ref[1])
    except ValidationError:
        expected = "a letter from a to z, then letters, digits, - and _, 60 characters at most"
        yield Problem(path_of(ref), 1, "name", expected, repr(ref[1][:80]) if ref[1] else "nothing")


def _named(problem: Problem) -> Problem:
    """A mistake with the field of the form that it is about, which the file's own name is, too."""
    field = {"(file)": "name", "words": f"words.{LANGUAGE}.text"}.get(problem.field, problem.field)
    return Problem(problem.path, problem.line, field, problem.expected, problem.found)
