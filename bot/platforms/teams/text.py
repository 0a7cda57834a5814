"""What people write in Teams becomes plain words: no mentions, no markup and nothing that a reader cannot see."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from typing import Any

from bot.text import OBJECT, clean, spoken

# Each stops where the next of its kind could begin, so that no text takes longer than its length.
_MENTION = re.compile(r"<at\b[^<>]*>((?:(?!<at\b).)*?)</at>", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_MARKUP = re.compile(r"</?(?!at\b)[A-Za-z][^<>]*>")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")
# A character named by more digits than one has; Python refuses to read thousands of them.
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")


def plain(text: str, entities: Collection[Any] = (), myself: str = "") -> str:
    """What somebody wrote, as plain words, with an object for other people and addresses.

    The bot is left out where it is spoken to first.
    """
    text = _MARKUP.sub(" ", _unescaped(text)).lstrip()
    names = {name: entity for entity in entities for name in _names(entity)}
    if (first := _MENTION.match(text)) and is_mention(names.get(_name(first[1])), myself):
        text = text[first.end() :]
    words = _MENTION.sub(lambda found: OBJECT if _name(found[1]) in names else found[1], text)
    words = spoken(_LINK.sub(r"\1", _TAG.sub(" ", words)))
    return " ".join(_UNSEEN.sub("", clean(words)).split())


def is_mention(entity: Any, of: str) -> bool:
    """Whether what comes with a text says that somebody is mentioned in it."""
    match entity:
        case {"type": "mention", "mentioned": {"id": str(mentioned)}}:
            return mentioned == of
    return False


def _names(entity: Any) -> Iterator[str]:
    """What a mention may be called in the text, however it is spaced there."""
    match entity:
        case {"type": "mention", "text": str(text)}:
            yield _name(text)
    match entity:
        case {"type": "mention", "mentioned": {"name": str(name)}}:
            yield _name(name)


def _name(text: str) -> str:
    return " ".join(_TAG.sub("", _unescaped(text)).split())


def _unescaped(text: str) -> str:
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))
