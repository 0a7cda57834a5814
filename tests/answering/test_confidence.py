"""Confidence: what makes the bot sure of an entry, and what makes it silent."""

from bot.answering.confidence import confidence
from bot.answering.matching import Candidate, Kind, Phrasing
from tests.answering.learnt import learnt

ENTRIES = {
    "opening": ("when does the library open", "opening hours of the library", "is the library open on Sundays"),
    "lending": ("how many books can I borrow", "how long may I keep a book", "can I borrow a book for a month"),
}


def sure(question: str, gaps: dict[str, tuple[str, ...]], strange: float = 0.0) -> tuple[str, float]:
    matcher = learnt([*candidates(ENTRIES, "entry"), *candidates(gaps, "not_covered")])
    matches = matcher.rank(question)
    return matches[0].ref[1], confidence(matches, len(question.split()), strange)


def candidates(asked: dict[str, tuple[str, ...]], kind: Kind) -> list[Candidate]:
    return [Candidate(("", name), kind, tuple(map(Phrasing, texts))) for name, texts in asked.items()]


def test_a_question_put_as_an_entry_is_asked_for_is_surer_than_one_between_two():
    """What leads its rival and is known in all its words is meant; what could be either is not."""
    gaps = {"parking": ("is there a car park",)}
    clear, between = sure("when does the library open", gaps), sure("the library and its books, for how long", gaps)
    assert clear[0] == "opening"
    assert clear[1] > 0.9
    assert between[1] < 0.5


def test_a_likeness_to_what_is_not_answered_speaks_against_an_entry():
    """The same question is less sure where the content names something near it that it does not answer."""
    question = "can I borrow a film for a month"
    far, near = (
        sure(question, {"parking": ("is there a car park",)}),
        sure(question, {"films": ("can I borrow films",)}),
    )
    assert far[0] == near[0] == "lending"
    assert near[1] < far[1]


def test_content_that_names_nothing_it_does_not_answer_is_read_with_more_care():
    """Where nothing can speak against an entry, the confidence allows for what would."""
    question = "can I borrow a book for a month"
    assert sure(question, {})[1] < sure(question, {"parking": ("is there a car park",)})[1]


def test_a_word_that_nobody_asks_with_makes_a_match_unsure():
    """What a question hangs on decides, however well the rest of it fits."""
    question, gaps = "when does the swimming pool open", {"parking": ("is there a car park",)}
    assert sure(question, gaps, strange=0.6)[1] < 0.1 < sure(question, gaps)[1]
