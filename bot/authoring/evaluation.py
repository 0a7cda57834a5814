"""How well the bot answers a file of questions: each question's outcome and the totals by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from bot.answering import deciding as answering
from bot.answering.deciding import Knowledge
from bot.authoring import rates
from bot.content import files as documents
from bot.content.models import Model
from bot.errors import SettingsError
from bot.messages import Turn
from bot.wording import plain_text

Verdict = Literal["right", "clarified", "refused", "wrong"]


class EvalQuestion(Model):
    """A question with the facts that answer it; `turns` are one person's messages, the last of which is judged."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    kind: str
    lang: str = "en"
    turns: Annotated[tuple[str, ...], Field(min_length=1)]
    accept: tuple[str, ...] = ()
    refusal_ok: bool = False
    must_not: tuple[str, ...] = ()
    accept_gap: tuple[str, ...] = ()
    """The gaps any of which is the right decline; none: any decline is."""
    parts: tuple[tuple[str, ...], ...] = ()
    """Where several things are asked, the entries that answer each; `-` where the article does not say."""


class Facts(Model):
    """Strings that no reply may hold: those of every reply, and those of each fact's own."""

    everywhere: tuple[str, ...]
    of_fact: dict[str, tuple[str, ...]]


def read_questions(path: Path) -> tuple[list[EvalQuestion], Facts]:
    """The questions of a file and the facts beside it; raises SettingsError naming the file and what is wrong."""
    tree = _tree(path)
    try:
        questions = [EvalQuestion.model_validate(item) for item in tree.get("questions") or []]
    except ValidationError as error:
        raise SettingsError([f"{path} is no file of questions: {error.errors()[0]['msg']}"]) from error
    if not questions:
        raise SettingsError([f"{path} holds no questions. Expected a list under `questions:`."])
    return questions, _facts(path.parent / "facts.yaml")


def _facts(path: Path) -> Facts:
    tree = _tree(path) if path.is_file() else {}
    try:
        return Facts(
            everywhere=tuple(tree.get("global_must_not") or ()),
            of_fact={fact["id"]: tuple(fact.get("must_not") or ()) for fact in tree.get("facts") or []},
        )
    except (AttributeError, KeyError, TypeError, ValidationError) as error:
        raise SettingsError(
            [f"{path} is no file of facts. Expected a list of ids with must_not under `facts:`."]
        ) from error


def evaluate(knowledge: Knowledge, questions: Iterable[EvalQuestion], facts: Facts, today: date) -> dict[str, Any]:
    """The record that `optout eval --json` writes: the day, the totals by kind and every question's outcome."""
    records = [_asked(knowledge, question, facts, today) for question in questions]
    kinds = dict.fromkeys(record["kind"] for record in records)
    totals = {kind: _total(record for record in records if record["kind"] == kind) for kind in kinds}
    return {
        "on": today.isoformat(),
        "totals": {**totals, "all": _total(records)},
        "rates": rates.rates(records),
        "questions": records,
    }


def table(result: Mapping[str, Any]) -> str:
    """The totals as a table in text."""
    columns = ("n", "right", "clarified", "refused", "wrong")
    lines = [f"{'kind':<12}" + "".join(f"{column:>11}" for column in columns)]
    for kind, total in result["totals"].items():
        lines.append(f"{kind:<12}" + "".join(f"{total[column]:>11}" for column in columns))
    overall = result["totals"]["all"]
    lines.append(f"{'share':<12}" + f"{'':>11}" + "".join(f"{overall[c] / overall['n']:>11.1%}" for c in columns[1:]))
    return "\n".join(lines)


def misses(result: Mapping[str, Any], questions: Iterable[EvalQuestion]) -> Iterator[str]:
    """A line for each question that was not answered rightly, with what was chosen instead."""
    by_id = {question.id: question for question in questions}
    for record in result["questions"]:
        if record["outcome"] != "right":
            question = by_id[record["id"]]
            chosen = ", ".join((*record["entries"], *record["not_covered"], *record["offered"])) or "-"
            yield (
                f"{record['outcome']:<9} {record['id']} {record['kind']:<11} {record['score']:.2f} "
                f"{' | '.join(question.turns)[:110]!r} wanted {', '.join(question.accept) or 'no answer'}; "
                f"{record['decision']}: {chosen}"
            )


def confusions(result: Mapping[str, Any], questions: Iterable[EvalQuestion]) -> Iterator[str]:
    """A line for each pair of what was wanted and what was given in its place, the commonest first."""
    accepted = {question.id: question.accept for question in questions}
    pairs = Counter(
        (" or ".join(accepted[record["id"]]) or "no answer", given)
        for record in result["questions"]
        if (given := _given_instead(record, accepted[record["id"]]))
    )
    for (wanted, given), times in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{times:>3}  {wanted} -> {given}"


def _given_instead(record: Mapping[str, Any], accepted: tuple[str, ...]) -> str:
    """What a question was taken for that it is not: an entry, or a gap in the article."""
    if record["outcome"] == "right":
        return ""
    if record["decision"] == "answer" and record["entries"]:
        return "" if record["entries"][0] in accepted else str(record["entries"][0])
    return ", ".join(f"{gap} (not covered)" for gap in record["not_covered"])


def _tree(path: Path) -> Any:
    tree, problems = documents.read(path)
    if problems:
        raise SettingsError([str(problem) for problem in problems])
    return tree


def _asked(knowledge: Knowledge, question: EvalQuestion, facts: Facts, today: date) -> dict[str, Any]:
    before: Turn | None = None
    for text in question.turns:
        decision, before = answering.answer(knowledge, text, today, before)
    record = plain_text.record(knowledge, decision)
    verdict = _verdict(question, record, facts)
    return {
        **record,
        "id": question.id,
        "kind": question.kind,
        "lang": question.lang,
        "outcome": verdict,
        "wanted": rates.wanted(question.kind, question.accept, question.refusal_ok),
        "given": rates.given(record, question.accept, question.accept_gap),
        "followup": len(question.turns) > 1,
        **({"whole": rates.whole(record, question.parts)} if question.parts else {}),
    }


def _verdict(question: EvalQuestion, record: Mapping[str, Any], facts: Facts) -> Verdict:
    main = record["entries"][0] if record["decision"] == "answer" else ""
    banned = (*question.must_not, *facts.everywhere, *facts.of_fact.get(main, ()))
    if any(_comparable(string) in _comparable(record["reply"]) for string in banned):
        return "wrong"
    if not question.accept:
        another = record["decision"] == "not_covered" and not set(record["not_covered"]) & set(question.accept_gap)
        return "wrong" if main or (question.accept_gap and another) else "right"
    if main:
        return "right" if main in question.accept else "wrong"
    if record["decision"] == "clarify" and set(record["offered"]) & set(question.accept):
        return "clarified"
    return "right" if question.refusal_ok else "refused"


_STRAIGHT = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", **dict.fromkeys("*_~`")}
)


def _comparable(text: str) -> str:
    return " ".join(text.translate(_STRAIGHT).casefold().split())


def _total(records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    outcomes = [record["outcome"] for record in records]
    return {
        "n": len(outcomes),
        **{verdict: outcomes.count(verdict) for verdict in ("right", "clarified", "refused", "wrong")},
    }
