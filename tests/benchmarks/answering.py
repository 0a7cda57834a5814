"""How often the answering engine is right, when it keeps silent and what it costs, beside what one might use instead.

python -m tests.benchmarks.answering --data DIR [accuracy] [refusal] [unseen] [cost]

DIR holds banking77/ (train.csv, test.csv), clinc150/ (data_full.json) and hwu64/ (train, test, valid with seq.in and
label). All parts take about a quarter of an hour; the tables go to docs/measurements.md, the plot beside it.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.answering import confidence, judging
from bot.answering.matching import Match, Matcher
from bot.text import tokens

from .measuring import ROOT, memory, write_table
from .measuring import rows as markdown
from .public import NAMES, Public, read, simulated, synthetic
from .rivals import ENGINES, OURS, matcher

SEEDS = 3
SIZES = (200, 2_000)
QUESTIONS = 1_000
BASES = 8
"""Simulated knowledge bases of each set, for fitting and for testing each."""

TARGETS = (0.06, 0.07)
"""Shares of near misses that may be answered where the threshold is chosen."""

LINEAR_LIMIT = 1_000
"""Entries up to which the linear model is measured; more classes take it minutes to learn."""

Table = list[list[str]]
Floats = npt.NDArray[np.float64]


def main() -> None:
    """Measures the parts named, or all."""
    parts = {"accuracy": accuracy, "refusal": refusal, "unseen": unseen, "cost": cost}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "answering.svg")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)  # one engine in a process of its own
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(parts))
    given = parser.parse_args()
    if strange := set(given.parts) - parts.keys():
        parser.error(f"no part is called {', '.join(sorted(strange))}")
    if given.alone:
        alone(given.data, given.alone[0], int(given.alone[1]), Path(given.alone[2]))
        return
    figures = {}
    for name in given.parts or parts:
        figures[name] = parts[name](read(given.data), given)
    if {"accuracy", "cost"} <= figures.keys():
        plot(figures["accuracy"], figures["cost"], given.plot)


def accuracy(sets: Sequence[Public], given: argparse.Namespace) -> Table:
    """Writes how often each engine is right with ten and with three examples of each intent."""
    rows = []
    for name, make in ENGINES.items():
        row = [name]
        for public in sets:
            for k in (10, 3):
                right = []
                for seed in range(given.seeds):
                    ask = make(public.draw(k, seed))
                    right.append(np.mean([ask(text) == intent for text, intent in public.test]))
                    note(f"accuracy: {name}, {public.name}, k={k}, seed {seed}: {100 * right[-1]:.1f} %")
                row.append(f"{100 * np.mean(right):.1f}")
        rows.append(row)
    show("accuracy", ["right, %", *(f"{name} k={k}" for name in NAMES for k in (10, 3))], rows, given)
    return rows


def refusal(sets: Sequence[Public], given: argparse.Namespace) -> Table:
    """Writes how often CLINC150 is answered right where 90 % of its out-of-scope validation questions are refused."""
    public, rows = sets[1], []
    for name, choice in OURS.items():
        figures = []
        for seed in range(given.seeds):
            ours = matcher(public.draw(10, seed), choice)
            least = np.quantile([sure(text, ours.rank(text)) for text in public.strange_valid], 0.9)
            ranked = [(text, ours.rank(text), intent) for text, intent in public.test]
            right = np.mean([sure(text, found) > least and found[0].ref[1] == intent for text, found, intent in ranked])
            refused = np.mean([sure(text, ours.rank(text)) <= least for text in public.strange_test])
            figures.append((right, refused))
            note(f"refusal: {name}, seed {seed}: {100 * right:.1f} % right, {100 * refused:.1f} % refused")
        rows.append([name, *(f"{100 * figure:.1f}" for figure in np.mean(figures, axis=0))])
    show("refusal", ["CLINC150, k=10", "answered right, %", "out of scope refused, %"], rows, given)
    return rows


def unseen(sets: Sequence[Public], given: argparse.Namespace) -> Table:
    """Writes what simulated knowledge bases answer with a confidence fitted on the other two sets, and as shipped."""
    judged = {(s.name, test): [_judged(s, seed, test) for seed in range(BASES)] for s in sets for test in (False, True)}
    rows = []
    for public in sets:
        others = [judged[other.name, False] for other in sets if other is not public]
        weights = fitted([base for bases in others for base in bases])
        thresholds = np.linspace(0, 1, 1001)
        near = np.mean([[np.mean(_near(bases, weights) >= t) for t in thresholds] for bases in others], axis=0)
        tested = judged[public.name, True]
        for target in TARGETS:
            least = float(thresholds[np.argmax(near <= target)])
            label = f"fitted, {least:.2f} (for {100 * target:.0f} % elsewhere)"
            rows.append(
                [public.name, label, *_shares(tested, [confidences(one[0], weights) >= least for one in tested])]
            )
        rows.append([public.name, f"shipped, {judging.ANSWER}", *_shares(tested, [stated for *_, stated in tested])])
        note(f"unseen: {public.name}: weights {np.round(weights, 2)}")
    head = ["simulated from", "confidence, threshold", "answered right, %", "near misses answered, %", "far, %"]
    show("unseen", head, rows, given)
    return rows


Flags = npt.NDArray[np.bool_]
Judged = tuple[Floats, Flags, npt.NDArray[np.str_], Flags]
"""Of each question its features, whether the first match is right, its kind, and whether the bot would state it."""


def _judged(public: Public, seed: int, test: bool) -> Judged:
    base = simulated(public, seed, test)
    ours = matcher(base.entries, "wordllama")
    asked = [*((t, i, "in") for t, i in base.inside), *((t, "", "near") for t in base.near)]
    asked += [(text, "", "far") for text in base.far]
    found = [ours.rank(text) for text, _, _ in asked]
    right = [matches[0].ref[1] == intent for matches, (_, intent, _) in zip(found, asked, strict=True)]
    note(f"unseen: {public.name}, {'test' if test else 'train'} {seed}: {len(base.entries)} entries")
    stated = [states(ours, text, matches) for (text, *_), matches in zip(asked, found, strict=True)]
    kinds = np.array([kind for *_, kind in asked])
    weighed = [features(ours, text, matches) for (text, *_), matches in zip(asked, found, strict=True)]
    return np.array(weighed), np.array(right), kinds, np.array(stated)


def features(ours: Matcher, text: str, matches: list[Match]) -> tuple[float, ...]:
    """What the confidence weighs for the first match of a question."""
    return confidence.features(matches, len(tokens(text)), ours.strangeness(text, matches[0]))


def sure(text: str, matches: list[Match], strangeness: float = 0.0) -> float:
    """The engine's own confidence, 0 where nothing matches."""
    return confidence.confidence(matches, len(tokens(text)), strangeness) if matches else 0.0


def states(ours: Matcher, text: str, matches: list[Match]) -> bool:
    """Whether the bot would state the first match as the answer; words are looked at for strangeness only then."""
    best, words = matches[0], len(tokens(text))
    likely = judging.stated(best, words, sure(text, matches))
    return likely and judging.stated(best, words, sure(text, matches, ours.strangeness(text, best)))


def fitted(bases: Sequence[Judged]) -> Floats:
    """The logistic weights that tell right matches from others; every knowledge base counts alike."""
    given = np.concatenate([base[0] for base in bases])
    right = np.concatenate([base[1] for base in bases]).astype(float)
    return logistic(given, right, np.concatenate([np.full(len(base[1]), 1 / len(base[1])) for base in bases]))


def logistic(given: Floats, right: Floats, share: Floats) -> Floats:
    """The logistic weights that tell which of these are right, each counting for its share."""
    weights = np.zeros(given.shape[1])
    for _ in range(30):  # Newton's method
        likely = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (share * (right - likely))
        curve = (given * (share * likely * (1 - likely))[:, None]).T @ given
        weights += np.linalg.solve(curve + 1e-6 * np.eye(len(weights)), slope)
    return weights


def confidences(given: Floats, weights: Floats) -> Floats:
    """The confidence by these weights."""
    likely: Floats = 1 / (1 + np.exp(-given @ weights))
    return likely


def _near(bases: Sequence[Judged], weights: Floats) -> Floats:
    return np.concatenate([confidences(given, weights)[kind == "near"] for given, _, kind, _ in bases])


def _shares(bases: Sequence[Judged], given: Sequence[Flags]) -> list[str]:
    answered = np.concatenate(given)
    right, kind = (np.concatenate([base[which] for base in bases]) for which in (1, 2))
    figures = ((answered & right)[kind == "in"], answered[kind == "near"], answered[kind == "far"])
    return [f"{100 * np.mean(figure):.1f}" if len(figure) else "-" for figure in figures]


def cost(sets: Sequence[Public], given: argparse.Namespace) -> Table:
    """Writes the CPU time and memory of each engine at both sizes, each in a process of its own."""
    rows = []
    for size in SIZES:
        for name in ENGINES:
            if "linear" in name and size > LINEAR_LIMIT:
                continue
            with tempfile.TemporaryDirectory() as folder:
                runs = [_process(given.data, name, size, folder) for _ in range(2 if name in OURS else 1)]
            median, worst, cold, added, peak = runs[0]
            warm = runs[1][2] if name in OURS else math.nan
            figures = (f"{median:.2f}", f"{worst:.2f}", f"{cold:.2f}", f"{warm:.2f}", f"{added:.0f}", f"{peak:.0f}")
            rows.append([name, f"{size:,}", *(figure.replace("nan", "-") for figure in figures)])
            note(f"cost: {' | '.join(rows[-1])}")
    head = ["one core", "entries", "ms median", "ms p99", "build, s", "from the cache, s", "MB added", "MB building"]
    show("cost", head, rows, given)
    return rows


def _process(data: Path, name: str, size: int, folder: str) -> list[float]:
    command = [sys.executable, "-m", "tests.benchmarks.answering", "--data", str(data), "--alone"]
    run = subprocess.run([*command, name, str(size), folder], cwd=ROOT, check=True, capture_output=True, text=True)
    return [float(figure) for figure in run.stdout.split()]


def alone(data: Path, name: str, size: int, folder: Path) -> None:
    """Prints what one engine costs: ms median and p99, seconds of building, MB added then and at the most."""
    sets = read(data)
    entries = synthetic(sets, size)
    asked = [text for public in sets[1:] for text, _ in public.test]
    asked = [asked[i] for i in np.random.default_rng(0).permutation(len(asked))[:QUESTIONS]]
    before = memory(os.getpid())
    begun = time.process_time()
    if name in OURS:
        ours = matcher(entries, OURS[name], folder)
        ask: Callable[[str], object] = lambda text: states(ours, text, ours.rank(text))  # noqa: E731
    else:
        ask = ENGINES[name](entries)
    built = time.process_time() - begun
    for text in asked[:20]:
        ask(text)
    spent = [_milliseconds(ask, text) for text in asked]
    added, peak = memory(os.getpid()) - before, memory(os.getpid(), "VmHWM") - before
    print(np.median(spent), np.quantile(spent, 0.99), built, added, peak)


def _milliseconds(ask: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    ask(text)
    return 1000 * (time.process_time() - begun)


def plot(right: Table, spent: Table, path: Path) -> None:
    """Draws how often each engine is right against its milliseconds at 200 entries."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "answering"
    from matplotlib import pyplot

    milliseconds = {row[0]: float(row[2]) for row in spent if row[1] == str(SIZES[0])}
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for row in right:
        mean = np.mean([float(figure) for figure in row[1::2]])
        axes.scatter(milliseconds[row[0]], mean, color="tab:blue" if row[0] in OURS else "tab:gray", zorder=2)
        axes.annotate(row[0], (milliseconds[row[0]], mean), xytext=(6, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel="CPU milliseconds a question, 200 entries, one core", ylabel="right first, %")
    axes.set_title("BANKING77, CLINC150 and HWU64, ten examples an intent (mean)", fontsize=10)
    axes.set_xlim(right=max(milliseconds.values()) * 6)
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    note(f"plot: {path}")


def show(part: str, head: Sequence[str], body: Iterable[Sequence[str]], given: argparse.Namespace) -> None:
    """Writes the table of a part."""
    seeds = "" if given.seeds == SEEDS else f" --seeds {given.seeds}"
    write_table(part, markdown(head, body), f"python -m tests.benchmarks.answering --data DIR{seeds} {part}")


def note(text: str) -> None:
    """Says on stderr how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
