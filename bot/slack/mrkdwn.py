"""Slack's markup: what people wrote becomes plain words, and what the bot says cannot become markup."""

from __future__ import annotations

import re

from bot.plain import clean

_TOKEN = re.compile(r"<([^<>]*)>")
_LOOKS_LIKE_ADDRESS = re.compile(r"\w[.:/@]+\w")
_NOT_WORDS = re.compile(r"[^\w\s'’-]+")


def plain(text: str, myself: str = "") -> str:
    """What somebody wrote, as plain words: no mention of the bot, no ids and no addresses that could be repeated."""
    words = _TOKEN.sub(lambda token: _words(token[1], myself), text)
    return clean(words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).strip()


def escape(text: str) -> str:
    """Text that Slack shows as it is: the three characters that start markup are taken out of play."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(token: str, myself: str) -> str:
    target, _, label = token.partition("|")
    match target[:1]:
        case "@":
            return " " if target[1:] == myself else label.lstrip("@") or "someone"
        case "#":
            return label.lstrip("#") or "a channel"
        case "!":
            return (label or target[1:].partition("^")[0]).lstrip("@")
    visible = label or re.split(r"[/?#]", re.sub(r"^\w+:/*", "", target))[0]
    return _NOT_WORDS.sub(" ", visible) if _LOOKS_LIKE_ADDRESS.search(visible) else visible
