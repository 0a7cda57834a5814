"""The vectors of texts, kept from one start to the next: an encoder may take minutes for those of all content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from bot.answering.encoders import Vectors
from bot.cache import Arrays, Cache, digest

TOLERANCE = 1e-3
"""By how much a number of one text's vector may differ from one run of an encoder to the next."""


def vectors(cache: Cache, name: str, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """The vector of each text, kept under that name; only those of new texts are computed.

    The first is computed every time: where it is not what was kept, nothing that was kept is trusted.
    """
    wanted = [digest((text,)) for text in texts]
    places, rows = _by_digest(cache.load(f"vectors-{name}") or {})
    if places and texts and not _same(rows[places.get(wanted[0], 0)], encode(texts[:1])[0], wanted[0] in places):
        places = {}
    new = {key: text for key, text in zip(wanted, texts, strict=True) if key not in places}
    if new:
        computed = encode(list(new.values()))
        rows = np.concatenate((rows, computed)) if places else computed
        places |= {key: len(rows) - len(new) + place for place, key in enumerate(new)}
        keys = list(dict.fromkeys(wanted))
        kept = rows[[places[key] for key in keys]]
        cache.save(f"vectors-{name}", {"keys": np.array(keys, "S32"), "rows": kept})
    return rows[[places[key] for key in wanted]]


def _same(kept: Vectors, computed: Vectors, of_one_text: bool) -> bool:
    """Whether a kept vector can stand beside a computed one: as wide and, if they are of one text, no different."""
    return kept.shape == computed.shape and (not of_one_text or np.allclose(kept, computed, atol=TOLERANCE))


def _by_digest(arrays: Arrays) -> tuple[dict[str, int], Vectors]:
    """The vectors of a file and where each text's stands, by its digest; none where the file is not of that kind."""
    keys, rows = (arrays.get(name, np.zeros(0)) for name in ("keys", "rows"))
    fits = keys.ndim == 1 and rows.ndim == 2 and len(keys) == len(rows) and keys.dtype.kind == "S"
    if not fits or rows.dtype != np.float32 or not np.isfinite(rows).all():
        return {}, np.zeros((0, 0), np.float32)
    return {key.decode(): place for place, key in enumerate(keys.tolist())}, cast(Vectors, rows)
