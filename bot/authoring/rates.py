"""How questions fare, counted so that nothing flatters: a permitted silence is no answer, and titles are no silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

Wanted = Literal["answer", "none", "either", "smalltalk"]
"""What a question wants: an answer, none, an answer or a decline, or a friendly word."""

Given = Literal["right", "otherwise", "offered", "titles", "silent"]
"""What it got: a right answer (or decline, by its gap), another one, titles with the right one among them, titles
without it, or nothing."""

NOT_SAID = "-"
"""What stands in `parts` for a part that the article does not answer."""

COLUMNS = {
    "answer wanted": ("right", "otherwise", "offered", "silent"),
    "none wanted": ("declined", "titles", "otherwise"),
    "follow-ups": ("right", "otherwise", "offered", "silent"),
    "double questions": ("whole",),
}
"""The groups of questions, and what is counted in each."""


def wanted(kind: str, accept: tuple[str, ...], refusal_ok: bool) -> Wanted:
    """What a question of this kind and label wants."""
    if kind == "smalltalk":
        return "smalltalk"
    if not accept:
        return "none"
    return "either" if refusal_ok else "answer"


def given(record: Mapping[str, Any], accept: tuple[str, ...], accept_gap: tuple[str, ...]) -> Given:
    """What a question got, by its record and the entries and gaps that are right for it."""
    if record["decision"] == "answer" and record["entries"]:
        return "right" if record["entries"][0] in accept else "otherwise"
    if record["decision"] == "clarify":
        return "offered" if set(record["offered"]) & set(accept) else "titles"
    if record["decision"] == "not_covered" and accept_gap:
        return "right" if record["not_covered"][0] in accept_gap else "otherwise"
    return "silent"


def whole(record: Mapping[str, Any], parts: tuple[tuple[str, ...], ...]) -> bool:
    """Whether every part of a question is answered, or said not to be in the article."""
    entries = set(record["entries"]) if record["decision"] in ("answer", "not_covered") else set()
    return all(entries & set(part) or (NOT_SAID in part and record["not_covered"]) for part in parts)


def rates(records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How many questions of each group there are, and what they got; a question may stand in several groups."""
    found = {group: dict.fromkeys(("n", *columns), 0) for group, columns in COLUMNS.items()}
    for record in records:
        for group, counted in _counted(record):
            found[group]["n"] += 1
            if counted in found[group]:
                found[group][counted] += 1
    return found


def table(counts: Mapping[str, Mapping[str, int]]) -> str:
    """The groups that have questions, each with the share of what they got."""
    lines = []
    for group, columns in COLUMNS.items():
        if number := counts[group]["n"]:
            shares = (f"{column} {counts[group][column] / number:.1%}" for column in columns)
            lines.append(f"{group:<16} {number:>5}   {', '.join(shares)}")
    return "\n".join(lines)


def _counted(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The groups that a question stands in, and what it counts as there."""
    got, none = record["given"], record["wanted"] == "none"
    if none:
        got = "declined" if got in ("silent", "right") else got
    elif got == "titles":
        got = "silent"
    if record["wanted"] in ("answer", "none"):
        if record["followup"]:
            yield "follow-ups", "right" if got == "declined" else got
        else:
            yield ("none wanted" if none else "answer wanted"), got
    if "whole" in record:
        yield "double questions", "whole" if record["whole"] else "in part"
