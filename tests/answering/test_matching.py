"""Matching: which entries a question could mean, in content of any size."""

from pathlib import Path

import numpy as np
import pytest

from bot.answering import ridge as regression
from bot.answering.deciding import Knowledge
from bot.answering.encoders import encoder
from bot.answering.matching import Candidate, Matcher, Phrasing
from bot.cache import Cache

CLEAR = [
    "where is the switch to opt out",
    "are my private messages used",
    "who wrote the article",
    "when does it start",
    "does opting out work for data already used",
]

ANSWERED = {
    "steps",
    "deep_link",
    "private_messages_excluded",
    "article_source",
    "start_date_eu",
    "opt_out_stops_future",
}
"""The entries that those may mean; learning all takes long without a cache."""


@pytest.fixture
def candidates(knowledge: Knowledge) -> list[Candidate]:
    """What the shipped content says of those entries."""
    every = knowledge.reads("en").matcher("linkedin-ai-training").candidates
    return [candidate for candidate in every if candidate.ref[1] in ANSWERED]


@pytest.mark.parametrize("choice", ["wordllama", "none"])
def test_a_clear_question_means_the_same_in_content_of_any_size(
    candidates: list[Candidate], tmp_path: Path, choice: str
):
    """The solution sought for each question, made or read from the cache, ranks first what the joint one does."""
    cache = Cache(tmp_path)
    small = Matcher(candidates, encoder=encoder(choice))
    for large in (Matcher(candidates, encoder=encoder(choice), cache=cache, limit=0) for _ in range(2)):
        first = [(large.rank(text)[0].ref, large.rank(text)[0].phrasing) for text in CLEAR]
        assert first == [(small.rank(text)[0].ref, small.rank(text)[0].phrasing) for text in CLEAR]


def test_a_question_that_stands_on_a_word_nobody_asks_with_is_told_by_it(knowledge: Knowledge):
    """Without football it is put as an entry is asked for; where all words are asked with nothing is strange."""
    reader = knowledge.reads("en")
    strangeness = []
    for text in ("why should I care about this", "why should I care about football"):
        best = reader.rank(text)[0]
        assert best.ref[1] == "why_it_matters"
        strangeness.append(reader.strangeness(text, best))
    assert strangeness[0] == 0.0
    assert strangeness[1] > 0.1


def test_what_nothing_is_left_to_ask_for_is_never_found():
    """A gap that is all about another topic's service has no phrasing of its own; the others are ranked as ever."""
    candidates = [Candidate(("", "a"), "not_covered", ()), Candidate(("", "b"), "entry", (Phrasing("how to stop it"),))]
    assert [match.ref for match in Matcher(candidates).rank("how to stop it")] == [("", "b")]


def test_words_are_a_name_only_one_after_the_other():
    """An entry that says how to reach my settings does not know "my reach", which names something else."""
    matcher = Matcher([Candidate(("", "a"), "entry", (Phrasing("how do I reach my settings"),))])
    best = matcher.rank("does my reach go down")[0]
    assert [matcher.asks_with(best, name) for name in (("my", "settings"), ("reach",), ("my", "reach"))] == [
        True,
        True,
        False,
    ]


def test_words_of_what_an_entry_is_not_are_never_what_a_misspelt_word_was_meant_to_be():
    """They exist, so they are left alone, but nobody who asks means them."""
    entry = Candidate(("", "a"), "entry", (Phrasing("they are stealing my posts"),))
    near = Candidate(("", "a"), "near_miss", (Phrasing("where is the seating plan"),))
    matcher = Matcher([entry, near])
    assert matcher.terms("staeling seating seeting") == ["stealing", "seating", "seeting"]


def test_an_index_that_lacks_a_part_is_made_again(candidates: list[Candidate], tmp_path: Path):
    """A file of the cache that another version wrote is never trusted."""
    cache = Cache(tmp_path)
    before = Matcher(candidates, cache=cache, limit=0).rank(CLEAR[0])
    index = next(tmp_path.glob("index-*.npz")).stem
    kept = dict(cache.load(index) or {})
    cache.save(index, {name: array for name, array in kept.items() if name != "rows-starts"})
    assert Matcher(candidates, cache=cache, limit=0).rank(CLEAR[0]) == before
    assert (cache.load(index) or {}).keys() == kept.keys()


@pytest.mark.parametrize("count", [1, regression.BLOCK, 2 * regression.BLOCK + 1])
def test_weights_give_every_text_back_to_its_owner(count: int):
    """Solved by blocks, in single precision: what numpy finds in double precision, to a thousandth."""
    random = np.random.default_rng(count)
    rows = random.normal(size=(count, 20)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    owners = np.arange(count) % 7
    square = regression.kernel(rows @ rows.T).astype(float) + regression.RIDGE * np.eye(count)
    targets = np.eye(7)[owners]
    found = regression.learnt(rows @ rows.T, owners, 7)
    assert np.abs(square @ found - targets).max() < 0.001
