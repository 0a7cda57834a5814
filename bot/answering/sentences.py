"""What a message asks: one question, or several that stand in its sentences or are joined in one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.answering.decisions import Decision, distinct, joined, surest
from bot.answering.judging import Given, judge, whole_matches
from bot.answering.reading import Reader
from bot.content.topics import Ref
from bot.text import tokens

SENTENCES = 6
"""Sentences of a message that are read at most; people put the question last."""

JOINTS = 6
"""Places at which a sentence may fall into pieces."""

OWN, ALONE = 0.9, 0.55
"""What has to speak for a piece of a message to be a question of its own beside others, and for a sentence to be the
one that counts: its own score and that of the whole message for the same (see `AS_A_WHOLE`). With a higher OWN fewer
double questions are answered whole, with a lower one more is read into one question; without ALONE a sentence that
somebody's story is not about decides what they ask (tests/questions, doubles.yaml among them)."""

AS_A_WHOLE = 1.5
"""What the score of the whole message counts for one of its pieces; about what a logistic fit over all pieces of
tests/questions gives it beside the piece's own score."""

_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n+")
_CLAUSE = re.compile(r"\s*[,:;]\s+|\s+[-\u2013\u2014]+\s+")


def asked(given: Given, question: str) -> Decision:
    """What a message asks by itself: one question, or several of its sentences and of the pieces joined in one.

    One clear piece is what a message asks as a whole where nothing else in it has a meaning that the bot knows or would
    have to know.
    """
    segments = _segments(given.reader, question)
    told = {match.ref: match.score for match in reversed(whole_matches(given, question))}
    whole = _whole(given, question, segments, told)
    clear, rest = _clear(given, segments, told)
    if not clear or given.reader.content.is_elsewhere(clear[0].parts[0].ref):
        return whole
    if len(clear) > 1:
        return joined(clear)
    understood = whole.is_clear or any(given.reader.is_strange(piece) for piece in rest)
    return whole if understood else clear[0]


def _whole(given: Given, question: str, segments: Sequence[str], told: Mapping[Ref, float]) -> Decision:
    """What a message means as one question: as it stands, by a sentence with the one before, or by one alone."""
    if len(segments) == 1:
        whole = _placed(given, segments[0])
        if segments[0] != question:  # another sentence only says where somebody is, which may be what is asked about
            whole = surest((whole, judge(given, question)))
        return whole
    put = [segment for segment in segments if segment.endswith("?")] or segments
    alone = [one for one in (_placed(given, segment) for segment in put) if _evidence(one, told) >= ALONE]
    together = [judge(given, f"{first} {second}") for first, second in pairwise(segments)]
    return surest((judge(given, question), judge(given, given.reader.unframed(question)), *together, *alone))


def _evidence(part: Decision, told: Mapping[Ref, float]) -> float:
    """How much speaks for what a part of a message means: in the part itself, and in what is told as a whole."""
    return part.evidence + AS_A_WHOLE * told.get(part.parts[0].ref, 0.0) if part.is_clear else 0.0


def _placed(given: Given, sentence: str) -> Decision:
    """What a sentence means, or what is left of it without where somebody is and who says so, whichever is surer."""
    inner = given.reader.unframed(sentence)
    asking = _asking(given.reader, inner)
    readings = dict.fromkeys((sentence, inner, asking, given.reader.claimed(asking)))
    return surest(judge(given, reading) for reading in readings)


def _clear(given: Given, segments: Sequence[str], told: Mapping[Ref, float]) -> tuple[list[Decision], list[str]]:
    """The pieces of a message that are questions of their own, in order, and those that are none.

    A piece that is not clear goes with the next one of its sentence: "on a phone or on a computer" is one question.
    """

    def is_own(one: Decision) -> bool:
        return _evidence(one, told) >= OWN

    own: list[Decision] = []
    rest: list[str] = []
    for segment in segments:
        before, meant = "", None
        for piece in _pieces(given.reader, segment):
            means = _placed(given, piece)
            if meant is None:
                before, meant = piece, means
            elif is_own(meant) and is_own(means):
                own.append(meant)
                before, meant = piece, means
            elif is_own(meant) and not means.is_clear:
                rest.append(piece)
            elif is_own(means) and not meant.is_clear:
                rest.append(before)
                before, meant = piece, means
            else:
                before = f"{before}, {piece}"
                meant = _placed(given, before)
        if meant and is_own(meant):
            own.append(meant)
        elif meant:
            rest.append(before)
    return distinct(given.reader.content, own), rest


def _pieces(reader: Reader, sentence: str) -> list[str]:
    """The pieces of a sentence between its joints, without those that only say where somebody is."""
    joints = list(reader.joint.finditer(sentence))[:JOINTS]
    starts = [0, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), len(sentence)]
    pieces = [sentence[start:end] for start, end in zip(starts, ends, strict=True)]
    return [piece for piece in pieces if tokens(piece) and not reader.only_places(piece)]


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
