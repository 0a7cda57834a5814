"""What was heard lately: a platform may deliver the same thing several times, and it is answered once."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

Key = tuple[str, ...]


class Repeats:
    """Knows a repeat: it keeps what was heard for longer than a platform repeats it (Slack: six minutes)."""

    def __init__(self, keep: timedelta = timedelta(minutes=20), most: int = 20_000) -> None:
        self._keep = keep
        self._most = most
        self._heard: OrderedDict[Key, datetime] = OrderedDict()

    def is_new(self, key: Key, now: datetime) -> bool:
        """Whether this is heard for the first time; from now on it is not."""
        while self._heard and now - next(iter(self._heard.values())) > self._keep:
            self._heard.popitem(last=False)
        if key in self._heard:
            return False
        if len(self._heard) >= self._most:
            self._heard.popitem(last=False)
        self._heard[key] = now
        return True
