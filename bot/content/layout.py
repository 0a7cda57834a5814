"""What each file of a content folder is: that follows from where it lies, and from nothing that stands in it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.content.topics import LANGUAGE

_BOT = Path(__file__).parents[1]
SHIPPED = next(path for path in (_BOT / "shipped" / "content", _BOT.parent / "content") if path.is_dir())
"""The content that comes with the bot: inside the installed package, or beside it in a checkout."""

LANGUAGES = "languages"
"""The folder that holds a folder for each language."""

ANNOUNCEMENTS = "announcements"
"""The folder beside a topic's files that holds its announcements."""

TOP = ("company", "places", "audiences")
SPOKEN = ("hears", "says")
WORDS = ("answers", "asked", "synonyms")
"""The files at the top, of a language, and of a topic in a language."""

OLD_PHRASES, OLD_PLACES = "phrases/", "regions"
"""Where a company's own sentences and places stood before; folders that have them there are read all the same."""


class ContentFile(NamedTuple):
    """A content file: its name inside its folder, without the ending, and where it is."""

    name: str
    path: Path


def sources(folders: Sequence[Path]) -> list[list[ContentFile]]:
    """The files of each content folder, by their names; what lies deep in a folder that is no topic's is none."""
    found = [sorted(_files(folder)) for folder in folders]
    topics = {name.partition("/")[0] for layer in found for name, _ in layer if _is_of_a_topic(name)}
    known = topics | {LANGUAGES}
    return [
        [source for source in layer if source.name.count("/") < 2 or source.name.partition("/")[0] in known]
        for layer in found
    ]


def topics(names: Collection[str]) -> list[str]:
    """The topics that these files make."""
    return sorted({name.partition("/")[0] for name in names if _is_of_a_topic(name)})


def languages(names: Collection[str]) -> list[str]:
    """The languages that these files make, the one that everything is said in first."""
    codes = {name.split("/")[1] for name in names if name.startswith(f"{LANGUAGES}/") and name.count("/") == 2}
    return [LANGUAGE, *sorted(codes - {LANGUAGE})]


def spoken(names: Collection[str]) -> frozenset[str]:
    """The languages that the bot speaks: the others it only reads."""
    return frozenset(code for code in languages(names) if f"{LANGUAGES}/{code}/says" in names)


def stray(name: str, codes: Sequence[str]) -> tuple[str, str] | None:
    """What was expected and found for a file that has none of the names that are read; None for one that has."""
    top, _, rest = name.partition("/")
    if not rest:
        expected, right = _any(TOP), name in TOP
    elif top == LANGUAGES:
        expected, right = _any(SPOKEN, f"{LANGUAGES}/CODE/"), rest.count("/") == 1 and rest.rpartition("/")[2] in SPOKEN
    else:
        folder, _, file = rest.rpartition("/")
        allowed = {"": ("topic", *codes), ANNOUNCEMENTS: (file,)} | dict.fromkeys(codes, WORDS)
        expected = _any(allowed[folder]) if folder in allowed else f"a folder {ANNOUNCEMENTS}, {', '.join(codes)}"
        right = file in allowed.get(folder, ())
    return None if right else (expected, "another name")


def version(folders: Sequence[Path], contact: str) -> str:
    """A digest that changes with any byte of these folders."""
    digest = hashlib.sha256(contact.encode())
    for folder, layer in zip(folders, sources(folders), strict=True):
        for _, path in layer:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + _bytes(path))
    return digest.hexdigest()[:12]


def _bytes(path: Path) -> bytes:
    """What stands in a file; for one that cannot be read what no other holds, and whoever reads it says why."""
    try:
        return path.read_bytes()
    except OSError:
        return b"\0"


def _files(folder: Path) -> Iterator[ContentFile]:
    """Every YAML file of a content folder that is not hidden."""
    for depth in ("", "*/", "*/*/"):
        for path in (path for ending in ("yaml", "yml") for path in folder.glob(f"{depth}*.{ending}")):
            within = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in within.parts):
                yield ContentFile(_as_now(within.with_suffix("").as_posix()), path)


def _as_now(name: str) -> str:
    """The name that a file would have today."""
    if name.startswith(OLD_PHRASES):
        return f"{LANGUAGES}/{name.removeprefix(OLD_PHRASES)}/says"
    return "places" if name == OLD_PLACES else name


def _is_of_a_topic(name: str) -> bool:
    """Whether a file lies where those of a topic do; two levels down only one with such a name makes a topic."""
    top, *rest = name.split("/")
    if not rest or top == LANGUAGES:
        return False
    return len(rest) == 1 or rest[0] == ANNOUNCEMENTS or rest[1] in WORDS


def _any(names: Sequence[str], folder: str = "") -> str:
    *most, last = (f"{folder}{name}.yaml" for name in names)
    return f"{', '.join(most)} or {last}" if most else last
