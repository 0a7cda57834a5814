"""What becomes of each phrasing when it is written carelessly: the same damage to the same phrasing every time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from random import Random
from typing import Any

from bot.answering.deciding import Knowledge, answer
from bot.answering.decisions import Decision
from bot.authoring.evaluation import Verdict
from bot.content.topics import Ref

SEED = 1
"""What all chance starts from."""

_PUNCTUATION = re.compile(r"[^\w\s]")


def damages() -> Mapping[str, Callable[[str, Random], str]]:
    """Every way in which a phrasing is damaged, by its name."""
    return {
        "typos": _typos,
        "capitals": lambda text, chance: text.upper(),
        "no punctuation": lambda text, chance: _PUNCTUATION.sub("", text),
        "word order": _word_order,
        "numbers added": lambda text, chance: chance.choice(("{n}. {text}", "{text} {n}", "{text} ({n})")).format(
            n=chance.randint(1, 99), text=text
        ),
        "emoji": lambda text, chance: f"{text} {chance.choice('🙏🤔😡🙂👀')}",
        "text around": lambda text, chance: f"Hi all, hope you are well! {text.rstrip('?')}? Thanks in advance!",
    }


def phrasings(knowledge: Knowledge) -> list[tuple[Ref, str]]:
    """Every way to ask for an entry that the content holds, with the entry."""
    return [
        ((topic.id, entry.id), text)
        for topic in knowledge.content.topics
        for entry in topic.words.entries
        for text in (entry.title, *entry.ask, *entry.yes, *entry.no)
    ]


def rehearse(knowledge: Knowledge, ref: Ref, text: str, today: date) -> Iterator[dict[str, Any]]:
    """What a phrasing is answered with as it stands, and under each damage."""
    for name, damage in {"as written": lambda text, chance: text, **damages()}.items():
        damaged = damage(text, Random(f"{SEED} {name} {text}"))  # noqa: S311
        decision, _ = answer(knowledge, damaged, today)
        yield {
            "entry": ref[1],
            "damage": name,
            "text": damaged,
            "outcome": _outcome(ref, decision),
            "entries": [part.ref[1] for part in decision.parts if part.kind == "entry"],
        }


def table(records: list[dict[str, Any]]) -> str:
    """For each damage the shares of phrasings that still get their answer, are offered it, get none or a wrong one."""
    outcomes = ("right", "clarified", "refused", "wrong")
    lines = [f"{'damage':<16}{'n':>7}" + "".join(f"{outcome:>11}" for outcome in outcomes)]
    for name in dict.fromkeys(record["damage"] for record in records):
        found = [record["outcome"] for record in records if record["damage"] == name]
        shares = "".join(f"{found.count(outcome) / len(found):>11.1%}" for outcome in outcomes)
        lines.append(f"{name:<16}{len(found):>7}{shares}")
    return "\n".join(lines)


def led_astray(records: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each damaged phrasing that is answered with another entry, though as written it is not."""
    wrong = {(record["entry"], record["damage"], record["text"]) for record in records if record["outcome"] == "wrong"}
    written = {
        record["text"] for record in records if record["damage"] == "as written" and record["outcome"] == "wrong"
    }
    for record in records:
        if (record["entry"], record["damage"], record["text"]) in wrong and record["text"] not in written:
            yield f"{record['damage']:<15} {record['entry']} -> {', '.join(record['entries'])}: {record['text']!r}"


def _outcome(ref: Ref, decision: Decision) -> Verdict:
    """What an answer is to somebody who asks for this entry; the one that a region has in its place is as right."""
    answered = [part.asked or part.ref for part in decision.parts if part.kind == "entry"]
    if answered:
        return "right" if ref in (*answered, *(part.ref for part in decision.parts)) else "wrong"
    return "clarified" if ref in decision.offered else "refused"


def _typos(text: str, chance: Random) -> str:
    """A slip in every fifth word, at least one: two letters changed round, one left out, or one twice."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    for place in chance.sample(long, min(len(long), 1 + len(words) // 5)):
        word, at = words[place], chance.randrange(1, len(words[place]) - 1)
        slips = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at - 1 :],
        )
        words[place] = chance.choice(slips)
    return " ".join(words)


def _word_order(text: str, chance: Random) -> str:
    """The end of a phrasing put before its beginning."""
    words = text.split()
    at = chance.randrange(1, len(words)) if len(words) > 1 else 0
    return " ".join((*words[at:], *words[:at]))
