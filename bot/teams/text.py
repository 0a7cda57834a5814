"""What people write in Teams becomes plain words: no mentions, no markup and nothing that a reader cannot see."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from bot.plain import clean

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://([^\s/?#]*)\S*")
_NOT_WORDS = re.compile(r"[^\w\s'’-]+")
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")


def plain(text: str, entities: Iterable[Any] = ()) -> str:
    """What somebody wrote, without any mention: neither of the bot nor of others, who are no part of a question."""
    for entity in entities:
        if isinstance(entity, dict) and entity.get("type") == "mention" and isinstance(entity.get("text"), str):
            text = text.replace(entity["text"], " ") if entity["text"] else text
    words = _TAG.sub(" ", html.unescape(_TAG.sub(" ", text)))
    words = _ADDRESS.sub(lambda found: _NOT_WORDS.sub(" ", found[1]), _LINK.sub(r"\1", words))
    return " ".join(_UNSEEN.sub("", clean(words)).split())
