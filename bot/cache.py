"""What takes long to compute, kept in files between two starts; whatever is missing, damaged or old is made again."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Arrays = Mapping[str, npt.NDArray[np.generic]]

KEPT = 40
"""Files of a kind that are kept; the ones not used for longest go."""


class Cache:
    """A folder of arrays by name, or no folder: then everything is made again each time."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def load(self, name: str) -> Arrays | None:
        """The arrays of that name, if they are there and whole."""
        if not self._folder:
            return None
        path = self._folder / f"{name}.npz"
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            log.warning("cache.unreadable file=%s error=%s", path, type(error).__name__)
            return None
        return arrays

    def save(self, name: str, arrays: Arrays) -> None:
        """Keeps the arrays under that name; where nothing can be written, nothing is kept."""
        if not self._folder:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                np.savez(file, allow_pickle=False, **arrays)
            os.replace(file.name, self._folder / f"{name}.npz")
            kind = name.partition("-")[0]
            for old in sorted(self._folder.glob(f"{kind}-*.npz"), key=lambda path: -path.stat().st_mtime)[KEPT:]:
                old.unlink()
        except OSError as error:
            log.warning("cache.not_written folder=%s error=%s", self._folder, error.strerror)


def digest(parts: Iterable[str]) -> str:
    """A name for a sequence of texts that no other sequence has."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8) + data)
    return whole.hexdigest()[:32]


def vectors(
    cache: Cache, name: str, texts: Sequence[str], encode: Callable[[Sequence[str]], npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    """The vector of each text by the encoder of that name; only those of new texts are computed."""
    wanted = [digest((text,)) for text in texts]
    kept = cache.load(f"vectors-{name}")
    known: dict[str, int] = {}
    rows = np.zeros((0, 0), np.float32)
    if kept and {"keys", "rows"} <= kept.keys() and len(kept["keys"]) == len(kept["rows"]):
        known = {key: number for number, key in enumerate(kept["keys"].tolist())}
        rows = kept["rows"].astype(np.float32, copy=False)
    new = {key: text for key, text in zip(wanted, texts, strict=True) if key not in known}
    if new:
        fresh = encode(list(new.values()))
        rows = np.concatenate((rows, fresh)) if known else fresh
        known |= {key: number for number, key in enumerate(new, len(known))}
        cache.save(f"vectors-{name}", {"keys": np.array(list(known)), "rows": rows})
    return rows[[known[key] for key in wanted]]
