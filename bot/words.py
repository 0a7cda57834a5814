"""Words of a question as the matcher sees them: one spelling for everything that reads the same."""

from __future__ import annotations

import re
import unicodedata

from bot.plain import spoken

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TOKEN = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_QUOTES = re.compile("[\u2018\u2019\u201b\u02bc\u00b4\uff07]")
_SPOKEN = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "n't": " not", "'re": " are", "'ve": " have",
    "'ll": " will", "'m": " am", "'d": " would", "'s": "",
}  # fmt: skip
_FOLDED = {"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
_LETTER = re.compile(f"[{''.join(_FOLDED)}]")
_CONTRACTION = re.compile(r"\b(?:can't|cannot|won't)\b|(?<=\w)(?:n't|'(?:re|ve|ll|m|d|s))\b")
_TAG = re.compile(r"</?[a-zA-Z!@#][^<>]{0,200}>")


def plain(text: str) -> str:
    """The text in one writing: compatible forms folded, what is no word out or an object, white space single.

    Line breaks stay, since people put one question on each line.
    """
    lines = (" ".join(line.split()) for line in spoken(_folded(text)).splitlines())
    return "\n".join(line for line in lines if line)


def _folded(text: str) -> str:
    """The part of a text that is read, in one writing."""
    if len(text) > MEANINGFUL:
        text = f"{text[: MEANINGFUL // 2]}\n{text[-MEANINGFUL // 2 :]}"
    if not text.isascii():
        text = _INVISIBLE.sub("", _QUOTES.sub("'", unicodedata.normalize("NFKC", text)[:MEANINGFUL]))
    if "<" in text:
        text = _TAG.sub(" ", text)
    return text.replace("\0", "")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, contractions written out, accents and punctuation gone."""
    text = _folded(text).lower()
    if "'" in text or "cannot" in text:
        text = _CONTRACTION.sub(lambda found: _SPOKEN[found[0]], text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
        text = _LETTER.sub(lambda found: _FOLDED[found[0]], text)
    return [word[:LETTERS] for word in _TOKEN.findall(text)[:LONGEST]]


def normal(text: str) -> str:
    """A text reduced to its words, for telling whether two phrasings are the same."""
    return " ".join(tokens(text))


MEANINGFUL = 2_000
"""Characters of a message that are read, half of them from its end, where people put the question."""

LONGEST = 500
"""Words of a sentence that are read."""

LETTERS = 40
"""Letters of a word that are read; a language that puts no spaces between its words is not one of the content's."""
