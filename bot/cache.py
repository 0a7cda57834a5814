"""What takes long to compute, kept in files between two starts; whatever is missing, damaged or old is made again.

A file holds arrays behind two lines: what the rest has to add up to, and where each array lies. It is added up once
when it is opened, which finds damage (CRC-32; the folder is its owner's alone, so it guards against nobody), and then
mapped into memory: only what is looked at stays there, and processes over one folder share it. A file is written under
another name and then put in its place, so that nobody ever finds half of one, and whoever has the one before open goes
on with that.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import mmap
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Array = npt.NDArray[np.generic]
Arrays = Mapping[str, Array]

ENDING, PART = ".arrays", ".part"
"""How the name of a file ends, and that of one while it is written."""

MARK = b"optout arrays 1 "
"""What a file begins with; the number goes up when it comes to be laid out otherwise."""

MARKED = len(MARK) + 9
"""Bytes of the first line: the mark with the sum after it, eight digits and the end of the line."""

ALIGNED = 64
"""Bytes of which an array's place is a multiple, as processors like it."""

CHUNK = 1 << 20
"""Bytes that are read at once where a file is added up."""

MOST_FILES = 5
"""Files of a kind that are kept, for the contents that one machine is started with in turn; the ones not used for
longest go."""

LONGEST_WRITING = 3600
"""Seconds after which a file that is not written to its end never will be: its process was killed."""


class Cache:
    """A folder of arrays by name, or no folder: then everything is made again each time.

    A name ends in the digest of what the arrays were made of. What is before its last hyphen is their kind: `making` is
    told it when they have to be made, and of each kind a few files stay.
    """

    def __init__(self, folder: Path | None = None, making: Callable[[str], object] = lambda kind: None) -> None:
        self._folder, self._making = folder, making
        self._refused = False

    def load(self, name: str) -> Arrays | None:
        """The arrays of that name, if they are there and whole; they cannot be written to."""
        if not self._folder:
            return None
        path = self._folder / f"{name}{ENDING}"
        try:
            if not path.is_file():  # a pipe or a device would be read for ever
                return None
            with path.open("rb") as file:
                arrays = _arrays(file, name)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("cache.unreadable file=%s error=%s", path, type(error).__name__)
            return None
        with suppress(OSError):  # another user's, or on a disk that is only read: it serves all the same
            os.utime(path)
        return arrays

    def save(self, name: str, arrays: Arrays) -> None:
        """Keeps the arrays under that name; where nothing can be written nothing is kept, and one warning says so."""
        if not self._folder:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            written = self._folder / f"{name}{ENDING}"
            self._write(written, arrays)
            files, begun = list(self._folder.iterdir()), _used(written) - LONGEST_WRITING
            alike = (path for path in files if path.suffix == ENDING and _kind(path.stem) == _kind(name))
            ended = (path for path in files if path.suffix == PART and _used(path) < begun)
            for old in (*sorted(alike, key=_used, reverse=True)[MOST_FILES:], *ended):
                old.unlink(missing_ok=True)
        except OSError as error:
            level = logging.DEBUG if self._refused else logging.WARNING
            log.log(level, "cache.not_written folder=%s error=%s", self._folder, error.strerror)
            self._refused = True

    def _write(self, path: Path, arrays: Arrays) -> None:
        """Writes a file that is there whole or not at all."""
        handle, part = tempfile.mkstemp(PART, dir=path.parent)
        try:
            with open(handle, "wb") as file:
                _lay(file, arrays, path.stem)
            os.replace(part, path)  # Windows refuses where another process has the file open
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

    def kept(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """The arrays of that name, made and kept where they are not there yet."""
        found = self.load(name)
        if found is None:
            self._making(_kind(name))
            made = make()
            self.save(name, made)
            found = self.load(name) or made  # mapped from now on, so that what was made can go
        return found


NO_CACHE = Cache()
"""Where nothing is kept."""


def _lay(file: BinaryIO, arrays: Arrays, name: str) -> None:
    """Writes the mark with the sum of the name and all that follows, a line that tells where each lies, and the arrays.

    With the name in it, a file that somebody put under another's is not taken for that.
    """
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    body: list[memoryview | bytes] = []
    size = 0
    for key, array in arrays.items():
        padding = -size % ALIGNED
        places[key] = array.dtype.str, array.shape, size + padding
        body += [bytes(padding), np.ascontiguousarray(array).reshape(-1).view(np.uint8).data]
        size += padding + array.nbytes
    head = json.dumps(places).encode()
    head += b" " * (-(MARKED + len(head) + 1) % ALIGNED) + b"\n"
    total = functools.reduce(lambda before, piece: zlib.crc32(piece, before), body, zlib.crc32(head, _start(name)))
    file.write(MARK + b"%08x\n" % total + head)
    file.writelines(body)


def _start(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))


def _arrays(file: BinaryIO, name: str) -> Arrays:
    """The arrays of an open file, mapped; raises ValueError where it is not whole."""
    marked, total = file.read(MARKED), _start(name)
    while piece := file.read(CHUNK):
        total = zlib.crc32(piece, total)
    if marked != MARK + b"%08x\n" % total:
        raise ValueError("another file, or damaged")
    file.seek(MARKED)
    places = json.loads(file.readline())
    begin = file.tell()
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {name: _array(mapped, dtype, shape, begin + place) for name, (dtype, shape, place) in places.items()}


def _array(mapped: mmap.mmap, dtype: str, shape: list[int], place: int) -> Array:
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(mapped, dtype, count, place).reshape(shape) if count else np.zeros(shape, dtype)


def _kind(name: str) -> str:
    return name.rpartition("-")[0]


def _used(path: Path) -> float:
    """When a file was last used; one that another process took away just now, never."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def digest(parts: Iterable[str | bytes]) -> str:
    """A name for a sequence of texts that no other sequence has."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8) + data)
    return whole.hexdigest()[:32]


@functools.cache
def code_digest() -> str:
    """A digest of what computes that which is kept: after a change of it everything is made again."""
    bot = Path(__file__).parent
    paths = (bot / "cache.py", bot / "text.py", *(path for room in ROOMS for path in sorted((bot / room).glob("*.py"))))
    return digest(part for path in paths for part in (path.name, path.read_bytes()))


ROOMS = ("content", "answering")
"""The rooms whose results are kept."""


def text_of(array: Array) -> str:
    """The text that `as_array` made an array of."""
    return array.tobytes().decode("utf-8", "surrogatepass")


def as_array(text: str) -> Array:
    """A text as an array of its bytes."""
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
