"""What a message asks: one question, or several that stand in its sentences or are joined in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from bot.answering.decisions import Decision, distinct, joined, surest, unled
from bot.answering.judging import Given, judge, ranked
from bot.answering.reading import Reader
from bot.content.topics import Ref
from bot.text import tokens

SENTENCES = 6
"""Sentences of a message that are read at most; people put the question last."""

JOINTS = 6
"""Places at which a sentence may fall into pieces."""

OWN, ALONE = 0.86, 0.55
"""What has to speak for a piece of a message to be a question of its own beside others, and for a sentence to be the
one that counts: its own score and that of the whole message for the same (see `AS_A_WHOLE`). With a higher OWN fewer
double questions are answered whole, with a lower one more is read into one question; without ALONE a sentence that
somebody's story is not about decides what they ask (tests/questions, doubles.yaml among them)."""

AS_A_WHOLE = 1.5
"""What the score of the whole message counts for one of its pieces; about what a logistic fit over all pieces of
tests/questions gives it beside the piece's own score."""

_SENTENCE = re.compile(r"(?<=[.?!;])\s+(?![\s(])|\n+")  # a bracket belongs to what it stands behind
_LED = re.compile(r".*[^\W\d]{2}\s*:\s+(?=\S)", re.DOTALL)  # what leads up to a question with a colon
_CLAUSE = re.compile(r"\s*[,:;]\s+|\s+[-\u2013\u2014]+\s+")


def asked(given: Given, question: str) -> Decision:
    """What a message asks by itself: one question, or several of its sentences and of the pieces joined in one.

    Where one piece alone is clear, it is what the message asks only if the whole says nothing, and no other piece has a
    word that the bot would have to know.
    """
    reader = given.reader
    segments = _segments(reader, question)
    told = _told(given, question)
    whole = _whole(given, question, segments, told)
    pieces = [piece for segment in segments for piece in _in_pieces(given, segment, told)]
    own = [piece for piece in pieces if piece.is_own]
    if not own:
        return whole
    put = [piece for piece in pieces if reader.opens(piece.text) or (piece.text in segments and "?" in piece.text)]
    missed = len({piece.is_own for piece in put}) == 2
    means = [piece.means for piece in own]
    if reader.content.is_other_service(means[0].parts[0].ref):
        if whole.sort == "answer" and own[0] not in put:  # only told about, as in "ChatGPT told me. How do I opt out?"
            return whole
        declined = [one for one in means if one.sort == "not_covered"]
        return joined(distinct(reader.content, [*declined, whole] if whole.is_clear else declined))
    if len(own) > 1:
        clear = distinct(reader.content, means)
        together = joined(clear) if len(clear) == len(own) else unled(joined(clear))
        return replace(together, missed=missed)
    as_a_whole = whole.is_clear or whole.sort == "smalltalk"
    as_a_whole = as_a_whole or any(reader.is_strange(piece.text) for piece in pieces if not piece.is_own)
    return replace(whole if as_a_whole else unled(means[0]), missed=missed)


def _told(given: Given, question: str) -> dict[Ref, float]:
    """What the whole message tells: the score of each meaning in it."""
    matches = [match for match in ranked(given, question) if match.kind not in ("near_miss", "elsewhere")]
    return {match.ref: match.score for match in reversed(matches)}


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
    led = given.reader.unframed(_LED.sub("", inner))
    readings = dict.fromkeys((sentence, inner, asking, led, given.reader.claimed(asking)))
    return surest(judge(given, reading) for reading in readings)


class _Piece(NamedTuple):
    """A piece of a message, what it means, and whether it is a question of its own."""

    text: str
    means: Decision
    is_own: bool


def _in_pieces(given: Given, sentence: str, told: Mapping[Ref, float]) -> list[_Piece]:
    """The pieces of a sentence; what is no question of its own goes with what is beside it.

    "On a phone or on a computer" is one question, and so is "opt out, on Facebook".
    """
    pieces: list[_Piece] = []
    for text, worded in _between_joints(given.reader, sentence):
        piece = _piece(given, text, told)
        beside = not worded and piece.is_own and given.reader.content.is_other_service(piece.means.parts[0].ref)
        if pieces and (beside or not _apart(pieces[-1], piece)):
            piece = _piece(given, f"{pieces.pop().text}, {text}", told)
        pieces.append(piece)
    return pieces


def _apart(one: _Piece, other: _Piece) -> bool:
    """Whether neighbours are two pieces: both questions of their own, or one beside what says nothing."""
    if one.is_own and other.is_own:
        return True
    return (one.is_own and not other.means.is_clear) or (other.is_own and not one.means.is_clear)


def _piece(given: Given, text: str, told: Mapping[Ref, float]) -> _Piece:
    means = _placed(given, text)
    return _Piece(text, means, _evidence(means, told) >= OWN)


def _between_joints(reader: Reader, sentence: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a sentence, each with whether a word joins it to the one before.

    Those that only say where somebody is are left out.
    """
    joints = list(reader.joint.finditer(sentence))[:JOINTS]
    starts = [0, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), len(sentence)]
    worded = [True, *(any(c.isalpha() for c in joint[0]) for joint in joints)]
    for start, end, word in zip(starts, ends, worded, strict=True):
        piece = sentence[start:end]
        if tokens(piece) and not reader.only_places(piece):
            yield piece, word


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
