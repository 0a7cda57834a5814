"""Words of a question as the matcher sees them: one spelling for everything that reads the same."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TOKEN = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\0]")
_QUOTES = {ord(c): "'" for c in "\u2018\u2019\u201b\u02bc\u00b4\uff07"}
_SPOKEN = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "n't": " not", "'re": " are", "'ve": " have",
    "'ll": " will", "'m": " am", "'d": " would", "'s": "",
}  # fmt: skip
_FOLDED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})
_CONTRACTION = re.compile(r"\b(?:can't|cannot|won't)\b|(?<=\w)(?:n't|'(?:re|ve|ll|m|d|s))\b")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")


def plain(text: str) -> str:
    """The text in one writing: compatible forms folded, invisible characters and tags out, white space single.

    Line breaks stay, since people put one question on each line.
    """
    if len(text) > MEANINGFUL:
        text = f"{text[: MEANINGFUL // 2]}\n{text[-MEANINGFUL // 2 :]}"
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[:MEANINGFUL].translate(_QUOTES)
    lines = (" ".join(line.split()) for line in _TAG.sub(" ", _INVISIBLE.sub("", text)).splitlines())
    return "\n".join(line for line in lines if line)


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, contractions written out, accents and punctuation gone."""
    text = _CONTRACTION.sub(lambda found: _SPOKEN[found[0]], plain(text).lower())
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in apart if not unicodedata.combining(c)).translate(_FOLDED)
    return _TOKEN.findall(text)[:LONGEST]


def normal(text: str) -> str:
    """A text reduced to its words, for telling whether two phrasings are the same."""
    return " ".join(tokens(text))


MEANINGFUL = 3_000
"""Characters of a message that are read, half of them from its end, where people put the question."""

LONGEST = 500
"""Words of a sentence that are read."""
