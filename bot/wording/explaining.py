"""Why a question was answered as it was: what it was read as, and which of its words counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial

from bot.answering.deciding import Knowledge
from bot.answering.decisions import Decision, Part
from bot.answering.matching import Matcher
from bot.answering.reading import Reader
from bot.messages import Message, Turn, Voice
from bot.text import OBJECT, WORD, cut, in_one_writing, tokens
from bot.wording import replies

READ, SHOWN, PHRASE, WORDS = 600, 200, 4, 6
"""Characters of a question that are looked at, from its end, and those of the corrected one that are shown; words of
the longest phrase that may count as one, and words that are shown at most."""


def explained(
    knowledge: Knowledge, message: Message, turn: Turn | None, decision: Decision, mark: str, voice: Voice = "alone"
) -> tuple[Message, Turn | None]:
    """A private answer that can be asked why, and its turn with what words that then; anything else as it was."""
    if turn is None or voice == "aloud" or decision.sort not in ("answer", "not_covered"):
        return message, turn
    turn = replace(turn, mark=mark, why=partial(why, knowledge, turn.question, decision))
    return replies.with_why(knowledge.content.spoken(decision.language), message, mark), turn


def why(knowledge: Knowledge, text: str, decision: Decision) -> Message:
    """Why `text` was answered by this decision."""
    text = " ".join(in_one_writing(text).replace(OBJECT, " ").split())
    text = text if len(text) <= READ else text[-READ:].partition(" ")[2]
    reader = knowledge.reads(decision.language)
    corrected = _corrected(reader, text, decision)
    words = [", ".join(_counted(reader, corrected, part)) for part in decision.parts]
    shown = cut(corrected, SHOWN) if corrected != text else ""
    return replies.why(knowledge.content.spoken(decision.language), decision, shown, words)


def _corrected(reader: Reader, text: str, decision: Decision) -> str:
    """The text with its misspelt words put right; the names of places are as they are."""
    matcher = reader.matcher(decision.parts[0].ref[0] if decision.parts else "")
    pieces, end = [], 0
    for mention in reader.mentions(text):
        pieces += [matcher.corrected(text[end : mention.start]), text[mention.start : mention.end]]
        end = mention.end
    return "".join((*pieces, matcher.corrected(text[end:])))


def _counted(reader: Reader, text: str, part: Part) -> list[str]:
    """The words of a text that spoke for a part, as they were written, the most telling first."""
    names = (term for name, ref in reader.gap_names.get(part.ref[0], {}).items() if ref == part.ref for term in name)
    terms = tuple(part.match.words if part.match else names)
    found = dict(_spans(reader, reader.matcher(part.ref[0]), text, terms))
    return [found[term] for term in dict.fromkeys(terms) if term in found][:WORDS]


def _spans(reader: Reader, matcher: Matcher, text: str, terms: Collection[str]) -> Iterable[tuple[str, str]]:
    """Each word or phrase of a text that counts as one of these terms, longest phrases first."""
    words, place = WORD.findall(text), 0
    while place < len(words):
        for length in range(PHRASE, 0, -1):
            said = " ".join(words[place : place + length])
            if length > 1 and reader.familiar(tokens(said)) < 1:
                continue
            meant = matcher.terms(said)
            if length == 1 or len(meant) == 1:
                yield from ((term, said) for term in meant if term in terms)
                place += length
                break
