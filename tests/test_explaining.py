"""Why an answer was given: what is told of it, to whom, and for how long."""

import re

import pytest

from bot import explaining
from bot.answering import Knowledge, answer
from bot.content import Content
from bot.messages import Turn
from bot.terminal import draw

from .conftest import TODAY


@pytest.mark.parametrize(
    ("written", "corrected"),
    [
        ("Hwo do I opt-outt, on my HPONE?", "How do I opt-out, on my Phone?"),
        ("how do I opt out of this?", "how do I opt out of this?"),
        ("don't xylophones c'est für 🎉", "don't xylophones c'est für 🎉"),
    ],
)
def test_only_misspelt_words_are_put_right(knowledge: Knowledge, written: str, corrected: str):
    """What else stands in a question stays as it was written."""
    assert knowledge.matcher.corrected(written) == corrected


@pytest.fixture
def told(knowledge: Knowledge):
    """Why the last of several messages was answered as it was, as text."""

    def explained(*texts: str, region: str | None = None) -> str:
        before: Turn | None = None
        for text in texts:
            decision, before = answer(knowledge, text, TODAY, before, region)
        return draw(explaining.why(knowledge, texts[-1], decision))

    return explained


def test_an_explanation_holds_everything_that_decided(told, content: Content):
    """The question it was taken for, the words, the runner-up, the confidence, region, day and version."""
    lines = told("does this affect my DMs?", region="europe").split("\n")
    titles = {entry.title for topic in content.topics for entry in topic.words.entries}
    taken, rival = re.findall("“(.+?)”", lines[1])
    assert lines[0] == "Why this answer"
    assert taken == "Are LinkedIn private messages used to train AI?"
    assert "Words that counted: affect, DMs, " in lines[1]
    assert rival in titles - {taken}
    assert re.match(r"Confidence: \d\d%\. Region: the EU, EEA, Switzerland and the UK\. ", lines[2])
    assert lines[2].endswith(f"Date used: 23 November 2026. Version of the content: {content.version}.")


def test_a_misspelt_question_is_shown_as_it_was_read(told):
    """Only then: what was written right is not repeated, and names of places are left alone."""
    assert "Showing results for “does this affect my private messages?”." in told("does this afect my privte mesages?")
    assert "Showing results" not in told("does this affect my private messages in Texas?")


def test_every_part_of_an_answer_is_explained(told):
    """Two questions in one message have each their own words."""
    lines = told("Who owns LinkedIn? Does this affect my DMs?").split("\n")
    assert ["owns" in line for line in lines[1:3]] == [True, False]
    assert ["DMs" in line for line in lines[1:3]] == [False, True]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        pytest.param(("does Facebook do this too?",), "Words that counted: Facebook.", id="name"),
        pytest.param(("When does it start in Germany?", "and in Texas?"), "as your question before", id="place"),
    ],
)
def test_what_was_decided_without_a_match_has_its_reason_too(told, texts: tuple[str, ...], reason: str):
    """A name that the article does not cover, and a follow-up that names a place only."""
    assert reason in told(*texts)


def test_an_answer_handed_over_for_a_region_names_no_rival_that_it_is_itself(told, knowledge: Knowledge):
    """The title is the question that was understood, whichever entry answers for the region."""
    for region in (None, "europe", "elsewhere"):
        quoted = re.findall("“(.+?)”", told("when does it start?", region=region))
        assert len(set(quoted)) == len(quoted) > 0


@pytest.mark.parametrize("text", ["dont plaese " * 3000, "a.b." * 9000, "x" * 40_000, "\u0301" * 9000, "DMs? " * 9000])
def test_a_long_question_is_explained_briefly(knowledge: Knowledge, text: str):
    """However much was written, little of it is looked at and less is shown."""
    decision, _ = answer(knowledge, "does this affect my DMs", TODAY)
    assert len(draw(explaining.why(knowledge, text, decision))) < 1200
