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

MOST_FILES = 40
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
            for old in sorted(self._folder.glob(f"{kind}-*.npz"), key=lambda path: -path.stat().st_mtime)[MOST_FILES:]:
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


TOLERANCE = 1e-3
"""By how much a number of one text's vector may differ from one run of an encoder to the next."""


def vectors(
    cache: Cache, name: str, texts: Sequence[str], encode: Callable[[Sequence[str]], npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    """The vector of each text by the encoder of that name; only those of new texts are computed.

    The first is computed every time: where it is not what was kept, nothing that was kept is trusted.
    """
    wanted = [digest((text,)) for text in texts]
    places, rows = _kept(cache.load(f"vectors-{name}") or {})
    if places and texts and not _same(rows[places.get(wanted[0], 0)], encode(texts[:1])[0], wanted[0] in places):
        places = {}
    new = {key: text for key, text in zip(wanted, texts, strict=True) if key not in places}
    if new:
        computed = encode(list(new.values()))
        rows = np.concatenate((rows, computed)) if places else computed
        places |= {key: len(rows) - len(new) + place for place, key in enumerate(new)}
        cache.save(f"vectors-{name}", {"version": np.array(VERSION), "keys": np.array(list(places)), "rows": rows})
    return rows[[places[key] for key in wanted]]


def _same(kept: npt.NDArray[np.float32], computed: npt.NDArray[np.float32], of_one_text: bool) -> bool:
    """Whether a kept vector can stand beside a computed one: as wide and, if they are of one text, no different."""
    return kept.shape == computed.shape and (not of_one_text or np.allclose(kept, computed, atol=TOLERANCE))


def _kept(arrays: Arrays) -> tuple[dict[str, int], npt.NDArray[np.float32]]:
    """The vectors of a file and where each text's stands, by its digest; none where this version did not write it."""
    version, keys, rows = (arrays.get(name, np.zeros(0)) for name in ("version", "keys", "rows"))
    fits = keys.ndim == 1 and rows.ndim == 2 and len(keys) == len(rows)
    if not fits or version.tolist() != VERSION or rows.dtype != np.float32 or not np.isfinite(rows).all():
        return {}, np.zeros((0, 0), np.float32)
    return {key: place for place, key in enumerate(keys.tolist())}, cast(npt.NDArray[np.float32], rows)
