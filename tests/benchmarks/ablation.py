"""What each rule of the engine is worth: `python -m tests.benchmarks.ablation` writes the table.

Each rule is switched off in turn, and every question of tests/questions asked again. What was learnt from the phrasings
stays as it is and comes from the cache; this takes a minute or two.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache

from bot import settings
from bot.answering import confidence, judging, matching, sentences
from bot.answering.deciding import Knowledge
from bot.answering.matching import Matcher
from bot.answering.preparing import prepared
from bot.answering.reading import Reader
from bot.answering.regions import Asker
from bot.answering.spelling import Spelling
from bot.authoring import evaluation
from bot.content.places import Gazetteer
from bot.content.topics import Content
from bot.text import OBJECT

from .measuring import rows, write_table
from .questions import FIRST, QUESTIONS

Patch = tuple[object, str, object]
"""Whose attribute is set, its name, and what it is set to."""

RANK, STRANGENESS = Reader.rank, Reader.strangeness
ONCE: tuple[Patch, ...] = ((Reader, "rank", cache(RANK)), (Reader, "strangeness", cache(STRANGENESS)))
"""Each text is ranked once, whatever rule is off."""

AGAIN: tuple[Patch, ...] = ((Reader, "rank", RANK), (Reader, "strangeness", STRANGENESS))
"""For a rule that changes what a ranking gives."""

NEVER = float("inf")


def _weight(number: int) -> tuple[Patch, ...]:
    weights = (weight if at != number else 0.0 for at, weight in enumerate(confidence.WEIGHTS))
    return ((confidence, "WEIGHTS", tuple(weights)),)


RULES: Mapping[str, tuple[Patch, ...]] = {
    "what pads a question is cut off": ((Reader, "unframed", lambda _, text: text),),
    "... and no question by itself (`PADDING`)": ((judging, "PADDING", NEVER),),
    "tagged people and channels go with what is around them": (
        (Reader, "untagged", lambda _, text: text.replace(OBJECT, " ")),
    ),
    "misspelt words are put right": ((Spelling, "correct", lambda _, word: word), *AGAIN),
    "misspelt places are found": ((Gazetteer, "misspelt", lambda *_: None), *AGAIN),
    "of several places the strongest claim decides": (
        (Asker, "_claims", lambda _, text, mentions: dict.fromkeys(mentions, 0)),
    ),
    "sentences are judged by themselves too": ((sentences, "_segments", lambda _, text: [text]),),
    "... but only where the whole tells the same (`ALONE`)": ((sentences, "ALONE", 0.0),),
    "... and with the one before": ((sentences, "pairwise", lambda _: ()),),
    "clauses that name a place are left out": ((sentences, "_asking", lambda _, sentence: sentence),),
    "what somebody says is read without who says it": ((Reader, "claimed", lambda _, text: text),),
    "what a colon leads up to is read alone": ((sentences, "_LED", re.compile("(?!)")),),
    "several questions are found in one message (`OWN`)": ((sentences, "OWN", NEVER),),
    "... in one sentence, too": ((sentences, "JOINTS", 0),),
    "... and what the whole tells counts for each (`AS_A_WHOLE`)": ((sentences, "AS_A_WHOLE", 0.0),),
    "answers that serve for each other are no rivals": ((Content, "serves", lambda *_: False),),
    "what follows another service is about that": ((Content, "is_other_service", lambda *_: False),),
    "a gap whose name stands in the question wins": ((judging, "_named_gap", lambda *_: None),),
    "... but not over an entry asked for with it": ((Matcher, "asks_with", lambda *_: False), *AGAIN),
    "... nor over one that is as clear (`BESIDE`)": ((judging, "BESIDE", NEVER),),
    "what is of no topic is a rival where it is close (`CLOSE`)": ((judging, "CLOSE", NEVER),),
    "... but only there": ((judging, "CLOSE", 0.0),),
    "a short question is to be put as an entry is (`SHORT`)": ((judging, "SHORT", 0),),
    "the confidence weighs: lead": _weight(1),
    "the confidence weighs: opposed": _weight(2),
    "the confidence weighs: cover": _weight(3),
    "the confidence weighs: length": _weight(4),
    "the confidence weighs: strangeness": ((Reader, "strangeness", lambda *_: 0.0),),
    "a Yes or No stands before the answer (`LEAD`)": ((matching, "LEAD", NEVER), *AGAIN),
    "a place alone asks the same for there": ((Reader, "only_places", lambda *_: False),),
    "what points back may ask for another entry": ((Reader, "points", lambda *_: False),),
}
"""What the engine does, and what is set otherwise while it does not."""


def main() -> None:
    """Asks everything as shipped and without each rule, and writes what came of it."""
    knowledge = prepared(settings.load(), print)
    for reader in knowledge.readers:
        reader.make_ready()
    with changed(ONCE):
        shipped = outcomes(knowledge)
        body = [_row("as shipped", shipped, shipped)]
        for name, patches in RULES.items():
            with changed(patches):
                body.append(_row(name, outcomes(knowledge), shipped))
            print(" | ".join(body[-1]), file=sys.stderr, flush=True)
    head = [
        "without the rule",
        "right",
        "clarified",
        "wrong",
        "lost, gained",
        "everyday answered",
        "fresh: right, wrong",
    ]
    write_table("ablation", rows(head, body), "python -m tests.benchmarks.ablation")


@contextmanager
def changed(patches: Iterable[Patch]) -> Iterator[None]:
    """Sets attributes of modules and classes while it lasts."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
    for owner, name, value in patches:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


Outcomes = Mapping[str, Mapping[str, str]]
"""The outcome of each question of each file."""


def outcomes(knowledge: Knowledge) -> Outcomes:
    """What comes of every question."""
    today = datetime.now(UTC).date()
    found: dict[str, dict[str, str]] = {}
    for name, asked in files().items():
        result = evaluation.evaluate(knowledge, *asked, today)
        found[name] = {record["id"]: record["outcome"] for record in result["questions"]}
    return found


@cache
def files() -> Mapping[str, tuple[list[evaluation.EvalQuestion], evaluation.Facts]]:
    """The questions of every file, with the facts beside them."""
    return {name: evaluation.read_questions(QUESTIONS / f"{name}.yaml") for name in (*FIRST, "everyday")}


def _row(name: str, now: Outcomes, before: Outcomes) -> list[str]:
    """What came of the questions of all files but the everyday one, whose answers stand apart, and of the fresh one."""
    of = {file: list(came.values()) for file, came in now.items()}
    totals = (sum(of[file].count(verdict) for file in FIRST) for verdict in ("right", "clarified", "wrong"))
    both = [(before[file][one] == "right", came == "right") for file in FIRST for one, came in now[file].items()]
    lost, gained = both.count((True, False)), both.count((False, True))
    fresh = f"{of['fresh'].count('right')}, {of['fresh'].count('wrong')}"
    return [name, *(f"{total:,}" for total in totals), f"{lost}, {gained}", str(of["everyday"].count("wrong")), fresh]


if __name__ == "__main__":
    main()
