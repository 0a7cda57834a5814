"""What people write in Teams becomes plain words: no mentions, no markup and nothing that a reader cannot see."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.plain import clean

# Each stops where the next of its kind could begin, so that no text takes longer than its length.
_MENTION = re.compile(r"<at\b[^<>]*>((?:(?!<at\b).)*?)</at>", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://([^\s/?#]*)\S*")
_NOT_WORDS = re.compile(r"[^\w\s'’-]+")
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")


def plain(text: str, entities: Iterable[Any] = ()) -> str:
    """What somebody wrote, without any mention: neither of the bot nor of others, who are no part of a question."""
    mentioned = {name for entity in entities for name in _names(entity)}
    words = _MENTION.sub(lambda found: " " if _name(found[1]) in mentioned else found[1], html.unescape(text))
    words = _LINK.sub(r"\1", _TAG.sub(" ", words))
    words = _ADDRESS.sub(lambda found: _NOT_WORDS.sub(" ", found[1]), words)
    return " ".join(_UNSEEN.sub("", clean(words)).split())


def _names(entity: Any) -> Iterator[str]:
    """What a mention may be called in the text, however it is spaced there."""
    match entity:
        case {"type": "mention", "text": str(text)}:
            yield _name(text)
    match entity:
        case {"type": "mention", "mentioned": {"name": str(name)}}:
            yield _name(name)


def _name(text: str) -> str:
    return " ".join(_TAG.sub("", html.unescape(text)).split())
