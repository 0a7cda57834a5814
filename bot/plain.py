"""Text without what nobody sees and what is no word, and no longer than it may be; the same for every platform."""

from __future__ import annotations

import re

OBJECT = "\ufffc"
"""What stands in a text for something in it that is no word: a person's name, a channel, an address (Unicode's object
replacement character)."""

# Control characters, and the marks that turn the direction of everything after them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
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


def spoken(text: str) -> str:
    """The text without codes of emoji and with an object for each address; addresses that are all there is in words."""
    text = _EMOJI.sub(" ", text)
    bare = _ADDRESS.sub(OBJECT, text)
    return bare if has_words(bare) else _ADDRESS.sub(lambda address: in_words(address[0]), text)


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
    return _INVISIBLE.sub("", text)


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits, ended by an ellipsis; cut before escaping, so that no entity is halved."""
    text = clean(text).strip()
    if len(text) <= limit:
        return text
    start = text[: limit - 1]
    words = start.rpartition(" ")[0]
    return (words if len(words) > limit // 2 else start).rstrip() + "…"
