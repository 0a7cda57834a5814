"""The first topic: every fact has its entry, and every answer is right, short, its own and attributed."""

import hashlib
import itertools
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.answering.deciding import Knowledge, decide
from bot.content.models import Entry
from bot.content.topics import Content, Topic
from bot.text import normal, tokens
from bot.wording.plain_text import draw
from tests.conftest import TODAY

QUESTIONS = Path(__file__).parents[1] / "questions" / "linkedin-ai-training"
FACTS = yaml.safe_load((QUESTIONS / "facts.yaml").read_text(encoding="utf-8"))
FACT = {fact["id"]: fact for fact in FACTS["facts"]}
DAYS = (date(2025, 10, 25), date(2025, 11, 2), date(2025, 11, 3), TODAY)
ARTICLE_RUNS = set((Path(__file__).parents[1] / "samples" / "article-runs.txt").read_text().split())
"""The first 12 hex digits of the SHA-256 of each run of seven words in the article, so that copying is noticed."""


@pytest.fixture(scope="module")
def topic(content: Content) -> Topic:
    found = content.topic("linkedin-ai-training")
    assert found
    return found


def answers(topic: Topic, entry: Entry) -> list[str]:
    regions = (None, *(group.id for group in topic.facts.regions))
    return [entry.text(region, topic.phases(day)) for region, day in itertools.product(regions, DAYS)]


def test_every_fact_has_an_entry_and_every_entry_a_fact(topic: Topic):
    """The 33 facts of the article are the 33 entries."""
    assert set(topic.entries) == set(FACT)


@pytest.mark.parametrize("fact", FACT)
def test_an_answer_says_its_fact_and_nothing_against_it(topic: Topic, fact: str):
    """In every region and on every day an answer holds one of its fact's strings and none that contradicts it."""
    for text in answers(topic, topic.entries[fact]):
        plain = " ".join(text.translate(str.maketrans("‘’“”", "''\"\"")).casefold().split())
        assert any(str(wanted).casefold() in plain for wanted in FACT[fact]["contains_any"]), text
        banned = [*FACT[fact]["must_not"], *FACTS["global_must_not"]]
        assert [string for string in banned if str(string).casefold() in plain] == []


@pytest.mark.parametrize("fact", FACT)
def test_an_answer_is_short_and_calm(topic: Topic, fact: str):
    """Between 200 and 500 characters, without exclamation marks or a leading yes or no, attributed to its source."""
    for text in answers(topic, topic.entries[fact]):
        assert 200 <= len(text) <= 500, len(text)
        assert "!" not in text
        assert tokens(text)[0] not in ("yes", "no")
        assert re.search(r"\b(LinkedIn (says|states|announced|confirmed|presents)|article|Clients First)", text), text


@pytest.mark.parametrize("fact", FACT)
def test_an_entry_knows_many_ways_to_ask(topic: Topic, fact: str):
    """At least a dozen phrasings for each, and a title that fits on a button."""
    entry = topic.entries[fact]
    assert len(entry.ask) + len(entry.yes) + len(entry.no) >= 12
    assert len(entry.title) <= 75


def test_a_passed_date_is_still_only_what_was_announced(topic: Topic):
    """No answer on a later day claims that the start did take place; before it, none speaks of it as past."""
    entry = topic.entries["start_date_eu"]
    before, after = (entry.text("europe", topic.phases(day)) for day in (DAYS[0], TODAY))
    assert before != after
    assert "announced" in after
    assert not re.search(r"\b(started|began|has been used since)\b", after)


def test_no_sentence_of_the_article_is_copied(topic: Topic, content: Content):
    """No seven words in a row stand in the article, but for the names of menus and forms."""
    texts = [text for entry in topic.words.entries for text in answers(topic, entry)]
    texts += [gap.answer for gap in topic.words.not_covered] + [topic.words.covers, topic.words.steps.note]
    exact = (
        "data for generative ai improvement",
        "data processing",
        "rewrite with ai",
        "clients first",
        "mypreferences",
    )
    copied = {
        " ".join(run)
        for text in texts
        for run in zip(
            *(tokens(text.replace(topic.facts.source.title, ""))[start:] for start in range(7)), strict=False
        )
        if hashlib.sha256(" ".join(run).encode()).hexdigest()[:12] in ARTICLE_RUNS
        and not any(name in " ".join(run) for name in exact)
    }
    assert copied == set()


def test_the_address_of_the_author_is_given_only_to_those_who_ask(topic: Topic):
    """The article's own contact stands in one entry."""
    holders = [entry.id for entry in topic.words.entries if any("seteam@" in text for text in answers(topic, entry))]
    assert holders == ["help_contact"]


def test_no_evaluation_question_is_content(content: Content):
    """What the bot is measured by, it has not been told in any language; everybody greets in the same few words."""
    asked = {
        normal(question["turns"][-1])
        for path in QUESTIONS.glob("*.yaml")
        for question in yaml.safe_load(path.read_text(encoding="utf-8")).get("questions", ())
        if question["kind"] != "smalltalk"
    } - {""}
    told = {
        normal(text)
        for language in content.languages
        for words in language.words.values()
        for item in (*words.entries, *words.not_covered)
        for way in ("ask", "near", "yes", "no")
        for text in (getattr(item, "title", ""), *getattr(item, way, ()))
    } | {normal(text) for language in content.languages for talk in language.hearing.small_talk for text in talk.ask}
    assert asked & told == set()


def leads(knowledge: Knowledge, entry: str, text: str) -> str | None:
    parts = decide(knowledge, text, TODAY).parts
    return next((part.lead for part in parts if part.ref[1] == entry), None)


def test_yes_no_and_neither_lead_as_the_question_is_put(knowledge: Knowledge, topic: Topic):
    """Each entry with yes and no phrasings, asked in all three ways, gives three different leads."""
    for entry in topic.words.entries:
        ways = {"yes": entry.yes[::3], "no": entry.no[::3], "": entry.ask[::9]}
        led = {way: [leads(knowledge, entry.id, text) for text in texts] for way, texts in ways.items()}
        assert "no" not in led["yes"], entry.id
        assert "yes" not in led["no"], entry.id
        assert {"yes", "no"}.isdisjoint(led[""]), entry.id
        assert all(not texts or way in led[way] for way, texts in ways.items()), entry.id


@pytest.mark.parametrize(
    ("question", "lead"),
    [("does this affect my DMs", "No. "), ("are my DMs safe", "Yes. "), ("so they don't touch my DMs?", "LinkedIn")],
)
def test_the_same_fact_is_led_by_what_was_asked(knowledge: Knowledge, question: str, lead: str):
    """Affected, safe, and not touched: one fact, three ways to put it, three leads."""
    from bot.wording.replies import reply

    decision = decide(knowledge, question, TODAY)
    assert decision.parts[0].ref[1] == "private_messages_excluded"
    assert draw(reply(knowledge.content, decision)).startswith(lead)


def test_a_number_in_a_question_never_matches_a_step(knowledge: Knowledge):
    """`3` or `step 3` is no answer by itself; the steps are not part of what is matched."""
    for text in ("3", "6", "1.", "number 4"):
        assert decide(knowledge, text, TODAY).sort != "answer"
