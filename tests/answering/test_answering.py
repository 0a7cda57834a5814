"""Answering: what a question means, alone and after another, and when the bot keeps silent."""

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

import pytest

from bot.answering.deciding import Knowledge, answer, decide, remembered_turn
from bot.answering.decisions import Decision
from bot.answering.encoders import encoder
from bot.answering.matching import Match
from bot.answering.reading import Reader
from bot.authoring.reach import Asked
from bot.cache import Cache
from bot.content.loading import load
from bot.messages import Taken, Turn
from bot.text import normal
from bot.wording.plain_text import draw
from bot.wording.replies import reply
from tests.conftest import TODAY


@pytest.fixture
def ask(knowledge: Knowledge):
    """Asks messages one after the other in one conversation and gives the decision on the last."""

    def asked(*texts: str, region: str | None = None, on: date = TODAY) -> Decision:
        before: Turn | None = None
        for text in texts:
            decision, before = answer(knowledge, text, on, before, region)
        return decision

    return asked


@pytest.fixture
def say(knowledge: Knowledge, ask):
    """The reply to the last of several messages, as text."""
    return lambda *texts, **given: draw(reply(knowledge.content, ask(*texts, **given)))


def entries(decision: Decision) -> list[str]:
    return [part.ref[1] for part in decision.parts if part.kind == "entry"]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        pytest.param("how can I opt out of this?", "steps", id="plain"),
        pytest.param("HOW CAN I OPT OUT OF THIS", "steps", id="capitals"),
        pytest.param("how cna i optt out of thsi", "steps", id="typos"),
        pytest.param("how can I opt​ out of this", "steps", id="invisible"),
        pytest.param("🙏 how can I opt out of this?? 🙏", "steps", id="emoji"),
        pytest.param("**how can I _opt out_ of this**", "steps", id="markup"),
        pytest.param("Hi there! How can I opt out of this? Thanks!", "steps", id="chatter"),
        pytest.param("I'm in Norway. How can I opt out of this?", "steps", id="place-before"),
        pytest.param("how can I opt out of this, I live in Texas", "steps", id="place-after"),
    ],
)
def test_the_same_question_means_the_same_however_it_is_written(ask, question: str, entry: str):
    """Case, markup, greetings, places and small mistakes change nothing."""
    assert entries(ask(question)) == [entry]


@pytest.mark.parametrize(
    "frame",
    ["{}, I live in Texas", "{}, we are in Germany", "Berlin office here, {}", "In Spain: {}", "{} - Oslo here"],
)
@pytest.mark.parametrize(
    "question",
    ["how can I opt out of this", "are my private messages used", "who wrote the article", "which data is used"],
)
def test_a_clause_that_only_says_where_somebody_is_changes_no_question(ask, frame: str, question: str):
    """Whoever wrote the article, they wrote it in Norway, too."""
    assert entries(ask(frame.format(question))) == entries(ask(question)) != []


@pytest.mark.parametrize(
    ("question", "gap"),
    [
        ("how can I opt out of Facebook using my posts", "meta_platforms"),
        ("does ChatGPT train on this too", "ai_assistants"),
        ("what about my CV", "cv_applications"),
    ],
)
def test_what_the_article_does_not_say_is_known_as_such(ask, say, question: str, gap: str):
    """A question of the same shape about something else is declined with what is covered and whom to ask."""
    decision = ask(question)
    assert decision.sort == "not_covered"
    assert [part.ref[1] for part in decision.parts] == [gap]
    assert "The article covers" in say(question)
    assert "Whom to ask" in say(question)


@pytest.mark.parametrize(("near", "sort"), [("cuire un oeuf", "answer"), ("comment me retirer des données", "unknown")])
def test_a_question_nearest_to_what_an_entry_is_not_gets_no_answer_from_it(
    small: Path, tmp_path: Path, near: str, sort: str
):
    """What stands under `not:` speaks against its entry, after another question too; its own are still answered."""
    (tmp_path / "linkedin-ai-training").mkdir()
    (tmp_path / "linkedin-ai-training" / "fr.yaml").write_text(
        f"entries:\n  - {{id: steps, ask: [comment me retirer, où est le bouton], not: [{near}]}}\n"
    )
    knowledge = Knowledge(load([tmp_path]))
    before = Turn((Taken(("linkedin-ai-training", "private_messages_excluded"), "entry"),), language="fr")
    for turn in (None, before):
        assert decide(knowledge, "comment me retirer des données ?", TODAY, turn).sort == sort
    assert entries(decide(knowledge, "comment me retirer ?", TODAY)) == ["steps"]


@pytest.mark.parametrize("text", ["xyzzy plugh", "qwertz uiop asdf", "колбаса и сыр", "foo(bar) baz"])
def test_what_means_nothing_is_answered_with_nothing(ask, text: str):
    """Noise gets an honest reply that states no fact."""
    assert ask(text).sort == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        *("hi", "hello", "Good evening!", "thx", "ok cool", "Guten Morgen", "merci"),
        *("Thank you so much, you saved my day", "thanks a lot, that worked!", "ok great, bye"),
    ],
)
def test_small_talk_is_returned(ask, text: str):
    """A greeting or thanks gets a friendly word and no fact."""
    assert ask(text).sort == "smalltalk"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Are you a real human being or what?", "human"),
        ("Rede ich hier mit einem echten Menschen?", "human"),
        ("sorry but you are completely useless", "complaint"),
        ("no, I asked you something else!", "complaint"),
        ("Danach hatte ich nicht gefragt", "complaint"),
        ("hi, can you help me with something please", "help_wanted"),
        ("Ich habe mal eine Frage an dich", "help_wanted"),
        ("no", "okay"),
        ("Nein.", "okay"),
    ],
)
def test_a_remark_to_the_bot_gets_a_word_that_fits(ask, text: str, meant: str):
    """Who complains is not thanked, and who says no is not welcome to anything."""
    assert [part.ref for part in ask(text).parts] == [("", meant)]


def test_two_questions_are_both_answered_in_order(ask):
    """Two sentences that are clear by themselves give two parts."""
    decision = ask("Are private messages used? And who wrote the article?")
    assert entries(decision) == ["private_messages_excluded", "article_source"]


def test_a_half_that_is_not_covered_is_said_to_be_so(ask, say):
    """The covered half is answered, the other one declined, in one reply."""
    question = "How can I opt out of this? And how do I opt out on Instagram?"
    assert entries(ask(question)) == ["steps"]
    assert "Whom to ask" in say(question)


@pytest.mark.parametrize(
    ("question", "region"),
    [
        ("when does it start in Norway", "europe"),
        ("UK here, when does it start", "europe"),
        ("when in Texas", "elsewhere"),
    ],
)
def test_a_place_in_the_question_decides_over_the_remembered_one(ask, question: str, region: str):
    """What is named now counts more than what was said once."""
    other = {"europe": "elsewhere", "elsewhere": "europe"}[region]
    assert ask(question, region=other).region == region


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("How do I opt out, and what about my Instagram account?", ["steps", "meta_platforms"]),
        ("who wrote the article, and can you cancel my Premium?", ["article_source", "premium"]),
        ("Does Slack train on our chats and can I switch it off?", ["slack_itself"]),
        ("How do I opt out, on my Instagram account?", ["meta_platforms"]),
    ],
)
def test_half_a_sentence_may_be_beside_the_article(ask, question: str, parts: list[str]):
    """The covered half is answered and the other declined, unless the second half is about what the first one named."""
    assert [part.ref[1] for part in ask(question).parts] == parts


def test_a_sentence_that_only_says_where_somebody_is_may_decide_what_is_asked(ask):
    """Without the place before it the question would be about anybody's data."""
    assert entries(ask("We are in Toronto. Are they using our profiles yet?"))[0] in (
        "already_started_elsewhere",
        "us_and_other_regions",
    )


def test_a_place_alone_asks_the_same_for_there(ask):
    """Whatever small words stand around it."""
    assert entries(ask("when does it start?", "sorry, I meant in Spain")) == ["start_date_eu"]
    assert entries(ask("when does it start in Spain?", "and for the people in Ohio?")) == ["already_started_elsewhere"]


@pytest.mark.parametrize("text", ["what can you do?", "what can you do for me"])
def test_what_is_as_near_to_small_talk_as_to_an_entry_states_no_fact(ask, text: str):
    """Small talk is a rival like any other."""
    assert ask(text).sort in ("smalltalk", "clarify", "unknown")


def test_a_mention_in_the_platforms_own_markup_is_no_word(ask):
    """Slack writes <@U012ABCDEF> where people see a name."""
    assert ask("<@U012ABCDEF> how can I opt out of this").parts == ask("how can I opt out of this").parts


def test_without_a_region_both_groups_are_named_with_a_button_for_each(say):
    """No region is ever guessed."""
    text = say("when does it start?")
    assert "EU, EEA, Swiss and UK" in text
    assert "US" in text
    assert "depends on where you are" in text


def test_an_entry_is_handed_over_to_the_one_of_the_region(ask):
    """The start in the US is another fact than the start in Europe."""
    assert entries(ask("when does it start?", region="europe")) == ["start_date_eu"]
    assert entries(ask("when does it start in Texas?")) == ["already_started_elsewhere"]


def test_the_wording_follows_the_day(say):
    """Before the announced day it is to come, after it it is what was announced."""
    before = say("when does it start in Germany?", on=date(2025, 11, 2))
    after = say("when does it start in Germany?", on=date(2025, 11, 3))
    assert before != after
    assert "announced" in after


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(("When does it start in Oslo?", "and in Texas?"), "already_started_elsewhere", id="other-place"),
        pytest.param(("When does it start?", "I'm in Munich"), "start_date_eu", id="place-added"),
        pytest.param(("which data is used", "how can I opt out of this"), "steps", id="new-question"),
        pytest.param(("what's for lunch", "how can I opt out of this"), "steps", id="after-nonsense"),
    ],
)
def test_a_follow_up_is_read_with_the_turn_before(ask, texts: tuple[str, ...], expected: str):
    """A bare place continues the last question; a question of its own stands alone."""
    assert entries(ask(*texts)) == [expected]


def test_thanks_never_inherit_the_question_before(ask):
    """A friendly word after an answer is no question."""
    assert ask("how can I opt out of this", "thank you!").sort == "smalltalk"


@pytest.mark.parametrize("text", ["and who won the match last night?", "nice one mate", "what do you mean"])
def test_what_means_nothing_by_itself_does_not_get_the_answer_of_before_again(ask, text: str):
    """Its title is no help to somebody who has just read it."""
    decision = ask("how can I opt out of this", text)
    assert (decision.sort in ("unknown", "smalltalk"), decision.parts) == (True, ())


def test_the_region_of_a_conversation_stays_until_another_is_named(ask):
    """Somebody who said where they are is answered for there in the next turn too."""
    assert ask("I'm in Oslo, is it on by default?", "when does it start?").region == "europe"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("dev", 0.97, 0.01),
        ("heldout", 0.955, 0.02),
        ("unseen", 0.92, 0.01),
        ("final", 0.91, 0.0),
        ("plain", 0.93, 0.025),
        ("fresh", 0.94, 0.03),
        ("office", 0.86, 0.04),
        ("vivid", 0.85, 0.04),
        ("everyday", 0.96, 0.04),
    ],
)
def test_the_evaluation_does_not_fall_behind(
    asked: Callable[[str], list[Asked]], name: str, right: float, wrong: float
):
    """The shares that were reached once are held."""
    outcomes = [one.record["outcome"] for one in asked(name)]
    assert outcomes.count("right") / len(outcomes) >= right
    assert outcomes.count("wrong") / len(outcomes) <= wrong


def test_a_long_message_asks_what_its_question_asks(ask):
    """However much is told before it."""
    told = (
        "I came back from three weeks of holidays on Monday, and there were two hundred mails waiting for me. "
        "One of them was about LinkedIn, and I have had a profile there since my first job. I never look at it."
    )
    assert entries(ask(f"{told} So here is what I need: how do I turn that off?")) == ["steps"]


@pytest.mark.parametrize(
    "told",
    [
        "I have to renew my passport before we travel in summer. The office in town is closed on Wednesdays, and the "
        "form on their page does not open on my phone. How long does it take, and where do I have to go?",
        "My train was cancelled this morning and the next one was full. I had to stand for an hour, and nobody told us "
        "anything. The app showed no delay at all. Do I get my money back, and how do I ask for it?",
    ],
    ids=["passport", "train"],
)
def test_a_long_story_about_something_else_gets_no_fact(ask, told: str):
    """What little each of its sentences shares with an entry never adds up to an answer."""
    assert ask(told).sort != "answer"


def test_sentences_are_two_requests_where_each_is_sure(ask):
    """With a question mark or without; what a sentence only resembles is no request."""
    both = ["steps", "article_source"]
    assert entries(ask("how do i opt out\nwho wrote the article")) == both
    assert entries(ask("Tell me how to opt out. And tell me who wrote the article.")) == both
    assert entries(ask("Nobody in our Dublin office has ever heard of this. is it too late now")) == [
        "past_training_not_undone"
    ]


@pytest.mark.parametrize(
    ("message", "gap", "answered"),
    [
        ("How do I opt out of X? and when does it start?", "x_twitter", ["start_date_eu"]),
        ("Is it on by default on Instagram? And who wrote the article?", "meta_platforms", ["article_source"]),
        ("How do I opt out? (on Facebook)", "meta_platforms", []),
    ],
)
def test_a_question_about_another_service_is_declined_whatever_else_is_asked(
    ask, message: str, gap: str, answered: list[str]
):
    """An answer that leaves it out would be taken for one about that service."""
    decision = ask(message)
    assert (gap in [part.ref[1] for part in decision.parts], entries(decision)) == (True, answered)


@pytest.mark.parametrize(
    "message", ["ChatGPT told me about this. How do I opt out?", "I asked ChatGPT. Is it on by default?"]
)
def test_another_service_that_is_only_told_about_declines_nothing(ask, message: str):
    """Nothing is asked about it."""
    assert ask(message).sort == "answer"


def test_three_gaps_before_a_question_with_an_answer_are_what_is_told(ask, say):
    """No more parts than three are, so that no answer is among them."""
    gaps = (
        "Deleting, closing or pausing a LinkedIn account?",
        "Photos, videos, voice and faces?",
        "How this bot works?",
    )
    message = " ".join((*gaps, "How do I opt out of it?"))
    assert (ask(message).sort, len(ask(message).parts)) == ("not_covered", 3)
    assert say(message).startswith(say(gaps[0]).partition("\n")[0])


def test_a_sentence_is_read_with_the_one_before_it_too(ask):
    """What somebody's picture is about stands in front of it."""
    message = (
        "Hello all, a short one from the sales team. My husband has no account there. "
        "Somebody put his photo into a post all the same. What about him?"
    )
    assert entries(ask(message)) == ["non_members"]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("a friend in HR reckons it takes a whole afternoon to switch it off", "time_needed"),
        ("Meine Kollegin behauptet, dass private Nachrichten auch verwendet werden", "private_messages_excluded"),
    ],
)
def test_what_somebody_says_is_read_without_who_says_it(ask, question: str, entry: str):
    """A claim is asked about, not the person who makes it."""
    assert entries(ask(question)) == [entry]


def test_who_says_something_may_be_what_is_asked_about(ask):
    """What another service says is about that service, and not a claim about this one."""
    assert ask("Instagram says that my private messages are used for AI").sort == "not_covered"
    assert entries(ask("Jane says that my private messages are used for AI")) == ["private_messages_excluded"]


@pytest.mark.parametrize("words", ["please", "says that", "so is it or", "can they what", "that we of you"])
def test_small_words_alone_are_no_question(ask, words: str):
    """All of them are known, and none says what is asked."""
    assert ask(words).sort != "answer"


@pytest.mark.parametrize(
    ("question", "region"),
    [("when does it start in Portugl", "europe"), ("is it on by default in the Phillipines", "elsewhere")],
)
def test_a_misspelt_place_is_still_a_place(ask, question: str, region: str):
    """One letter too few or too many is no other country."""
    assert (ask(question).sort, ask(question).region) == ("answer", region)


@pytest.mark.parametrize("word", ["recipe", "mail", "turkeys", "chilly"])
def test_a_word_that_looks_like_a_place_is_none(ask, word: str):
    """Words that exist, and short ones with another letter, name nothing."""
    assert not ask(f"is there a nice {word}").named


@pytest.mark.parametrize(
    "question",
    [
        "Malin asks whether it is on by default",
        "LinkedIn est une entreprise américaine, suis-je concerné ?",
        "Gibt es den Artikel auf Spanisch?",
        "¿el artículo está en portugués?",
    ],
    ids=["a name", "an adjective", "a language", "another language"],
)
def test_a_word_made_from_the_name_of_a_place_is_no_misspelt_one(ask, question: str):
    """Nobody says with it where they are: its ending is another."""
    assert not ask(question).named


def test_of_two_questions_that_are_not_covered_both_are_said_to_be_so(say):
    """Neither of two refusals is swallowed."""
    text = say("How do I opt out on Instagram? And does ChatGPT train on this too?")
    assert "Instagram" in text
    assert "ChatGPT" in text


def test_a_confirmed_date_changes_the_answer(small: Path, tmp_path: Path, cache_folder: Path):
    """Once the owner has set confirmed_on with its source, the start is told as a fact, from that day on."""
    folder = tmp_path / "linkedin-ai-training"
    folder.mkdir()
    (folder / "topic.yaml").write_text(
        "dates:\n  europe_start:\n    confirmed_on: 2025-12-01\n    source: https://example.com/confirmed\n"
    )
    confirmed = Knowledge(load([tmp_path]), encoder("wordllama"), Cache(cache_folder))
    texts = [
        draw(reply(confirmed.content, answer(confirmed, "when does it start in Germany?", day)[0]))
        for day in (date(2025, 11, 30), date(2025, 12, 1))
    ]
    assert texts[0] != texts[1]
    assert "announced" in texts[0]


def test_a_third_region_group_needs_no_code(small: Path, tmp_path: Path):
    """A group that an overlay adds is named by places, offered on a button and remembered like the others."""
    folder = tmp_path / "linkedin-ai-training"
    folder.mkdir()
    (folder / "topic.yaml").write_text("regions:\n  - id: japan\n    codes: [JP]\n")
    (folder / "en.yaml").write_text(
        "regions:\n  japan: {name: Japan, label: Japan}\n"
        "entries:\n  - id: start_date_eu\n    title: When?\n    section: Introduction\n"
        "    ask: [when is the start of the training in Japan]\n"
        "    answer:\n      - {say: Elsewhere., region: [europe, elsewhere, unknown]}\n"
        "      - {say: In Japan., region: japan}\n"
    )
    knowledge = Knowledge(load([tmp_path]))
    decision, _ = answer(knowledge, "when is the start of the training in Tokyo?", TODAY)
    assert (decision.region, entries(decision)) == ("japan", ["start_date_eu"])
    assert draw(reply(knowledge.content, decision)).startswith("In Japan.")
    unknown, _ = answer(knowledge, "when is the start of the training?", TODAY)
    assert "[Japan]" in draw(reply(knowledge.content, unknown))


@pytest.mark.parametrize(
    "frame",
    [
        "Hello, {}",
        "Hey bot, {}",
        "Quick question: {}",
        "Sorry to bother you, {}",
        "Good morning! One more thing: {}",
        "{} Thanks!",
        "{} please",
        "{}\n\nThanks in advance, best regards",
    ],
)
@pytest.mark.parametrize("question", ["turn it off", "why care", "who owns linkedin", "last day for europeans"])
def test_a_greeting_or_thanks_around_a_question_changes_nothing(ask, frame: str, question: str):
    """What frames a question is no part of it, however short the question is."""
    assert entries(ask(frame.format(question))) == entries(ask(question)) != []


@pytest.mark.parametrize(
    "message",
    [
        "opt out? Opt out! OPT OUT?",
        "My data, my rules. My data my rules.",
        "My boss says that it is on and my messages are read. Does she know that?",
        "How do I opt out and who wrote it? " * 60,
        "you and me and them, or us, and " * 60,
        " ".join(f"Sentence number {number} says that this is no question." for number in range(50)),
    ],
    ids=["written thrice", "a comma", "hearsay", "many questions", "many joints", "many sentences"],
)
def test_a_message_is_ranked_once_for_each_way_to_read_it(ask, monkeypatch: pytest.MonkeyPatch, message: str):
    """No words are compared with all phrasings twice, and of many sentences and joints only some are tried."""
    rank, ranked = Reader.rank, list[str]()

    def counted(reader: Reader, text: str, topics: Collection[str] = ()) -> list[Match]:
        ranked.append(normal(text))
        return rank(reader, text, topics)

    monkeypatch.setattr(Reader, "rank", counted)
    ask(message)
    assert len(ranked) == len(set(ranked)) <= 24


OFFERED = (("linkedin-ai-training", "steps"), ("linkedin-ai-training", "overview"))


@pytest.mark.parametrize(
    ("text", "language", "chosen"),
    [
        ("the first one", "en", "steps"),
        ("2", "en", "overview"),
        ("The second one, please.", "en", "overview"),
        ("das zweite", "de", "overview"),
        ("Ich meine das erste!", "de", "steps"),
        ("none of these", "en", None),
        ("No.", "en", None),
        ("keins davon", "de", None),
        ("2", "es", "overview"),
        ("1.", "pl", "steps"),
    ],
)
def test_one_of_the_titles_offered_is_chosen_in_words(
    knowledge: Knowledge, text: str, language: str, chosen: str | None
):
    """As if it had been pressed; whoever wants none of them hears that there is no answer, and whom to ask."""
    decision = decide(knowledge, text, TODAY, Turn(offered=OFFERED, region="europe", language=language))
    assert (decision.sort, entries(decision)) == (("answer", [chosen]) if chosen else ("unknown", []))
    assert (decision.region, decision.language) == ("europe", language)


@pytest.mark.parametrize(
    ("text", "sort"), [("the third one", "unknown"), ("how do I opt out", "answer"), ("hi", "smalltalk")]
)
def test_after_titles_were_offered_everything_else_means_what_it_says(knowledge: Knowledge, text: str, sort: str):
    """Two titles have no third; and without an offer before it "no" is no choice."""
    offered = Turn(offered=OFFERED, language="en")
    assert decide(knowledge, text, TODAY, offered).sort == sort
    assert decide(knowledge, "no", TODAY, Turn(language="en")).sort == "smalltalk"


def test_what_was_offered_is_remembered_until_the_next_question(knowledge: Knowledge):
    """An answer leaves nothing to choose from."""
    offer = Decision("clarify", TODAY, offered=OFFERED, language="en")
    turn = remembered_turn(offer, None)
    assert turn is not None
    assert turn.offered == OFFERED
    chosen = decide(knowledge, "the first one", TODAY, turn)
    after = remembered_turn(chosen, turn)
    assert (after.entry, after.offered, after.language) == (OFFERED[0], (), "en")
