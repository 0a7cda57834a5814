"""Several questions in one message, and what a message says beside its question: what is answered of it, and told."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.answering import reading
from bot.answering.deciding import Knowledge, answer
from bot.answering.decisions import Decision
from bot.answering.matching import Candidate
from bot.content.loading import load
from bot.messages import Turn
from bot.wording.plain_text import draw
from bot.wording.replies import reply
from tests.conftest import TODAY, TOPIC

MISSED = "You asked something else as well that I did not understand. Please ask it by itself."


@pytest.fixture
def ask(knowledge: Knowledge):
    """Asks messages one after the other in one conversation and gives the decision on the last."""

    def asked(*texts: str) -> Decision:
        before: Turn | None = None
        for text in texts:
            decision, before = answer(knowledge, text, TODAY, before)
        return decision

    return asked


def meant(decision: Decision) -> list[str]:
    return [part.ref[1] for part in decision.parts]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is it on by default, and what happens if I do nothing?", ["default_on"]),
        ("how do I opt out? can I opt out at all?", ["steps"]),
        ("Does switching off stop future use AND delete the past?", ["opt_out_stops_future"]),
        ("who owns LinkedIn? Does this affect my DMs?", ["who_owns_linkedin", "private_messages_excluded"]),
    ],
)
def test_what_one_answer_serves_for_is_not_said_twice(ask, question: str, said: list[str]):
    """Of two that serve for each other one is said; of two that do not, both."""
    assert meant(ask(question)) == said


def test_entries_that_serve_for_each_other_are_no_rivals(small: Path, tmp_path: Path):
    """Neither is next in line to the other, while without the relation it is."""
    apart, together = (_beside(tmp_path / name, facts) for name, facts in RELATED.items())
    rivals = [
        answer(knowledge, "where do I find the setting", TODAY)[0].parts[0].rival for knowledge in (apart, together)
    ]
    assert rivals[0] == (TOPIC, "deep_link") != rivals[1]


RELATED = {"apart": "", "together": "also_answers:\n  steps: [deep_link]\n"}


def _beside(folder: Path, facts: str) -> Knowledge:
    """The small topic with these facts laid over it."""
    (folder / TOPIC).mkdir(parents=True)
    (folder / TOPIC / "topic.yaml").write_text(facts or "owner: Acme\n", encoding="utf-8")
    return Knowledge(load([folder]))


@pytest.mark.parametrize(
    ("question", "gap"),
    [
        ("Does Google train on my data, and can I opt out there?", "google"),
        ("Does ChatGPT do that too and how do I switch it off?", "ai_assistants"),
        ("Macht Google das auch, und wie kann ich da widersprechen?", "google"),
    ],
)
def test_what_follows_another_service_is_about_that(ask, question: str, gap: str):
    """Nobody who asks about another service is told how to do it at this one."""
    assert (ask(question).sort, meant(ask(question))) == ("not_covered", [gap])


def test_what_stands_before_another_service_is_answered(ask):
    """Only what follows is about it."""
    assert meant(ask("who owns LinkedIn? Does Facebook do it too?")) == ["who_owns_linkedin", "meta_platforms"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is it legal that it is on by default?", ["default_on", "legality"]),
        ("is it illegal to use my private messages?", ["private_messages_excluded", "legality"]),
        ("is it on by default for premium members", ["default_on", "premium"]),
        ("is it legal", ["legality"]),
    ],
)
def test_a_gap_that_is_named_and_an_entry_that_is_as_clear_are_both_said(knowledge: Knowledge, ask, question, said):
    """The answer, and that the article does not say the other."""
    decision = ask(question)
    assert meant(decision) == said
    assert decision.sort == ("answer" if len(said) > 1 else "not_covered")
    declined = knowledge.content.topics[0].not_covered[said[-1]].answer
    assert declined in draw(reply(knowledge.content, decision))


@pytest.mark.parametrize(
    "question",
    [
        "who owns LinkedIn? how tall is the moon?",
        "how tall is the moon? who owns LinkedIn?",
        "what does the canteen serve? how do I opt out of this?",
        "who owns LinkedIn and when is lunch today",
        "who owns LinkedIn? Does this affect my DMs? how tall is the moon?",
    ],
)
def test_an_answer_says_that_another_question_was_not_understood(knowledge: Knowledge, ask, question: str):
    """What was understood is answered, and nobody takes it for an answer to the rest."""
    said = draw(reply(knowledge.content, ask(question)))
    assert ask(question).sort == "answer"
    assert said.count(MISSED) == 1


@pytest.mark.parametrize(
    "question",
    [
        "who owns LinkedIn?",
        "who owns LinkedIn? Does this affect my DMs?",
        "Hi all, quick question: how do I opt out? Thanks!",
        "I read about this at lunch. How do I opt out?",
        "how tall is the moon? when does the canteen open?",
    ],
)
def test_where_all_or_nothing_is_understood_nothing_was_missed(knowledge: Knowledge, ask, question: str):
    """What only stands around a question is none."""
    assert MISSED not in draw(reply(knowledge.content, ask(question)))


@pytest.mark.parametrize(
    ("before", "question", "entry"),
    [
        ("is my old data gone", "so what should I do about that now?", "objection_form"),
        ("can they use what I posted before", "so can I do nothing about that?", "objection_form"),
        ("I never joined LinkedIn, am I affected?", "how do I opt out of that?", "objection_form"),
        ("I never joined LinkedIn, am I affected?", "how do I opt out?", "steps"),
        ("who owns LinkedIn?", "so can I do nothing about that?", "can_opt_out"),
    ],
)
def test_a_question_that_points_back_asks_about_the_answer_before(ask, before: str, question: str, entry: str):
    """By itself, or after another answer, it asks for what its words say."""
    assert meant(ask(before, question)) == [entry]
    assert meant(ask(question)) != ["objection_form"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "when does it start in Norway?",
            "Answered for the EU, EEA, Switzerland and the UK; Norway counts among them.",
        ),
        ("wann geht es in Norwegen los?", "; Norwegen zählt dazu."),
        ("when does it start in Norway and Germany?", "Answered for the EU, EEA, Switzerland and the UK."),
        ("when does it start in Europe?", "Answered for the EU, EEA, Switzerland and the UK."),
    ],
)
def test_the_one_country_that_was_named_is_said_to_count(knowledge: Knowledge, ask, question: str, said: str):
    """Several are not listed, and what is no country is none."""
    assert said in draw(reply(knowledge.content, ask(question)))


def test_a_small_topic_is_learnt_beside_few_questions_about_anything_else(small: Path, monkeypatch: pytest.MonkeyPatch):
    """One for every ten phrasings of its own, however many the language has."""
    learnt: list[Sequence[Candidate]] = []
    learn = reading.learn

    def watched(candidates: Sequence[Candidate], *given: object):
        learnt.append(candidates)
        return learn(candidates, *given)

    monkeypatch.setattr(reading, "learn", watched)
    knowledge = Knowledge(load())
    assert knowledge.reads("en").matchers
    (candidates,) = learnt
    own = sum(len(one.phrasings) for one in candidates if one.ref[0] == TOPIC)
    (elsewhere,) = [one for one in candidates if one.kind == "elsewhere"]
    known = knowledge.content.languages[0].hearing.elsewhere
    assert len(elsewhere.phrasings) == own // reading.ELSEWHERE < len(known)


PLAIN = {
    "en": [
        "how do I opt out of this?",
        "is it on by default?",
        "who owns LinkedIn?",
        "are my private messages used?",
        "what data is used?",
        "does it work on my phone?",
        "when does it start in Germany?",
        "what happens if I do nothing?",
        "does opting out delete what was already trained?",
        "why is LinkedIn doing this?",
    ],
    "de": [
        "wie kann ich widersprechen?",
        "ist das standardmäßig eingeschaltet?",
        "wem gehört LinkedIn?",
        "werden meine privaten Nachrichten verwendet?",
        "welche Daten werden verwendet?",
        "geht das auch auf dem Handy?",
        "wann geht es in Deutschland los?",
        "was passiert, wenn ich nichts tue?",
        "macht das Abschalten das bisherige Training rückgängig?",
        "warum macht LinkedIn das?",
    ],
}
PADDINGS = {
    "en": [
        "hey, {}",
        "hi team! {}",
        "sorry to bother you, {}",
        "quick question: {}",
        "ok so {}",
        "um, {}",
        "{} thanks in advance!",
        "{} lol",
        "{} asking for a friend",
        "{} cheers",
        "good morning! {} many thanks",
        "so, can you tell me, {} please",
    ],
    "de": [
        "hallo, {}",
        "guten Morgen zusammen! {}",
        "sorry für die Störung, {}",
        "kurze Frage: {}",
        "ähm, {}",
        "ok, also {}",
        "{} danke schon mal!",
        "{} lg",
        "{} frage für einen Freund",
        "{} vielen Dank",
        "hi, {} danke dir",
        "moin, mal ehrlich, {} bitte",
    ],
}


@pytest.mark.parametrize(("language", "padding"), [(code, one) for code, ways in PADDINGS.items() for one in ways])
def test_padding_changes_no_answer(ask, language: str, padding: str):
    """Ten plain questions mean the same with it as without it, and nothing of it was missed."""
    for question in PLAIN[language]:
        plain, padded = ask(question), ask(padding.format(question))
        assert (plain.sort, padded.sort, padded.missed) == ("answer", "answer", False), question
        assert meant(padded) == meant(plain), question
