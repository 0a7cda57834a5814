"""Text without what nobody sees, and no longer than it may be; the same for every platform."""

from __future__ import annotations

import re

# Control characters, and the marks that turn the direction of everything after them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


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
