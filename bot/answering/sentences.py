"""What a message asks: one question, or several that stand in its sentences or are joined in one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.answering.decisions import Decision, distinct, joined, surest
from bot.answering.judging import Given, judge
from bot.answering.reading import Reader
from bot.text import tokens

SENTENCES = 6
"""Sentences of a message that are read at most; people put the question last."""

SURE = 0.9
"""Confidence from which one of several sentences is a question by itself; without it a sixth more of the answers to
tests/questions are wrong, and from 0.95 on fewer are right."""

WHOLE = 0.8
"""Confidence from which a sentence is one question, even where two could be read into it; where none is sure enough for
that, half as many answers again are wrong in tests/questions."""

JOINTS = 4
"""Places at which a sentence may fall into two questions."""

PIECE = 3
"""Words that each of two questions in one sentence has at least; with one more are wrong in tests/questions, with five
fewer right."""

_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n+")
_CLAUSE = re.compile(r"\s*[,:;]\s+|\s+[-\u2013\u2014]+\s+")


def asked(given: Given, question: str) -> Decision:
    """What a message asks by itself: one question, or several in sentences or halves of a sentence.

    Of several sentences one counts by itself only where it is sure; else the message is judged as a whole, and each
    sentence with the one before it.
    """
    question = given.reader.unframed(question)
    segments = _segments(given.reader, question)
    if len(segments) == 1:
        whole = _placed(given, segments[0])
        if segments[0] != question:  # another sentence only says where somebody is, which may be what is asked about
            whole = surest((whole, judge(given, question)))
        one = whole.score >= WHOLE and whole.sort != "not_covered"
        return whole if one else _halves(given, segments[0]) or whole
    judged = {segment: _placed(given, segment) for segment in segments}
    put = [judged[segment] for segment in segments if segment.endswith("?")] or list(judged.values())
    clear = distinct([one for one in put if one.sort in ("answer", "not_covered") and one.score >= SURE])
    if len(clear) > 1:
        return joined(clear)
    together = [judge(given, f"{first} {second}") for first, second in pairwise(segments)]
    return surest((judge(given, question), *together, *clear))


def _placed(given: Given, sentence: str) -> Decision:
    """What a sentence means, or what is left of it without where somebody is and who says so, whichever is surer."""
    sentence = given.reader.unframed(sentence)
    asking = _asking(given.reader, sentence)
    readings = dict.fromkeys((asking, sentence, given.reader.claimed(asking)))
    return surest(judge(given, reading) for reading in readings)


def _halves(given: Given, text: str) -> Decision | None:
    """The questions joined in one sentence, where at least two of them are clear and ask for different things.

    Only a later one that a word joins may be beside the article: "opt out, on Facebook" is one question, and so is
    "does Facebook do it and can I switch it off".
    """
    joints = list(given.reader.joint.finditer(text))[:JOINTS]
    all_at_once, each_alone = [joints] if len(joints) > 1 else [], [[joint] for joint in joints]
    for at in (*all_at_once, *each_alone):
        pieces = _cut(text, at)
        if min(len(tokens(piece)) for piece in pieces) < PIECE:
            continue
        judged = [_placed(given, piece) for piece in pieces]
        worded = all(any(c.isalpha() for c in joint[0]) for joint in at)
        wanted = ("answer", "not_covered") if worded else ("answer",)
        clear = judged[0].sort == "answer" and all(one.sort in wanted for one in judged)
        if clear and len(distinct(judged)) > 1:
            return joined(distinct(judged))
    return None


def _cut(text: str, joints: Sequence[re.Match[str]]) -> list[str]:
    """The pieces of a text between these joints."""
    starts = [0, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _segments(reader: Reader, text: str) -> list[str]:
    """The sentences of a message, without those that only say where somebody is.

    One that only names another service ("And of that?") belongs to the one before.
    """
    segments: list[str] = []
    for segment in _SENTENCE.split(text):
        if segments and reader.only_services(segment):
            segments[-1] += f" {segment}"
        elif tokens(segment):
            segments.append(segment)
    segments = segments or [text]
    return [segment for segment in segments if not reader.only_places(segment)][-SENTENCES:] or segments[-1:]


def _asking(reader: Reader, sentence: str) -> str:
    """A sentence without the clauses that only say where somebody is, unless there is no other.

    With them, "who wrote the article, I'm in Norway" is answered with when it starts there.
    """
    clauses = [clause for clause in _CLAUSE.split(sentence) if not reader.only_places(clause)]
    return ", ".join(clauses) if any(tokens(clause) for clause in clauses) else sentence
