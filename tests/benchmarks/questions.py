"""How often the bot is right on its own subject: `python -m tests.benchmarks.questions` writes the table."""

from datetime import UTC, datetime

from bot import settings
from bot.answering.preparing import prepared
from bot.authoring import evaluation
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

VERDICTS = ("right", "clarified", "refused", "wrong")


def main() -> None:
    """Asks every file and writes the shares."""
    knowledge, lines = prepared(settings.load(), print), []
    for name, first in FIRST.items():
        questions, facts = evaluation.read_questions(QUESTIONS / f"{name}.yaml")
        total = evaluation.evaluate(knowledge, questions, facts, datetime.now(UTC).date())["totals"]["all"]
        lines.append([f"{name}.yaml", *(f"{100 * total[one] / total['n']:.1f} %" for one in VERDICTS), first])
    table = rows(["questions", *VERDICTS, "when first asked: right, wrong"], lines)
    write_table("questions", table, "python -m tests.benchmarks.questions")


if __name__ == "__main__":
    main()
