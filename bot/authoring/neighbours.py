"""Which entry comes second when people ask for another one: where two entries lie close, phrasings should be moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.answering.deciding import Knowledge
from bot.content.topics import Ref


@dataclass(frozen=True)
class Second:
    """What comes second to an entry for one of its own phrasings, and how far behind; below 0 it comes first."""

    ref: Ref
    rival: Ref
    behind: float
    text: str


def second(knowledge: Knowledge, ref: Ref, text: str) -> Second | None:
    """The rival of an entry for this phrasing, unless nothing else comes near."""
    reader = knowledge.reads(knowledge.content.language)
    ranked = reader.rank(reader.unplaced(text), ref[:1])
    matches = [match for match in ranked if match.kind in ("entry", "not_covered")]
    own = next((match.score for match in matches if match.ref == ref), 0.0)
    rival = next((match for match in matches if match.ref != ref), None)
    return Second(ref, rival.ref, own - rival.score, text) if rival else None


def lines(found: Iterable[Second]) -> Iterator[str]:
    """A line for each entry, the most endangered first: its nearest rival, how close that comes, and where."""
    by_entry: dict[Ref, list[Second]] = {}
    for one in found:
        by_entry.setdefault(one.ref, []).append(one)
    nearest = {ref: min(seconds, key=lambda one: one.behind) for ref, seconds in by_entry.items()}
    for ref, one in sorted(nearest.items(), key=lambda item: item[1].behind):
        times = Counter(other.rival for other in by_entry[ref])[one.rival]
        yield (
            f"{ref[1]:<28} {one.rival[1]:<28} {one.behind:>5.2f} behind in {one.text!r}; "
            f"second to {times} of {len(by_entry[ref])} phrasings"
        )
