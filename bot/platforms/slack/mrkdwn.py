"""Slack's markup: what people wrote becomes plain words, and what the bot says cannot become markup."""

from __future__ import annotations

import re

from bot.text import OBJECT, clean, has_words, in_words, is_address, spoken

_TOKEN = re.compile(r"<([^<>]*)>")
_SITE = re.compile(r"(?:www\.)?([\w.-]+?)(?:\.com?)?\.[a-z]{2,20}", re.IGNORECASE)


def plain(text: str, myself: str = "") -> str:
    """What somebody wrote, as plain words: without emoji, and with an object for people, channels, dates and addresses.

    The bot is left out where it is spoken to first; an address that is all there is becomes words.
    """
    first = re.compile(rf"\s*<@{re.escape(myself)}(?:\|[^<>]*)?>")
    text = first.sub("", text, count=1) if first.match(text) else text
    alone = not has_words(spoken(_TOKEN.sub(" ", text)))
    words = spoken(_TOKEN.sub(lambda token: _words(token[1], alone), text))
    return clean(words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).strip()


def escape(text: str) -> str:
    """Text that Slack shows as it is: the three characters that start markup are taken out of play."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(token: str, alone: bool) -> str:
    """What somebody says with a mention or a link: nothing, or the words of a link or of an address that is `alone`."""
    target, _, label = token.partition("|")
    if target.startswith(("@", "#", "!")):
        return OBJECT
    if site := _SITE.fullmatch(label.rstrip("/")):
        return in_words(label if alone else site[1])
    if any(map(str.isalpha, label)) and not is_address(label) and in_words(label) != in_words(target):
        return label
    return in_words(label or target) if alone else OBJECT
