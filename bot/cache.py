"""What takes long to compute, kept in files between two starts; whatever is missing, damaged or old is made again."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Arrays = Mapping[str, npt.NDArray[np.generic]]

VERSION = 1
"""What a file of vectors is told by; goes up when encoders come to compute them otherwise."""

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
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            os.utime(path)
        except FileNotFoundError:
            return None
        except Exception as error:  # a damaged archive raises nearly anything, down to RuntimeError
            log.warning("cache.unreadable file=%s error=%s", path, type(error).__name__)
            return None
        return arrays

    def save(self, name: str, arrays: Arrays) -> None:
        """Keeps the arrays under that name; where nothing can be written, nothing is kept."""
        if not self._folder:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(self._folder / f"{name}.npz", arrays)
            kind = name.partition("-")[0]
            for old in sorted(self._folder.glob(f"{kind}-*.npz"), key=lambda path: -path.stat().st_mtime)[KEPT:]:
                old.unlink()
        except OSError as error:
            log.warning("cache.not_written folder=%s error=%s", self._folder, error.strerror)

    def _write(self, path: Path, arrays: Arrays) -> None:
        """Writes a file that is there whole or not at all."""
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                np.savez(file, allow_pickle=False, **arrays)
            except OSError:
                os.unlink(file.name)
                raise
        os.replace(file.name, path)


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
    known = _known(cache.load(f"vectors-{name}") or {})
    new = {key: text for key, text in zip(wanted, texts, strict=True) if key not in known}
    if not new:
        return np.stack([known[key] for key in wanted])
    computed = encode(list(new.values()))
    if known and next(iter(known.values())).shape != computed.shape[1:]:
        known, new = {}, dict(zip(wanted, texts, strict=True))
        computed = encode(list(new.values()))
    known |= zip(new, computed, strict=True)
    rows = np.stack(list(known.values()))
    cache.save(f"vectors-{name}", {"version": np.array(VERSION), "keys": np.array(list(known)), "rows": rows})
    return np.stack([known[key] for key in wanted])


def _known(kept: Arrays) -> dict[str, npt.NDArray[np.float32]]:
    """The vectors of a file by the digests of their texts, or none where it is not what this version writes."""
    version, keys, rows = (kept.get(name, np.zeros(0)) for name in ("version", "keys", "rows"))
    fits = keys.ndim == 1 and rows.ndim == 2 and len(keys) == len(rows)
    if not fits or version.tolist() != VERSION or rows.dtype != np.float32 or not np.isfinite(rows).all():
        return {}
    return dict(zip(keys.tolist(), cast(npt.NDArray[np.float32], rows), strict=True))
