"""What can go wrong that somebody can mend, each error a complete text for that person; and where the rest began."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a content file: where it is, what was expected there and what was found."""

    path: str
    line: int
    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.field}: expected {self.expected}, found {self.found}"


class ContentError(Exception):
    """The content has mistakes; lists every one, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SettingsError(Exception):
    """The settings cannot be used; lists every mistake with the setting's name and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class AnnouncingError(SettingsError):
    """What an announcer asks for cannot be done; lists every reason with what to do."""


class EncoderError(Exception):
    """The encoder cannot be used; names the file or the setting and how to go on without it."""


def origin(error: BaseException) -> str:
    """Where an error was raised: its text is not logged, since it may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"


class RefusedError(Exception):
    """A platform did not do it and would not do it a second time either; `code` is its word for the reason."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class PostponedError(RefusedError):
    """A platform surely did not do it, and may do it after so many seconds; `limited` if it was asked too often."""

    def __init__(self, code: str, seconds: float, *, limited: bool = False) -> None:
        super().__init__(code)
        self.seconds, self.limited = seconds, limited


class UnconfirmedError(Exception):
    """Nobody knows whether a platform did it."""


class UnavailableError(Exception):
    """The database cannot be used at the moment: it is locked, full or away."""
