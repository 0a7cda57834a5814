"""Whether every entry is reached by phrasings that it has never seen: the questions kept out of the content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.answering.deciding import Knowledge
from bot.authoring import evaluation
from bot.content.files import show
from bot.content.layout import SHIPPED
from bot.content.topics import Content, Ref
from bot.errors import SettingsError

QUESTIONS = SHIPPED.parent / "tests" / "questions"
"""The questions on the shipped topics; they come with a checkout, not with an installed package."""


@dataclass(frozen=True)
class Asked:
    """A held-out question, and what it was answered with."""

    path: Path
    topic: str
    question: evaluation.EvalQuestion
    record: dict[str, Any]

    @property
    def reached(self) -> bool:
        """Whether the reply is one of the entries that answer the question, or offers it."""
        return self.record["outcome"] == "clarified" or (
            self.record["outcome"] == "right" and bool(self.record["entries"])
        )

    def __str__(self) -> str:
        offered = self.record["offered"] if self.record["decision"] == "clarify" else ()
        given = ", ".join((*self.record["entries"], *self.record["not_covered"], *offered))
        return (
            f"{show(self.path)}: {' | '.join(self.question.turns)[:110]!r}: "
            f"wanted {' or '.join(self.question.accept)}, got {self.record['decision']}: {given or '-'}"
        )


def files(content: Content, folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """The question files of each topic: `<folder>/<topic>/*.yaml`, but for the facts beside them.

    Raises SettingsError where a folder has none.
    """
    found = [
        (folder, topic.id, path)
        for folder in folders
        for topic in content.topics
        for path in sorted((folder / topic.id).glob("*.yaml"))
        if path.name != "facts.yaml"
    ]
    without = [folder for folder in folders if folder not in {given for given, _, _ in found}]
    if without:
        topics = ", ".join(topic.id for topic in content.topics)
        raise SettingsError(
            [
                f"{folder} holds no questions. Expected files <topic>/*.yaml, topic one of {topics}."
                for folder in without
            ]
        )
    return [(topic, path) for _, topic, path in found]


def ask(knowledge: Knowledge, paths: Iterable[tuple[str, Path]], today: date) -> Iterator[Asked]:
    """Every question of the files, asked; raises SettingsError for a file that holds none."""
    for topic, path in paths:
        questions, facts = evaluation.read_questions(path)
        for question in questions:
            record = evaluation.evaluate(knowledge, [question], facts, today)["questions"][0]
            yield Asked(path, topic, question, record)


def unknown(content: Content, asked: Iterable[Asked]) -> Iterator[str]:
    """A line for each entry that a question wants but nobody wrote."""
    for one in asked:
        for wanted in one.question.accept:
            if content.entry((one.topic, wanted)) is None:
                yield f"{show(one.path)}: {' | '.join(one.question.turns)[:110]!r}: wanted {wanted}, which is no entry"


def unreached(content: Content, asked: Sequence[Asked], rate: float) -> Iterator[tuple[Ref, int, list[Asked]]]:
    """The entries reached by a smaller share of their questions than `rate`: how many were asked, and the misses."""
    for ref in _entries(content):
        own = _own(ref, asked)
        missed = [one for one in own if not one.reached]
        if own and (len(own) - len(missed)) / len(own) < rate:
            yield ref, len(own), missed


def unasked(content: Content, asked: Sequence[Asked]) -> list[Ref]:
    """The entries without any held-out question."""
    return [ref for ref in _entries(content) if not _own(ref, asked)]


def _entries(content: Content) -> list[Ref]:
    return [(topic.id, entry.id) for topic in content.topics for entry in topic.words.entries]


def _own(ref: Ref, asked: Iterable[Asked]) -> list[Asked]:
    return [one for one in asked if one.topic == ref[0] and ref[1] in one.question.accept]
