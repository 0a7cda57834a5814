"""Slack's markup: what people wrote becomes plain words, and what the bot says cannot become markup."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<([^<>]*)>")
_LOOKS_LIKE_ADDRESS = re.compile(r"\w[.:/@]+\w")
_NOT_WORDS = re.compile(r"[^\w\s'’-]+")
# Control characters, and the marks that turn the direction of everything after them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str, myself: str = "") -> str:
    """What somebody wrote, as plain words: no mention of the bot, no ids and no addresses that could be repeated."""
    words = _TOKEN.sub(lambda token: _words(token[1], myself), text)
    return clean(words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).strip()


def escape(text: str) -> str:
    """Text that Slack shows as it is: the three characters that start markup are taken out of play."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


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
