"""How often the bot is right on its own subject: `python -m tests.benchmarks.questions` writes its tables."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import yaml

from bot import settings
from bot.answering.deciding import Knowledge, decide
from bot.answering.preparing import prepared
from bot.authoring import evaluation, rates
from tests.benchmarks.measuring import ROOT, rows, write_table

QUESTIONS = ROOT / "tests" / "questions" / "linkedin-ai-training"
FIRST = {
    "dev": "",
    "heldout": "",
    "unseen": "90.8 %, 1.2 %",
    "final": "87.9 %, 0.0 %",
    "plain": "93.0 %, 3.0 %",
    "fresh": "92.0 %, 3.3 %",
    "office": "77.0 %, 3.5 %",
    "vivid": "67.5 %, 2.5 %",
}
"""The files, and the shares that were right and wrong when each was first asked, which cannot be measured again."""

OTHERS = ("wild", "doubles", "everyday", "held-back/situations-a", "held-back/situations-b")
"""The files that only the second table shows: they came with it, or hold nothing that wants an answer."""

VERDICTS = ("right", "clarified", "refused", "wrong")


def main() -> None:
    """Asks every file and writes the shares."""
    knowledge, lines, counted = prepared(settings.load(), print), [], []
    for name in (*FIRST, *OTHERS):
        questions, facts = evaluation.read_questions(QUESTIONS / f"{name}.yaml")
        result = evaluation.evaluate(knowledge, questions, facts, datetime.now(UTC).date())
        counted.append([f"{name}.yaml", *(_shares(result["rates"][group], group) for group in rates.COLUMNS)])
        if name in FIRST:
            total = result["totals"]["all"]
            lines.append([f"{name}.yaml", *(_share(total, one) for one in VERDICTS), FIRST[name]])
    table = rows(["questions", *VERDICTS, "when first asked: right, wrong"], lines)
    write_table("questions", table, "python -m tests.benchmarks.questions")
    plainest = yaml.safe_load((QUESTIONS / "paddings" / "plainest.yaml").read_text("utf-8"))
    others = yaml.safe_load((QUESTIONS / "held-back" / "paddings.yaml").read_text("utf-8"))
    padded = [
        [f"{name}, {language}", *padded_shares(knowledge, plainest["plainest"][language], paddings)]
        for name, by_language in (("plainest.yaml", plainest["paddings"]), ("held-back", others["held_back"]))
        for language, paddings in by_language.items()
    ]
    table = rows(["ten plainest questions under paddings of", "n", "right", "otherwise", "not answered"], padded)
    write_table("paddings", table, "python -m tests.benchmarks.questions")
    head = [f"{group}: n, {', '.join(columns)}" for group, columns in rates.COLUMNS.items()]
    write_table("rates", rows(["questions", *head], counted), "python -m tests.benchmarks.questions")


def padded_shares(knowledge: Knowledge, plainest: list[dict[str, Any]], paddings: list[str]) -> list[str]:
    """How many padded questions there are, and the shares that got their entry, another one and none."""
    counts = Counter[str]()
    for padding in paddings:
        for one in plainest:
            decision = decide(knowledge, padding.replace("{}", one["ask"]), date(2026, 11, 23))
            first = decision.parts[0].ref[1] if decision.is_clear else ""
            counts["right" if first in one["accept"] else "otherwise" if first else "not answered"] += 1
    shares = (f"{100 * counts[what] / counts.total():.1f} %" for what in ("right", "otherwise", "not answered"))
    return [str(counts.total()), *shares]


def _share(counts: Mapping[str, int], what: str) -> str:
    return f"{100 * counts[what] / counts['n']:.1f} %"


def _shares(counts: Mapping[str, int], group: str) -> str:
    """How many there are, and the share of each of what they got."""
    return ", ".join((str(counts["n"]), *(_share(counts, one) for one in rates.COLUMNS[group]))) if counts["n"] else ""


if __name__ == "__main__":
    main()
