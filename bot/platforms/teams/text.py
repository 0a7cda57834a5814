"""What people write in Teams becomes plain words: no mentions, no markup and nothing that a reader cannot see."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from typing import Any

from bot.text import OBJECT, clean, has_words, quoting, spoken

# Each stops where the next of its kind could begin, so that no text takes longer than its length.
_MENTION = re.compile(r"<at\b[^<>]*>((?:(?!<at\b).)*?)</at>", re.DOTALL)
_SPOKEN_TO = re.compile(rf"^[^\S\n]*{_MENTION.pattern}", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_MARKUP = re.compile(r"</?(?!at\b)[A-Za-z][^<>]*>")
_BREAK = re.compile(r"<br\b[^<>]*>|</(?:p|div|li|blockquote)>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\b[^<>]*\bhref=\"([^\"<>()\s]*)\"[^<>]*>([^<>\[\]]*)</a>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")
# A character named by more digits than one has; Python refuses to read thousands of them.
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")
# What only the HTML of a message tells: what is quoted, and whose it is, what is code, and who is mentioned.
_QUOTE = re.compile(r"<blockquote\b[^<>]*>((?:(?!</?blockquote\b).)*)</blockquote>", re.DOTALL | re.IGNORECASE)
_AUTHOR = re.compile(r"<(strong|span)\b[^<>]*\bitemprop=\"mri\"[^<>]*>[^<>]*</\1>", re.IGNORECASE)
_CODE = re.compile(r"<(pre|codeblock)\b[^<>]*>(?:(?!</?\1\b).)*</\1>", re.DOTALL | re.IGNORECASE)
_MENTIONED = re.compile(r"<span\b[^<>]*schema\.skype\.com/Mention[^<>]*>([^<>]*)</span>", re.IGNORECASE)

NESTED = 4
"""Quotes within each other that are told from the rest."""


def told_apart(html: str) -> str:
    """The HTML of a message without code and with what it quotes on lines marked as such; empty if it has neither."""
    told = _CODE.sub(" ", html)
    for _ in range(NESTED):
        told = _QUOTE.sub(_quote, told)
    return _MENTIONED.sub(r"<at>\1</at>", told) if told != html else ""


def plain(text: str, entities: Collection[Any] = (), myself: str = "") -> str:
    """What somebody wrote, as plain words, with an object for other people and addresses.

    The bot is left out where a line speaks to it first; an address that is all there is stays.
    """
    text = _MARKUP.sub(" ", _BREAK.sub("\n", _ANCHOR.sub(r"[\2](\1)", _unescaped(text))))
    names = {name: entity for entity in entities for name in _names(entity)}
    spoken_to = (found for found in _SPOKEN_TO.finditer(text) if is_mention(names.get(_name(found[1])), myself))
    if first := next(spoken_to, None):
        text = text[: first.start()] + text[first.end() :]
    words = _TAG.sub(" ", _MENTION.sub(lambda found: OBJECT if _name(found[1]) in names else found[1], text))
    alone = not has_words(spoken(_LINK.sub(" ", words)))
    words = _LINK.sub(r" \2 ", words) if alone else spoken(_LINK.sub(r"\1", words))
    lines = (" ".join(line.split()) for line in _UNSEEN.sub("", clean(words)).splitlines())
    return "\n".join(line for line in lines if line)


def is_mention(entity: Any, of: str) -> bool:
    """Whether what comes with a text says that somebody is mentioned in it."""
    match entity:
        case {"type": "mention", "mentioned": {"id": str(mentioned)}}:
            return mentioned == of
    return False


def _quote(found: re.Match[str]) -> str:
    """What stands in a quote, as lines of one."""
    return f"\n{quoting(_BREAK.sub(' ', _AUTHOR.sub('', found[1])).strip())}\n"


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
