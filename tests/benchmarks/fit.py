"""Weights and thresholds of the confidence, fitted, beside those that are shipped.

python -m tests.benchmarks.fit --data DIR

DIR holds the public sets, as for tests.benchmarks.answering. The weights are those of a logistic regression that tells
whether the first match of a question, read whole, is right; the thresholds are those with the highest value on the same
questions, by the prices below. Each file is then judged by numbers that were fitted without it. The encoder is that of
OPTOUT_ENCODER; it takes a minute or two, and both tables go to docs/measurements.md.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np

from bot import settings
from bot.answering import confidence, deciding, judging
from bot.answering.deciding import Knowledge
from bot.answering.decisions import entry_for
from bot.answering.judging import OFFERED
from bot.answering.matching import Match
from bot.answering.preparing import prepared
from bot.authoring import evaluation
from bot.text import in_one_writing, tokens

from .ablation import ONCE, changed, files
from .answering import BASES, Flags, Floats, confidences, logistic, note
from .measuring import rows, write_table
from .public import Public, read, simulated
from .questions import FIRST
from .rivals import matcher

WRONG = 2.0
"""What a wrong answer costs, where a right one is worth 1: an answer is worth stating from a confidence of 0.67."""

DECLINED_WRONGLY, IN_VAIN = 1.0, 0.2
"""What it costs to decline a question that has an answer, and to offer titles none of which is meant."""

CLARIFIED, DECLINED = 0.5, 0.3
"""What it is worth to offer titles one of which is meant, and to say that the article does not tell what was asked."""

EVERYDAY, STRANGE, PUBLIC = 2.0, 0.1, 0.1
"""What a question of everyday.yaml counts, where one of the other files counts 1; what one out of the scope of CLINC150
does, which is asked of the shipped topic too; and what all those of one public set count beside all of the files."""

STEPS = np.round(np.arange(0.1, 0.96, 0.05), 2)
"""Thresholds that are tried."""

SHORTS, PUTS = (0, 3, 5, 7), (0.1, 0.2, 0.3, 0.4)
"""Values of `SHORT` and `PUT` that are tried."""

OUT_OF_SCOPE = "CLINC150, out of scope"


@dataclass(frozen=True)
class Numbers:
    """What the confidence is judged by."""

    weights: tuple[float, ...]
    answer: float
    decline: float
    offer: float
    short: int
    put: float


SHIPPED = Numbers(confidence.WEIGHTS, judging.ANSWER, judging.DECLINE, judging.OFFER, judging.SHORT, judging.PUT)
NUMBERS = ("ANSWER", "DECLINE", "OFFER", "SHORT", "PUT")


@dataclass(frozen=True)
class Reading:
    """One question, read whole, with what its first match is and what would be right."""

    source: str
    features: tuple[float, ...]
    words: int
    score: float
    entry: bool
    """Whether the first match is an entry, and not what the article does not answer."""
    right: bool
    offers: bool
    """Whether there are titles to offer."""
    meant: bool
    """Whether one of them is meant."""
    price: float = 1.0
    test: bool = False
    """Whether it is only there to be judged."""


def main() -> None:
    """Fits on everything, then without each file, and writes both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    sets, chosen = read(parser.parse_args().data), settings.load()
    knowledge = prepared(chosen, note)
    for reader in knowledge.readers:
        reader.make_ready()
    strange = {False: sets[1].strange_valid, True: sets[1].strange_test}
    with changed(ONCE):
        readings = [*_own(knowledge), *_strange(knowledge, strange)]
        readings += _public(sets, chosen.encoder, sum(one.price == 1 for one in readings))
        sources = list(dict.fromkeys(one.source for one in readings))
        found = {source: fitted([one for one in readings if one.source != source]) for source in ("", *sources)}
        write_table("fit", _numbers(list(found.values())), "python -m tests.benchmarks.fit --data DIR")
        judged = {
            source: [
                count
                for numbers in (SHIPPED, found[source])
                for count in _judged(knowledge, source, readings, strange[True], numbers)
            ]
            for source in sources
        }
    together = np.sum([judged[name] for name in FIRST], axis=0)
    body = [[f"{source}.yaml" if source in files() else source, *map(str, came)] for source, came in judged.items()]
    body.insert(len(FIRST), ["the eight together", *map(str, together)])
    head = ["left out", "shipped: right", "wrong", "fitted without it: right", "wrong"]
    write_table("fit_files", rows(head, body), "python -m tests.benchmarks.fit --data DIR")


def _own(knowledge: Knowledge) -> Iterator[Reading]:
    """The questions of the files that stand alone."""
    for name, (questions, _) in files().items():
        for question in questions:
            if len(question.turns) == 1 and (one := _reading(knowledge, question.turns[0], name, question)):
                yield replace(one, price=EVERYDAY) if name == "everyday" else one


def _strange(knowledge: Knowledge, strange: Mapping[bool, Sequence[str]]) -> Iterator[Reading]:
    for test, texts in strange.items():
        for text in texts:
            if one := _reading(knowledge, text, OUT_OF_SCOPE):
                yield replace(one, price=STRANGE, test=test)


def _reading(
    knowledge: Knowledge, text: str, source: str, question: evaluation.EvalQuestion | None = None
) -> Reading | None:
    """A question of the shipped topic; none where no confidence decides what becomes of it."""
    text, content = in_one_writing(text), knowledge.content
    reader = knowledge.reader(text)
    mentions = reader.mentions(text)
    region = knowledge.asker.region(text, mentions, content.regions) if mentions else None
    text = reader.unframed(reader.question(text, mentions))
    matches = judging.rivals(content, reader.rank(text, ()), region)
    if not matches or matches[0].kind not in ("entry", "not_covered") or any(reader.named_gaps(text)):
        return None
    accept, silent = (question.accept, question.refusal_ok) if question else ((), False)
    first = matches[0]
    strangeness = reader.strangeness(text, first) if first.kind == "entry" else 0.0
    titles = [entry_for(content, match.ref, region)[1] for match in matches if match.kind == "entry"][:OFFERED]
    right = entry_for(content, first.ref, region)[1] in accept if first.kind == "entry" else not accept or silent
    meant = not {*titles}.isdisjoint(accept)
    return _of(source, matches, len(tokens(text)), strangeness, right, bool(titles), meant)


def _of(source: str, matches: list[Match], words: int, strangeness: float, right: bool, *offered: bool) -> Reading:
    features = confidence.features(matches, words, strangeness)
    return Reading(source, features, words, matches[0].score, matches[0].kind == "entry", right, *offered)


def _public(sets: Sequence[Public], encoder: str, own: int) -> Iterator[Reading]:
    """Questions of simulated knowledge bases, those of each set counting as much as so many of the files."""
    for public, test in product(sets, (False, True)):
        bases = [list(_simulated(public, seed, test, encoder)) for seed in range(BASES)]
        price = PUBLIC * own / sum(map(len, bases))
        yield from (replace(one, price=price, test=test) for base in bases for one in base)
        note(f"fit: read {public.name}, {'test' if test else 'training'} part")


def _simulated(public: Public, seed: int, test: bool, encoder: str) -> Iterator[Reading]:
    base = simulated(public, seed, test)
    ours = matcher(base.entries, encoder)
    for text, intent in (*base.inside, *((text, "") for text in (*base.near, *base.far))):
        if matches := ours.rank(text):
            right, meant = matches[0].ref[1] == intent, intent in [match.ref[1] for match in matches[:OFFERED]]
            strangeness = ours.strangeness(text, matches[0])
            yield _of(public.name, matches, len(tokens(text)), strangeness, right, True, meant)


class Columns:
    """Readings side by side, to be judged all at once."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        found = list(readings)
        self.given = np.array([one.features for one in found])
        self.words, self.score = np.array([one.words for one in found]), np.array([one.score for one in found])
        self.entry, self.right = np.array([one.entry for one in found]), np.array([one.right for one in found])
        self.offers, self.meant = np.array([one.offers for one in found]), np.array([one.meant for one in found])
        self.price = np.array([one.price for one in found])

    def sure(self, weights: Sequence[float]) -> tuple[Floats, Floats]:
        """The confidence with and without a look at strange words."""
        plain = self.given.copy()
        plain[:, -1] = 0
        return confidences(self.given, np.array(weights)), confidences(plain, np.array(weights))

    def stated(self, numbers: Numbers) -> Flags:
        """Which are stated as answers."""
        put = (self.words > numbers.short) | (self.score >= numbers.put)
        return self.entry & put & (self.sure(numbers.weights)[0] >= numbers.answer)

    def value(self, numbers: Numbers) -> float:
        """What these numbers are worth, by the prices."""
        strict, plain = self.sure(numbers.weights)
        stated = self.stated(numbers)
        declined = ~self.entry & (plain >= numbers.decline)
        sure = np.where(plain >= numbers.answer, strict, plain)
        offered = ~stated & ~declined & self.offers & (sure >= numbers.offer)
        worth = np.select(
            [stated & self.right, stated, declined & self.right, declined, offered & self.meant, offered],
            [1.0, -WRONG, DECLINED, -DECLINED_WRONGLY, CLARIFIED, -IN_VAIN],
            0.0,
        )
        return float((self.price * worth).sum())


def fitted(readings: Iterable[Reading]) -> Numbers:
    """The weights that tell right first matches from others, and the thresholds of the highest value with them."""
    columns = Columns(one for one in readings if not one.test)
    weights = logistic(columns.given, columns.right.astype(float), columns.price)
    found = replace(SHIPPED, weights=tuple(float(one) for one in weights))
    tried = (
        replace(found, answer=float(answer), short=short, put=put)
        for answer, short, put in product(STEPS, SHORTS, PUTS)
    )
    found = max(tried, key=columns.value)
    found = max((replace(found, decline=float(one)) for one in STEPS), key=columns.value)
    return max((replace(found, offer=float(one)) for one in STEPS if one <= found.answer), key=columns.value)


def _judged(
    knowledge: Knowledge, source: str, readings: Sequence[Reading], strange: Sequence[str], numbers: Numbers
) -> tuple[int, int]:
    """Right and wrong answers: of a file by the whole engine, of a public set by what is stated in its test part."""
    today = datetime.now(UTC).date()
    if source in files():
        with used(numbers):
            result = evaluation.evaluate(knowledge, *files()[source], today)["totals"]["all"]
        return result["right"], result["wrong"]
    if source == OUT_OF_SCOPE:
        with used(numbers):
            answered = sum(deciding.decide(knowledge, text, today).sort == "answer" for text in strange)
        return len(strange) - answered, answered
    columns = Columns(one for one in readings if one.source == source and one.test)
    stated = columns.stated(numbers)
    return int((stated & columns.right).sum()), int((stated & ~columns.right).sum())


@contextmanager
def used(numbers: Numbers) -> Iterator[None]:
    """The engine judges by these numbers while it lasts."""
    weights, *others = astuple(numbers)
    with changed(((confidence, "WEIGHTS", weights), *zip([judging] * len(others), NUMBERS, others, strict=True))):
        yield


def _numbers(found: Sequence[Numbers]) -> str:
    """Each number as shipped, as fitted on all, and the least and the most of those fitted without one file."""
    body = []
    for name, shipped, everything, *others in zip(_NAMES, *map(_flat, (SHIPPED, *found)), strict=True):
        body.append([name, f"{shipped:.2f}", f"{everything:.2f}", f"{min(others):.2f} to {max(others):.2f}"])
    return rows(["number", "shipped", "fitted", "without one of the files"], body)


_NAMES = (
    *(f"`WEIGHTS`: {name}" for name in ("bias", "lead", "opposed", "cover", "length", "strangeness")),
    *(f"`{name}`" for name in NUMBERS),
)


def _flat(numbers: Numbers) -> list[float]:
    weights, *others = astuple(numbers)
    return [*weights, *others]


if __name__ == "__main__":
    main()
