"""Text without what nobody sees, cut to a length, and its words in one spelling for what reads the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

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
OBJECT = "\ufffc"
"""What stands in a text for something in it that is no word: a person's name, a channel, an address (Unicode's object
replacement character)."""

# Control characters, and the marks that turn the direction of everything after them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# The code of an emoji, as Slack sends it and many people type it; 12:30:45 holds none.
_EMOJI = re.compile(r"(?:(?<!\d):(?=\d[^\s:]*:(?!\d))|:(?!\d))(?:[^\WA-Z]|[+'-]){1,100}:")
# Each part stops where another could begin, so that no text takes longer than its length.
_ADDRESS = re.compile(
    r"(?:(?<![\w+.-])(?:[a-z][a-z0-9+.-]{0,30}://|www\.|mailto:|tel:)|(?<![\w.@-])(?:[\w-]{1,63}\.){1,5}[a-z]{2,20}/)"
    r"(?:[^\s<>]*[^\s<>.,;:!?()\[\]'\"\u2019\u201d])?"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^(?:\w+:/*)?(?:www\.)?")
_NOT_WORDS = re.compile(r"[^\w\s'’-]+")
_TAG = re.compile(r"</?[a-zA-Z!@#][^<>]{0,200}>")
# What somebody else wrote, as chat and mail mark it, and a block of code.
_QUOTE = re.compile(r"^[ \t]*>(.*)$", re.MULTILINE)
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CUT_OFF, _CUT_OPEN = re.compile(r"(?<!\S)\S*\Z"), re.compile(r"\A\S*")

GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
"""What Microsoft names things by, as a regular expression; its portals write them in either case."""


def spoken(text: str) -> str:
    """The text without codes of emoji and with an object for each address."""
    return _EMOJI.sub(" ", _ADDRESS.sub(OBJECT, text))  # addresses first: one may hold what looks like a code


def addresses(text: str) -> list[str]:
    """The addresses in what somebody says themself, as far as it is read."""
    return [found[0] for found in _ADDRESS.finditer(_folded(_own(text), MEANINGFUL))]


def quoting(text: str) -> str:
    """A text as one that somebody quotes: each line of it with the mark of that."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def has_words(text: str) -> bool:
    """Whether a text says anything in letters or digits."""
    return any(map(str.isalnum, text))


def is_address(text: str) -> bool:
    """Whether a text is an address and nothing else."""
    return bool(_ADDRESS.fullmatch(text))


def in_words(address: str) -> str:
    """An address as words that nobody can follow, without what only a machine reads."""
    return _NOT_WORDS.sub(" ", re.split(r"[?#]", _SCHEME.sub("", address))[0]).strip()


def clean(text: str) -> str:
    """Text without characters that nobody sees but that upset a screen or a database."""
    return _UNSEEN.sub("", text)


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits, ended by an ellipsis; cut before escaping, so that no entity is halved."""
    text = clean(text).strip()
    if len(text) <= limit:
        return text
    start = text[: limit - 1]
    words = start.rpartition(" ")[0]
    return (words if len(words) > limit // 2 else start).rstrip() + "…"


def in_one_writing(text: str) -> str:
    """What somebody says themself, in one writing: compatible forms folded, what is no word out or an object.

    What they quote is left out, and code; of white space, only line breaks stay, since people put one question on each
    line. It is empty where no words are left.
    """
    own = _written(_own(text), MEANINGFUL)
    return own if has_words(own) else ""


def _own(text: str) -> str:
    """The text without what is quoted in it and without code."""
    return _QUOTE.sub("", _CODE.sub(" ", text))


def quoted(text: str) -> str:
    """What somebody quotes, in one writing and on one line; half as much of it is read."""
    return _written(" ".join(_QUOTE.findall(text)), MEANINGFUL // 2)


def _written(text: str, limit: int) -> str:
    lines = (" ".join(line.split()) for line in spoken(_folded(text, limit)).splitlines())
    return "\n".join(line for line in lines if line)


def _folded(text: str, limit: int) -> str:
    """The part of a text that is read, in one writing; where it is cut, no word is, nor an address."""
    if len(text) > limit:
        half = limit // 2
        text = f"{_CUT_OFF.sub('', text[:half])}\n{_CUT_OPEN.sub('', text[1 - half :])}"
    if not text.isascii():
        text = _INVISIBLE.sub("", _QUOTES.sub("'", unicodedata.normalize("NFKC", text)[:limit]))
    if "<" in text:
        text = _TAG.sub(" ", text)
    return text.replace("\0", "")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, contractions written out, accents and punctuation gone."""
    text = _folded(text, MEANINGFUL).lower()
    if "'" in text or "cannot" in text:
        text = _CONTRACTION.sub(lambda found: _SPOKEN[found[0]], text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
        text = _LETTER.sub(lambda found: _FOLDED[found[0]], text)
    return [word[:LETTERS] for word in _TOKEN.findall(text)[:LONGEST]]


def normal(text: str) -> str:
    """A text reduced to its words, for telling whether two phrasings are the same."""
    return " ".join(tokens(text))


def any_of(phrases: Iterable[str]) -> str:
    """A pattern of any of the phrases, the longest first; of none that matches nothing."""
    ways = (
        re.escape(phrase).replace(r"\ ", r"\s+")
        for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    )
    return f"(?:{'|'.join(ways) or '(?!)'})"


MEANINGFUL = 1_000
"""Characters of a message that are read, half of them from its end, where people put the question; each costs its time
however little it says. Of the 2,503 messages of tests/questions 7 have more, which were made up to."""

LONGEST = 500
"""Words of a sentence that are read."""

LETTERS = 40
"""Letters of a word that are read; a language that puts no spaces between its words is not one of the content's."""
