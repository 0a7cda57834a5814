"""How sure it is that the likeliest match is what a question means."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.answering.matching import Match

WEIGHTS = (-3.5, 11.2, -7.5, 3.6, 1.0, -9.0)
"""Logistic weights of the features, near those fitted on single questions of all files in
tests/questions/linkedin-ai-training (everyday.yaml counted half) and rounded by hand; that of the length is lower than
fits there, since in the public sets it says less. `tests/benchmarks/fit.py` tells what a fit finds now."""

UNGUARDED = 0.2
"""What is taken to speak against a match in content that names nothing it is not: there the public sets of the
benchmark have as many near misses answered as with weights that are fitted to them."""

FEW, MANY = 4, 30
"""Words between which the length of a question counts."""


def features(matches: Sequence[Match], words: int, strangeness: float = 0.0) -> tuple[float, ...]:
    """What tells whether the first match of a question of so many words is right.

    They are a bias; how far it leads the second; how much speaks for the other side (what the content does not answer,
    or what it does); how much of the question it knows; how long the question is, since a long one is never put as a
    phrasing is; and its strangeness (see `Matcher.strangeness`).
    """
    best, *others = matches
    rival = max(others[0].score, 0.0) if others else 0.0
    opposed = sum(max(match.score, 0.0) for match in others if (match.kind == "entry") != (best.kind == "entry"))
    return (
        1.0,
        best.score - rival,
        opposed if best.guarded else UNGUARDED,
        best.cover,
        math.log(min(max(words, FEW), MANY)),
        max(strangeness, 0.0),
    )


def confidence(matches: Sequence[Match], words: int, strangeness: float = 0.0) -> float:
    """From 0 to 1: how sure it is that the first match is meant."""
    given = features(matches, words, strangeness)
    return 1 / (1 + math.exp(-sum(weight * value for weight, value in zip(WEIGHTS, given, strict=True))))
