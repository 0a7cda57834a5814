"""Slack's markup: what people wrote becomes plain words, and what the bot says cannot become markup."""

from __future__ import annotations

import re

from bot.text import OBJECT, clean, has_words, in_words, is_address, spoken

_TOKEN = re.compile(r"<([^<>]*)>")
_SITE = re.compile(r"(?:www\.)?([\w.-]+?)(?:\.com?)?\.[a-z]{2,20}", re.IGNORECASE)


def plain(text: str, myself: str = "") -> str:
    """What somebody wrote, as plain words: without emoji, and with an object for people, channels, dates and addresses.

    The bot is left out where a line speaks to it first; an address that is all there is stays.
    """
    text = re.sub(rf"^[^\S\n]*<@{re.escape(myself)}(?:\|[^<>]*)?>", "", text, count=1, flags=re.MULTILINE)
    if has_words(spoken(_TOKEN.sub(" ", text))):
        words = spoken(_TOKEN.sub(lambda token: _words(token[1]), text))
    else:
        words = " ".join(map(_target, _TOKEN.findall(text)))
    return clean(words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).strip()


def escape(text: str) -> str:
    """Text that Slack shows as it is: the three characters that start markup are taken out of play."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(token: str) -> str:
    """What somebody says with a mention or a link: the words of a link, or no more than that there is something."""
    target, _, label = token.partition("|")
    if target.startswith(_NO_LINK):
        return OBJECT
    if site := _SITE.fullmatch(label.rstrip("/")):
        return site[1]
    if any(map(str.isalpha, label)) and not is_address(label) and in_words(label) != in_words(target):
        return label
    return OBJECT


def _target(token: str) -> str:
    """Where a link leads."""
    target = token.partition("|")[0]
    return OBJECT if target.startswith(_NO_LINK) else target


_NO_LINK = ("@", "#", "!")
"""What begins a mention, a channel and what Slack has a word for."""
